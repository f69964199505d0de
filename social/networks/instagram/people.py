"""Which account it is, which there are, and how its token lives on."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import gettext_lazy as _

from social.networks.base import Account, CredentialsRefused, Identity, NotSent, Refused, Throttled
from social.networks.meta import GRAPH, Graph, Meaning, Meanings, version
from social.networks.meta.errors import CONTAINER_GONE, FAULT, LIMIT, POLICY
from social.networks.renewing import span
from social.networks.wire import mapping, text, word

GRAPH_INSTAGRAM = "https://graph.instagram.com"
_NOT_FETCHED = Meaning(NotSent, "media_not_fetched", _("%(network)s could not fetch the picture or video."))
_NOT_TAKEN = Meaning(
    Refused, "media_not_taken", _("%(network)s can't use this picture or video: check its kind, size and proportions.")
)
_CAPTION = Meaning(Refused, "text_not_taken", _("%(network)s does not take this caption: it is too long."))
_RESTRICTED = Meaning(
    Refused, "account_not_active", _("%(network)s has restricted this account. Sign in there and see what it asks.")
)
_NOT_READY = Meaning(NotSent, "not_ready", _("%(network)s is not ready to publish this yet."))
MEANINGS: Meanings = {
    (-2, 2207003): _NOT_FETCHED,
    (9004, 2207052): _NOT_FETCHED,
    (-2, 2207020): CONTAINER_GONE,
    (24, 2207006): CONTAINER_GONE,
    (-1, 2207001): FAULT,
    (-1, 2207032): FAULT,
    (-1, 2207053): FAULT,
    (24, 2207008): FAULT,
    (4, 2207051): POLICY,
    (9, 2207042): LIMIT,
    9: LIMIT,
    (9007, 2207027): _NOT_READY,
    (25, 2207050): _RESTRICTED,
    (352, 2207026): _NOT_TAKEN,
    (36000, 2207004): _NOT_TAKEN,
    (36001, 2207005): _NOT_TAKEN,
    (36003, 2207009): _NOT_TAKEN,
    (36004, 2207010): _CAPTION,
}


@dataclass(frozen=True, slots=True)
class Person:
    """An Instagram account."""

    id: str
    username: str
    name: str


def by_instagram(account: Account) -> bool:
    """Say whether the token is of Instagram's own sign-in."""
    return account.credentials.get("login") == "instagram"


def connected(account: Account, *, version_: str | None = None) -> Graph:
    """Return a connection with the account's token."""
    own = by_instagram(account)
    return Graph(
        "Instagram",
        account,
        base_url=GRAPH_INSTAGRAM if own else GRAPH,
        version=version() if version_ is None else version_,
        meanings=MEANINGS,
        proves=not own,
    )


def own(graph: Graph, account: Account) -> Person:
    """Ask whose token it is, and refuse anybody but the channel's account.

    Raises:
        Refused: `wrong_account`, or `not_professional` where no professional account stands behind the page.
        CredentialsRefused, Throttled, NotSent.
    """
    if by_instagram(account):
        answer = graph.get("/me", fields="user_id,username,name")
        person = Person(word(answer, "user_id"), text(answer, "username"), str(answer.get("name") or ""))
    else:
        answer = graph.get("/me", fields="instagram_business_account{id,username,name}")
        if mapping(answer).get("instagram_business_account") is None:
            raise Refused(
                _("No professional Instagram account is connected to this page. Connect it on Facebook first."),
                code="not_professional",
            )
        found = "instagram_business_account"
        person = Person(
            word(answer, found, "id"), text(answer, found, "username"), str(answer.get(found, "name") or "")
        )
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


def accounts(account: Account) -> list[tuple[str, str, str]]:
    """See `Instagram.accounts`: those behind the pages that the person may publish on."""
    from social.networks.facebook import pages

    found = []
    for _page, _name, token in pages.accounts(account):
        with connected(replace(account, credentials={"access_token": token})) as graph:
            try:
                person = own(graph, replace(account, identity="", credentials={"access_token": token}))
            except (CredentialsRefused, Throttled, NotSent):
                raise
            except Refused:
                continue
        found.append((person.id, person.username, token))
    return found


def refreshed(account: Account) -> Mapping[str, Any]:
    """Renew a token of Instagram's own; it has to be a day old.

    https://developers.facebook.com/docs/instagram-platform/reference/refresh_access_token
    """
    with connected(account, version_="") as graph:
        answer = graph.get("/refresh_access_token", grant_type="ig_refresh_token")
        token = text(answer, "access_token")
        graph.wire.hide(token)
        lasts = span(answer, "expires_in")
    until = (dt.datetime.now(dt.UTC) + lasts).isoformat(timespec="seconds")
    return {**account.credentials, "access_token": token, "expires_at": until}
