"""One connection to a Bluesky server for one piece of work, in steps that end in time and in a known outcome.

How an error becomes an outcome. *Quiet* steps (signing in, reading, uploading a picture, resolving a mention) leave
nothing that a reader could see, so whatever breaks there, nothing went out. The *visible* step writes the record.

| what happens                                                   | quiet step         | visible step       | source |
|----------------------------------------------------------------|--------------------|--------------------|--------|
| no connection: refused, no such host, TLS, connect time-out    | NotSent            | NotSent            | RFC 9110 §9.2.2 |
| connection breaks or time runs out after that                  | NotSent            | Unknown            | the same |
| 2xx with an answer that can't be read, or is endless           | NotSent            | Unknown            | – |
| 301, 308                                                       | Refused            | Refused            | we follow none: a password may be in the body |
| other 3xx; 4xx, 501 that are no object                         | NotSent            | Unknown            | somebody between us and the server, as in `social.networks.wire` |
| 400 ExpiredToken, InvalidToken; 401                            | session renewed once, then CredentialsRefused | the same | [1] |
| 401 AccountTakedown, AccountSuspended                          | Refused            | Refused            | [1] |
| 401 AccountDeactivated                                         | CredentialsRefused | CredentialsRefused | [1], `not_active` |
| 401 when signing in                                            | CredentialsRefused | –                  | [2] |
| 408                                                            | NotSent            | Unknown            | RFC 9110 §15.5.9 |
| 429                                                            | Throttled          | Throttled          | [3], `RateLimit-Reset` |
| other 4xx: InvalidRequest, BlobTooLarge, 403, 404, 413 …       | Refused            | Refused            | [1] |
| 501 (the server does not know the method)                      | Refused            | Refused            | [1] |
| other 5xx                                                      | NotSent            | Unknown            | [1]; a proxy may have passed it on |

[1] https://atproto.com/specs/xrpc#error-responses · [2] lexicon com.atproto.server.createSession ·
[3] https://docs.bsky.app/docs/advanced-guides/rate-limits
"""

import datetime as dt
import json
import time
from collections.abc import Callable
from typing import Any, Self, TypeVar, cast

import httpx
from atproto import Client, exceptions  # type: ignore[import-untyped]
from atproto_client.request import Request  # type: ignore[import-untyped]
from django.utils.translation import gettext_lazy as _

from social.networks.base import Account, CredentialsRefused, NetworkError, NotSent, Refused, Throttled, Unknown
from social.networks.failing import Failing, is_a_no
from social.networks.hiding import Secrets
from social.networks.inside import check_address
from social.networks.transport import CONNECT_SECONDS, Allowance, Inside, TimedTransport
from social.networks.wired import secrets_of

USUAL_SERVER = "https://bsky.social"
TOTAL_SECONDS = 115.0
MAX_ANSWER_BYTES = 5_000_000
_THROTTLED_FOR = dt.timedelta(minutes=5)
_THROTTLED_AT_MOST = dt.timedelta(days=1)
_TOKEN_CODES = frozenset({"ExpiredToken", "InvalidToken"})
_DEACTIVATED = "deactivated"
_ACCOUNT_CODES = {
    "AccountTakedown": "takendown",
    "AccountDeactivated": _DEACTIVATED,
    "AccountSuspended": "suspended",
}  # and the account's `status` (lexicon com.atproto.server.createSession)

_Answer = TypeVar("_Answer")


class TokenRefused(Exception):  # noqa: N818 - a turn of the work, caught within it
    """The server does not accept the session's token: renew it and try once more."""

    def __init__(self, said: str) -> None:
        super().__init__(said)
        self.said = said


class Wire:
    """A connection to one server; used by one thread, closed by `with`."""

    def __init__(self, account: Account, seconds: float = TOTAL_SECONDS) -> None:
        self._allowance = Allowance()
        self._until = time.monotonic() + seconds
        self._secrets = Secrets(secrets_of(account))
        self._request = Request(transport=TimedTransport(self._allowance))
        self._client = Client(base_url=check_address(account.server or USUAL_SERVER), request=self._request)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self._request.close()

    def seconds_left(self) -> float:
        """How long the whole work may still take; 0 where its time is over."""
        return max(0.0, self._until - time.monotonic())

    def hide(self, *secrets: str) -> None:
        """Never repeat these, should the server say them back."""
        self._secrets.add(secrets)

    def step(
        self,
        call: Callable[..., _Answer],
        *arguments: Any,
        seconds: float,
        token: str = "",
        visible: bool = False,
        headers: dict[str, str] | None = None,
        **more: Any,
    ) -> _Answer:
        """Make one call of the client library, within so many seconds in all.

        Raises:
            TokenRefused, Refused, Throttled, NotSent, Unknown: as the table says.
        """
        seconds = min(seconds, self.seconds_left())
        if not seconds:
            raise NotSent(_("Bluesky took too long before anything was sent."), code="no_time_left")
        self._allowance.set(seconds=seconds, received=MAX_ANSWER_BYTES)
        self.hide(token)
        headers = {**(headers or {}), **({"Authorization": f"Bearer {token}"} if token else {})}
        try:
            return call(
                *arguments,
                headers=headers,
                timeout=httpx.Timeout(seconds, connect=CONNECT_SECONDS),
                follow_redirects=False,
                **more,
            )
        except Exception as error:  # noqa: BLE001 - whatever the library makes of an answer: after sending, it is an outcome
            outcome = self._outcome(error, visible=visible)
        raise outcome  # out of the library's own, which may hold what was sent

    @property
    def xrpc(self) -> Any:
        """The client library's namespaces of `com.atproto`."""
        return self._client.com.atproto

    @property
    def procedure(self) -> Callable[..., Any]:
        """The client library's way to call a procedure by its name."""
        return cast("Callable[..., Any]", self._client.invoke_procedure)

    @property
    def query(self) -> Callable[..., Any]:
        """The client library's way to ask a query by its name; its answer is a mapping, if it is one."""
        return cast("Callable[..., Any]", self._client.invoke_query)

    def _outcome(self, error: Exception, *, visible: bool) -> NetworkError | TokenRefused:
        response = getattr(error, "response", None) if isinstance(error, exceptions.RequestErrorBase) else None
        failing = Failing("Bluesky", self._secrets, visible)
        if response is None:
            return _unanswered(error, failing)
        code, said = self._words(response)
        not_theirs = _not_theirs(response, said, failing)
        if not_theirs is not None:
            return not_theirs
        if response.status_code == httpx.codes.TOO_MANY_REQUESTS:
            return Throttled(
                _("Bluesky asks to wait: too many requests for this account."),
                code="throttled",
                said=said,
                retry_at=_retry_at(error),
            )
        if code in _ACCOUNT_CODES:
            return not_active(_ACCOUNT_CODES[code], said)
        if response.status_code == httpx.codes.UNAUTHORIZED or code in _TOKEN_CODES:
            return TokenRefused(said)
        return _of_status(response.status_code, said, visible=visible)

    def _words(self, response: Any) -> tuple[str, str]:
        """What the server calls the error, and what it says of it, without secrets."""
        code, message = _named(response.content)
        return code, self._secrets.said(f"HTTP {response.status_code} {code} {message}")


def not_active(status: str, said: str) -> Refused:
    """The outcome where the account is not active, by its `status`.

    Nobody but its owner deactivates it, mostly because it moved: then its old server holds it as deactivated, and nothing
    tells where it went (https://github.com/bluesky-social/atproto/issues/3174).
    """
    if status == _DEACTIVATED:
        return CredentialsRefused(
            _(
                "This Bluesky account is deactivated, or it has moved to another server. Make it active again, or connect the"
                " channel again with the server that it is on now."
            ),
            code="account_deactivated",
            said=said,
        )
    return Refused(
        _("Bluesky has closed or suspended this account. Nothing was published."),
        code="account_not_active",
        said=said,
    )


def credentials_refused(said: str) -> CredentialsRefused:
    """The outcome where neither the session nor the app password is accepted."""
    return CredentialsRefused(
        _("Bluesky does not accept this channel's app password. Connect the channel again with a new one."),
        code="credentials_refused",
        said=said,
    )


def _not_theirs(response: Any, said: str, failing: Failing) -> NetworkError | None:
    """The outcome of what no server of Bluesky's says."""
    if httpx.codes.is_redirect(response.status_code):
        return failing.of_status(response.status_code, httpx.Headers(response.headers), "", None)
    if is_a_no(response.status_code) and not _is_own(response.content):
        return failing.not_the_network(said)
    return None


def _is_own(content: Any) -> bool:
    """Whether it is an object, as servers say no (XRPC), and not the page of somebody between us and them."""
    if not isinstance(content, bytes):
        return True  # the library has read one
    try:
        return isinstance(json.loads(content), dict)
    except ValueError:
        return False


def _named(content: Any) -> tuple[str, str]:
    """The error's name and message, which the library gives as bytes, a mapping or a model of its own."""
    if isinstance(content, bytes):
        try:
            content = json.loads(content)
        except ValueError:
            return "", ""
    if isinstance(content, dict):
        return str(content.get("error") or ""), str(content.get("message") or "")
    return str(getattr(content, "error", None) or ""), str(getattr(content, "message", None) or "")


def _unanswered(error: Exception, failing: Failing) -> NetworkError:
    """The outcome without an answer, or with one of which the library could make nothing (HTML, other types, too much)."""
    cause = error.__cause__ if isinstance(error, exceptions.RequestErrorBase) and error.__cause__ else error
    if isinstance(cause, (httpx.UnsupportedProtocol, httpx.InvalidURL)) and not isinstance(cause, Inside):
        return Refused(
            _("The channel's server can't be used: it needs an address that starts with https://."),
            code="server_not_valid",
            said=type(cause).__name__,
        )
    if isinstance(cause, (httpx.RequestError, OSError)):
        return failing.of_error(cause)
    return failing.unreadable(type(cause).__name__)


def _of_status(status: int, said: str, *, visible: bool) -> NetworkError:
    if status == httpx.codes.REQUEST_TIMEOUT:
        return _broken(said, visible=visible)
    if status < httpx.codes.INTERNAL_SERVER_ERROR or status == httpx.codes.NOT_IMPLEMENTED:
        return Refused(_("Bluesky refused this. Nothing was published."), code="refused", said=said)
    if visible:
        return _broken(said, visible=True)
    return NotSent(_("Bluesky has trouble just now. Nothing was published."), code="server_error", said=said)


def _broken(said: str, *, visible: bool) -> NetworkError:
    if visible:
        return Unknown(
            _("Bluesky gave no clear answer. We don't know yet whether the post went out."), code="no_answer", said=said
        )
    return NotSent(_("Bluesky did not answer in time. Nothing was published."), code="no_answer", said=said)


def _retry_at(error: Exception) -> dt.datetime:
    """When to come back: what the server says, at least a second and at most a day from now, else 5 minutes."""
    now = dt.datetime.now(dt.UTC)
    said = None
    if isinstance(error, exceptions.RateLimitExceededError):
        try:
            after = error.retry_after
            said = now + dt.timedelta(seconds=after) if after is not None else error.reset_at
        except (ValueError, OverflowError, OSError):  # a time that no calendar holds
            said = None
    if said is None:
        said = now + _THROTTLED_FOR
    return min(max(said, now + dt.timedelta(seconds=1)), now + _THROTTLED_AT_MOST)
