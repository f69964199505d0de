"""Which profile it is, and how its token lives on."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import gettext_lazy as _

from social.networks.base import Account, Identity, Refused
from social.networks.meta import Graph, Meanings
from social.networks.meta.errors import CONTAINER_GONE
from social.networks.renewing import span
from social.networks.wire import text, word

GRAPH_THREADS = "https://graph.threads.net"
VERSION = "v1.0"
MEANINGS: Meanings = {(24, 4279009): CONTAINER_GONE}


@dataclass(frozen=True, slots=True)
class Person:
    """A profile."""

    id: str
    username: str
    name: str


def connected(account: Account, *, version: str = VERSION) -> Graph:
    """Return a connection with the profile's token."""
    return Graph("Threads", account, base_url=GRAPH_THREADS, version=version, bearer=False, meanings=MEANINGS)


def own(graph: Graph, account: Account) -> Person:
    """Ask whose token it is, and refuse anybody but the channel's profile.

    Raises:
        Refused: `wrong_account`.
        CredentialsRefused, Throttled, NotSent.
    """
    answer = graph.get("/me", fields="id,username,name")
    person = Person(word(answer, "id"), text(answer, "username"), str(answer.get("name") or ""))
    if account.identity and account.identity != person.id:
        raise Refused(
            _("This token is for the account %(name)s, which is not this channel's. Nothing was published."),
            code="wrong_account",
            params={"name": person.username},
        )
    return person


def identity(account: Account) -> Identity:
    """See `Network.identity`."""
    with connected(account) as graph:
        person = own(graph, replace(account, identity=""))
    return Identity(id=person.id, handle=person.username, name=person.name or person.username)


def refreshed(account: Account) -> Mapping[str, Any]:
    """See `Threads.refresh`. A long-lived token has to be a day old before it can be renewed.

    https://developers.facebook.com/docs/threads/get-started/long-lived-tokens
    """
    with connected(account, version="") as graph:
        if account.credentials.get("long_lived"):
            answer = graph.get("/refresh_access_token", grant_type="th_refresh_token")
        else:
            secret = str(account.app.get("client_secret") or "")
            if not secret:
                raise Refused(
                    _("This installation is not registered with %(network)s. Who runs Filo has to do that first."),
                    code="app_missing",
                    params={"network": "Threads"},
                )
            answer = graph.get("/access_token", grant_type="th_exchange_token", client_secret=secret)
        token = text(answer, "access_token")
        graph.wire.hide(token)
        lasts = span(answer, "expires_in")
    until = (dt.datetime.now(dt.UTC) + lasts).isoformat(timespec="seconds")
    return {**account.credentials, "access_token": token, "expires_at": until, "long_lived": True}
