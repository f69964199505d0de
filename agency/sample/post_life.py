"""One post of the sample agency: written, submitted, decided step by step, and what becomes of it."""

import io
from collections.abc import Sequence
from copy import copy
from datetime import datetime, time, timedelta
from functools import partial

from accounts.errors import Conflict
from accounts.models import User
from agency.sample.client_life import ClientLife
from agency.sample.deciding import reviews_of, seats_of, speak
from agency.sample.newsletters import send_issue
from agency.sample.pictures import drawn
from agency.sample.plans import Fate, PostPlan, Remark
from agency.sample.remarks import say
from agency.sample.telling import ZONE
from approvals.models import Review, ReviewStep, Seat, StepState, Verdict
from approvals.services.sweeping import sweep
from social import networks
from social.models import Act, Media, Post
from social.services import (
    add_media,
    asking,
    cancel_post,
    claiming,
    correct_publication,
    create_post,
    edit_post,
    publishing,
    scheduling,
    submit_post,
    watching,
)
from social.services.content_rows import PartPlan, VariantPlan
from social.services.sandbox_page import note_views

# When the steps decide: days after the post was submitted, and the time.
DECIDED = (
    (0, time(15, 10)),
    (1, time(10, 20)),
    (1, time(17, 5)),
    (2, time(9, 40)),
    (2, time(16, 30)),
    (3, time(9, 20)),
    (3, time(15, 45)),
    (4, time(10, 5)),
    (4, time(16, 15)),
)
SILENCE = 6  # days in which a step's time is up, whatever weekdays and holidays are among them
OUTAGE = (timedelta(seconds=30), timedelta(minutes=3), timedelta(minutes=10))  # when a network that is away is asked
RETRIED = timedelta(seconds=20)  # when the outbox has tried again
AGAIN = timedelta(hours=18)  # after changes were asked for, the next version is submitted


class PostLife:
    """One post as the story goes on."""

    def __init__(self, life: ClientLife, plan: PostPlan, number: int) -> None:
        self.life, self.story, self.plan, self.number = life, life.story, plan, number
        self.due = self._due()
        first = min(self.due or self.story.now, self.story.now).astimezone(ZONE).date()
        self.written = (first - self.story.today).days - plan.lead - number % 2  # days from today
        self.chain = life.plan.chain_of(plan)
        self.timed = any(step.timed for step in self.chain.steps)
        self.post: Post

    def _due(self) -> datetime | None:
        if self.plan.in_minutes is not None:
            return self.story.now + timedelta(minutes=self.plan.in_minutes)
        if self.plan.day is None:
            return None
        return self.story.local(self.plan.day, time.fromisoformat(self.plan.at))

    @property
    def author(self) -> User:
        """Who writes it."""
        return self.story.people[self.life.plan.author]

    def steps_decided(self) -> int:
        """How many steps decide; where fewer are asked than the chain has, nobody does for the rest."""
        through = {Fate.READY, Fate.EDITED, Fate.STOPPED, Fate.BEGUN, Fate.DROPPED, Fate.BROKEN}
        return len(self.chain.steps) if self.plan.fate in through else self.plan.passed

    def decided(self, step: int) -> datetime:
        """When the step (counted from 0 among those asked) decides; for -1 when the post is submitted."""
        if step < 0:
            return self.story.local(self.written, time(11, 30)) + timedelta(minutes=self.number)
        day, at = DECIDED[step]
        day += SILENCE * sum(position <= step for position in self.plan.silent)
        return self.story.local(self.written + day, at) + timedelta(minutes=self.number * 7 % 40)

    def _foresee_remarks(self) -> None:
        """What is said about it."""
        for number, remark in enumerate(self.plan.remarks):
            told = self.due if remark.afterwards and self.due else self.decided(remark.after - 1)
            self.story.then(told + timedelta(minutes=25 + 9 * number), partial(self._say, remark))

    def foresee(self) -> None:
        """Everything that happens to it."""
        then, fate, passed = self.story.then, self.plan.fate, self.steps_decided()
        then(self.story.local(self.written, time(9, 15)) + timedelta(minutes=self.number), self._write)
        if fate == Fate.DRAFT:
            return
        then(self.decided(-1), self._submit)
        for step in range(passed):
            then(self.decided(step), self._pass)
        if self.plan.votes:
            then(self.decided(passed), self._vote)
        self._foresee_remarks()
        after = self.decided(passed - 1) + timedelta(hours=2)
        match fate:
            case Fate.CHANGES:
                then(self.decided(passed), self._refuse)
            case Fate.AGAIN:
                self._foresee_again(self.decided(passed))
            case Fate.EDITED:
                then(after, self._rewrite)
            case Fate.CANCELLED:
                then(after, lambda: cancel_post(user=self.author, post=self.post))
            case _:
                self._foresee_hour(fate)

    def _foresee_again(self, refused: datetime) -> None:
        """Changes are asked for, and the next version is submitted."""
        then = self.story.then
        then(refused, self._refuse)
        then(refused + AGAIN - timedelta(minutes=20), self._rewrite)
        then(refused + AGAIN, self._submit)
        for step in range(self.plan.passed_again):
            then(refused + AGAIN + timedelta(hours=3 * (step + 1)), self._pass)

    def _foresee_hour(self, fate: Fate) -> None:
        """What happens when its hour comes."""
        then, due = self.story.then, self.due
        if due is None:
            return
        match fate:
            case Fate.REVIEW:
                then(due + timedelta(seconds=3), scheduling.mark_late)
            case Fate.BEGUN:
                then(due, self._claim)
            case Fate.STOPPED:
                then(due + timedelta(hours=self.life.plan.stop.hours if self.life.plan.stop else 0), self._publish)
            case Fate.DROPPED:
                then(due, self._publish)
                then(due + timedelta(seconds=10), lambda: self.life.change(self.plan.channels[0]))
                for later in OUTAGE:
                    then(due + later, self._ask)
            case Fate.BROKEN:
                then(due, lambda: self.life.behave(self.plan.channels[0], "break_thread"))
                then(due + timedelta(milliseconds=700), self._publish)
                then(due + timedelta(seconds=2), lambda: self.life.behave(self.plan.channels[0], "ok"))
                then(due + RETRIED, self._publish)
            case _:
                then(due + timedelta(milliseconds=700), self._publish)
                self._foresee_after(due)

    def _foresee_after(self, due: datetime) -> None:
        """It is out: read back, looked at, counted, and perhaps corrected."""
        then, now = self.story.then, self.story.now
        if due < now and self.plan.readers:
            then(due + watching.MINUTE, self._look_back)
            for number, after in enumerate(watching.COUNTS, start=1):
                if due + after < now:
                    then(due + after + timedelta(seconds=5), partial(self._count, self.plan.readers // number))
        if self.plan.correction:
            begun, correction = due + timedelta(hours=self.plan.correction.hours), copy(self)
            then(begun, lambda: correction.correct(self.post))
            for step in (1, 2):
                then(begun + step * timedelta(minutes=20), correction.approve_correction)
            then(begun + timedelta(minutes=41), correction.publish_correction)

    def correct(self, post: Post) -> None:
        """What is live of it is to be changed: this is the life of the post that does it."""
        publication, plan = post.publications.get(), self.plan.correction
        if plan is not None:
            post = correct_publication(
                user=self.author, publication=publication, act=Act.EDIT, because=plan.because, text=plan.text
            )
            self.post = submit_post(user=self.author, post=post)

    def approve_correction(self) -> None:
        """The next step says yes."""
        self._pass()

    def publish_correction(self) -> None:
        """Everybody has said yes."""
        self._publish()

    def _look_back(self) -> None:
        for publication_id in self._publications():
            watching.look(publication_id=publication_id)

    def _count(self, readers: int) -> None:
        """So many have been shown the page since it was counted last; now it is counted again."""
        for publication in self.post.publications.all():
            note_views([int(publication.remote_id)], readers)
            watching.count(publication_id=publication.pk)

    def _write(self) -> None:
        client, channels = self.life.client, self.life.channels
        self.post = create_post(
            user=self.author,
            client=client,
            title=self.plan.title,
            text=self.plan.text,
            link=self.plan.link,
            parts=[PartPlan(text=text) for text in self.plan.parts],
            comment=self.plan.comment,
            channels=[channels[handle] for handle in self.plan.channels],
            variants=[self._variant(handle) for handle in dict.fromkeys([*self.plan.elsewhere, *self.plan.asked])],
            media=[self._picture(number) for number in range(len(self.plan.pictures))],
            pillar=self.life.pillars[self.plan.pillar] if self.plan.pillar else None,
            objective=self.life.objectives[self.plan.objective] if self.plan.objective else None,
            occasion=self.life.occasions[self.plan.occasion] if self.plan.occasion else None,
            labels=[self.life.labels[name] for name in self.plan.labels],
            publish_at=self.due,
        )

    def _variant(self, handle: str) -> VariantPlan:
        """What differs on this channel."""
        text, asked = self.plan.elsewhere.get(handle), self.plan.asked.get(handle, {})
        return VariantPlan(channel=self.life.channels[handle], text=text, fields=asked)

    def _picture(self, number: int) -> Media:
        picture = self.plan.pictures[number]
        return add_media(
            user=self.author, client=self.life.client, file=io.BytesIO(drawn(picture)), alt_text=picture.alt_text
        )

    def _submit(self) -> None:
        self.post = submit_post(user=self.author, post=self.post)
        self._await_deadline()

    def _rewrite(self) -> None:
        self.post = edit_post(user=self.author, post=self.post, text=self.plan.rewritten)

    def review(self) -> Review:
        """The round that runs, or ran last."""
        return reviews_of(self.post)[0]

    def _await_deadline(self) -> None:
        """When the time of the step that is asked now is up, what it says of that happens."""
        if self.timed:
            asked = reviews_of(self.post).order_by()
            step = ReviewStep.objects.filter(review__in=asked, state=StepState.ACTIVE).first()
            if step and step.due_at:
                self.story.then(step.due_at, lambda: sweep(now=step.due_at), foreseen=False)  # type: ignore[arg-type]

    def _seats(self) -> list[Seat]:
        """Whom it waits for; nobody where the step that is asked now says nothing."""
        found = seats_of(self.post)
        return [] if found and found[0].step.position in self.plan.silent else found

    def _pass(self) -> None:
        """The step that is asked now gets what it needs."""
        seats = self._seats()
        if seats:
            self._approve(seats, seats[0].step.needed)
            self._await_deadline()

    def _vote(self) -> None:
        """The step that is asked now gets some votes, and too few."""
        self._approve(self._seats(), self.plan.votes)

    def _approve(self, seats: Sequence[Seat], votes: int) -> None:
        """So many of these approve; whose eyes have looked before leaves it to others."""
        for seat in seats:
            if not votes:
                return
            try:
                self._speak(seat, Verdict.APPROVE)
            except Conflict as conflict:
                if conflict.code != "four_eyes":
                    raise
            else:
                votes -= 1

    def _refuse(self) -> None:
        self._speak(self._seats()[0], Verdict.REQUEST_CHANGES, self.plan.wish)

    def _speak(self, seat: Seat, verdict: Verdict, comment: str = "") -> None:
        speak(self.life.plan, seat, verdict, comment)

    def _say(self, remark: Remark) -> None:
        say(remark, review=self.review(), people=self.story.people, author=self.author)

    def _publications(self) -> list[int]:
        return list(self.post.publications.order_by("pk").values_list("pk", flat=True))

    def _publish(self) -> None:
        for publication in self.post.publications.order_by("pk"):
            if networks.get(publication.network).mails:
                send_issue(publication.pk)
            else:
                publishing.publish(publication_id=publication.pk)

    def _claim(self) -> None:
        for publication_id in self._publications():
            claiming.claim(publication_id=publication_id, now=self.story.now + timedelta(seconds=1))

    def _ask(self) -> None:
        for publication_id in self._publications():
            asking.ask(publication_id=publication_id)
