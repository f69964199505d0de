"""Publishing on YouTube, step by step.

Longest times of a step: asking who we are 15 s, beginning an upload 30 s, a piece of it 300 s, asking how far it is 15 s, the
cover 60 s, subtitles 60 s, making it public 30 s. Waiting for YouTube's work is nobody's time (`NotReady`).
"""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from social.networks.base import (
    Account,
    CannotTell,
    Content,
    Identity,
    Journal,
    Keys,
    MediaItem,
    NotReady,
    NotSent,
    Numbers,
    Published,
    Refused,
    Unknown,
)
from social.networks.throttling import moment
from social.networks.youtube.api import Api, Gone
from social.networks.youtube.checking import declared, described, language_of
from social.networks.youtube.uploading import KEPT_FOR, Upload

SURE_FOR = dt.timedelta(hours=1)  # that a token is the channel's
ALL_SECONDS = 6 * 3_600.0  # for all pieces of a large video together
LOOK_AGAIN = dt.timedelta(seconds=20)
LONG_ENOUGH = dt.timedelta(minutes=20)  # then it is made public all the same, so that it does not miss its time
_KEPT = ("embeddable", "license", "publicStatsViewable", "containsSyntheticMedia", "selfDeclaredMadeForKids")
_SEEN = frozenset({"public", "unlisted"})
_OVER = frozenset({"failed", "rejected", "deleted"})


def publish(account: Account, content: Content, keys: Keys, journal: Journal) -> Published:
    """Publish once, or go on; see `Network.publish`."""
    with Api(account, total=ALL_SECONDS) as api:
        me = _own(api, account, journal)
        done = journal.given("publish")
        if done is not None:
            return published(str(done["id"]))
        item = content.media[0]
        video = Upload(api, content, item, str(me["uploads"]), keys, journal).video()
        status = _ready(api, video, journal)
        _dress(api, video, item, language_of(content), journal)
        body = {"status": {**_kept(status), **declared(content)}}
        journal.sending()
        _require_seen(api.change(video, body))
        journal.sent("publish", {"id": video})
        return published(video)


def find(account: Account, journal: Journal) -> Published | None:
    """Ask whether the video that was sent is to be seen; see `Network.find`."""
    with Api(account) as api:
        _own(api, account, journal)
        sent = journal.given("video")
        if sent is None:
            return None  # nothing can have been made public without
        video = str(sent["id"])
        found = api.video(video, "status")
    if found is None:
        raise CannotTell(_("YouTube does not show the video that was sent there."), code="cannot_tell")
    privacy = _status(found).get("privacyStatus")
    if privacy in _SEEN:
        journal.sent("publish", {"id": video})
        return published(video)
    if privacy != "private":
        raise CannotTell(_("YouTube does not say who can see the video."), code="cannot_tell")
    return None


def identity(account: Account) -> Identity:
    """Ask which channel the token is for."""
    with Api(account) as api:
        me = api.me()
        return Identity(id=me["id"], handle=me["handle"], name=me["title"])


def edit(account: Account, live: Published, content: Content) -> Published:
    """Say other words of the video."""
    with Api(account) as api:
        found = api.video(live.remote_id, "snippet,status")
        if found is None:
            raise Gone(_("YouTube has no such video any more."), code="gone")
        api.change(
            live.remote_id,
            {"snippet": described(content), "status": {**_kept(_status(found)), **declared(content)}},
        )
        return live


def delete(account: Account, live: Published) -> None:
    """Take the video down."""
    with Api(account) as api:
        api.delete(live.remote_id)


def read_back(account: Account, live: Published) -> Published | None:
    """Where it is; None where it is gone, or nobody can see it."""
    with Api(account) as api:
        found = api.video(live.remote_id, "status")
    return published(live.remote_id) if found and _status(found).get("privacyStatus") in _SEEN else None


def numbers(account: Account, live: Published) -> Numbers:
    """What YouTube counts over the video's life."""
    with Api(account) as api:
        found = api.video(live.remote_id, "statistics")
    if found is None:
        raise Gone(_("YouTube has no such video any more."), code="gone")
    counts = found.get("statistics")
    count = {name: int(value) for name, value in counts.items() if _is_count(value)} if isinstance(counts, dict) else {}
    return Numbers(views=count.get("viewCount"), reactions=count.get("likeCount"), comments=count.get("commentCount"))


def published(video: str) -> Published:
    """Where the video is."""
    return Published(remote_id=video, permalink=f"https://www.youtube.com/watch?v={video}")


def _own(api: Api, account: Account, journal: Journal) -> Mapping[str, Any]:
    me = journal.once("account", api.me, good_for=SURE_FOR)
    if account.identity and account.identity != me["id"]:
        raise Refused(
            _("These credentials belong to %(handle)s, not to this channel's account. Nothing was published."),
            code="wrong_account",
            params={"handle": str(me["handle"])},
        )
    return me


def _ready(api: Api, video: str, journal: Journal) -> Mapping[str, Any]:
    """The video's status, once YouTube has worked it through, or has worked on it for `LONG_ENOUGH`.

    Raises:
        NotReady: it has not yet. Refused: it can't. NotSent: it does not show the video yet, or not any more.
    """
    found = api.video(video, "status")
    since = moment(str((journal.given("video") or {}).get("at") or ""))
    is_new = since is None or dt.datetime.now(dt.UTC) - since < LONG_ENOUGH
    if found is None:
        if not is_new:
            journal.forget("video")  # somebody has deleted it there: the next try sends it anew
        raise NotSent(_("YouTube does not show the video that was sent there."), code="not_shown")
    status = _status(found)
    state = status.get("uploadStatus")
    if state in _OVER:
        raise Refused(
            _("YouTube can't use this video: it is damaged, of a kind that it does not know, or was there before."),
            code="media_failed",
            said=str(status.get("failureReason") or status.get("rejectionReason") or state),
        )
    if state != "processed" and is_new:
        raise NotReady(
            _("YouTube is still working on the video."),
            code="media_working",
            retry_at=dt.datetime.now(dt.UTC) + LOOK_AGAIN,
        )
    return status


def _dress(api: Api, video: str, item: MediaItem, language: str, journal: Journal) -> None:
    """Give it its cover and its subtitles, once each."""
    cover = item.cover
    if cover is not None:

        def set_cover() -> Mapping[str, Any]:
            api.cover(video, cover)
            return {}

        journal.once(f"cover:{video}", set_cover, good_for=KEPT_FOR)
    if item.captions:

        def set_captions() -> Mapping[str, Any]:
            api.caption(video, language, item.captions)
            return {}

        journal.once(f"captions:{video}", set_captions, good_for=KEPT_FOR)


def _require_seen(now: Mapping[str, Any]) -> None:
    """YouTube takes the wish to be public, and keeps private what an app sends that it has not looked at."""
    privacy = _status(now).get("privacyStatus")
    if privacy == "private":
        raise Refused(
            _(
                "YouTube keeps this video private: it has not yet approved this installation. Who runs Filo has to ask it."
            ),
            code="kept_private",
        )
    if privacy not in _SEEN:
        raise Unknown(_("YouTube does not say who can see the video."), code="answer_not_readable")


def _status(found: Mapping[str, Any]) -> Mapping[str, Any]:
    status = found.get("status")
    return status if isinstance(status, dict) else {}


def _kept(status: Mapping[str, Any]) -> dict[str, Any]:
    """What stays as it is: a part that is changed is changed as a whole."""
    return {name: status[name] for name in _KEPT if name in status}


def _is_count(value: Any) -> bool:
    return isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 18  # noqa: PLR2004 - of a 64-bit number
