"""What Bluesky counts of a post: its app's answer (see `showing`). What is no count is unknown."""

from collections.abc import Mapping
from typing import Any

from social.networks.base import Account, Numbers
from social.networks.bluesky.sessions import Sessions
from social.networks.bluesky.showing import shown


def numbers(sessions: Sessions, account: Account, address: str) -> Numbers:
    """The counts of the post at this address (`at://…`). Who has seen it or clicked, Bluesky tells nobody.

    All is unknown where the server works with no AppView, or that does not show the post (not yet, or not any more).
    """
    post = (shown(sessions, account, [address]) or {}).get(address, {})
    reposts, quotes = _count(post, "repostCount"), _count(post, "quoteCount")
    return Numbers(
        reactions=_count(post, "likeCount"),
        comments=_count(post, "replyCount"),
        shares=None if reposts is None else reposts + (quotes or 0),
    )


def _count(post: Mapping[str, Any], name: str) -> int | None:
    value = post.get(name)
    return value if type(value) is int and value >= 0 else None
