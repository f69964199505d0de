"""One client of the sample agency: its people, how it works, its chains, and what happens to all of it at once."""

import io
from collections.abc import Iterator, Mapping
from datetime import time, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from accounts.models import User
from accounts.services import set_hours
from agency.sample.letters import letter
from agency.sample.plans import ChainPlan, ClientPlan, DeputyPlan, LeaverPlan, Person, StepOf, StopPlan
from agency.sample.telling import ALWAYS, Story
from approvals.models import Chain
from approvals.services import StepPlan, name_deputy, save_chain
from approvals.services.sweeping import sweep
from audit.services import record
from clients.models import STAFF_ROLES, Client, Membership
from clients.services import add_person, create_client, edit_client, end_role, freeze, set_manager, set_role, unfreeze
from clients.working_time import Closing, Hours
from social.models import Channel, Label
from social.services import create_channel, create_label, edit_channel
from strategy.models import Objective, Occasion, Pillar
from strategy.services import create_pillar


class ClientLife:
    """One client as the story goes on."""

    def __init__(self, story: Story, plan: ClientPlan) -> None:
        self.story, self.plan = story, plan
        self.channels: dict[str, Channel] = {}
        self.pillars: dict[str, Pillar] = {}
        self.objectives: dict[str, Objective] = {}
        self.occasions: dict[str, Occasion] = {}
        self.labels: dict[str, Label] = {}
        self.chains: dict[str, Chain] = {}
        self.client: Client

    @property
    def manager(self) -> User:
        """Who runs it."""
        return self.story.people[self.plan.manager]

    def foresee(self) -> None:
        """What happens to it as a whole."""
        then, local, plan = self.story.then, self.story.local, self.plan
        then(local(plan.since, time(10)), self.begin)
        if plan.stop:
            stopped = local(plan.stop.day, time.fromisoformat(plan.stop.at))
            then(stopped, partial(self.stop, plan.stop))
            then(stopped + timedelta(hours=plan.stop.hours), self.lift)
        for deputy in plan.deputies:
            then(local(deputy.first - 1, time(16)), partial(self._stand_in, deputy))
        for leaver in plan.leavers:
            then(local(leaver.day, time.fromisoformat(leaver.at)), partial(self._leave, leaver))
        then(self.story.now, self.end)

    def begin(self) -> None:
        """It becomes a client: people, channels, pillars and labels, working time, chains."""
        people, plan = self.story.people, self.plan
        ada = people["ada"]
        self.client = create_client(
            user=ada, name=plan.name, slug=plan.slug, colour=plan.colour, formal=plan.formal, status="active"
        )
        for person in plan.people:
            self._add(ada, person)
        for person in plan.people:
            if person.manager:
                self._report(person)
        for channel in plan.channels:
            self.channels[channel.handle] = create_channel(
                user=self.manager,
                client=self.client,
                network=channel.network,
                handle=channel.handle,
                name=channel.name,
                credentials=channel.credentials or {"behaviour": channel.behaviour},
                cadence_per_week=Decimal(channel.cadence),
            )
        self._sort()
        self.client = edit_client(user=self.manager, client=self.client, **self._ways())
        for chain in plan.chains:
            self._save(chain)

    def _ways(self) -> dict[str, Any]:
        """When it works, whose name deserves a second look, what it agreed to."""
        plan, today = self.plan, self.story.today
        days = timedelta(days=1)
        ways: dict[str, Any] = {
            "working_hours": [hours for said in plan.hours for hours in _hours(said)],
            "closing_days": [Closing(today + c.first * days, today + c.last * days, c.name) for c in plan.closings],
            "watched_names": plan.watched,
            "link_code": plan.link_code,
        }
        if plan.consent:
            ways["tacit_consent_agreed_on"] = today + plan.consent.day * days
            ways["tacit_consent_document"] = io.BytesIO(letter(plan.consent.letter))
        return ways

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
            user = people.get(person.key) or self.story.staff(person)
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

    def _report(self, person: Person) -> None:
        people = self.story.people
        membership = Membership.objects.get(client=self.client, user=people[person.key])
        set_manager(user=self.manager, membership=membership, manager=people[person.manager])

    def _save(self, plan: ChainPlan, instead: Mapping[str, str] | None = None) -> None:
        """The chain as planned; ``instead`` says who takes whose place in it."""
        self.chains[plan.name] = save_chain(
            user=self.manager,
            client=self.client,
            name=plan.name,
            chain=self.chains.get(plan.name),
            subject=plan.subject,
            copied_from=self.story.chain if plan.copied else None,
            is_default=not plan.labels,
            default_labels=plan.labels,
            restart=plan.restart,
            steps=[self._step(step, instead or {}) for step in plan.steps],
        )

    def _step(self, step: StepOf, instead: Mapping[str, str]) -> StepPlan:
        def users(keys: tuple[str, ...]) -> list[User]:
            return [self.story.people[instead.get(key, key)] for key in keys]

        only = dict(step.only)
        if "channels" in only:
            only["channels"] = [self.channels[handle].pk for handle in only["channels"]]
        return StepPlan(
            name=step.name,
            role=step.role,
            users=users(step.people),
            managers_up=step.managers_up,
            rule=step.rule,
            needed=step.needed,
            only=only,
            due_after_minutes=None if step.due_after_hours is None else step.due_after_hours * 60,
            due_before_minutes=None if step.due_before_hours is None else step.due_before_hours * 60,
            on_deadline=step.on_deadline,
            escalate_to=users(step.escalate_to),
            never_tacit=step.never_tacit,
            four_eyes=step.four_eyes,
        )

    def _stand_in(self, plan: DeputyPlan) -> None:
        people, local = self.story.people, self.story.local
        name_deputy(
            user=people[plan.who],
            client=self.client,
            principal=people[plan.who],
            deputy=people[plan.deputy],
            from_at=local(plan.first, time(0)),
            until=local(plan.last + 1, time(0)),
        )

    def _leave(self, plan: LeaverPlan) -> None:
        for chain in self.plan.chains:
            if any(plan.who in step.people for step in chain.steps):
                self._save(chain, {plan.who: plan.instead})
        gone = Membership.objects.get(client=self.client, user=self.story.people[plan.who])
        end_role(user=self.manager, membership=gone)

    def stop(self, plan: StopPlan) -> None:
        """Everything of it is stopped."""
        freeze(user=self.story.people[plan.who], client=self.client, reason=plan.reason)

    def lift(self) -> None:
        """The stop is lifted."""
        unfreeze(user=self.manager, client=self.client)

    def end(self) -> None:
        """The present: channels behave as they will from now on, and the evidence says what it is."""
        sweep(now=self.story.now)
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

    def behave(self, handle: str, behaviour: str) -> None:
        """A channel's page has a bad moment, or is well again."""
        edit_channel(user=self.manager, channel=self.channels[handle], credentials={"behaviour": behaviour})


def _hours(said: str) -> Iterator[Hours]:
    """The spans that such as "0-4 09:00-18:00" means."""
    days, span = said.split()
    first, last = days.split("-")
    opens, closes = (time.fromisoformat(end) for end in span.split("-"))
    for weekday in range(int(first), int(last) + 1):
        yield Hours(weekday, opens, closes)
