"""Asking whether what was in flight is live."""

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from social.networks.base import Account, CannotTell, Content, Journal, Keys, MediaItem, NotSent, Published
from social.networks.facebook import appended, pages, videos
from social.networks.meta import Graph, Missing, begun, moment, same_words
from social.networks.wire import items

_LIST = 50
_LISTS = 4


def photo_step(item: MediaItem) -> str:
    """The step under which a picture's id is written down."""
    return f"media:{item.sha256}"


def find(account: Account, content: Content, keys: Keys, journal: Journal) -> Published | None:
    """See `Network.find`."""
    with pages.connected(account) as graph:
        page = pages.own(graph, account)
        given = journal.given("publish")
        if given is None:
            found = _root(graph, page, content, keys, journal)
            if not found:
                return None
            given = {"id": found}
            journal.sent("publish", given)
        elif journal.in_flight() == "comment":
            comment = _comment_of(graph, page, str(given["id"]), content)
            if comment:
                journal.sent("comment", {"id": comment})
        if videos.lacks_captions(content, journal) or (content.comment and journal.given("comment") is None):
            return None  # which have still to go out
        return pages.placed(graph, str(given["id"]))


def _root(graph: Graph, page: pages.Page, content: Content, keys: Keys, journal: Journal) -> str:
    if not (content.media and content.media[0].is_video):
        return post_of(graph, page, content, keys, journal)
    started = journal.given(f"video:{content.media[0].sha256}")
    if started is None:
        return ""
    video = str(started["id"])
    live = videos.live(graph, video)
    if live is None:
        raise NotSent(_("Facebook is still working on the video."), code="processing")
    return video if live else ""


def post_of(graph: Graph, page: pages.Page, content: Content, keys: Keys, journal: Journal) -> str:
    """Return the id of the page's post that is this publication; empty where there is surely none.

    Raises:
        CannotTell: the page has had too many posts since.
    """
    since = begun(keys, journal)
    given = [journal.given(photo_step(item)) for item in content.media]
    photos = {str(photo["id"]) for photo in given if photo}
    for post in _posts(graph, page, since):
        found = str(post.get("id") or "")
        # With pictures it is known by their numbers.
        if _is_this(post, content, photos) and (content.media or not journal.is_another(found)):
            return found
    return ""


def _posts(graph: Graph, page: pages.Page, since: dt.datetime) -> Iterator[Mapping[str, Any]]:
    """The page's posts since then, the newest first."""
    fields = "id,message,created_time,attachments{unshimmed_url,target{id},subattachments{target{id}}}"
    after = None
    for _list in range(_LISTS):
        answer = graph.get(f"/{page.id}/published_posts", fields=fields, limit=_LIST, after=after)
        rows = [row for row in items(answer, "data") if isinstance(row, dict)]
        for row in rows:
            at = moment(row.get("created_time"))
            if at is None:
                raise answer.unreadable("no time")
            if at < since:
                return
            yield row
        after = answer.get("paging", "cursors", "after")
        if not rows or not answer.get("paging", "next") or not isinstance(after, str):
            return
    raise CannotTell(_("The page has had too many posts since: look there yourself."), code="cannot_tell")


def _is_this(post: Mapping[str, Any], content: Content, photos: set[str]) -> bool:
    attached = list(_attached(post))
    if content.media:
        return any(_id_of(one) in photos for one in attached)
    if content.text:
        return same_words(post.get("message"), content.text + appended(content))
    return any(str(one.get("unshimmed_url") or "").rstrip("/") == content.link.rstrip("/") for one in attached)


def _attached(post: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for one in _rows(post.get("attachments")):
        yield one
        yield from _rows(one.get("subattachments"))


def _rows(edge: Any) -> list[Mapping[str, Any]]:
    rows = edge.get("data") if isinstance(edge, dict) else None
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


def _id_of(attachment: Mapping[str, Any]) -> str:
    target = attachment.get("target")
    return str(target.get("id") or "") if isinstance(target, dict) else ""


def _comment_of(graph: Graph, page: pages.Page, post: str, content: Content) -> str:
    """The id of our first comment; empty where there is none.

    Raises:
        CannotTell: the post itself is not there any more.
    """
    try:
        answer = graph.get(
            f"/{post}/comments", fields="id,message,from", filter="stream", order="chronological", limit=_LIST
        )
    except Missing as missing:
        raise CannotTell(
            _("Facebook does not show the post any more."), code="cannot_tell", said=missing.said
        ) from None
    for row in items(answer, "data"):
        sender = row.get("from") if isinstance(row, dict) else None
        by_page = isinstance(sender, dict) and str(sender.get("id")) == page.id
        if by_page and same_words(row.get("message"), content.comment):
            return str(row.get("id") or "")
    return ""
