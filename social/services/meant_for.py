"""What was approved for one account goes out on no other: a version names the network, server and handle it is meant for.

Whoever makes a channel another account is refused while posts that name the old one are in review or approved. Who submits
holds the channels of the post until the review is there (``hold_accounts``), so that neither overtakes the other; and a
claim compares once more, whatever has happened to the row since.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.utils.translation import gettext as _

from accounts.errors import Conflict
from approvals.models import ReviewState
from social.models import Channel, Post, PostState

if TYPE_CHECKING:
    from django.db.models import QuerySet

# A post in one of these may still go out with the approval that it has, or is asked for.
UNDER_WAY = (PostState.IN_REVIEW, PostState.APPROVED, PostState.SCHEDULED, PostState.PUBLISHING, PostState.LATE)
ASKED = (ReviewState.OPEN, ReviewState.APPROVED)
NAMED = 3  # posts that are named at most

_HOLD = "SELECT id FROM social_channel WHERE id IN (SELECT channel_id FROM social_variant WHERE post_id = %s) FOR SHARE"


def is_meant_for(entry: Mapping[str, Any], channel: Channel) -> bool:
    """Whether this entry of a version's content is for the account that the channel is today. Handles have no case."""
    named = (entry["network"], entry["server"], str(entry["handle"]).lower())
    return named == (channel.network, channel.server, channel.handle.lower())


def other_account_reason(entry: Mapping[str, Any], channel: Channel) -> str:
    """Why a publication was cancelled whose channel is another account by now, as people read it."""
    text = _(
        "It was approved for %(was)s, and the channel is %(now)s by now: what was approved for one account goes out on no "
        "other. Duplicate the post and have it approved anew."
    )
    return text % {"was": _account(entry["handle"], entry["server"]), "now": _account(channel.handle, channel.server)}


def hold_accounts(post: Post) -> None:
    """Let nobody make the post's channels other accounts until the end of the transaction. After the post's own lock."""
    # FOR SHARE: several submit for one channel side by side; who changes it waits for them, and they for who does.
    with connection.cursor() as cursor:
        cursor.execute(_HOLD, [post.pk])


def is_asked_for(channel: Channel) -> bool:
    """Whether posts that name the locked channel's account are in review or approved."""
    return _asked_for(channel).exists()


def require_none_asked(channel: Channel) -> None:
    """Raise ``Conflict`` where posts that name the locked channel's account are in review or approved."""
    asked = list(_asked_for(channel)[: NAMED + 1])
    if not asked:
        return
    text = _(
        "In review or approved for %(account)s: %(posts)s. What is approved for one account goes out on no other. Take "
        "these back first, or add the other account as a channel of its own."
    )
    named = ", ".join([*(f"“{post}”" for post in asked[:NAMED]), *("…" for _more in asked[NAMED:])])
    account = _account(channel.handle, channel.server)
    raise Conflict("in_review", text % {"account": account, "posts": named}, field="handle")


def _asked_for(channel: Channel) -> "QuerySet[Post]":
    found = Post.objects.filter(variants__channel=channel, state__in=UNDER_WAY, review__state__in=ASKED)
    return found.order_by("pk")


def _account(handle: str, server: str) -> str:
    return f"{handle} ({server})" if server else handle
