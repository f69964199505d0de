"""One account's connection to one of Meta's APIs, and what Meta says of a token."""

import datetime as dt
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from django.conf import settings

from social.networks.base import Account, NetworkError
from social.networks.meta.errors import COMMON, LIMIT, TOKEN, Meaning, Meanings, meaning_of, outcome, said_by
from social.networks.meta.reading import USUAL_WAIT, free_at, since_1970, whole
from social.networks.wire import Answer, Judge, Wire
from social.networks.wired import secrets_of

GRAPH = "https://graph.facebook.com"
READ_SECONDS = 10.0
WRITE_SECONDS = 30.0


def version() -> str:
    """Which version of the Graph API is spoken: the setting `FILO_META_VERSION`."""
    return str(settings.FILO_META_VERSION)


class Graph:
    """One account's connection to one of Meta's APIs for one piece of work; used by one thread, closed by `with`.

    `path` of the calls begins with a slash and has no version. `bearer`: the token goes as a header, else as the
    parameter `access_token`. `proves`: each call is signed with the app's secret, where the app has one, so that a
    stolen token is worth nothing alone (https://developers.facebook.com/docs/graph-api/guides/secure-requests).
    `problem` is Meta's last `error`, as it came.
    """

    def __init__(  # noqa: PLR0913 - all but two by name, and with usual values
        self,
        network: str,
        account: Account,
        *,
        base_url: str = GRAPH,
        version: str,
        token: str = "",
        meanings: Meanings | None = None,
        bearer: bool = True,
        proves: bool = False,
    ) -> None:
        self.network = network
        self._token = token or str(account.credentials.get("access_token") or "")
        self._prefix = f"/{version}" if version else ""
        self._meanings = {**COMMON, **(meanings or {})}
        self._bearer = bearer
        self._free_at: dt.datetime | None = None
        self.problem: Mapping[str, Any] = {}
        self._proof = _proof(self._token, str(account.app.get("client_secret") or "")) if proves else ""
        self._wire = Wire(network, account.server or base_url, secrets=[*secrets_of(account), self._token, self._proof])
        if not self._token:
            self._wire.__exit__(None, None, None)
            raise self.error(TOKEN)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: Any) -> None:  # noqa: PYI036 - passed on as they come
        self._wire.__exit__(*exception)

    @property
    def wire(self) -> Wire:
        """The connection itself, for addresses that are not Meta's."""
        return self._wire

    def seconds_left(self) -> float:
        """How long the whole work may still take."""
        return self._wire.seconds_left()

    def get(self, path: str, *, seconds: float = READ_SECONDS, **params: Any) -> Answer:
        """Read.

        Raises:
            Missing, Refused, CredentialsRefused, Throttled, NotSent.
        """
        return self._call("GET", path, seconds=seconds, params=params)

    def post(
        self,
        path: str,
        *,
        seconds: float = WRITE_SECONDS,
        visible: bool = False,
        files: Mapping[str, Any] | None = None,
        **data: Any,
    ) -> Answer:
        """Write: lists and mappings go as JSON, yes and no as `true` and `false`, nothing as nothing.

        Raises:
            Missing, Refused, CredentialsRefused, Throttled, NotSent, and Unknown where it is visible.
        """
        sent = {name: _field(value) for name, value in data.items() if value is not None}
        return self._call("POST", path, seconds=seconds, visible=visible, data=sent, files=files)

    def delete(self, path: str, *, seconds: float = WRITE_SECONDS) -> Answer:
        """Delete.

        Raises:
            Missing, Refused, CredentialsRefused, Throttled, NotSent, Unknown.
        """
        return done(self._call("DELETE", path, seconds=seconds, visible=True))

    def error(self, meaning: Meaning, *, said: str = "", visible: bool = False) -> NetworkError:
        """Return the outcome for a meaning."""
        return outcome(meaning, self.network, said=said, visible=visible, retry_at=soon())

    def _call(
        self, method: str, path: str, *, seconds: float, visible: bool = False, params: Any = None, **body: Any
    ) -> Answer:
        self._refuse_used_up()
        own = {"appsecret_proof": self._proof} if self._proof else {}
        if not self._bearer:
            own["access_token"] = self._token
        query = {name: _field(value) for name, value in (params or {}).items() if value is not None}
        if body.get("data") is not None:
            body["data"] = {**body["data"], **own}
        else:
            query |= own
        answer = self._wire.call(
            method,
            f"{self._prefix}{path}",
            seconds=seconds,
            visible=visible,
            token=self._token if self._bearer else "",
            params=query or None,
            judge=self._judge(visible=visible),
            **body,
        )
        self._free_at = free_at(answer.headers)
        return answer

    def _refuse_used_up(self) -> None:
        """Don't send what Meta has said it would not take."""
        if self._free_at and self._free_at > dt.datetime.now(dt.UTC):
            raise outcome(LIMIT, self.network, said="used up", visible=False, retry_at=self._free_at)

    def _judge(self, *, visible: bool) -> Judge:
        def judge(answer: Answer) -> NetworkError | None:
            found = answer.get("error")
            if not isinstance(found, dict):
                return None
            self.problem = found
            meaning = meaning_of(found, answer.status, self._meanings)
            retry_at = free_at(answer.headers) or soon()
            return outcome(
                meaning, self.network, said=said_by(answer.status, found), visible=visible, retry_at=retry_at
            )

        return judge


@dataclass(frozen=True, slots=True)
class Token:
    """What Meta says of a token. `expires_at` (aware, UTC) is None where it never does."""

    valid: bool
    subject: str
    scopes: tuple[str, ...]
    expires_at: dt.datetime | None


def debug_token(network: str, account: Account, *, base_url: str = GRAPH, version: str) -> Token:
    """Ask what the account's token is good for; needs the app's `client_id` and `client_secret`.

    https://developers.facebook.com/docs/graph-api/reference/debug_token

    Raises:
        Refused, CredentialsRefused, Throttled, NotSent.
    """
    token = str(account.credentials.get("access_token") or "")
    asking = f"{account.app.get('client_id', '')}|{account.app.get('client_secret', '')}"
    with Graph(network, account, base_url=base_url, version=version, token=asking, bearer=False) as graph:
        answer = graph.get("/debug_token", input_token=token)
    scopes = answer.get("data", "scopes")
    until = [whole(answer.get("data", name)) or 0 for name in ("expires_at", "data_access_expires_at")]
    ends = min((one for one in until if one > 0), default=0)
    return Token(
        valid=answer.get("data", "is_valid") is True,
        subject=str(answer.get("data", "profile_id") or answer.get("data", "user_id") or ""),
        scopes=tuple(scope for scope in scopes if isinstance(scope, str)) if isinstance(scopes, list) else (),
        expires_at=since_1970(ends),
    )


def done(answer: Answer) -> Answer:
    """Return the answer if it says that what was asked was done.

    Raises:
        NotSent, Unknown: it does not say so.
    """
    if answer.get("success") is not True:
        raise answer.unreadable("no success")
    return answer


def soon(seconds: float = USUAL_WAIT.total_seconds()) -> dt.datetime:
    """Return the moment in so many seconds (aware, UTC)."""
    return dt.datetime.now(dt.UTC) + dt.timedelta(seconds=seconds)


def _field(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, tuple, dict)):
        return json.dumps(value, ensure_ascii=False)
    return str(value)


def _proof(token: str, secret: str) -> str:
    return hmac.new(secret.encode(), token.encode(), hashlib.sha256).hexdigest() if token and secret else ""
