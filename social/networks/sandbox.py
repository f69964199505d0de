"""The sandbox: a network that publishes to a page of the installation, and that rehearses bad days.

It needs no account. A channel's credentials may name a behaviour, and a latency in milliseconds that is waited before
every answer (0 where none is given, at most 60,000):

| behaviour          | publish                                            | find             | identity     |
|--------------------|----------------------------------------------------|------------------|--------------|
| ok                 | published                                          | what the page has| the handle   |
| slow               | published after 20 s, or after `latency_ms` if any | what the page has| the handle   |
| refuse             | Refused                                            | what the page has| the handle   |
| throttle           | Throttled, for 60 s                                | Throttled        | Throttled    |
| drop_after_accept  | on the page, then Unknown                          | what the page has| the handle   |
| unavailable        | NotSent                                            | NotSent          | NotSent      |
| break_thread       | NotSent before the second post of a thread, once   | what the page has| the handle   |

Editing and deleting do what publishing does: `drop_after_accept` does it and then answers Unknown. Reading back and counting
do what `find` does. What is counted is how often the page was shown to somebody with the post on it; the sandbox knows
nothing of people, reactions or clicks, so that these are unknown.

Every `publish` that is accepted is a new entry of the page, also with the same keys: as on most real networks, nothing
but asking first (`find`) keeps a second try from doubling.

A thread, or a post with a first comment, is an entry for each of its posts, each written down in the journal before the
next one: what breaks in the middle goes on from there.
"""

import datetime as dt
import time
import uuid
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol
from urllib.parse import quote

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from social.networks import rules
from social.networks.base import (
    Account,
    Content,
    Identity,
    Journal,
    Keys,
    MediaItem,
    Need,
    Network,
    NotSent,
    Numbers,
    Preflight,
    Problem,
    Proportions,
    Published,
    Refused,
    Rendition,
    Throttled,
    Unknown,
    too_long,
)
from social.networks.text import count_bytes, count_graphemes, fitting

BEHAVIOURS = ("ok", "slow", "refuse", "throttle", "drop_after_accept", "unavailable", "break_thread")
FIRST = "publish"  # the step that stands for a publication's first post
MAX_GRAPHEMES = 500
MAX_IMAGES = 4
IMAGE_KINDS = ("image/jpeg", "image/png", "image/webp", "image/gif")
# What browsers play, of the size of a screen.
VIDEO = Rendition(
    kinds=("video/mp4", "video/webm"),
    max_bytes=500_000_000,
    max_width=1920,
    max_height=1920,
    codecs=("h264", "vp8", "vp9", "av1"),
)
MEDIA_KINDS = (*IMAGE_KINDS, *VIDEO.kinds)
SLOW_SECONDS = 20.0
MAX_LATENCY_SECONDS = 60.0
THROTTLED_FOR = dt.timedelta(seconds=60)


class SandboxStore(Protocol):
    """Where the sandbox keeps what it published."""

    def put(  # noqa: PLR0913 - one entry of the page has these parts
        self,
        *,
        handle: str,
        key: str,
        text: str,
        link: str,
        media: tuple[MediaItem, ...],
        published_at: dt.datetime,
        step: str = FIRST,
        below: int | str | None = None,
    ) -> int | str:
        """Add an entry to the page of that handle and return its id; the same key again is another entry.

        `step` is which post of a publication it is, `below` the id of the one that it answers.
        """

    def get(self, *, handle: str, key: str, step: str = FIRST) -> int | str | None:
        """Return the id of the first entry with that key and step, None if there is none."""

    def change(self, *, handle: str, entry: str, text: str, link: str, media: tuple[MediaItem, ...]) -> bool:
        """Change what that entry says and shows; False if there is none."""

    def remove(self, *, handle: str, entry: str) -> None:
        """Take the entry off the page, if it is there."""

    def views(self, *, handle: str, entry: str) -> int | None:
        """Return how often the page was shown with that entry on it, None if there is none."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One post of a publication, and the step that it answers."""

    step: str
    text: str
    link: str = ""
    media: tuple[MediaItem, ...] = ()
    answers: str = ""


def entries_in(content: Content) -> list[Entry]:
    """The posts of a publication: its own, its parts each below the one before, its comment below the first."""
    found = [Entry(FIRST, content.text, content.link, content.media)]
    for number, part in enumerate(content.parts, start=1):
        found.append(Entry(f"part:{number}", part.text, "", part.media, answers=found[-1].step))
    if content.comment:
        found.append(Entry("comment", content.comment, answers=FIRST))
    return found


class Sandbox(Network):
    """See the module. `use` must have been called before anything is published."""

    slug: ClassVar[str] = "sandbox"
    name: ClassVar[str] = "Sandbox"
    needs: ClassVar[tuple[Need, ...]] = (
        Need("behaviour", _("Behaviour to rehearse"), required=False),
        Need("latency_ms", _("Latency in milliseconds"), required=False),
    )
    limits: ClassVar[dict[str, Any]] = {
        "text": {"max": MAX_GRAPHEMES, "unit": "graphemes"},
        "media": {"max": MAX_IMAGES, "kinds": list(MEDIA_KINDS)},
        "source": "this installation",
        "as_of": "2026-11-21",
    }
    proportions: ClassVar[Proportions] = Proportions(narrowest=0.5, widest=2.0, card=1.91)
    covers: ClassVar[bool] = True
    describes_videos: ClassVar[bool] = True
    patience: ClassVar[int] = 75
    no_server: ClassVar[bool] = True
    certain: ClassVar[bool] = True
    plays: ClassVar[tuple[str, ...]] = ("image/webp", "image/png")
    threads: ClassVar[bool] = True
    comments: ClassVar[bool] = True
    edits: ClassVar[bool] = True
    edits_media: ClassVar[bool] = True
    edits_alt_texts: ClassVar[bool] = True
    edits_threads: ClassVar[bool] = False
    deletes: ClassVar[bool] = True
    counts: ClassVar[bool] = True

    def __init__(self) -> None:
        self._store: SandboxStore | None = None

    def use(self, store: SandboxStore) -> None:
        """Set where entries are kept; called once, when the installation starts."""
        self._store = store

    def rendition(self, item: MediaItem) -> Rendition | None:
        """Ask for videos that the page can show; pictures go out as they are."""
        return VIDEO if item.is_video else None

    def preflight(self, content: Content) -> Preflight:
        """Check: 500 graphemes, 4 pictures or videos, a link that is one."""
        used = count_graphemes(content.text)
        problems = [
            *rules.empty(self.name, content),
            *rules.speakable(self.name, content),
            *rules.web_link(self.name, content.link),
            *rules.pictures(self.name, content.media, most=MAX_IMAGES, kinds=MEDIA_KINDS),
            *self._below(content),
        ]
        if used <= MAX_GRAPHEMES:
            return Preflight(used, MAX_GRAPHEMES, "graphemes", None, tuple(problems))
        cut_at = fitting(content.text, max_graphemes=MAX_GRAPHEMES, max_bytes=count_bytes(content.text))
        problems.insert(0, too_long(self.name, used, MAX_GRAPHEMES))
        return Preflight(used, MAX_GRAPHEMES, "graphemes", cut_at, tuple(problems))

    def _below(self, content: Content) -> list[Problem]:
        """What is wrong with the parts of a thread and with the first comment."""
        problems = [
            *rules.parts_fit(self.name, content, most=MAX_GRAPHEMES, measure=count_graphemes),
            *rules.comment_fits(self.name, content, most=MAX_GRAPHEMES, measure=count_graphemes),
            *rules.thread_fits(content),
        ]
        for part in content.parts:
            problems += rules.pictures(self.name, part.media, most=MAX_IMAGES, kinds=MEDIA_KINDS)
        return problems

    def new_keys(self, now: dt.datetime, content: Content) -> Keys:
        """Fix a random key, under which `find` looks."""
        return {"key": uuid.uuid4().hex, "created_at": now.astimezone(dt.UTC).isoformat()}

    def publish(self, account: Account, content: Content, keys: Keys, journal: Journal) -> Published:
        """Put the content on the page, or do what the channel's behaviour says."""
        behaviour = self._wait_as_told(account, waits_long=True)
        if behaviour == "refuse":
            raise Refused(_("The sandbox refused this post, as its channel is set to."), code="refused")
        _answer_or_not(behaviour)
        _same_account(account)
        self.refuse_unfit(content)
        entries = entries_in(content)
        if len(entries) > 1 or journal.given(FIRST) is not None:
            return self._thread(account, entries, keys, journal, behaviour)
        entry = self._put(account, entries[0], keys)
        if behaviour == "drop_after_accept":
            raise _dropped()
        return _published(account.handle, entry)

    def _thread(
        self, account: Account, entries: list[Entry], keys: Keys, journal: Journal, behaviour: str
    ) -> Published:
        for number, entry in enumerate(entries):
            if journal.given(entry.step) is not None:
                continue
            if behaviour == "break_thread" and number and journal.given("broken") is None:
                journal.once("broken", dict)
                raise NotSent(_("The sandbox broke off in the middle of the thread, as its channel is set to."))
            journal.sending(entry.step)
            above = journal.given(entry.answers) if entry.answers else None
            given = self._put(account, entry, keys, below=above["id"] if above else None)
            if behaviour == "drop_after_accept":
                raise _dropped()
            journal.sent(entry.step, {"id": given})
        return _published(account.handle, _id_in(journal, FIRST))

    def _put(self, account: Account, entry: Entry, keys: Keys, below: int | str | None = None) -> int | str:
        for item in entry.media:
            with item.open():
                pass  # which the page shows
        return self._pages().put(
            handle=account.handle,
            key=keys["key"],
            step=entry.step,
            below=below,
            text=entry.text,
            link=entry.link,
            media=entry.media,
            published_at=timezone.now(),
        )

    def find(self, account: Account, content: Content, keys: Keys, journal: Journal) -> Published | None:
        """Look on the page for the entry in flight."""
        _answer_or_not(self._wait_as_told(account))
        entries = entries_in(content)
        missing = [entry.step for entry in entries if journal.given(entry.step) is None]
        step = journal.in_flight() or (missing[0] if missing else FIRST)
        entry = self._pages().get(handle=account.handle, key=keys["key"], step=step)
        if entry is None or len(entries) == 1:
            return None if entry is None else _published(account.handle, entry)
        journal.sent(step, {"id": entry})
        return _published(account.handle, _id_in(journal, FIRST)) if missing in ([], [step]) else None

    def edit(self, account: Account, live: Published, content: Content) -> Published:
        """Change the entry, or do what the channel's behaviour says."""
        self.refuse_unfit(content)
        if len(entries_in(content)) > 1:
            raise Refused(_("The sandbox changes single posts, not threads."), code="edit_single_posts")
        behaviour = self._changing(account)
        changed = self._pages().change(
            handle=account.handle, entry=live.remote_id, text=content.text, link=content.link, media=content.media
        )
        if not changed:
            raise _gone()
        _drop_or_not(behaviour)
        return live

    def delete(self, account: Account, live: Published) -> None:
        """Take the entry off the page, or do what the channel's behaviour says."""
        behaviour = self._changing(account)
        self._pages().remove(handle=account.handle, entry=live.remote_id)
        _drop_or_not(behaviour)

    def read_back(self, account: Account, live: Published) -> Published | None:
        """Look whether the entry is on the page."""
        _answer_or_not(self._wait_as_told(account))
        views = self._pages().views(handle=account.handle, entry=live.remote_id)
        return None if views is None else _published(account.handle, live.remote_id)

    def numbers(self, account: Account, live: Published) -> Numbers:
        """Say how often the entry was shown; nothing else is known."""
        _answer_or_not(self._wait_as_told(account))
        views = self._pages().views(handle=account.handle, entry=live.remote_id)
        if views is None:
            raise _gone()
        return Numbers(views=views)

    def _changing(self, account: Account) -> str:
        behaviour = self._wait_as_told(account, waits_long=True)
        if behaviour == "refuse":
            raise Refused(_("The sandbox refused this change, as its channel is set to."), code="refused")
        _answer_or_not(behaviour)
        _same_account(account)
        return behaviour

    def identity(self, account: Account) -> Identity:
        """Give the handle itself."""
        _answer_or_not(self._wait_as_told(account))
        return Identity(id=_id_of(account), handle=account.handle, name=account.handle)

    def _pages(self) -> SandboxStore:
        if self._store is None:
            message = "The sandbox has no store: call Sandbox.use when the installation starts."
            raise RuntimeError(message)
        return self._store

    def _wait_as_told(self, account: Account, *, waits_long: bool = False) -> str:
        """Read the behaviour, wait the latency, return the behaviour."""
        behaviour = account.credentials.get("behaviour") or "ok"
        if behaviour not in BEHAVIOURS:
            raise Refused(
                _("The sandbox knows no behaviour “%(behaviour)s”."),
                code="behaviour_unknown",
                params={"behaviour": str(behaviour)[:50]},
            )
        seconds = _latency(account)
        if behaviour == "slow" and waits_long and not seconds:
            seconds = SLOW_SECONDS
        time.sleep(seconds)
        return str(behaviour)


def _id_in(journal: Journal, step: str) -> int | str:
    given = journal.given(step)
    return given["id"] if given else ""


def _dropped() -> Unknown:
    return Unknown(_("The sandbox took the post and then broke the connection."), code="dropped")


def _latency(account: Account) -> float:
    given = account.credentials.get("latency_ms") or 0
    try:
        seconds = float(given) / 1000
    except (TypeError, ValueError):
        seconds = -1.0
    if not 0 <= seconds <= MAX_LATENCY_SECONDS:
        raise Refused(
            _("The sandbox's latency is a number of milliseconds from 0 to %(most)d."),
            code="latency_not_valid",
            params={"most": int(MAX_LATENCY_SECONDS * 1000)},
        )
    return seconds


def _answer_or_not(behaviour: str) -> None:
    if behaviour == "throttle":
        raise Throttled(
            _("The sandbox asks to wait a minute, as its channel is set to."),
            code="throttled",
            retry_at=dt.datetime.now(dt.UTC) + THROTTLED_FOR,
        )
    if behaviour == "unavailable":
        raise NotSent(_("The sandbox is not reachable, as its channel is set to."), code="unavailable")


def _drop_or_not(behaviour: str) -> None:
    if behaviour == "drop_after_accept":
        raise Unknown(_("The sandbox made the change and then broke the connection."), code="dropped")


def _gone() -> Refused:
    return Refused(_("The sandbox has no such post any more."), code="gone")


def _same_account(account: Account) -> None:
    if account.identity and account.identity != _id_of(account):
        raise Refused(
            _("The sandbox's page %(handle)s is not this channel's. Nothing was published."),
            code="wrong_account",
            params={"handle": account.handle},
        )


def _id_of(account: Account) -> str:
    return f"sandbox:{account.handle}"


def _published(handle: str, entry: int | str) -> Published:
    return Published(remote_id=str(entry), permalink=f"/sandbox/{quote(handle, safe='')}/#{entry}")
