"""One account's connection to one network, for one piece of work: calls that end in time and in a known outcome.

    with Wire("Mastodon", account.server, secrets=account.credentials.values()) as wire:
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
| 3xx                                                             | Refused            | Refused            | `redirected` |
| 401                                                             | CredentialsRefused | CredentialsRefused | `credentials_refused` |
| 408, 5xx but 501, and what is above                             | NotSent            | Unknown            | `no_answer`, `server_error` |
| 429                                                             | Throttled          | Throttled          | `throttled` |
| other 4xx, 501                                                  | Refused            | Refused            | `refused` |

Source: RFC 9110 §9.2.2 (what was not sent was not done), §15. A redirect is followed only where the caller allows it,
only when reading, at most three times, each address checked like the first, and without the headers of the caller once
it leads to another origin.

Nothing of a token is repeated: what a network says is cleaned (`social.networks.hiding`), and errors of the libraries,
which may hold what was sent, are neither chained nor shown.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import TracebackType
from typing import IO, Any, Self

import httpx
from django.utils.translation import gettext_lazy as _

from social.networks.answers import Answer, Unreadable, items, mapping, number, text, unpacked, unreadable, word
from social.networks.base import CredentialsRefused, NetworkError, NotSent, Refused, Throttled, Unknown
from social.networks.hiding import Secrets
from social.networks.inside import Allowed, check_address
from social.networks.throttling import Reset, retry_at
from social.networks.transport import CONNECT_SECONDS, Allowance, Inside, Resolver, TimedTransport

__all__ = ["Answer", "Judge", "Wire", "items", "mapping", "number", "text", "word"]

TOTAL_SECONDS = 115.0
MAX_ANSWER_BYTES = 5_000_000
MAX_REDIRECTS = 3
_HEAD_BYTES = 200_000
_PIECE = 65_536
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
_AGENT = "Filo"

Judge = Callable[[Answer], NetworkError | None]
"""Says by the network's own codes what an answer means; None leaves it to the table."""


class Wire:
    """A connection to one network; used by one thread, closed by `with`.

    `secrets` are never repeated. `total` is how many seconds the whole piece of work may take. `headers` go with each
    call. `reset` reads from a 429's headers when to come back, where the network does not say it by Retry-After.
    """

    def __init__(
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
        self._headers = {"User-Agent": _AGENT, "Accept": "application/json", **(headers or {})}
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

    def call(
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
        max_bytes: int = MAX_ANSWER_BYTES,
        into: IO[bytes] | None = None,
        redirects: int = 0,
    ) -> Answer:
        """Make one call, within so many seconds in all, and return its answer if it is a 2xx that `judge` accepts.

        `path` begins with a slash, below the base URL, or is a whole address that the network gave. `token` goes as
        bearer. `content` may be a stream, which is sent in pieces from where it stands, `length` bytes of it where that
        is said. `into` takes the body of a good answer in pieces; `max_bytes` is the most that it may be, unpacked.

        Raises:
            Refused, CredentialsRefused, Throttled, NotSent, Unknown: as the table says.
        """
        self.hide(token)
        seconds = min(seconds, self.seconds_left())
        if seconds <= 0:
            raise self._no_time_left()
        self._allowance.set(seconds=seconds, received=max_bytes + _HEAD_BYTES)
        sending = {**self._headers, "Accept-Encoding": "gzip", **(headers or {})}
        if token:
            sending["Authorization"] = f"Bearer {token}"
        body = {"json": json, "data": data, "files": files, "content": _pieces(content, length)}
        request = self._request(method, path, sending, params, body, length)
        answer = self._answer(request, visible=visible, max_bytes=max_bytes, into=into)
        for _turn in range(min(redirects, MAX_REDIRECTS)):
            if answer.status not in _REDIRECTS or method not in {"GET", "HEAD"}:
                break
            request = self._redirected(request, answer, keep=sending)
            answer = self._answer(request, visible=visible, max_bytes=max_bytes, into=into)
        error = self._judged(answer, judge) or self._of_status(answer, visible=visible)
        if error is not None:
            raise error
        return answer

    def _request(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str],
        params: Mapping[str, Any] | None,
        body: Mapping[str, Any],
        length: int | None,
    ) -> httpx.Request:
        """Put the request together; what can't be sent is refused, and not repeated."""
        for name, value in headers.items():
            if name.lower() in {"authorization", "cookie", "proxy-authorization"}:
                self.hide(value, *value.split())
            if not _sendable(value):
                raise self._unsendable(name)
        given = {name: value for name, value in body.items() if value is not None}
        sized = {**headers, **({"Content-Length": str(length)} if length is not None else {})}
        try:
            url = httpx.URL(path if "://" in path[:10] else self._base_url + path)
            url = (
                url.copy_merge_params({name: value for name, value in params.items() if value is not None})
                if params
                else url
            )
            request = httpx.Request(method, url, headers=sized, **given)
        except httpx.InvalidURL:
            request = None
        if request is None or not _web(request.url):
            raise self._no_address()
        return request

    def _answer(self, request: httpx.Request, *, visible: bool, max_bytes: int, into: IO[bytes] | None) -> Answer:
        """Send, and read what comes back within bounds. Errors of the libraries end here: they may hold secrets."""
        request.extensions = {"timeout": httpx.Timeout(None, connect=CONNECT_SECONDS).as_dict()}
        try:
            return self._exchanged(request, visible=visible, max_bytes=max_bytes, into=into)
        except Exception as error:  # noqa: BLE001 - whatever a library makes of it: after sending, it is an outcome
            outcome = self._unanswered(error, visible=visible)
        raise outcome

    def _exchanged(self, request: httpx.Request, *, visible: bool, max_bytes: int, into: IO[bytes] | None) -> Answer:
        response = self._transport.handle_request(request)
        try:
            kept = bytearray()
            good = 200 <= response.status_code < 300  # noqa: PLR2004 - HTTP's own classes
            for piece in self._body(request, response, max_bytes):
                if into is not None and good:
                    into.write(piece)
                else:
                    kept += piece
        finally:
            response.close()
        return Answer(
            response.status_code,
            response.headers,
            bytes(kept),
            network=self.network,
            secrets=self._secrets,
            visible=visible,
        )

    def _body(self, request: httpx.Request, response: httpx.Response, max_bytes: int) -> Iterator[bytes]:
        if request.method == "HEAD" or response.status_code in {204, 304}:
            return iter(())
        stream: Iterable[bytes] = response.stream  # type: ignore[assignment]  # ours is the one that can be read
        return unpacked(iter(stream), response.headers.get("content-encoding", ""), most=max_bytes)

    def _redirected(self, request: httpx.Request, answer: Answer, *, keep: Mapping[str, str]) -> httpx.Request:
        """The request that follows a redirect: without the caller's headers where it leads to another origin."""
        try:
            url = request.url.join(answer.headers.get("location", ""))
        except httpx.InvalidURL:
            raise self._no_address() from None
        same = (url.scheme, url.host, url.port) == (request.url.scheme, request.url.host, request.url.port)
        own = {name: value for name, value in keep.items() if name in {"User-Agent", "Accept", "Accept-Encoding"}}
        if not _web(url):
            raise self._no_address()
        return httpx.Request(request.method, url, headers=keep if same else own)

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
            error.said = self._secrets.said(error.said) or answer.said
        return error

    def _of_status(self, answer: Answer, *, visible: bool) -> NetworkError | None:
        """The outcome of an answer's status; None where it is a 2xx."""
        status = answer.status
        if answer.ok:
            return None
        if status == httpx.codes.UNAUTHORIZED:
            return self._error(
                CredentialsRefused,
                _("%(network)s does not accept this channel's credentials any more. Connect the channel again."),
                "credentials_refused",
                answer.said,
            )
        if status == httpx.codes.TOO_MANY_REQUESTS:
            return Throttled(
                _("%(network)s asks to wait: too many requests for this account."),
                code="throttled",
                params={"network": self.network},
                said=answer.said,
                retry_at=retry_at(answer.headers, self._reset),
            )
        if 300 <= status < 400:  # noqa: PLR2004 - HTTP's own classes
            where = httpx.Headers(answer.headers).get("location", "").partition("?")[0]
            said = self._secrets.said(f"HTTP {status} {where}")
            return self._error(
                Refused,
                _("%(network)s sends us on to another address. Check the channel's server."),
                "redirected",
                said,
            )
        if status == httpx.codes.REQUEST_TIMEOUT or status < 200:  # noqa: PLR2004
            return self._no_answer(answer.said, visible=visible)
        if status < httpx.codes.INTERNAL_SERVER_ERROR or status == httpx.codes.NOT_IMPLEMENTED:
            text_ = _("%(network)s refused this. Nothing was published.")
            return self._error(Refused, text_, "refused", answer.said)
        if visible:
            return self._no_answer(answer.said, visible=True)
        text_ = _("%(network)s has trouble just now. Nothing was published.")
        return self._error(NotSent, text_, "server_error", answer.said)

    def _unanswered(self, error: Exception, *, visible: bool) -> NetworkError:
        """The outcome where no whole answer came back."""
        said = type(error).__name__
        if isinstance(error, NetworkError):
            return error
        if isinstance(error, Inside):
            return error.refused
        if isinstance(error, httpx.UnsupportedProtocol):
            return self._no_address()
        if isinstance(error, _NEVER_SENT):
            return self._error(NotSent, _("%(network)s could not be reached."), "unreachable", said)
        if isinstance(error, (Unreadable, httpx.RemoteProtocolError)) and "disconnected" not in str(error):
            return unreadable(self.network, visible=visible, said=said)
        return self._no_answer(said, visible=visible)

    def _no_answer(self, said: str, *, visible: bool) -> NetworkError:
        if visible:
            return self._error(
                Unknown,
                _("%(network)s gave no clear answer. We don't know yet whether the post went out."),
                "no_answer",
                said,
            )
        return self._error(NotSent, _("%(network)s did not answer in time. Nothing was published."), "no_answer", said)

    def _no_time_left(self) -> NetworkError:
        return self._error(NotSent, _("%(network)s took too long before anything was sent."), "no_time_left", "")

    def _no_address(self) -> NetworkError:
        return self._error(
            Refused,
            _("%(network)s gave an address that can't be used. Nothing was published."),
            "server_not_valid",
            "",
        )

    def _unsendable(self, header: str) -> NetworkError:
        if header.lower() == "authorization":
            return self._error(
                CredentialsRefused,
                _("The credentials for %(network)s hold a character that can't be sent. Connect the channel again."),
                "credentials_refused",
                "",
            )
        return self._error(
            Refused,
            _("Something for %(network)s holds a character that can't be sent. Nothing was published."),
            "request_not_valid",
            header,
        )

    def _error(self, kind: type[NetworkError], template: Any, code: str, said: str) -> NetworkError:
        return kind(template, code=code, params={"network": self.network}, said=said)


def _pieces(
    content: bytes | IO[bytes] | Iterable[bytes] | None, length: int | None
) -> bytes | IO[bytes] | Iterable[bytes] | None:
    """The content as httpx sends it in pieces; of a stream, so many bytes where that is said."""
    read = getattr(content, "read", None)
    if length is None or read is None:
        return content
    return _of_stream(read, length)


def _of_stream(read: Callable[[int], bytes], length: int) -> Iterator[bytes]:
    left = length
    while left:
        piece = read(min(_PIECE, left))
        if not piece:
            raise OSError("the file is shorter than it was")
        left -= len(piece)
        yield piece


def _sendable(value: str) -> bool:
    return value.isascii() and all(char.isprintable() or char == "\t" for char in value)


def _web(url: httpx.URL) -> bool:
    return url.scheme in {"http", "https"} and bool(url.host) and not url.userinfo
