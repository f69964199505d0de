"""A server between ours and theirs, on which bad days are made.

    with Faults(upstream=pds.url) as between:
        between.on("com.atproto.repo.putRecord", AnswerLost())

What has no fault is passed on as it came.
"""

import ssl

import httpx

from tests.servers.bad_days import (
    HTML,
    After,
    Answer,
    AnswerLost,
    Between,
    Bomb,
    Call,
    Cut,
    Drip,
    Echo,
    Endless,
    Fault,
    Slow,
)

__all__ = [
    "HTML",
    "After",
    "Answer",
    "AnswerLost",
    "Bomb",
    "Cut",
    "Drip",
    "Echo",
    "Endless",
    "Fault",
    "Faults",
    "Slow",
]

_HOP = {
    "host",
    "connection",
    "transfer-encoding",
    "content-length",
    "content-encoding",
    "accept-encoding",
    "keep-alive",
}

_NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # all is on this machine: nobody's certificates need be read


class Faults(Between):
    """The server between. `calls` are the last words of the paths that were asked, in order; `passed` those passed on."""

    def __init__(self, upstream: str = "") -> None:
        super().__init__()
        self._upstream = upstream
        self.calls: list[str] = []
        self.passed: list[str] = []

    def count(self, name: str) -> int:
        """How often that name was asked."""
        return self.calls.count(name)

    def answer(self, call: Call) -> Answer:
        """Ask the real server."""
        self.passed.append(call.path.rpartition("/")[2])
        kept = {name: value for name, value in call.headers.items() if name not in _HOP}
        given = httpx.request(
            call.method, self._upstream + call.target, headers=kept, content=call.body, timeout=20, verify=_NO_TLS
        )
        headers = {name: value for name, value in given.headers.items() if name not in _HOP | {"date", "server"}}
        return Answer(given.status_code, given.content, {name.title(): value for name, value in headers.items()})

    def _note(self, method: str, path: str) -> None:
        self.calls.append(path.rpartition("/")[2])
