"""What a mail says."""

from typing import Any


def body(message: Any) -> tuple[str, str]:
    """The two bodies, plain text and HTML."""
    ((html, kind),) = message.alternatives
    assert kind == "text/html"
    return str(message.body), str(html)
