"""Publishing on a Facebook page, step by step.

Longest times, each in all: asking which page it is 10 s, a picture 60 s, a piece of a video 90 s, the post 30 s, the
subtitles 60 s, the first comment 30 s, reading where it is 10 s. After 115 s in all a video's upload lets others go first and goes on later.
Only the post, the video's last call and the comment can be seen by readers.
"""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from social.networks.base import Account, Content, CredentialsRefused, Journal, Keys, MediaItem, Published, Refused
from social.networks.facebook import appended, finding, pages, videos
from social.networks.facebook.pages import picture_of
from social.networks.meta import WRITE_SECONDS, Graph
from social.networks.wire import word

PICTURE_SECONDS = 60.0


def publish(account: Account, content: Content, keys: Keys, journal: Journal) -> Published:
    """Publish once; see `Network.publish`."""
    with pages.connected(account) as graph:
        page = pages.own(graph, account)
        given = journal.given("publish") or _root(graph, account, page, content, keys, journal)
        post = str(given["id"])
        if videos.lacks_captions(content, journal):
            videos.caption(graph, post, content, journal)
        if content.comment and journal.given("comment") is None:
            _comment(graph, post, content, journal)
        return pages.placed(graph, post)


def _root(  # noqa: PLR0913 - what one try is made of
    graph: Graph, account: Account, page: pages.Page, content: Content, keys: Keys, journal: Journal
) -> Mapping[str, Any]:
    if content.media and content.media[0].is_video:
        return videos.publish(graph, account, page.id, content, journal)
    steps = [finding.photo_step(item) for item in content.media]
    known = any(journal.given(step) is not None for step in steps)
    try:
        return _post(graph, page, content, keys, journal)
    except CredentialsRefused:
        raise
    except Refused:
        if not known:
            raise
        journal.forget(*steps)  # those of an earlier try may be gone by now
        return _post(graph, page, content, keys, journal)


def _post(graph: Graph, page: pages.Page, content: Content, keys: Keys, journal: Journal) -> Mapping[str, Any]:
    photos = [_photo(graph, page, item, journal) for item in content.media]
    journal.sending()
    try:
        answer = graph.post(
            f"/{page.id}/feed",
            seconds=WRITE_SECONDS,
            visible=True,
            message=content.text + appended(content) or None,
            link=(content.link or None) if not photos else None,
            attached_media=[{"media_fbid": photo} for photo in photos] or None,
        )
        given = {"id": word(answer, "id")}
    except Refused as refused:
        if refused.code != "duplicate":
            raise
        # The post before this one has the same words: ours, if an earlier try went out and its answer got lost.
        found = finding.post_of(graph, page, content, keys, journal)
        if not found:
            raise
        given = {"id": found}
    journal.sent("publish", given)
    return given


def _photo(graph: Graph, page: pages.Page, item: MediaItem, journal: Journal) -> str:
    given = journal.once(finding.photo_step(item), lambda: _upload(graph, page, item))
    return str(given["id"])


def _upload(graph: Graph, page: pages.Page, item: MediaItem) -> dict[str, Any]:
    name = f"picture.{item.mime.rpartition('/')[2]}"
    answer = graph.post(
        f"/{page.id}/photos",
        seconds=PICTURE_SECONDS,
        files={"source": (name, picture_of(item), item.mime)},
        published=False,
        alt_text_custom=item.alt_text or None,
    )
    return {"id": word(answer, "id")}


def _comment(graph: Graph, post: str, content: Content, journal: Journal) -> None:
    journal.sending("comment")
    try:
        answer = graph.post(f"/{post}/comments", seconds=WRITE_SECONDS, visible=True, message=content.comment)
    except CredentialsRefused:
        raise
    except Refused as refused:
        raise Refused(
            _("The post is live on %(network)s, but its first comment was refused."),
            code="comment_refused",
            params={"network": "Facebook"},
            said=refused.said,
        ) from None
    journal.sent("comment", {"id": word(answer, "id")})
