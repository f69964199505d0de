"""A page's video: uploaded in the pieces that Facebook asks for, each written down, and published by the last call.

The steps are those of `/{page}/videos` with `upload_phase` start, transfer and finish, as Meta's own field
specification (Page, v26) and its archived PHP SDK have them. `start` gives the video's id, so that whether it is live can
be asked for certain. A piece that came twice is answered with where Facebook stands (`error_data.start_offset`, subcode
1363037), from where we go on.
"""

import json
from collections.abc import Mapping
from functools import partial
from typing import Any

from django.utils.translation import gettext_lazy as _

from social.networks.base import (
    Account,
    Content,
    CredentialsRefused,
    Journal,
    MediaItem,
    NotReady,
    NotSent,
    Refused,
    Unknown,
)
from social.networks.facebook import appended, pages
from social.networks.meta import WRITE_SECONDS, Graph, Meaning, Meanings, soon, version, whole
from social.networks.subtitles import language_of
from social.networks.wire import Answer, number, word

PIECE_SECONDS = 90.0
CAPTIONS_SECONDS = 60.0
CAPTIONS = "captions"  # the step
MAX_PIECE = 64_000_000
_OTHER_OFFSET = 1363037
_OFFSET = Meaning(Refused, "other_offset", _("%(network)s stands elsewhere in this video."))


def publish(graph: Graph, account: Account, page: str, content: Content, journal: Journal) -> Mapping[str, Any]:
    """Upload what is missing, publish, and see whether it is live.

    Raises:
        NotReady: the upload goes on later.
        Unknown: Facebook has it and works on it; asking tells when it is live.
    """
    item = content.media[0]
    with _uploading(account) as uploading:
        known = journal.given(_step(item)) is not None
        try:
            started = _sent(uploading, page, content, journal)
        except CredentialsRefused:
            raise
        except Refused:
            if not known:
                raise
            started = _sent(uploading, page, content, journal)  # what was begun earlier may be over by now
    video = str(started["id"])
    if not live(graph, video):
        raise Unknown(
            _("Facebook has the video and is working on it. We are asking when it is live."), code="processing"
        )
    given = {"id": video}
    journal.sent("publish", given)
    return given


def _sent(graph: Graph, page: str, content: Content, journal: Journal) -> Mapping[str, Any]:
    """Go on with the upload, or begin it, and publish; what Facebook refuses is begun anew by the next try."""
    item = content.media[0]
    started = journal.once(_step(item), lambda: _start(graph, page, item))
    steps: list[str] = []
    try:
        _transfer(graph, page, item, started, journal, steps)
        journal.sending()
        _finish(graph, page, content, started)
    except CredentialsRefused:
        raise
    except Refused:
        journal.forget(_step(item), *steps)
        raise
    return started


def _step(item: MediaItem) -> str:
    return f"video:{item.sha256}"


def live(graph: Graph, video: str) -> bool | None:
    """Say whether the video is live; None while Facebook works on it.

    Raises:
        Missing, Refused, CredentialsRefused, Throttled, NotSent.
    """
    answer = graph.get(f"/{video}", fields="status,published")
    stage = answer.get("status", "video_status")
    if stage == "ready" and answer.get("published") is True:
        return True
    return False if stage in {"error", "expired", "upload_failed", "uploading"} else None


def lacks_captions(content: Content, journal: Journal) -> bool:
    """Whether the video has subtitles that Facebook was not given yet."""
    has = bool(content.media and content.media[0].captions and language_of(content))
    return has and journal.given(CAPTIONS) is None


def caption(graph: Graph, video: str, content: Content, journal: Journal) -> None:
    """Give the live video its subtitles; the same twice is once: each locale has one file.

    Raises:
        Refused: the video is live without them.
    """
    language = language_of(content)
    if language is None:
        return
    name, data = f"captions.{language.locale}.srt", content.media[0].captions.encode()

    def give() -> Mapping[str, Any]:
        graph.post(
            f"/{video}/captions",
            seconds=CAPTIONS_SECONDS,
            files={"captions_file": (name, data, "application/x-subrip")},
            default_locale=language.locale,
        )
        return {}

    try:
        journal.once(CAPTIONS, give)
    except CredentialsRefused:
        raise
    except Refused as refused:
        raise Refused(
            _("The video is live on %(network)s, but its subtitles were refused."),
            code="captions_refused",
            params={"network": "Facebook"},
            said=refused.said,
        ) from None


def _finish(graph: Graph, page: str, content: Content, started: Mapping[str, Any]) -> None:
    cover = content.media[0].cover
    graph.post(
        f"/{page}/videos",
        seconds=WRITE_SECONDS,
        visible=True,
        files={"thumb": ("cover", pages.picture_of(cover), cover.mime)} if cover else None,
        upload_phase="finish",
        upload_session_id=started["session"],
        description=content.text + appended(content) or None,
    )


def _uploading(account: Account) -> Graph:
    wrong: Meanings = {(code, _OTHER_OFFSET): _OFFSET for code in (100, 6000, 6001)}
    base_url = pages.GRAPH_VIDEO
    return Graph("Facebook", account, base_url=base_url, version=version(), proves=True, meanings=wrong)


def _start(graph: Graph, page: str, item: MediaItem) -> dict[str, Any]:
    with item.open():
        pass  # Facebook is told of no video that can't be sent
    answer = graph.post(f"/{page}/videos", upload_phase="start", file_size=item.size)
    return {
        "id": word(answer, "video_id"),
        "session": word(answer, "upload_session_id"),
        **_range(answer),
    }


def _transfer(  # noqa: PLR0913 - what is sent, and what is known of it
    graph: Graph, page: str, item: MediaItem, started: Mapping[str, Any], journal: Journal, steps: list[str]
) -> None:
    """Send piece after piece, and name the `steps` they are written down under."""
    at: Mapping[str, Any] = started
    while at["start"] < at["end"]:
        steps.append(f"{_step(item)}:{at['start']}")
        if journal.given(steps[-1]) is None and graph.seconds_left() < PIECE_SECONDS / 3:
            raise NotReady(
                _("The video is large: its upload goes on in a moment."), code="uploading", retry_at=soon(seconds=2)
            )
        here = at
        at = journal.once(steps[-1], partial(_piece, graph, page, item, started, here))
        if at["start"] <= here["start"] < at["end"]:
            journal.forget(steps[-1])
            raise NotSent(_("Facebook asks for a part of the video that it has."), code="upload_confused")


def _piece(
    graph: Graph, page: str, item: MediaItem, started: Mapping[str, Any], at: Mapping[str, Any]
) -> dict[str, Any]:
    with item.open() as stream:
        stream.seek(at["start"])
        data = stream.read(min(at["end"] - at["start"], MAX_PIECE))
    try:
        answer = graph.post(
            f"/{page}/videos",
            seconds=PIECE_SECONDS,
            files={"video_file_chunk": ("piece", data, "application/octet-stream")},
            upload_phase="transfer",
            upload_session_id=started["session"],
            start_offset=at["start"],
        )
    except Refused as refused:
        elsewhere = _elsewhere(graph) if refused.code == "other_offset" else None
        if elsewhere is None:
            raise
        return elsewhere
    return _range(answer)


def _elsewhere(graph: Graph) -> dict[str, int] | None:
    """Where Facebook says that it stands, None where it doesn't."""
    data = graph.problem.get("error_data")
    if isinstance(data, str):
        try:
            data = json.loads(data)
        except (ValueError, RecursionError):
            data = None
    if not isinstance(data, dict):
        return None
    start, end = whole(data.get("start_offset")), whole(data.get("end_offset"))
    return {"start": start, "end": end} if start is not None and end is not None and 0 <= start <= end else None


def _range(answer: Answer) -> dict[str, int]:
    start, end = number(answer, "start_offset"), number(answer, "end_offset")
    if not 0 <= start <= end:
        raise answer.unreadable("no range")
    return {"start": start, "end": end}
