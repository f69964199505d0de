"""One account's connection to one network, for one piece of work: calls that end in time and in a known outcome.

    with Wire("Mastodon", account.server, secrets=secrets_of(account)) as wire:
        answer = wire.call("POST", "/api/v1/statuses", seconds=20, visible=True, token=token, json={"status": text})
        remote_id = word(answer, "id")

How an error becomes an outcome. A *quiet* call leaves nothing that a reader could see, so whatever breaks there, nothing
went out. A *visible* call is the one that publishes, edits or deletes. A network that says more by codes of its own
decides first (`judge`); what it leaves open goes by this table.

| what happens                                                    | quiet              | visible            | code |
|-----------------------------------------------------------------|--------------------|--------------------|------|
| the address lies inside, or is no https address                 | Refused            | Refused            | `inside_address`, `plain_http`, `server_not_valid` |
| no connection: refused, no such host, TLS, connect time-out     | NotSent            | NotSent            | `unreachable` |
| no time left before anything was sent                           | NotSent            | NotSent            | `no_time_left` |
| the connection breaks or time runs out after that               | NotSent            | Unknown            | `no_answer` |
| what comes back is not HTTP, broken off, endless or a bomb      | NotSent            | Unknown            | `answer_not_readable`, `no_answer` |
| 2xx that is not what was asked for (HTML, other types)          | NotSent            | Unknown            | `answer_not_readable` |
| 301, 308: it has moved for good                                 | Refused            | Refused            | `redirected` |
| other 3xx: somebody's sign-in or maintenance, or done and shown elsewhere | NotSent  | Unknown            | `redirected` |
| 408, 5xx but 501, and what is above                             | NotSent            | Unknown            | `no_answer`, `server_error` |
| 429                                                             | Throttled          | Throttled          | `throttled` |
| 413                                                             | Refused            | Refused            | `refused` |
| 401 of the network's own                                        | CredentialsRefused | CredentialsRefused | `credentials_refused` |
| other 4xx, 501, of the network's own                            | Refused            | Refused            | `refused` |
| 4xx, 501 of somebody between                                    | NotSent            | Unknown            | `not_the_network` |

The network's own word is an object of JSON, as all of them say no, or a 401 that asks for a token (RFC 6750 §3). Whatever
else says no (the page of a firewall, of a proxy, of a server's attack mode, nothing at all) has not heard from the network,
and passes: `judge` is not even asked. Where a network has other words (an upload that is over, a call that an old server does
not have), `theirs` of that call knows them. 408, 413 and 429 mean the same whoever says them. Of a HEAD's answer there is no
body that would tell.

Source: RFC 9110 §9.2.2 (what was not sent was not done), §15. A redirect is followed only where the caller allows it,
only when reading, at most three times, each address checked like the first, and without the headers of the caller once
it leads to another origin.

Nothing of a token is repeated: what a network says is cleaned (`social.networks.hiding`), and errors of the libraries,
which may hold what was sent, are neither chained nor shown.
"""

import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import IO, Any, Self

import httpx

from social.networks import clocks
from social.networks.answers import Answer, items, mapping, number, text, word
from social.networks.base import NetworkError
from social.networks.failing import Failing, is_a_no
from social.networks.hiding import Secrets
from social.networks.inside import Allowed, check_address
from social.networks.throttling import Reset, reset_header
from social.networks.transport import CONNECT_SECONDS, Allowance, Resolver, TimedTransport

__all__ = ["Answer", "Judge", "Wire", "items", "mapping", "number", "reset_header", "text", "word"]

TOTAL_SECONDS = 115.0
MAX_ANSWER_BYTES = 5_000_000
MAX_REDIRECTS = 3
_HEAD_BYTES = 200_000
_PIECE = 65_536
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_HIGHEST_PORT = 65_535
_HOST = re.compile(rb"[A-Za-z0-9._:-]+")
_SECRET_HEADERS = frozenset({"authorization", "cookie"})
_OPEN_HEADERS = ("User-Agent", "Accept")

Judge = Callable[[Answer], NetworkError | None]
"""Says by the network's own codes what an answer means; None leaves it to the table."""


class Wire:
    """A connection to one network; used by one thread, closed by `with`.

    `secrets` are never repeated. `total` is how many seconds the whole piece of work may take. `headers` go with each
    call. `reset` reads from a 429's headers when to come back, where the network does not say it by Retry-After.
    """

    def __init__(  # noqa: PLR0913 - all by name, and nearly all have a usual value
        self,
        network: str,
        base_url: str,
        *,
        secrets: Iterable[Any] = (),
        total: float = TOTAL_SECONDS,
        headers: Mapping[str, str] | None = None,
        reset: Reset | None = None,
        allow: Allowed | None = None,
        resolver: Resolver | None = None,
    ) -> None:
        self.network = network
        self._base_url = check_address(base_url)
        self._secrets = Secrets(secrets)
        self._until = time.monotonic() + total
        self._headers = {"User-Agent": "Filo", "Accept": "application/json"}
        self._headers.update(headers or {})
        self._reset = reset
        self._allowance = Allowance()
        self._transport = TimedTransport(self._allowance, allow=allow, resolver=resolver)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._transport.close()

    def __repr__(self) -> str:
        return f"<Wire to {self.network}>"

    def seconds_left(self) -> float:
        """How long the whole work may still take; 0 where its time is over."""
        return max(0.0, self._until - time.monotonic())

    def hide(self, *secrets: Any) -> None:
        """Never repeat these either, such as a token that was just given."""
        for secret in secrets:
            self._secrets.add(secret)

    def said(self, words: str) -> str:
        """Return words of the network as they may be kept: one line, cut to 300 characters, without secrets."""
        return self._secrets.said(words)

    def call(  # noqa: PLR0913 - one call of HTTP has so many sides; all by name
        self,
        method: str,
        path: str,
        *,
        seconds: float,
        visible: bool = False,
        token: str = "",
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, Any] | None = None,
        json: Any = None,
        data: Mapping[str, Any] | None = None,
        files: Any = None,
        content: bytes | IO[bytes] | Iterable[bytes] | None = None,
        length: int | None = None,
        judge: Judge | None = None,
        theirs: Callable[[Answer], bool] | None = None,
        max_bytes: int = MAX_ANSWER_BYTES,
        into: IO[bytes] | None = None,
        redirects: int = 0,
    ) -> Answer:
        """Make one call, within so many seconds in all, and return its answer if it is a 2xx that `judge` accepts.

        `path` begins with a slash, below the base URL, or is a whole address that the network gave. `token` goes as
        bearer. `content` may be a stream, which is sent in pieces from where it stands, `length` bytes of it where that
        is said. `theirs` says of a no that is no object of JSON whether it is the network's own. `into` takes the body of a
        good answer in pieces; `max_bytes` is the most that it may be, unpacked.

        Raises:
            Refused, CredentialsRefused, Throttled, NotSent, Unknown: as the table says.
        """
        failing = Failing(self.network, self._secrets, visible)
        seconds = min(seconds, self.seconds_left())
        if seconds <= 0:
            raise failing.no_time_left()
        sending = {**self._headers, **(headers or {})}
        if token:
            sending["Authorization"] = f"Bearer {token}"
        if length is not None:
            sending["Content-Length"] = str(length)
        body = {"json": json, "data": data, "files": files, "content": _in_pieces(content, length)}
        url = self._address(failing, path, params)
        request = self._request(failing, method, url, sending, body)
        self._allowance.set(seconds=seconds, received=max_bytes + _HEAD_BYTES, unpacked=max_bytes)
        reading = _Reading(failing, into)
        answer = self._answer(request, reading)
        for _turn in range(min(redirects, MAX_REDIRECTS)):
            if answer.status not in _REDIRECTS or method not in {"GET", "HEAD"}:
                break
            request = _redirected(failing, request, answer)
            answer = self._answer(request, reading)
        error = _not_theirs(failing, method, answer, theirs) or self._judged(answer, judge)
        if error is None and not answer.ok:
            error = failing.of_status(answer.status, answer.headers, answer.said, self._reset)
        if error is not None:
            raise error
        return answer

    def _address(self, failing: Failing, path: str, params: Mapping[str, Any] | None) -> httpx.URL:
        """The address to call: below the base URL, or the whole one that is given."""
        whole = path.startswith(("https://", "http://"))
        try:
            url = httpx.URL(path if whole else self._base_url + path)
            if params:
                url = url.copy_merge_params({name: value for name, value in params.items() if value is not None})
        except (httpx.InvalidURL, UnicodeError):
            raise failing.no_address() from None
        if not (whole or path.startswith("/")) or not _is_web(url):
            raise failing.no_address()
        return url

    def _request(
        self, failing: Failing, method: str, url: httpx.URL, headers: Mapping[str, str], body: Mapping[str, Any]
    ) -> httpx.Request:
        """Put the request together; what can't be sent is refused, and not repeated."""
        for name, value in headers.items():
            if name.lower() in _SECRET_HEADERS:
                self.hide(value, *value.split())
            if not _is_sendable(value):
                raise failing.unsendable(name)
        given = {name: value for name, value in body.items() if value is not None}
        try:
            return httpx.Request(method, url, headers=dict(headers), **given)
        except ValueError:  # half characters, not-a-number
            raise failing.unsendable("body") from None

    def _answer(self, request: httpx.Request, reading: "_Reading") -> Answer:
        """Send, and read what comes back within bounds. Errors of the libraries end here: they may hold secrets."""
        request.extensions = {"timeout": httpx.Timeout(None, connect=CONNECT_SECONDS).as_dict()}
        try:
            response = self._transport.handle_request(request)
            clocks.hear(response.headers.get("date", ""))
            try:
                content = reading.of(request, response)
            finally:
                response.close()
            return Answer(response.status_code, response.headers, content, reading.failing)
        except Exception as error:  # noqa: BLE001 - whatever a library makes of it: after sending, it is an outcome
            outcome = reading.failing.of_error(error)
        raise outcome

    def _judged(self, answer: Answer, judge: Judge | None) -> NetworkError | None:
        if judge is None:
            return None
        try:
            error = judge(answer)
        except NetworkError as raised:
            error = raised if answer.ok else None  # an error without the body that was expected: the table knows
        except (LookupError, TypeError, ValueError, AttributeError):
            error = answer.unreadable("not as documented") if answer.ok else None
        if error is not None:
            error.said = self.said(error.said) or answer.said
            error.params = {
                name: self.said(value) if isinstance(value, str) else value for name, value in error.params.items()
            }
        return error


def _not_theirs(
    failing: Failing, method: str, answer: Answer, theirs: Callable[[Answer], bool] | None
) -> NetworkError | None:
    """The outcome where it was not the network that said no; None where it was, or where nobody did."""
    if not is_a_no(answer.status) or method == "HEAD" or answer.is_own or (theirs and theirs(answer)):
        return None
    return failing.not_the_network(answer.said)


@dataclass(frozen=True, slots=True)
class _Reading:
    """How the body of an answer is read: into a file or into memory."""

    failing: Failing
    into: IO[bytes] | None

    def of(self, request: httpx.Request, response: httpx.Response) -> bytes:
        """Return the body; empty where it went into the file. Of an error the status counts, and of its body the beginning."""
        if request.method == "HEAD" or response.status_code in {204, 304}:
            return b""
        kept = bytearray()
        good = response.is_success
        try:
            for piece in _body(response):
                if self.into is not None and good:
                    self.into.write(piece)
                else:
                    kept += piece
                if not good and len(kept) >= _PIECE:
                    break
        except Exception:
            if good:
                raise
        return bytes(kept)


def _body(response: httpx.Response) -> Iterator[bytes]:
    stream = response.stream
    if not isinstance(stream, httpx.SyncByteStream):
        raise TypeError("an answer that can't be read here")
    return iter(stream)


def _redirected(failing: Failing, request: httpx.Request, answer: Answer) -> httpx.Request:
    """The request that follows a redirect: without the caller's headers where it leads to another origin."""
    try:
        url = request.url.join(answer.headers.get("location", ""))
    except (httpx.InvalidURL, UnicodeError):
        raise failing.no_address() from None
    if not _is_web(url):
        raise failing.no_address()
    same = (url.scheme, url.netloc) == (request.url.scheme, request.url.netloc)
    headers = {name: value for name, value in request.headers.items() if name.lower() != "host"}
    return httpx.Request(
        request.method,
        url,
        headers=headers if same else {name: request.headers[name] for name in _OPEN_HEADERS},
    )


def _in_pieces(
    content: bytes | IO[bytes] | Iterable[bytes] | None, length: int | None
) -> bytes | IO[bytes] | Iterable[bytes] | None:
    """The content as httpx sends it in pieces; of a stream, so many bytes where that is said."""
    read = getattr(content, "read", None)
    return content if length is None or read is None else _of_stream(read, length)


def _of_stream(read: Callable[[int], bytes], length: int) -> Iterator[bytes]:
    left = length
    while left:
        piece = read(min(_PIECE, left))
        if not piece:
            raise OSError("the file is shorter than it was")
        left -= len(piece)
        yield piece


def _is_sendable(value: str) -> bool:
    return value.isascii() and all(char.isprintable() or char == "\t" for char in value)


def _is_web(url: httpx.URL) -> bool:
    """Say whether it is an http or https address of a host that can have one, without name and password."""
    try:
        named = bool(url.host and _HOST.fullmatch(url.raw_host))
    except UnicodeError:  # what calls itself internationalised (xn--) and is not
        return False
    port_fits = url.port is None or 0 < url.port <= _HIGHEST_PORT
    return url.scheme in {"http", "https"} and named and port_fits and not url.userinfo
