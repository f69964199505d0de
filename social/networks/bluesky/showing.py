"""What Bluesky's app shows of an account's posts (`app.bsky.feed.getPosts`), asked through the account's own server.

The server passes the question on to the AppView that it works with, in the account's name. It is Bluesky's answer, and nobody
vouches for it. A record on the account's server is not yet a post that anybody sees: the relay may not fetch from a small
server (https://github.com/bluesky-social/pds/issues/359), and a video is prepared beside, or is not, as for an account whose
e-mail address is not confirmed (https://github.com/bluesky-social/atproto/issues/3097): then the app shows “Video not
found” (https://github.com/bluesky-social/atproto/issues/4173), and the video's list of pieces is not there.

Why videos don't go through `video.bsky.app`, which tells how far it is (`app.bsky.video.getJobStatus`): not every server has
an account there, and without it they come to be seen in the same way (see `videos`). What counts is asked of the app itself.
"""

import datetime as dt
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from atproto import models  # type: ignore[import-untyped]
from django.utils.translation import gettext_lazy as _

from social.networks.base import Account, CredentialsRefused, NetworkError, NotReady, NotSent, Refused
from social.networks.bluesky.sessions import Session, Sessions
from social.networks.bluesky.wire import Wire
from social.networks.wire import Answer
from social.networks.wire import Wire as Web

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

METHOD = "app.bsky.feed.getPosts"
SECONDS = 15.0
PLAYLIST_SECONDS = 10.0
PREPARED_WITHIN = dt.timedelta(minutes=50)  # of its going out, where Bluesky prepares a video at all
APPEARS_WITHIN = dt.timedelta(hours=20)
_AGAIN, _MUCH_LATER = dt.timedelta(minutes=10), dt.timedelta(hours=1)
_MOST = 25  # posts of one question
_NOT_THERE = frozenset({404, 410})


def shown(sessions: Sessions, account: Account, addresses: Collection[str]) -> Mapping[str, Mapping[str, Any]] | None:
    """The posts at these addresses (`at://…`) as the app has them; None where the server works with no AppView.

    One that the app does not show (not yet, or not any more) is not among them.
    """
    with Wire(account) as wire:

        def ask(session: Session) -> Any:
            params = models.AppBskyFeedGetPosts.Params(uris=list(addresses)[:_MOST])
            return wire.step(wire.query, METHOD, params=params, seconds=SECONDS, token=session.access).content

        try:
            answer = sessions.signed_in(wire, account, ask)
        except CredentialsRefused:
            raise
        except Refused as refused:
            if refused.code != "refused":  # it is not about the question, but about the account
                raise
            return None
    posts = answer.get("posts") if isinstance(answer, dict) else None
    found = [post for post in posts if isinstance(post, dict)] if isinstance(posts, list) else []
    return {str(post.get("uri")): post for post in found if post.get("uri") in addresses}


def lacking(
    sessions: Sessions, account: Account, posts: Mapping[str, bool], since: dt.datetime | None
) -> "StrOrPromise":
    """What readers don't get of these posts, which are out since then: by address, and whether it has a video.

    Nobody is asked where it is not known since when they are out, so that there is no telling late from never.

    Raises:
        NotReady: Bluesky may still be at work on a video.
    """
    if since is None:
        return ""
    age = dt.datetime.now(dt.UTC) - since
    if age < APPEARS_WITHIN and not any(posts.values()):
        return ""
    found = shown(sessions, account, posts)
    if found is None:
        return ""
    if age >= APPEARS_WITHIN and any(address not in found for address in list(posts)[:_MOST]):
        return _("The account's server has this, but Bluesky's app does not show it.")
    films = [address for address, has_video in list(posts.items())[:_MOST] if has_video]
    if all(address in found and _plays(found[address]) for address in films):
        return ""
    if age < PREPARED_WITHIN or any(address not in found for address in films):
        again = dt.datetime.now(dt.UTC) + (_AGAIN if age < PREPARED_WITHIN else _MUCH_LATER)
        raise NotReady(_("Bluesky is still preparing the video for its app."), code="video_working", retry_at=again)
    return _(
        "Bluesky's app can't play the video, and shows “Video not found” in its place. Often the account's e-mail address"
        " is not confirmed at Bluesky."
    )


def _plays(post: Mapping[str, Any]) -> bool:
    """Whether the list of the video's pieces is there, which the app fetches first."""
    embed = post.get("embed")
    playlist = embed.get("playlist") if isinstance(embed, dict) else None
    if not isinstance(playlist, str):
        return False
    try:
        where = urlsplit(playlist)
        with Web("Bluesky", f"{where.scheme}://{where.netloc}") as web:
            web.call("HEAD", playlist, seconds=PLAYLIST_SECONDS, judge=_missing, redirects=2)
    except (Refused, ValueError) as error:
        if isinstance(error, Refused) and error.code == "not_there":
            return False
        sentence = _("We could not ask whether Bluesky's app plays the video.")
        raise NotSent(sentence, code="video_not_asked", said=getattr(error, "said", "")) from None
    return True


def _missing(answer: Answer) -> NetworkError | None:
    return Refused("", code="not_there") if answer.status in _NOT_THERE else None
