"""Pictures and videos on Mastodon: sent ahead of their status, waited for, and asked after where the status is refused.

A busy server calls ready what it is still at work on (https://github.com/mastodon/mastodon/issues/21864), or has swept away
what was sent hours before, and says both only of the status, by 422 and in the account's language. So it is not read but
asked which it is. Servers before 4.3 leave out what they don't have without a word
(https://github.com/mastodon/mastodon/pull/31681): that is seen by what they show.
"""

import datetime as dt
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from social.networks.base import Journal, NetworkError, NotReady, NotSent, Refused
from social.networks.mastodon.api import Api, NotHere

if TYPE_CHECKING:
    from social.networks.mastodon.publishing import Post

KEPT_FOR = dt.timedelta(hours=12)  # Mastodon sweeps away after a day what no status has
LOOK_AGAIN = dt.timedelta(seconds=3)
_MOST_REFUSALS = 2  # of a status, after which it is tried again


def steps_of(post: "Post") -> list[str]:
    """The steps in which its media are uploaded."""
    return [f"media:{post.step}:{at}:{item.sha256}" for at, item in enumerate(post.media)]


def uploaded(api: Api, post: "Post", at: int, journal: Journal) -> str:
    """The id of a picture or video at the server, sent once and ready. Each status takes media of its own."""
    step = steps_of(post)[at]
    media = journal.once(step, lambda: api.upload(post.media[at]), good_for=KEPT_FOR)
    if media["working"]:
        journal.once(f"ready:{media['id']}", lambda: _ready(api, step, str(media["id"]), journal), good_for=KEPT_FOR)
    return str(media["id"])


def behind_refusal(api: Api, post: "Post", journal: Journal) -> NetworkError | None:
    """What it is about the post's media for which its status was refused; None where it is nothing, or goes on too long."""
    refusals = [f"refused:{post.step}:{turn}" for turn in range(_MOST_REFUSALS)]
    first, *_later = refusals
    again = journal.given(first) is not None
    refusal = next((one for one in refusals if journal.given(one) is None), None)
    if refusal:
        journal.once(refusal, dict, good_for=KEPT_FOR)
        found = _what_is_wrong(api, post, journal)
        if found or not again:
            return found or _working()  # it may have become ready just now
    journal.forget(*refusals, *steps_of(post))  # whoever sends it once more sends them anew
    return None


def missed(count: int) -> str:
    """What readers don't get where the server left out so many of what was sent; empty where it left out none."""
    if not count:
        return ""
    sentence = ngettext(
        "The server shows it without %(count)d picture or video that was sent along.",
        "The server shows it without %(count)d pictures or videos that were sent along.",
        count,
    )
    return sentence % {"count": count}


missed_lazily = lazy(missed, str)


def _what_is_wrong(api: Api, post: "Post", journal: Journal) -> NetworkError | None:
    for step in steps_of(post):
        media = str((journal.given(step) or {}).get("id") or "")
        try:
            _ready(api, step, media, journal)
        except NotReady as error:
            # From now on it is waited for as where the server says so itself.
            journal.forget(step, f"ready:{media}")
            journal.once(step, lambda media=media: {"id": media, "working": True}, good_for=KEPT_FOR)  # type: ignore[misc]
            return error
        except NetworkError as error:
            return error
    return None


def _ready(api: Api, step: str, media: str, journal: Journal) -> Mapping[str, Any]:
    try:
        ready = api.is_ready(media)
    except NotHere as gone:
        journal.forget(step)
        sentence = _("Mastodon does not have the picture or video any more that it was sent. It is sent again.")
        raise NotSent(sentence, code="media_gone", said=gone.said) from None
    except Refused as refused:
        if refused.code != "not_taken":
            raise
        journal.forget(step)
        raise Refused(
            _(
                "Mastodon could not use this picture or video. It may be damaged, or of a kind that this server does not know."
            ),
            code="media_failed",
            said=refused.said,
        ) from None
    if ready:
        return {}
    raise _working()


def _working() -> NotReady:
    sentence = _("Mastodon is still working on the picture or video.")
    return NotReady(sentence, code="media_working", retry_at=dt.datetime.now(dt.UTC) + LOOK_AGAIN)
