"""Publishing on Google Business Profile, step by step.

Longest times of a step: asking which place it is 15 s, looking at a public address 20 s, the post 30 s, asking how it stands
15 s.

A post that is written goes live by itself, unless Google finds something against it: until Google says so it is neither live
nor not. So it is uncertain (`Unknown`), and asked for as such; mostly for half a minute.
"""

import datetime as dt
import unicodedata
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from social.networks import clocks
from social.networks.base import (
    Account,
    CannotTell,
    Content,
    Identity,
    Journal,
    Keys,
    NotSent,
    Published,
    Refused,
    Signed,
    Throttled,
    Unknown,
)
from social.networks.google_business.api import Api, Gone
from social.networks.google_business.checking import OFFER, STANDARD, kind_of, words_of
from social.networks.rules import is_web_link
from social.networks.throttling import moment

SURE_FOR = dt.timedelta(hours=1)  # that a token may write for the place
LIVE, REJECTED = frozenset({"LIVE", "RECURRING"}), "REJECTED"
_MOST_LINK = 500
_LOOKING = _("Google has this post, and is still looking at it.")


def publish(account: Account, content: Content, journal: Journal) -> Published:
    """Publish once, or go on; see `Network.publish`."""
    with Api(account) as api:
        place = _own(api, account, journal)
        written = journal.given("written")
        if written is None:
            post = words_of(content)
            if content.media:
                post["media"] = [{"mediaFormat": "PHOTO", "sourceUrl": api.address_of(content.media[0])}]
            journal.sending()
            found = api.create(post)
            journal.once("written", lambda: {"name": str(found["name"])})
        else:
            found = _asked(api, str(written["name"]))
        _require_live(found)
        live = _placed(place, found)
        journal.sent("publish", {"id": live.remote_id})
        return live


def find(account: Account, content: Content, keys: Keys, journal: Journal) -> Published | None:
    """Ask for the post that was written, or look for it; see `Network.find`."""
    with Api(account) as api:
        place = _own(api, account, journal)
        written = journal.given("written")
        found = api.post(str(written["name"])) if written else _looked_for(api, content, keys, journal)
        if found is None:
            return None
        if written is None:
            journal.once("written", lambda: {"name": str(found["name"])})
        if found.get("state") == REJECTED:
            return None  # publishing says so
        if found.get("state") not in LIVE:
            raise NotSent(_LOOKING, code="in_review")
        live = _placed(place, found)
        journal.sent("publish", {"id": live.remote_id})
        return live


def identity(account: Account) -> Identity:
    """Ask which place it is."""
    with Api(account) as api:
        place = api.place()
        return Identity(id=str(place["id"]), handle=str(place["title"]), name=str(place["title"]))


def places(account: Account) -> tuple[Signed, ...]:
    """The places that a person who has just signed in manages, each with the person, where Google says who that is."""
    with Api(account) as api:
        person, found = api.places()
        given = {**account.credentials, **({"person": person} if person else {})}
        return tuple(
            Signed(Identity(id=known, handle=title, name=title), {**given, "location": location})
            for location, known, title in found
        )


def edit(account: Account, live: Published, content: Content) -> Published:
    """Give the post other words; Google looks at them anew."""
    post = words_of(content)
    kind = kind_of(content)
    mask = ["summary", *([] if kind == OFFER else ["callToAction"]), *([] if kind == STANDARD else ["event"])]
    mask += ["offer"] if kind == OFFER else []
    with Api(account) as api:
        found = api.change(live.remote_id, {name: post[name] for name in mask if name in post}, ",".join(mask))
    if found.get("state") == REJECTED:
        raise _rejected()
    return Published(remote_id=live.remote_id, permalink=_link(found) or live.permalink)


def delete(account: Account, live: Published) -> None:
    """Take the post down."""
    with Api(account) as api:
        api.delete(live.remote_id)


def read_back(account: Account, live: Published) -> Published | None:
    """Where it is; None where it is gone, or was rejected."""
    with Api(account) as api:
        try:
            found = api.post(live.remote_id)
        except Gone:
            return None
    if found.get("state") == REJECTED:
        return None
    return Published(remote_id=live.remote_id, permalink=_link(found) or live.permalink)


def _own(api: Api, account: Account, journal: Journal) -> Mapping[str, Any]:
    place = journal.once("account", api.place, good_for=SURE_FOR)
    if account.identity and account.identity != place["id"]:
        raise Refused(
            _("These credentials belong to %(handle)s, not to this channel's account. Nothing was published."),
            code="wrong_account",
            params={"handle": str(place["title"])},
        )
    return place


def _asked(api: Api, name: str) -> Mapping[str, Any]:
    """Ask for what was written. It may be live by now: what keeps us from asking does not mean that it is not."""
    try:
        return api.post(name)
    except (NotSent, Throttled, Gone) as error:
        sentence = _("Google has this post, and did not say how it stands.")
        raise Unknown(sentence, code="standing_unclear", said=error.said) from None


def _require_live(found: Mapping[str, Any]) -> None:
    """Refuse what Google has rejected; what it is still looking at may go live at any moment."""
    if found.get("state") == REJECTED:
        raise _rejected()
    if found.get("state") not in LIVE:
        raise Unknown(_LOOKING, code="in_review")


def _rejected() -> Refused:
    return Refused(
        _(
            "Google has rejected this post for what stands in it: nobody sees it. A telephone number is the usual reason."
        ),
        code="rejected",
    )


def _placed(place: Mapping[str, Any], found: Mapping[str, Any]) -> Published:
    maps = str(place["maps"])
    return Published(remote_id=str(found["name"]), permalink=_link(found) or (maps if is_web_link(maps) else ""))


def _link(found: Mapping[str, Any]) -> str:
    link = str(found.get("searchUrl") or "")
    return link if is_web_link(link) and len(link) <= _MOST_LINK else ""


def _looked_for(api: Api, content: Content, keys: Keys, journal: Journal) -> Mapping[str, Any] | None:
    """The place's post with these words since the first try; None where there surely is none."""
    since = clocks.since(keys.get("since"), journal)
    if since is None:
        raise Refused(_("This publication has no valid time for Google."), code="keys_not_valid")
    ours, near, older = _plain(str(words_of(content)["summary"])), False, False
    for post in api.posts():
        at = moment(str(post.get("createTime") or ""))
        if at is not None and at < since:
            older = True
            continue
        theirs = _plain(str(post.get("summary") or ""))
        if post and (_letters(theirs) != _letters(ours) or journal.is_another(str(post.get("name") or ""))):
            continue
        if post and at is not None and theirs == ours and post.get("topicType") in {None, kind_of(content)}:
            return api.post(str(post.get("name") or ""))
        near = near or bool(post) or not older
    if near:
        raise CannotTell(
            _("Google shows a post that is nearly the same, or too many to look through."), code="cannot_tell"
        )
    return None


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text.casefold()))
