"""A video on its way to YouTube, as private: begun, sent in pieces, gone on with where it stopped; never sent twice.

The upload's own address is written down, encrypted, since it opens without a token; it lasts a week: we count on six days. Whoever goes on with it asks first how much has
arrived, so that an answer that was lost costs nothing; asked after its last piece, YouTube gives the video's id again. An
upload that it does not know any more begins anew, once, after a look whether the video is there all the same: private,
with our title, as heavy, and no older than the first try.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from social.networks import clocks
from social.networks.base import Content, Journal, Keys, MediaItem, NotSent
from social.networks.throttling import moment
from social.networks.youtube.api import Api, Expired
from social.networks.youtube.checking import declared, described, title_of

UNIT = 262_144  # what all pieces but the last are a multiple of
PIECE = 32 * UNIT  # 8 MiB; larger where that makes too many
MOST_PIECES = 100
KEPT_FOR = dt.timedelta(days=6)
_IDLE = 3  # pieces of which nothing arrives


@dataclass(frozen=True, slots=True)
class Upload:
    """One video that is sent: by whom, to which list of uploads, since when."""

    api: Api
    content: Content
    item: MediaItem
    playlist: str
    keys: Keys
    journal: Journal

    def video(self) -> str:
        """The id of the video at YouTube, sent once and whole.

        Raises:
            NotSent: it can't be sent now; and what the calls raise.
        """
        for _turn in range(2):
            done = self.journal.given("video")
            if done is not None:
                return str(done["id"])
            try:
                video = self._sent()
            except Expired:
                self.journal.forget("session")
                video = self._lost()
            if video:
                here = {"id": video, "at": dt.datetime.now(dt.UTC).isoformat(timespec="seconds")}
                self.journal.once("video", lambda here=here: here)  # type: ignore[misc]
                self.journal.forget("session")  # whose address is a secret, and of no more use
                return video
        raise NotSent(_("YouTube does not know this upload any more. It begins anew."), code="upload_expired")

    def _sent(self) -> str:
        known = self.journal.given("session")
        if known is not None and "address" not in known:
            raise Expired(_("YouTube does not know this upload any more. It begins anew."), code="upload_expired")
        session = str(self.journal.once("session", self._begun, good_for=KEPT_FOR, secret="address")["address"])  # noqa: S106 - its name
        at, video = self.api.received(session, self.item.size) if known else (0, "")
        idle = 0
        while not video:
            before = at
            at, video = self._piece(session, at)
            idle = idle + 1 if at <= before else 0
            if idle >= _IDLE or at > self.item.size:
                raise NotSent(_("YouTube takes nothing more of the video just now."), code="upload_stuck")
        return video

    def _begun(self) -> Mapping[str, Any]:
        body: dict[str, Any] = {"snippet": described(self.content), "status": declared(self.content, "private")}
        if self.content.fields.get("paid_promotion") is True:
            body["paidProductPlacementDetails"] = {"hasPaidProductPlacement": True}
        return {"address": self.api.begin(body, self.item)}

    def _piece(self, session: str, at: int) -> tuple[int, str]:
        """Send what follows `at`; written down, which also keeps the publication ours."""

        def send() -> Mapping[str, Any]:
            with self.item.open() as stream:
                stream.seek(at)
                length = min(_piece_of(self.item), self.item.size - at)
                received, video = self.api.send(session, self.item, stream, at, length)
            return {"to": received, "video": video}

        step = f"piece:{at}"
        if self.journal.given(step) is not None:  # it did not arrive after all
            self.journal.forget(step)
        given = self.journal.once(step, send, good_for=KEPT_FOR)
        return int(given["to"]), str(given["video"])

    def _lost(self) -> str:
        """The id of a video that was sent whole and never heard of; empty where there is none."""
        since = clocks.since(self.keys.get("since"), self.journal)
        if since is None or not self.playlist:
            return ""
        for video, title, at in self.api.uploads(self.playlist):
            came = moment(at)
            if title == title_of(self.content) and came is not None and came >= since:
                found = self.api.video(video, "status,fileDetails") or {}
                private = _in(found, "status", "privacyStatus") == "private"
                if private and str(_in(found, "fileDetails", "fileSize")) == str(self.item.size):
                    return video
        return ""


def _piece_of(item: MediaItem) -> int:
    """How many bytes go at a time."""
    units = -(-item.size // (UNIT * MOST_PIECES))
    return max(PIECE, units * UNIT)


def _in(found: Mapping[str, Any], part: str, name: str) -> Any:
    inner = found.get(part)
    return inner.get(name) if isinstance(inner, dict) else None
