"""Pictures and videos on X: begun, sent in pieces, ended, waited for, described; nothing of it twice.

Each piece is a step that is written down, so that a killed worker goes on with the next. What X keeps of an upload ends
after a day (`expires_after_secs`, https://docs.x.com/x-api/media/quickstart/media-upload-chunked, where it says more):
we count on half of that. An upload that X does not know any more, or that it can't go on with, is begun again, once.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from social.networks.base import CredentialsRefused, Journal, MediaItem, NotReady, NotSent, Refused
from social.networks.subtitles import Language
from social.networks.wire import Answer
from social.networks.x.api import Api, Gone

PIECE = 4_000_000  # X takes 5 MB
KEPT_FOR = dt.timedelta(hours=12)
_SOONEST, _LATEST = 1, 300  # seconds until the next question


def uploaded(api: Api, item: MediaItem, journal: Journal, language: Language | None = None) -> str:
    """Return the id of the item at X, uploaded, ready and described; a video with its subtitles, if we know their language.

    Raises:
        NotReady: X is still working on it.
        Refused: X can't use it; and as always.
    """
    begun_before = journal.given(_step("upload", item)) is not None
    try:
        media = _sent(api, item, journal)
    except CredentialsRefused:
        raise
    except Refused:
        if not begun_before:
            raise
        _forget(item, journal)
        media = _sent(api, item, journal)
    if media["working"]:
        try:
            journal.once(
                f"ready:{media['id']}", lambda: _ready(api, item, str(media["id"]), journal), good_for=KEPT_FOR
            )
        except Gone as gone:
            raise lost([item], journal, gone) from None
    if item.alt_text.strip() and not item.is_video:
        _described(api, item, str(media["id"]), journal)
    if item.captions and language:
        _subtitled(api, item, str(media["id"]), journal, language)
    return str(media["id"])


def known(media: Iterable[MediaItem], journal: Journal) -> list[str]:
    """The ids of what has been uploaded of these."""
    return [str(given["id"]) for given in (journal.given(_step("media", item)) for item in media) if given]


def lost(media: Iterable[MediaItem], journal: Journal, refused: Refused) -> NotSent:
    """The outcome where X does not have these any more: they are sent again."""
    for item in media:
        _forget(item, journal)
    sentence = _("X does not have the picture or video any more that it was sent. It is sent again.")
    return NotSent(sentence, code="media_gone", said=refused.said)


def _described(api: Api, item: MediaItem, media: str, journal: Journal) -> None:
    def describe() -> Mapping[str, Any]:
        api.describe(media, item.alt_text)
        return {}

    journal.once(f"alt:{media}", describe, good_for=KEPT_FOR)


def _subtitled(api: Api, item: MediaItem, media: str, journal: Journal, language: Language) -> None:
    """Upload the subtitles, and give them to the video (https://docs.x.com/x-api/media/create-media-subtitles)."""
    data = item.captions.encode()

    def give() -> Mapping[str, Any]:
        upload = api.initialize(mime="text/srt", size=len(data), category="subtitles")
        api.append(upload, 0, data)
        api.finalize(upload)
        api.subtitle(media, upload, language.code, language.name)
        return {}

    journal.once(f"captions:{media}", give, good_for=KEPT_FOR)


def _sent(api: Api, item: MediaItem, journal: Journal) -> Mapping[str, Any]:
    """All of it at X: `id`, and whether X is still `working` on it."""

    def begin() -> Mapping[str, Any]:
        return {"id": api.initialize(mime=item.mime, size=item.size, category=_category(item))}

    def end() -> Mapping[str, Any]:
        return {"id": upload, "working": _state(api.finalize(upload)) not in {"", "succeeded"}}

    done = journal.given(_step("media", item))
    if done is not None:
        return done
    upload = str(journal.once(_step("upload", item), begin, good_for=KEPT_FOR)["id"])
    for number in range(_pieces(item)):
        journal.once(f"piece:{upload}:{number}", _sending(api, item, upload, number), good_for=KEPT_FOR)
    return journal.once(_step("media", item), end, good_for=KEPT_FOR)


def _sending(api: Api, item: MediaItem, upload: str, number: int) -> Callable[[], Mapping[str, Any]]:
    def send() -> Mapping[str, Any]:
        with item.open() as stream:
            stream.seek(number * PIECE)
            api.append(upload, number, stream.read(PIECE))
        return {}

    return send


def _ready(api: Api, item: MediaItem, media: str, journal: Journal) -> Mapping[str, Any]:
    answer = api.status(media)
    state = _state(answer)
    if state in {"", "succeeded"}:
        return {}
    if state == "failed":
        _forget(item, journal)
        raise Refused(
            _("X could not use this picture or video. It may be damaged, or of a kind that X does not know."),
            code="media_failed",
            said=answer.said,
        )
    seconds = answer.get("data", "processing_info", "check_after_secs")
    wait = seconds if isinstance(seconds, int) else 5
    raise NotReady(
        _("X is still working on the picture or video."),
        code="media_working",
        retry_at=dt.datetime.now(dt.UTC) + dt.timedelta(seconds=min(max(wait, _SOONEST), _LATEST)),
    )


def _state(answer: Answer) -> str:
    """`pending`, `in_progress`, `succeeded`, `failed`; empty where there is nothing to wait for."""
    return str(answer.get("data", "processing_info", "state") or "")


def _category(item: MediaItem) -> str:
    if item.is_video:
        return "tweet_video"
    return "tweet_gif" if item.mime == "image/gif" else "tweet_image"


def _pieces(item: MediaItem) -> int:
    return max(1, -(-item.size // PIECE))


def _step(name: str, item: MediaItem) -> str:
    return f"{name}:{item.sha256}"


def _forget(item: MediaItem, journal: Journal) -> None:
    """What hangs on the upload's id is forgotten with it."""
    journal.forget(_step("upload", item), _step("media", item))
