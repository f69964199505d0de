"""Pictures in a section's text: ``![what it shows](media:12)`` is the client's picture with the number 12."""

import re

_NAMED = re.compile(r"\]\(\s*<?\s*media:([0-9]{1,18})\b")


def pictures_in(body: str) -> list[int]:
    """The numbers of the pictures that the text names, each once, in their order."""
    return list(dict.fromkeys(int(number) for number in _NAMED.findall(body)))
