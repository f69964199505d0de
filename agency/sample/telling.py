"""Plays the story of the sample agency, moment by moment, through the services that everybody else uses."""

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from decimal import Decimal
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from accounts.models import User
from accounts.services import set_hours
from agency.sample.clock import clock_at
from agency.sample.pictures import drawn
from agency.sample.plans import ClientPlan, Fate, Person, PostPlan, Remark, StopPlan
from approvals.models import Review, Seat, StepState, Verdict, Via
from approvals.services import StepPlan, add_comment, decide, save_chain
from audit.services import record
from clients.models import CONTACT_ROLES, STAFF_ROLES, Client
from clients.services import add_person, create_client, freeze, set_role, unfreeze
from social.models import Channel, Label, Media, Post
from social.services import (
    add_media,
    cancel_post,
    create_channel,
    create_label,
    create_post,
    edit_channel,
    edit_post,
    publishing,
    submit_post,
)
from social.services.posts import VariantPlan
from strategy.models import Pillar
from strategy.services import create_pillar

ZONE = ZoneInfo("Europe/Rome")
MOVED_IN = -40  # days from today
# When the steps decide: days after the post was written, and the time.
DECIDED = ((0, time(15, 10)), (1, time(10, 20)), (1, time(17, 5)), (2, time(9, 40)))
# Nobody here has quiet hours: whoever tries Filo of an evening, or on a Sunday, sees its mails come.
ALWAYS: dict[str, Any] = {"quiet_from": None, "quiet_until": None, "quiet_days": []}
OUTAGE = (timedelta(seconds=30), timedelta(minutes=3), timedelta(minutes=10))  # when a network that is away is asked


@dataclass(order=True, frozen=True)
class Moment:
    """Something that happens at a time; ``number`` keeps what happens together in order."""

    at: datetime
    number: int
    happen: Callable[[], object] = field(compare=False)


class Story:
    """What happens, collected first and then told in the order of time."""

    def __init__(self, *, now: datetime, password: str) -> None:
        self.now, self.password = now, password
        self.today = now.astimezone(ZONE).date()
        self.moments: list[Moment] = []
        self.people: dict[str, User] = {}

    def local(self, day: int, at: time) -> datetime:
        """That time of the day so many days from today, on Rome's clock."""
        return datetime.combine(self.today + timedelta(days=day), at, ZONE)

    def then(self, at: datetime, happen: Callable[[], object]) -> None:
        """``happen`` is to happen at that time."""
        self.moments.append(Moment(at, len(self.moments), happen))

    def tell(self) -> Iterator[None]:
        """Let everything happen; one step for each thing that does. What is still to come is left out."""
        for moment in sorted(self.moments):
            if moment.at <= self.now:
                with clock_at(moment.at):
                    moment.happen()
            yield

    def agency(self) -> None:
        """The agency moves in: its admin and its own chain."""
        self.then(self.local(MOVED_IN, time(9)), self._move_in)

    def _move_in(self) -> None:
        ada = self._staff(Person(key="ada", name="Ada Conti", role=""), is_agency_admin=True)
        steps = [StepPlan(name="Redazione", role="editor"), StepPlan(name="Cliente", role="approver")]
        save_chain(user=ada, client=None, name="Redazione, cliente", is_default=True, steps=steps)

    def _staff(self, person: Person, *, is_agency_admin: bool = False) -> User:
        user = User.objects.create_user(
            person.email,
            self.password,
            name=person.name,
            language=person.language,
            is_agency_admin=is_agency_admin,
            **ALWAYS,
        )
        self.people[person.key] = user
        return user

    def client(self, plan: ClientPlan) -> None:
        """A client and all that happens to it."""
        life = ClientLife(self, plan)
        self.then(self.local(MOVED_IN, time(10)), life.begin)
        if plan.stop:
            stopped = self.local(plan.stop.day, time.fromisoformat(plan.stop.at))
            self.then(stopped, partial(life.stop, plan.stop))
            self.then(stopped + timedelta(hours=plan.stop.hours), life.lift)
        for number, post in enumerate(plan.posts):
            PostLife(life, post, number).foresee()
        self.then(self.now, life.end)


class ClientLife:
    """One client as the story goes on."""

    def __init__(self, story: Story, plan: ClientPlan) -> None:
        self.story, self.plan = story, plan
        self.channels: dict[str, Channel] = {}
        self.pillars: dict[str, Pillar] = {}
        self.labels: dict[str, Label] = {}
        self.client: Client

    @property
    def manager(self) -> User:
        """Who runs it."""
        return self.story.people[self.plan.manager]

    @property
    def steps(self) -> int:
        """How many steps its chain has."""
        return len(self.plan.steps) or 2

    def begin(self) -> None:
        """It becomes a client: people, channels, pillars and labels, chain."""
        people, plan = self.story.people, self.plan
        ada = people["ada"]
        self.client = create_client(
            user=ada, name=plan.name, slug=plan.slug, colour=plan.colour, formal=plan.formal, status="active"
        )
        for person in plan.people:
            self._add(ada, person)
        for channel in plan.channels:
            self.channels[channel.handle] = create_channel(
                user=self.manager,
                client=self.client,
                network="sandbox",
                handle=channel.handle,
                name=channel.name,
                credentials={"behaviour": channel.behaviour},
                cadence_per_week=Decimal(channel.cadence),
            )
        self._sort()
        if plan.steps:
            steps = [
                StepPlan(name=s.name, role=s.role, rule=s.rule, users=[people[key] for key in s.people])
                for s in plan.steps
            ]
            save_chain(user=self.manager, client=self.client, name=plan.chain, is_default=True, steps=steps)

    def _sort(self) -> None:
        """What its posts are sorted by."""
        for pillar in self.plan.pillars:
            self.pillars[pillar.name] = create_pillar(
                user=self.manager, client=self.client, name=pillar.name, why=pillar.why
            )
        for name in dict.fromkeys(name for post in self.plan.posts for name in post.labels):
            self.labels[name] = create_label(user=self.manager, client=self.client, name=name)

    def _add(self, ada: User, person: Person) -> None:
        people = self.story.people
        if person.role in STAFF_ROLES:
            user = people.get(person.key) or self.story._staff(person)  # noqa: SLF001 - the same story
            set_role(user=ada, client=self.client, person=user, role=person.role)
        else:
            added = add_person(
                user=ada,
                client=self.client,
                email=person.email,
                name=person.name,
                role=person.role,
                language=person.language,
            )
            people[person.key] = set_hours(user=added.user, **ALWAYS)

    def stop(self, plan: StopPlan) -> None:
        """Everything of it is stopped."""
        freeze(user=self.story.people[plan.who], client=self.client, reason=plan.reason)

    def lift(self) -> None:
        """The stop is lifted."""
        unfreeze(user=self.manager, client=self.client)

    def end(self) -> None:
        """The present: channels behave as they will from now on, and the evidence says what it is."""
        for channel in self.plan.channels:
            if channel.later and channel.behaviour == "ok":
                self.change(channel.handle)
        record(
            client_id=self.client.pk,
            actor=None,
            verb="sample.loaded",
            subject_type="client",
            subject_id=self.client.pk,
            note="Everything before this event is a rehearsal, played when the sample agency was loaded.",
        )

    def change(self, handle: str) -> None:
        """A channel begins to behave as it will later."""
        plan = next(channel for channel in self.plan.channels if channel.handle == handle)
        edit_channel(user=self.manager, channel=self.channels[handle], credentials=plan.later)


class PostLife:
    """One post as the story goes on."""

    def __init__(self, life: ClientLife, plan: PostPlan, number: int) -> None:
        self.life, self.story, self.plan, self.number = life, life.story, plan, number
        self.due = self._due()
        first = min(self.due or self.story.now, self.story.now).astimezone(ZONE).date()
        self.written = (first - self.story.today).days - 4 - number % 2  # days from today
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
        """How many steps decide."""
        through = {Fate.READY, Fate.EDITED, Fate.STOPPED, Fate.BEGUN, Fate.DROPPED}
        return self.life.steps if self.plan.fate in through else self.plan.passed

    def decided(self, step: int) -> datetime:
        """When the step (counted from 0) decides; for -1 when the post is submitted."""
        if step < 0:
            return self.story.local(self.written, time(11, 30)) + timedelta(minutes=self.number)
        day, at = DECIDED[step]
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
            then(self.decided(step), partial(self._decide, Verdict.APPROVE))
        self._foresee_remarks()
        after = self.decided(passed - 1) + timedelta(hours=2)
        match fate:
            case Fate.CHANGES:
                then(self.decided(passed), partial(self._decide, Verdict.REQUEST_CHANGES, self.plan.wish))
            case Fate.EDITED:
                then(after, lambda: edit_post(user=self.author, post=self.post, text=self.plan.rewritten))
            case Fate.CANCELLED:
                then(after, lambda: cancel_post(user=self.author, post=self.post))
            case _:
                self._foresee_hour(fate)

    def _foresee_hour(self, fate: Fate) -> None:
        """What happens when its hour comes."""
        then, due = self.story.then, self.due
        if due is None:
            return
        match fate:
            case Fate.REVIEW:
                then(due + timedelta(seconds=3), publishing.mark_late)
            case Fate.BEGUN:
                then(due, self._claim)
            case Fate.STOPPED:
                then(due + timedelta(hours=self.life.plan.stop.hours if self.life.plan.stop else 0), self._publish)
            case Fate.DROPPED:
                then(due, self._publish)
                then(due + timedelta(seconds=10), lambda: self.life.change(self.plan.channels[0]))
                for later in OUTAGE:
                    then(due + later, self._ask)
            case _:
                then(due + timedelta(milliseconds=700), self._publish)

    def _write(self) -> None:
        client, channels = self.life.client, self.life.channels
        self.post = create_post(
            user=self.author,
            client=client,
            title=self.plan.title,
            text=self.plan.text,
            link=self.plan.link,
            channels=[channels[handle] for handle in self.plan.channels],
            variants=[VariantPlan(channel=channels[h], text=text) for h, text in self.plan.elsewhere.items()],
            media=[self._picture(number) for number in range(len(self.plan.pictures))],
            pillar=self.life.pillars[self.plan.pillar] if self.plan.pillar else None,
            labels=[self.life.labels[name] for name in self.plan.labels],
            publish_at=self.due,
        )

    def _picture(self, number: int) -> Media:
        picture = self.plan.pictures[number]
        return add_media(
            user=self.author, client=self.life.client, file=io.BytesIO(drawn(picture)), alt_text=picture.alt_text
        )

    def _submit(self) -> None:
        self.post = submit_post(user=self.author, post=self.post)

    def _review(self) -> Review:
        return Review.objects.select_related("client").get(subject_id=self.post.pk)  # one round each

    def _decide(self, verdict: str, comment: str = "") -> None:
        review = self._review()
        seat = Seat.objects.select_related("user").filter(step__review=review, step__state=StepState.ACTIVE)[0]
        contacts = {person.email for person in self.life.plan.people if person.role in CONTACT_ROLES}
        via = Via.LINK if seat.user.email in contacts else Via.ADMIN
        decide(review=review, user=seat.user, digest=review.digest, verdict=verdict, comment=comment, via=via)

    def _say(self, remark: Remark) -> None:
        person = self.story.people[remark.who]
        add_comment(review=self._review(), user=person, text=remark.text, audience=remark.audience)

    def _publications(self) -> list[int]:
        return list(self.post.publications.order_by("pk").values_list("pk", flat=True))

    def _publish(self) -> None:
        for publication_id in self._publications():
            publishing.publish(publication_id=publication_id)

    def _claim(self) -> None:
        for publication_id in self._publications():
            publishing.claim(publication_id=publication_id, now=self.story.now + timedelta(seconds=1))

    def _ask(self) -> None:
        for publication_id in self._publications():
            publishing.ask(publication_id=publication_id)
