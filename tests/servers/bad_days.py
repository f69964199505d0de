"""What can go wrong between two servers, and an HTTP handler that makes it happen: at the wire, never inside our code.

Faults and fakes share it (see `faults` and `wire`). A bad day is set for a call, by the last word of its path
(`uploadBlob`), or by its method and path (`POST /v5/pins/{pin}`), or for every call (`*`):

    server.on("POST /v5/pins", Cut(), None)

These meet it one after the other, the last one for ever; None is a good day.
"""

import gzip
import html
import json
import re
import socket
import sys
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, ClassVar, Never, Self
from urllib.parse import quote, unquote

_PAUSE = 0.1
_PIECE = b"x" * 65_536


@dataclass(frozen=True)
class Answer:
    """Answers by itself, and passes nothing on. A body that is not bytes goes out as JSON."""

    status: int
    body: Any = b""
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def raw(self) -> bytes:
        """The body as it goes out."""
        if isinstance(self.body, str):
            return self.body.encode()
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


@dataclass(frozen=True)
class AnswerLost:
    """Passes the request on, waits for the answer, and breaks the connection instead of handing it back."""


@dataclass(frozen=True)
class Cut:
    """Breaks the connection and passes nothing on; with `unread`, before it has read the body."""

    unread: bool = False


@dataclass(frozen=True)
class Slow:
    """Waits so many seconds, then passes the request on."""

    seconds: float


@dataclass(frozen=True)
class Drip:
    """Answers one byte at a time, so that no single read is slow and the whole takes `lasts` seconds.

    With `passed_on`, the real server gets the request first.
    """

    lasts: ClassVar[float] = 30.0
    passed_on: bool = False


@dataclass(frozen=True)
class Endless:
    """Answers 200 and never stops talking; of `size` bytes where that is given, as it says in Content-Length."""

    size: int | None = None
    lasts: ClassVar[float] = 30.0


@dataclass(frozen=True)
class Bomb:
    """Answers with a few kilobytes that unpack to `size` bytes."""

    size: int = 50_000_000


@dataclass(frozen=True)
class Echo:
    """Refuses, and repeats in its message all that it was sent, secrets included, as a careless server does.

    `page`: as HTML, with what HTML has to escape. With a redirect's status, in the address that it sends on to.
    """

    status: int = 400
    page: bool = False


@dataclass(frozen=True)
class After:
    """Passes the request on, and then answers with this instead of the real answer."""

    fault: Answer | Drip | Endless | Bomb | Echo


Fault = Answer | AnswerLost | Cut | Slow | Drip | Endless | Bomb | Echo | After

HTML = Answer(200, b"<!doctype html><title>Soon back</title>", {"Content-Type": "text/html"})


@dataclass(frozen=True)
class Call:
    """One request as it came over the wire. Names of headers are in small letters."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def path(self) -> str:
        """The path alone, unquoted."""
        return unquote(self.target.partition("?")[0])

    @property
    def words(self) -> str:
        """All that was said, for looking through."""
        said = [f"{self.method} {self.target}", *(f"{name}: {value}" for name, value in self.headers.items())]
        return "\n".join([*said, "", self.body.decode("utf-8", "replace")])


def matches(pattern: str, method: str, path: str) -> Mapping[str, str] | None:
    """Say whether a call is the one meant, with the parts of its path; None if it is not.

    A `{part}` stands for anything without a slash, `{part...}` for anything.
    """
    if " " not in pattern:
        return {} if pattern in {"*", path.rpartition("/")[2]} else None
    verb, _, place = pattern.partition(" ")
    if verb != method:
        return None
    found = _compiled(place).fullmatch(path)
    return found.groupdict() if found else None


@cache
def _compiled(place: str) -> re.Pattern[str]:
    pieces = re.split(r"\{(\w+(?:\.\.\.)?)\}", place)
    names = (
        "(?P<{}>{})".format(name.removesuffix("..."), ".+" if name.endswith("...") else "[^/]+")
        for name in pieces[1::2]
    )
    return re.compile("".join(re.escape(fixed) + name for fixed, name in zip(pieces[::2], [*names, ""], strict=True)))


class Between:
    """An HTTP server in a thread, on a free port of this machine, that has good and bad days."""

    pulse: ClassVar[float] = 0.02  # seconds between two looks at whether it is to end

    def __init__(self) -> None:
        self._faults: dict[str, list[Fault | None]] = {}
        self._lock = threading.Lock()
        self._turn = threading.RLock()
        self.ends = threading.Event()
        self._server = _Server(self)
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": self.pulse}, daemon=True
        )
        self.port: int = self._server.server_port
        self.url = f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.ends.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def on(self, name: str, *faults: Fault | None) -> None:
        """Meet calls of that name with these, one after the other, the last one for ever; None passes the call on."""
        with self._lock:
            self._faults[name] = list(faults)

    def good_day(self) -> None:
        """Forget all bad days."""
        with self._lock:
            self._faults.clear()

    def next(self, method: str, path: str) -> Fault | None:
        """Note the call and return what it meets."""
        with self._lock:
            self._note(method, path)
            for name, faults in self._faults.items():
                if faults and matches(name, method, path) is not None:
                    return faults.pop(0) if len(faults) > 1 else faults[0]
            return None

    def _note(self, method: str, path: str) -> None:
        """Called for each call, before anything happens."""

    def time(self) -> float:
        """What it says of the time, in seconds since 1970."""
        return time.time()

    def hear(self, call: Call) -> None:
        """Called for each call that came whole, whatever it meets."""

    def answer(self, call: Call) -> Answer:
        """What is answered on a good day."""
        raise NotImplementedError


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, between: Between) -> None:
        self.between = between
        super().__init__(("127.0.0.1", 0), _Handler)

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing where the other side hung up, which is what many of these tests are about."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else the body waits 40 ms for the header's acknowledgement
    server: _Server

    def do_GET(self) -> None:
        fault = self.server.between.next(self.command, unquote(self.path.partition("?")[0]))
        if isinstance(fault, Cut) and fault.unread:
            self._cut()
            return
        headers = {name.lower(): value for name, value in self.headers.items()}
        self._meet(fault, Call(self.command, self.path, headers, self._body()))

    do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = do_GET  # noqa: N815 - http.server's names

    def _body(self) -> bytes:
        """All of it: of whoever was killed while sending, no server takes the half that came."""
        if "chunked" not in self.headers.get("Transfer-Encoding", ""):
            return self._exactly(int(self.headers.get("Content-Length") or 0))
        pieces = []
        while size := int(self.rfile.readline().partition(b";")[0] or self._gone(), 16):
            pieces.append(self._exactly(size))
            self.rfile.readline()
        while self.rfile.readline().strip():
            pass
        return b"".join(pieces)

    def _exactly(self, size: int) -> bytes:
        body = self.rfile.read(size)
        return body if len(body) == size else self._gone()

    def _gone(self) -> Never:
        raise ConnectionAbortedError

    def _meet(self, fault: Fault | None, call: Call) -> None:
        between = self.server.between
        between.hear(call)
        if isinstance(fault, Slow):
            if between.ends.wait(fault.seconds):
                self._cut()
                return
            fault = None
        if isinstance(fault, After) or (isinstance(fault, Drip) and fault.passed_on) or isinstance(fault, AnswerLost):
            between.answer(call)
        if isinstance(fault, After):
            fault = fault.fault
        if fault is None:
            self._answer(between.answer(call))
        else:
            self._bad_day(fault, call)

    def _bad_day(self, fault: Fault, call: Call) -> None:
        ways: dict[type, Callable[[Any], None]] = {
            Answer: self._answer,
            Drip: lambda _: self._drip(),
            Endless: lambda endless: self._endless(endless.size),
            Bomb: lambda bomb: self._answer(_packed(bomb.size)),
            Echo: lambda echo: self._answer(_careless(echo, call)),
        }
        ways.get(type(fault), lambda _: self._cut())(fault)

    def _answer(self, answer: Answer) -> None:
        raw = answer.raw
        self.send_response(answer.status)
        for name, value in {"Content-Type": "application/json", **answer.headers}.items():
            self.send_header(name, value)
        if answer.status not in {204, 304}:
            self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        if self.command != "HEAD" and answer.status not in {204, 304}:
            self.wfile.write(raw)

    def _drip(self) -> None:
        self.close_connection = True
        with suppress(OSError):  # the other side has had enough, as it should
            start = b"HTTP/1.1 200 OK\r\nX-Slow: ".ljust(int(Drip.lasts / _PAUSE), b"x")
            for byte in start:
                self.wfile.write(bytes([byte]))
                if self.server.between.ends.wait(_PAUSE):
                    return

    def _endless(self, size: int | None) -> None:
        self.close_connection = True
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        if size is not None:
            self.send_header("Content-Length", str(size))
        self.end_headers()
        until, left = time.monotonic() + Endless.lasts, float("inf") if size is None else size
        with suppress(OSError):
            while left > 0 and time.monotonic() < until and not self.server.between.ends.is_set():
                left -= self.wfile.write(_PIECE[: int(min(left, len(_PIECE)))])

    def _cut(self) -> None:
        self.close_connection = True
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)

    def date_time_string(self, timestamp: float | None = None) -> str:
        return super().date_time_string(self.server.between.time() if timestamp is None else timestamp)

    def log_message(self, *_arguments: object) -> None:
        """Say nothing: the tests do."""


@cache
def _packed(size: int) -> Answer:
    pieces = (b'"' + _PIECE * (size // len(_PIECE)) + b'"',)
    return Answer(200, gzip.compress(pieces[0], 1), {"Content-Encoding": "gzip"})


def _careless(echo: Echo, call: Call) -> Answer:
    words, token = f"you sent {call.words}", call.headers.get("authorization", "")
    if echo.page:
        shown = f"<!doctype html><title>Oh</title><pre>{html.escape(words)}</pre>".encode()
        return Answer(echo.status, shown, {"Content-Type": "text/html", "WWW-Authenticate": f"realm={token}"})
    if 300 <= echo.status < 400:
        where = f"https://elsewhere.example/{quote(token)}{quote(call.target)}#{quote(token)}"
        return Answer(echo.status, b"", {"Location": where})
    return Answer(
        echo.status, {"error": {"message": words, "code": 0}, "message": words, "detail": words, "description": words}
    )
