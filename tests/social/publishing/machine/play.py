"""What people and workers do in the machine, as faces and Celery do it: through services, and nothing else."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, ClassVar

import time_machine
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from hypothesis.stateful import RuleBasedStateMachine

from accounts.errors import Conflict
from approvals.models import Verdict
from approvals.services import decide
from clients.services import freeze, unfreeze
from social import networks
from social.models import Post, Publication
from social.services import (
    cancel_publication,
    checking,
    claiming,
    correct_publication,
    edit_channel,
    edit_post,
    resolve_publication,
    retire_channel,
    retry_publication,
    scheduling,
    submit_post,
    take_down,
    withdraw_post,
)
from social.services.content_rows import PartPlan
from tests.social.publishing.machine.net import AllAtOnce, Killed, OneByOne
from tests.social.test_publishing import DOORS
from tests.world import World, review_of

START = dt.datetime(2026, 3, 2, 8, 0, tzinfo=dt.UTC)
MOST_SWEEPS = 60  # in one wait
LONG = dt.timedelta(days=3)  # until which everything has come to its end
SHOWN = (
    "id",
    "state",
    "begun",
    "tries",
    "asked",
    "due_at",
    "wake_at",
    "progress",
    "remote_id",
    "taken_down_at",
    "detail",
)


@dataclass
class Piece:
    """A post as the machine wrote it: whose words they are to be (``of``, the post that goes out), and which."""

    post: int
    act: str
    of: int
    words: dict[str, str]  # by step
    agreed: bool = False


class Play(RuleBasedStateMachine):
    """Everything of one example is rolled back with it."""

    world: ClassVar[World]

    def __init__(self) -> None:
        super().__init__()
        self.point = transaction.savepoint()
        self.clock = time_machine.travel(START, tick=False)
        self.traveller = self.clock.start()
        self.pieces: dict[int, Piece] = {}
        self.retired = self.frozen = False
        self.seen: list[tuple[int, str, int]] = []
        self.unknown_since: dict[tuple[int, int], dt.datetime] = {}
        self.sandbox = networks.NETWORKS["sandbox"]
        self.count = 0

    def opens(self, *, one_by_one: bool) -> None:
        """The network is there, and nothing on it."""
        self.net = OneByOne() if one_by_one else AllAtOnce()
        self.page = self.net.page
        self.page.looks, self.page.freezes = self._looks, self.freezes
        networks.NETWORKS["sandbox"] = self.net

    def teardown(self) -> None:
        """Whatever happened comes to an end; and then it has not happened."""
        try:
            if self.pieces:
                self.comes_to_an_end()
        finally:
            networks.NETWORKS["sandbox"] = self.sandbox
            self.clock.stop()
            transaction.savepoint_rollback(self.point)

    def comes_to_an_end(self) -> None:
        """See ``Machine``."""

    # What the network looks at with every call that changes something

    def _looks(self, text: str) -> None:
        assert not self.frozen, f"sent for a client that is stopped: {text}"
        assert not self.retired, f"sent to a retired channel: {text}"
        agreed = {words for piece in self.pieces.values() if piece.agreed for words in piece.words.values()}
        assert not text or text in agreed, f"nobody has agreed to {text}"

    # Rows

    def rows(self) -> list[Publication]:
        """All there are, by their numbers."""
        return list(Publication.objects.filter(post__in=self.pieces).select_related("post", "channel").order_by("pk"))

    def chosen(self, pick: int, **which: Any) -> Publication | None:
        """One of them."""
        found = Publication.objects.filter(post__in=self.pieces, **which).order_by("-pk")
        count = len(found)
        return found[pick % count] if count else None

    @contextmanager
    def refusing(self) -> Iterator[None]:
        """What is refused leaves everything as it was."""
        before = self._shown()
        try:
            with transaction.atomic():
                yield
        except (Conflict, ValidationError):
            assert self._shown() == before

    def _shown(self) -> Any:
        rows = list(Publication.objects.filter(post__in=self.pieces).order_by("pk").values_list(*SHOWN))
        return rows, list(
            Post.objects.filter(client=self.world.winery).order_by("pk").values_list("pk", "state", "revision")
        )

    # People

    def _words(self, name: str, parts: int, *, comment: bool) -> dict[str, str]:
        steps = ["publish", *(f"part:{number}" for number in range(1, parts + 1)), *(["comment"] if comment else [])]
        return {step: f"{name} {step}" for step in steps}

    @staticmethod
    def fields(words: dict[str, str]) -> dict[str, Any]:
        """The same, as a post's."""
        parts = [PartPlan(text=text) for step, text in words.items() if step.startswith("part:")]
        return {"text": words["publish"], "parts": parts, "comment": words.get("comment", "")}

    def named(self) -> str:
        """A name that nothing else has."""
        self.count += 1
        return f"P{self.count}"

    def writes(self, parts: int, *, comment: bool, hours: int) -> Post:
        """A draft."""
        words = self._words(self.named(), parts, comment=comment)
        at = timezone.now() + dt.timedelta(hours=hours)
        post = self.world.draft(**self.fields(words), publish_at=at)
        self.pieces[post.pk] = Piece(post.pk, "publish", post.pk, words)
        return post

    def submits(self, post: Post) -> None:
        """It is asked for."""
        with self.refusing():
            submit_post(user=self.world.vito, post=post)

    def approves(self, post_id: int) -> None:
        """Everybody agrees."""
        post = Post.objects.get(pk=post_id)
        if post.state not in {"in_review", "late"} or post.review_id is None:
            return
        piece, was = self.pieces[post_id], self.pieces[post_id].agreed
        with self.refusing():
            review = review_of(post)
            decide(review=review, user=self.world.marta, digest=review.digest, verdict=Verdict.APPROVE)
            was = True
        piece.agreed = was

    def withdraws(self, post_id: int) -> None:
        """Not any more."""
        with self.refusing():
            withdraw_post(user=self.world.vito, post=Post.objects.get(pk=post_id))
            self.pieces[post_id].agreed = False

    def corrects(self, row: Publication, act: str, *, changed: list[int], parts: int, comment: bool) -> None:
        """Begun, and asked for."""
        name = self.named()
        if act == "edit":
            now = self.words_of(row)
            steps = self._words(name, parts, comment=comment)
            words = {
                step: text if number in changed or step not in now else now[step]
                for number, (step, text) in enumerate(steps.items())
            }
        else:
            words = self._words(name, parts if act == "new_post" else 0, comment=comment and act == "new_post")
        with self.refusing():
            post = correct_publication(
                user=self.world.vito, publication=row, act=act, because="Perché sì.", **self.fields(words)
            )
            self.pieces[post.pk] = Piece(post.pk, act, row.post_id if act == "edit" else post.pk, words)
        if post_of(self.pieces, words):
            self.submits(Post.objects.get(pk=post_of(self.pieces, words)))

    def takes_down(self, row: Publication) -> None:
        """Asked for."""
        with self.refusing():
            post = take_down(user=self.world.vito, publication=row, because="Basta.")
            self.pieces[post.pk] = Piece(post.pk, "take_down", row.post_id, {})

    def moves(self, post_id: int, minutes: int | None) -> None:
        """Another time."""
        with self.refusing():
            at = None if minutes is None else timezone.now() + dt.timedelta(minutes=minutes)
            edit_post(user=self.world.vito, post=Post.objects.get(pk=post_id), publish_at=at)

    def retries(self, row: Publication) -> None:
        with self.refusing():
            retry_publication(user=self.world.marta, publication=row)

    def cancels(self, row: Publication) -> None:
        with self.refusing():
            cancel_publication(user=self.world.marta, publication=row)

    def sees(self, row: Publication) -> None:
        """A person looks now, and says it perhaps later."""
        self.seen.append((row.pk, self.truth_of(row), row.tries))

    def says(self, pk: int, outcome: str, tries: int) -> None:
        """What they saw."""
        with self.refusing():
            row = Publication.objects.get(pk=pk)
            resolve_publication(user=self.world.marta, publication=row, outcome=outcome, tries=tries)

    def freezes(self) -> None:
        if not self.frozen:
            freeze(user=self.world.marta, client=self.world.winery, reason="Si decide.")
            self.frozen = True

    def thaws(self) -> None:
        if self.frozen:
            unfreeze(user=self.world.marta, client=self.world.winery)
            self.frozen = False

    def retires(self, *, keep: bool) -> None:
        with self.refusing():
            retire_channel(user=self.world.marta, channel=self.world.page, keep_unknown=keep)
            self.retired = True

    def connects(self) -> None:
        """The account is connected anew."""
        if not self.retired:
            edit_channel(user=self.world.marta, channel=self.world.page, credentials={"behaviour": "ok"})
            checking.check(channel_id=self.world.page.pk)

    # Workers, and time

    def sweeps(self) -> None:
        """Once."""
        scheduling.mark_late()
        for pk, state in claiming.hand_out(timezone.now()):
            try:
                DOORS[state](publication_id=pk)
            except Killed:
                continue

    def goes_on(self, by: dt.timedelta) -> None:
        """The clock, and whoever sweeps meanwhile: whenever there is something to do."""
        until = timezone.now() + by
        for _sweep in range(MOST_SWEEPS):
            self.sweeps()
            wakes = [row.wake_at for row in self.rows() if row.wake_at and row.state in DOORS]
            coming = min([max(at, timezone.now() + dt.timedelta(seconds=1)) for at in wakes], default=until)
            if coming >= until:
                break
            self.traveller.move_to(coming)
        self.traveller.move_to(until)
        self.sweeps()

    def sleeps(self, by: dt.timedelta) -> None:
        """The clock alone: nobody sweeps, and nobody could be asked."""
        self.unknown_since = {key: since + by for key, since in self.unknown_since.items()}
        self.traveller.move_to(timezone.now() + by)

    # What is so

    def words_of(self, row: Publication) -> dict[str, str]:
        """The words by which it is live: its own, or those of the last change that was made."""
        made = self.last_change(row)
        return dict(self.pieces[made.post_id if made else row.post_id].words)

    @staticmethod
    def last_change(row: Publication) -> Publication | None:
        return row.acts.filter(act="edit", state="published").order_by("-published_at", "-pk").first()

    def live_of(self, row: Publication) -> dict[str, list[str]]:
        """What stands of it at the network, by step."""
        found: dict[str, list[str]] = {}
        for one in self.page.rows:
            if one.key == row.keys.get("key"):
                found.setdefault("publish" if row.act == "reply" else one.step, []).append(one.text)
        return found

    def truth_of(self, row: Publication) -> str:
        """What a person sees who looks for what is in doubt."""
        live = self.live_of(row)
        if row.act == "reply":
            there = bool(live)
        elif row.act == "take_down":
            assert row.target is not None
            there = not self.live_of(row.target)
        elif row.act == "edit":
            assert row.target is not None
            words, live = self.pieces[row.post_id].words, self.live_of(row.target)
            there = bool(live) and all([words.get(step)] == texts for step, texts in live.items())
        else:
            there = row.progress.get("in_flight", "publish") in live
        return "published" if there else "not_published"


def post_of(pieces: dict[int, Piece], words: dict[str, str]) -> int:
    """The post that says just this; 0 for none."""
    return next((pk for pk, piece in reversed(pieces.items()) if piece.words is words), 0)
