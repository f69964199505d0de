"""Publishing on Instagram, step by step.

Longest times, each in all: asking who it is 10 s, looking at a public address 10 s, making a container 30 s, asking how
one stands 10 s, the quota 10 s, publishing 30 s, the first comment 30 s. Waiting for Instagram's work is nobody's time: the
worker goes, and comes back (`NotReady`). Only publishing and the comment can be seen by readers.
"""

from collections.abc import Mapping
from functools import partial
from typing import Any

from django.utils.translation import gettext_lazy as _

from social.networks.base import (
    Account,
    CannotTell,
    Content,
    CredentialsRefused,
    Journal,
    Keys,
    MediaItem,
    NetworkError,
    NotSent,
    Published,
    Refused,
    Throttled,
    Unknown,
)
from social.networks.instagram import caption, people
from social.networks.meta import Graph, Missing, begun, moment, same_words, soon, whole
from social.networks.meta.containers import PUBLISHED, address_of, settled, wait_for
from social.networks.outcomes import wordless
from social.networks.rules import is_web_link
from social.networks.wire import items, text, word

_LIST = 50
_QUOTA_WAIT = 3_600.0
_MOST_LINK = 500


def publish(account: Account, content: Content, keys: Keys, journal: Journal) -> Published:
    """Publish once; see `Network.publish`."""
    with people.connected(account) as graph:
        person = people.own(graph, account)
        given = journal.given("publish") or _root(graph, person, content, keys, journal)
        media = str(given["id"])
        if content.comment and journal.given("comment") is None:
            _comment(graph, media, content, journal)
        return placed(graph, media)


def find(account: Account, content: Content, keys: Keys, journal: Journal) -> Published | None:
    """See `Network.find`."""
    with people.connected(account) as graph:
        person = people.own(graph, account)
        given = journal.given("publish")
        if given is None:
            container = journal.given("container", ever=True)  # its day may be over, and it was published all the same
            if container is None:
                return None  # it can't have been published without
            found = _became(graph, person, str(container["id"]), content, keys, journal)
            if not found:
                return None
            given = {"id": found}
            journal.sent("publish", given)
        elif journal.in_flight() == "comment":
            comment = _comment_of(graph, person, str(given["id"]), content)
            if comment:
                journal.sent("comment", {"id": comment})
        if content.comment and journal.given("comment") is None:
            return None  # which has still to go out
        return placed(graph, str(given["id"]))


def placed(graph: Graph, media: str) -> Published:
    """Return where it is. What is out stays out if its address can't be read just now."""
    try:
        link = str(graph.get(f"/{media}", fields="permalink").get("permalink") or "")
    except NetworkError:
        link = ""
    return Published(media, link if is_web_link(link) and len(link) <= _MOST_LINK else "https://www.instagram.com/")


def _root(graph: Graph, person: people.Person, content: Content, keys: Keys, journal: Journal) -> Mapping[str, Any]:
    make = partial(_container, graph, person, content, journal)
    container, status = settled(journal, "container", make, partial(_state, graph), wait=wait_for(content.media))
    if status == PUBLISHED:
        found = _of(graph, person, content, keys, journal)
        if not found:
            raise Unknown(_("Instagram says that it is published, and does not show it yet."), code="not_shown")
        given = {"id": found}
    else:
        _require_quota(graph, person)
        journal.sending()
        given = {"id": word(_publish(graph, person, container, journal), "id")}
    journal.sent("publish", given)
    return given


def _publish(graph: Graph, person: people.Person, container: str, journal: Journal) -> Any:
    try:
        return graph.post(f"/{person.id}/media_publish", visible=True, creation_id=container)
    except NetworkError as error:
        if error.code == "container_gone":
            journal.forget("container")
        raise


def _container(graph: Graph, person: people.Person, content: Content, journal: Journal) -> dict[str, Any]:
    """Make the container that is published: of one picture or video, or of a carousel of children."""
    words = caption(content) or None
    if len(content.media) == 1:
        return _made(graph, person, content.media[0], caption=words)
    children = []
    for place, item in enumerate(content.media):
        make = partial(_made, graph, person, item, is_carousel_item=True)
        step = f"media:{item.sha256}:{place}"
        children.append(settled(journal, step, make, partial(_state, graph), wait=wait_for((item,)))[0])
    answer = graph.post(f"/{person.id}/media", media_type="CAROUSEL", children=children, caption=words)
    return {"id": word(answer, "id")}


def _made(graph: Graph, person: people.Person, item: MediaItem, **more: Any) -> dict[str, Any]:
    if item.is_video:
        kind = "VIDEO" if more.get("is_carousel_item") else "REELS"
        cover = address_of(graph, item.cover) if item.cover and kind == "REELS" else None
        answer = graph.post(
            f"/{person.id}/media", media_type=kind, video_url=address_of(graph, item), cover_url=cover, **more
        )
    else:
        if item.mime != "image/jpeg":
            raise Refused(
                _("%(network)s does not take a picture of this kind: it is %(mime)s."),
                code="media_kind",
                params={"network": "Instagram", "mime": item.mime},
            )
        alt = item.alt_text or None
        answer = graph.post(f"/{person.id}/media", image_url=address_of(graph, item), alt_text=alt, **more)
    return {"id": word(answer, "id")}


def _state(graph: Graph, container: str) -> tuple[str, str]:
    answer = graph.get(f"/{container}", fields="status_code,status")
    return text(answer, "status_code"), str(answer.get("status") or "")


def _require_quota(graph: Graph, person: people.Person) -> None:
    """Refuse what Instagram would, by its own count of the last 24 hours. Where it does not say, it may decide."""
    try:
        answer = graph.get(f"/{person.id}/content_publishing_limit", fields="quota_usage,config")
    except CredentialsRefused:
        raise
    except Refused:
        return
    used, most = whole(answer.get("data", 0, "quota_usage")), whole(answer.get("data", 0, "config", "quota_total"))
    if used is not None and most is not None and used >= most:
        raise Throttled(
            _("Instagram's %(most)d posts a day are used up for this account."),
            code="quota",
            params={"most": most},
            retry_at=soon(seconds=_QUOTA_WAIT),
        )


def _became(  # noqa: PLR0913 - whose it is, what it was made of, and what is known of it
    graph: Graph, person: people.Person, container: str, content: Content, keys: Keys, journal: Journal
) -> str:
    """The post that the container became; empty where it surely became none."""
    try:
        status, _why = _state(graph, container)
    except Missing as missing:
        raise CannotTell(
            _("Instagram does not know any more what was prepared."), code="cannot_tell", said=missing.said
        ) from None
    if status in {"FINISHED", "EXPIRED", "ERROR"}:
        return ""
    found = _of(graph, person, content, keys, journal) if status == PUBLISHED else ""
    if not found:
        raise NotSent(_("Instagram does not show it yet."), code="not_shown")
    return found


def _of(graph: Graph, person: people.Person, content: Content, keys: Keys, journal: Journal) -> str:
    """The account's post with these words since the first try that is no other one of ours; the oldest of them."""
    since = begun(keys, journal)
    answer = graph.get(f"/{person.id}/media", fields="id,caption,timestamp", limit=_LIST)
    words = caption(content)
    found = ""
    for row in items(answer, "data"):
        at = moment(row.get("timestamp")) if isinstance(row, dict) else None
        if at is None or at < since:
            break
        known = str(row.get("id") or "")
        if same_words(row.get("caption") or "", words) and not journal.is_another(known):
            if not words:
                raise wordless("Instagram")  # somebody may have put one there by hand
            found = known
    return found


def _comment(graph: Graph, media: str, content: Content, journal: Journal) -> None:
    journal.sending("comment")
    try:
        answer = graph.post(f"/{media}/comments", visible=True, message=content.comment)
    except CredentialsRefused:
        raise
    except Refused as refused:
        raise Refused(
            _("The post is live on %(network)s, but its first comment was refused."),
            code="comment_refused",
            params={"network": "Instagram"},
            said=refused.said,
        ) from None
    journal.sent("comment", {"id": word(answer, "id")})


def _comment_of(graph: Graph, person: people.Person, media: str, content: Content) -> str:
    try:
        answer = graph.get(f"/{media}/comments", fields="id,text,username", limit=_LIST)
    except Missing as missing:
        raise CannotTell(
            _("Instagram does not show the post any more."), code="cannot_tell", said=missing.said
        ) from None
    for row in items(answer, "data"):
        ours = isinstance(row, dict) and row.get("username") == person.username
        if ours and same_words(row.get("text"), content.comment):
            return str(row.get("id") or "")
    return ""
