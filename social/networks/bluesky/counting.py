"""What Bluesky counts of a post (`app.bsky.feed.getPosts`), asked through the account's own server.

The server passes the question on to the AppView that it works with, in the account's name. It is Bluesky's answer, and nobody
vouches for it: what is no count is unknown.
"""

from collections.abc import Mapping
from typing import Any

from atproto import models  # type: ignore[import-untyped]

from social.networks.base import Account, CredentialsRefused, Numbers, Refused
from social.networks.bluesky.sessions import Session, Sessions
from social.networks.bluesky.wire import Wire

METHOD = "app.bsky.feed.getPosts"
SECONDS = 15.0


def numbers(sessions: Sessions, account: Account, address: str) -> Numbers:
    """The counts of the post at this address (`at://…`). Who has seen it or clicked, Bluesky tells nobody.

    All is unknown where the server works with no AppView, or that does not show the post (not yet, or not any more).
    """
    with Wire(account) as wire:

        def ask(session: Session) -> Any:
            params = models.AppBskyFeedGetPosts.Params(uris=[address])
            return wire.step(wire.query, METHOD, params=params, seconds=SECONDS, token=session.access).content

        try:
            answer = sessions.signed_in(wire, account, ask)
        except CredentialsRefused:
            raise
        except Refused as refused:
            if refused.code != "refused":  # it is not about the question, but about the account
                raise
            return Numbers()
    post = _post(answer, address)
    reposts, quotes = _count(post, "repostCount"), _count(post, "quoteCount")
    return Numbers(
        reactions=_count(post, "likeCount"),
        comments=_count(post, "replyCount"),
        shares=None if reposts is None else reposts + (quotes or 0),
    )


def _post(answer: Any, address: str) -> Mapping[str, Any]:
    posts = answer.get("posts") if isinstance(answer, dict) else None
    found = posts if isinstance(posts, list) else []
    return next((post for post in found if isinstance(post, dict) and post.get("uri") == address), {})


def _count(post: Mapping[str, Any], name: str) -> int | None:
    value = post.get(name)
    return value if type(value) is int and value >= 0 else None
