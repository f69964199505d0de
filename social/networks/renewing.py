"""Renewing a token by OAuth 2 (RFC 6749 §6), for the networks that have it.

Nothing here that a reader could see, but something that can be lost: where the network ends the old refresh token and
its answer does not arrive, the next renewal is refused, and the channel has to be connected again.

| what happens                                              | outcome |
|-----------------------------------------------------------|---------|
| 2xx with an `access_token`                                | the new credentials |
| 400, 401, 403 `invalid_grant`, `invalid_request`, `access_denied` and the like | CredentialsRefused |
| `invalid_client`, `unauthorized_client`, or an app without `client_id` | Refused: who runs Filo has to look at the app |
| 429                                                       | Throttled |
| what breaks, 5xx                                          | NotSent |

`invalid_request` is what X says of a refresh token that is over, where RFC 6749 §5.2 has `invalid_grant`.
"""

import base64
import datetime as dt
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from django.utils.translation import gettext_lazy as _

from social.networks.base import Account, CredentialsRefused, NetworkError, OAuth, Refused
from social.networks.outcomes import run_out
from social.networks.wire import Answer, Wire, number, text
from social.networks.wired import secrets_of

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

SECONDS = 20.0
MAX_TOKEN = 8_000
APP = frozenset({"invalid_client", "unauthorized_client", "unsupported_grant_type"})
# https://developers.facebook.com/docs/graph-api/guides/error-handling; a wrong secret is told in words alone
_META_APP = 101
_LONGEST = 10**9  # seconds that a token is believed to last


def renewed(network: str, oauth: OAuth, account: Account) -> Mapping[str, Any]:
    """Return the account's credentials with new tokens; see `Network.refresh`.

    A channel with a server of its own renews there, at the path of `oauth.token`.
    """
    token = str(account.credentials.get("refresh_token") or "")
    if not token:
        raise _over(network, "")
    form = {"grant_type": "refresh_token", "refresh_token": token}
    where = urlsplit(oauth.token)
    with Wire(network, account.server or f"{where.scheme}://{where.netloc}", secrets=secrets_of(account)) as wire:
        answer = wire.call(
            "POST",
            where.path,
            seconds=SECONDS,
            data={**form, **app_in_form(network, oauth, account)},
            headers=app_in_header(oauth, account),
            judge=lambda answer: _meaning(network, oauth, answer),
        )
        return _credentials(oauth, account, answer)


def ends_at(oauth: OAuth, answer: Answer) -> str:
    """When the access token of the answer ends (ISO 8601, UTC); empty where nobody says."""
    if answer.get("expires_in") is not None:
        lasts: dt.timedelta | None = span(answer, "expires_in")
    else:
        lasts = oauth.lasts
    return (dt.datetime.now(dt.UTC) + lasts).isoformat(timespec="seconds") if lasts is not None else ""


def span(answer: Answer, name: str) -> dt.timedelta:
    """So many seconds as stand there: from none to some thirty years."""
    return dt.timedelta(seconds=min(max(number(answer, name), 0), _LONGEST))


def _credentials(oauth: OAuth, account: Account, answer: Answer) -> Mapping[str, Any]:
    given: dict[str, Any] = {**account.credentials, "access_token": text(answer, "access_token", most=MAX_TOKEN)}
    if answer.get("refresh_token"):
        given["refresh_token"] = text(answer, "refresh_token", most=MAX_TOKEN)
    if answer.get("refresh_token_expires_in") is not None:
        lasts = span(answer, "refresh_token_expires_in")
        given["refresh_expires_at"] = (dt.datetime.now(dt.UTC) + lasts).isoformat(timespec="seconds")
    given.pop("expires_at", None)
    until = ends_at(oauth, answer)
    return {**given, "expires_at": until} if until else given


def app_in_form(network: str, oauth: OAuth, account: Account, *, always: bool = False) -> Mapping[str, str]:
    """How the app says who it is in the form; its id also beside HTTP Basic where `always`.

    Raises:
        Refused: `app_missing`.
    """
    client, secret = str(account.app.get("client_id") or ""), str(account.app.get("client_secret") or "")
    if not client:
        raise Refused(
            _("This installation is not registered with %(network)s. Who runs Filo has to do that first."),
            code="app_missing",
            params={"network": network},
        )
    named = {oauth.client_name: client}
    if not secret:
        return named
    if oauth.basic:
        return named if always else {}
    return {**named, "client_secret": secret}


def app_in_header(oauth: OAuth, account: Account) -> Mapping[str, str]:
    """How the app says who it is by HTTP Basic (RFC 6749 §2.3.1), where the network wants it so."""
    client, secret = str(account.app.get("client_id") or ""), str(account.app.get("client_secret") or "")
    if not (oauth.basic and secret):
        return {}
    pair = f"{quote(client, safe='')}:{quote(secret, safe='')}"
    return {"Authorization": "Basic " + base64.b64encode(pair.encode()).decode()}


def _meaning(network: str, oauth: OAuth, answer: Answer) -> NetworkError | None:
    no = answer.ok and isinstance(answer.get("error"), str) and answer.get("access_token") is None  # as TikTok says it
    if not no and (answer.ok or answer.status not in {400, 401, 403}):
        return None
    if is_about_app(answer):
        return app_refused(network, answer.said)
    return _over(network, answer.said, oauth.ended)


def is_about_app(answer: Answer) -> bool:
    """Whether it is our app that is refused, by OAuth 2's word for it or in Meta's way, which has an object there."""
    error = answer.get("error")
    if isinstance(error, dict):
        return error.get("code") == _META_APP or "client secret" in str(error.get("message")).lower()
    return isinstance(error, str) and error in APP


def app_refused(network: str, said: str) -> Refused:
    """The network does not know our app, or not with this secret."""
    return Refused(
        _("%(network)s does not accept this installation's registration. Who runs Filo has to look at it."),
        code="app_refused",
        params={"network": network},
        said=said,
    )


def _over(network: str, said: str, why: "StrOrPromise" = "") -> CredentialsRefused:
    return run_out(network, code="refresh_refused", said=said, why=why)
