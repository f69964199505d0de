"""A server between ours and theirs, on which bad days are made: at the wire, never inside our code.

    with Faults(upstream=pds.url) as between:
        between.on("com.atproto.repo.putRecord", AnswerLost())

What has no fault is passed on as it came.
"""

import json
import socket
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, ClassVar, Self

import httpx

_PAUSE = 0.1
_HOP = {"host", "connection", "transfer-encoding", "content-length", "content-encoding", "accept-encoding"}


@dataclass(frozen=True)
class Answer:
    """Answers by itself, and passes nothing on."""

    status: int
    body: dict[str, Any] | bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class AnswerLost:
    """Passes the request on, waits for the answer, and breaks the connection instead of handing it back."""


@dataclass(frozen=True)
class Cut:
    """Breaks the connection and passes nothing on."""


@dataclass(frozen=True)
class Drip:
    """Answers one byte at a time, so that no single read is slow and the whole takes `lasts` seconds.

    With `passed_on`, the real server gets the request first.
    """

    lasts: ClassVar[float] = 30.0
    passed_on: bool = False


Fault = Answer | AnswerLost | Cut | Drip


class Faults:
    """The server between. `calls` are the names that were asked, in order."""

    def __init__(self, upstream: str = "") -> None:
        self._upstream = upstream
        self._faults: dict[str, list[Fault | None]] = {}
        self._lock = threading.Lock()
        self.calls: list[str] = []
        self._server = _Server(self)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def on(self, name: str, *faults: Fault | None) -> None:
        """Meet calls of that name with these, one after the other, the last one for ever; None passes the call on."""
        with self._lock:
            self._faults[name] = list(faults)

    def count(self, name: str) -> int:
        """How often that name was asked."""
        return self.calls.count(name)

    def next(self, name: str) -> Fault | None:
        """Note the call and return what it meets."""
        with self._lock:
            self.calls.append(name)
            faults = self._faults.get(name) or [None]
            return faults.pop(0) if len(faults) > 1 else faults[0]

    def pass_on(self, method: str, path: str, headers: dict[str, str], body: bytes) -> httpx.Response:
        """Ask the real server."""
        kept = {name: value for name, value in headers.items() if name.lower() not in _HOP}
        return httpx.request(method, self._upstream + path, headers=kept, content=body, timeout=20)


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, faults: Faults) -> None:
        self.faults = faults
        super().__init__(("127.0.0.1", 0), _Handler)

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing where the other side hung up, which is what many of these tests are about."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:
        self._meet("GET")

    def do_POST(self) -> None:
        self._meet("POST")

    def _meet(self, method: str) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        fault = self.server.faults.next(self.path.partition("?")[0].rpartition("/")[2])
        if isinstance(fault, Answer):
            self._answer(fault)
        elif isinstance(fault, Drip):
            if fault.passed_on:
                self.server.faults.pass_on(method, self.path, dict(self.headers), body)
            self._drip()
        elif isinstance(fault, Cut):
            self._cut()
        else:
            given = self.server.faults.pass_on(method, self.path, dict(self.headers), body)
            if isinstance(fault, AnswerLost):
                self._cut()
            else:
                self._answer(Answer(given.status_code, given.content, {"Content-Type": given.headers["Content-Type"]}))

    def _answer(self, answer: Answer) -> None:
        raw = answer.body if isinstance(answer.body, bytes) else json.dumps(answer.body).encode()
        self.send_response(answer.status)
        for name, value in {"Content-Type": "application/json", **answer.headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def _drip(self) -> None:
        self.close_connection = True
        with suppress(OSError):  # the other side has had enough, as it should
            start = b"HTTP/1.1 200 OK\r\nX-Slow: ".ljust(int(Drip.lasts / _PAUSE), b"x")
            for byte in start:
                self.wfile.write(bytes([byte]))
                time.sleep(_PAUSE)

    def _cut(self) -> None:
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, *_arguments: object) -> None:
        """Say nothing: the tests do."""
