"""What can be done with a page's post that is live: change its words, delete, read, count.

A post's id holds the page's (`PAGE_POST`), a video's does not. Only what this app has published can be changed
(https://developers.facebook.com/docs/graph-api/reference/page-post#updating).
"""

from functools import partial

from social.networks.base import (
    Account,
    Content,
    CredentialsRefused,
    NotSent,
    Numbers,
    Published,
    Refused,
    Throttled,
)
from social.networks.facebook import appended, pages
from social.networks.meta import Graph, Missing, done, insight, told, whole
from social.networks.meta.vanishing import is_listed, require_gone
from social.networks.wire import Answer

# Those of before November 2025 are gone: https://developers.facebook.com/documentation/pages-api/platforminsights
_SHOWN = "id,attachments{target{id}}"  # of a video the post's number is another one
METRICS = "post_media_view,post_total_media_view_unique,post_clicks"


def edit(account: Account, live: Published, content: Content) -> Published:
    """See `Network.edit`."""
    words = content.text + appended(content)
    with pages.connected(account) as graph:
        pages.own(graph, account)
        if is_video(live.remote_id):
            done(graph.post(f"/{live.remote_id}", visible=True, description=words))
        else:
            done(graph.post(f"/{live.remote_id}", visible=True, message=words))
        return pages.placed(graph, live.remote_id)


def delete(account: Account, live: Published) -> None:
    """See `Network.delete`. What Facebook does not find is looked for among the page's posts, so that nothing is
    called deleted that we merely may not see.
    """
    with pages.connected(account) as graph:
        page = pages.own(graph, account)
        try:
            graph.delete(f"/{live.remote_id}")
        except Missing as missing:
            require_gone(graph, _lists(page), live.remote_id, missing, fields=_SHOWN)


def read_back(account: Account, live: Published) -> Published | None:
    """See `Network.read_back`."""
    with pages.connected(account) as graph:
        page = pages.own(graph, account)
        try:
            answer = graph.get(f"/{live.remote_id}", fields="permalink_url")
        except Missing as missing:
            there = told(partial(is_listed, graph, _lists(page), live.remote_id, missing, fields=_SHOWN))
            return live if there else None
        link = str(answer.get("permalink_url") or "")
        return Published(live.remote_id, pages.whole_link(link, live.remote_id))


def numbers(account: Account, live: Published) -> Numbers:
    """See `Network.numbers`."""
    with pages.connected(account) as graph:
        page = pages.own(graph, account)
        post = _post_of(graph, page, live.remote_id)
        counted = _counted(graph, post)
        seen = _insights(graph, post) if "_" in post else {}
    return Numbers(
        reach=seen.get("post_total_media_view_unique"),
        views=seen.get("post_media_view"),
        reactions=_total(counted, "reactions"),
        comments=_total(counted, "comments"),
        shares=whole(counted.get("shares", "count")) if counted else None,
        clicks=seen.get("post_clicks"),
    )


def is_video(remote_id: str) -> bool:
    """Say whether the id is a video's."""
    return "_" not in remote_id


def _lists(page: pages.Page) -> tuple[str, ...]:
    return (f"/{page.id}/published_posts",)


def _post_of(graph: Graph, page: pages.Page, remote_id: str) -> str:
    """The post that shows a video, for it is the post that is counted; of a post, itself."""
    if not is_video(remote_id):
        return remote_id
    found = graph.get(f"/{remote_id}", fields="post_id").get("post_id")
    return f"{page.id}_{found.rpartition('_')[2]}" if isinstance(found, str) and found else remote_id


def _counted(graph: Graph, post: str) -> Answer | None:
    fields = "reactions.limit(0).summary(total_count),comments.filter(stream).limit(0).summary(total_count),shares"
    if is_video(post):
        fields = fields.removesuffix(",shares")
    try:
        return graph.get(f"/{post}", fields=fields)
    except (CredentialsRefused, Throttled, NotSent):
        raise
    except Refused:
        return None


def _insights(graph: Graph, post: str) -> dict[str, int]:
    """What the insights tell; nothing where the permission for them is missing, or Meta has given up a metric."""
    try:
        return insight(graph.get(f"/{post}/insights", metric=METRICS))
    except CredentialsRefused:
        raise
    except Refused:
        return {}


def _total(counted: Answer | None, edge: str) -> int | None:
    return whole(counted.get(edge, "summary", "total_count")) if counted else None
