"""A strategy of the sample agency: begun, talked of with the client, agreed, and changed where it changes fast."""

import io
from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from accounts.models import User
from agency.sample.client_life import ClientLife
from agency.sample.deciding import seats_of, speak
from agency.sample.pictures import drawn
from agency.sample.strategy_plans import (
    CadenceOf,
    ObjectiveOf,
    OccasionOf,
    RemarkOf,
    SavingOf,
    SectionOf,
    StrategyPlan,
    SuggestionOf,
    When,
)
from approvals.models import Verdict
from social.services import add_media
from strategy.models import Section, Strategy
from strategy.services import (
    WantedSection,
    WantedShare,
    accept_suggestion,
    add_objective,
    add_occasion,
    add_remark,
    create_document,
    decline_suggestion,
    resolve_remark,
    save_section,
    set_cadence,
    set_number,
    share_strategy,
    submit_strategy,
    suggest,
)

YEAR = timedelta(days=364)


class StrategyLife:
    """One strategy as the story goes on."""

    def __init__(self, life: ClientLife, plan: StrategyPlan) -> None:
        self.life, self.story, self.plan = life, life.story, plan
        self.strategy: Strategy

    @property
    def author(self) -> User:
        """Who writes it."""
        return self.story.people[self.plan.author]

    def foresee(self) -> None:
        """Everything that happens to it."""
        plan = self.plan
        self._then(plan.begun, self.begin)
        self._then(plan.shared, lambda: share_strategy(user=self.author, strategy=self.strategy))
        for said in plan.suggestions:
            self._then(said.when, partial(self.suggest, said))
        for remark in plan.remarks:
            self._then(remark.when, partial(self.remark, remark))
        for saving in plan.savings:
            self._then(saving.when, partial(self.save, saving))
        for round_ in plan.rounds:
            self._then(round_.submitted, partial(self.submit, round_.remark))
            for when, comment in round_.decided:
                self._then(when, partial(self.approve, comment))
        self._then(plan.counted, self.count)

    def _then(self, when: When, happen: Any, *, foreseen: bool = True) -> None:
        self.story.then(self.story.local(when.day, when.at), happen, foreseen=foreseen)

    def begin(self) -> None:
        """All of it is written for the first time."""
        plan, people = self.plan, self.story.people
        data = io.BytesIO(drawn(plan.picture))
        picture = add_media(user=self.author, client=self.life.client, file=data, alt_text=plan.picture.alt_text)
        starts_on = (self.story.today + timedelta(days=plan.begun.day)).replace(day=1)
        self.strategy = create_document(
            user=self.author,
            client=self.life.client,
            title=plan.title,
            starts_on=starts_on,
            ends_on=starts_on + YEAR,
            owner=people[plan.owner],
            sections=[self._wanted(section, picture.pk) for section in plan.sections],
            shares=[WantedShare(name=name, percent=percent) for name, percent in plan.shares.items()],
        )
        for objective in plan.objectives:
            self._aim_at(objective)
        self._agree_on(plan.cadences)
        for occasion in plan.occasions:
            self._mark(occasion)

    def _wanted(self, section: SectionOf, picture: int) -> WantedSection:
        return WantedSection(
            kind=section.kind,
            texts={
                "title": section.title,
                "body": section.body.strip().replace("{picture}", str(picture)),
                "why": section.why,
                "source": section.source,
                "horizon": section.horizon,
                "owner": self.story.people[section.owner],
            },
        )

    def _aim_at(self, plan: ObjectiveOf) -> None:
        self.life.objectives[plan.name] = add_objective(
            user=self.author,
            strategy=self.strategy,
            name=plan.name,
            measure=plan.measure,
            unit=plan.unit,
            rank=plan.rank,
            baseline=None if plan.baseline is None else Decimal(plan.baseline),
            target=Decimal(plan.target),
            due_on=self.story.today + timedelta(days=plan.due),
        )

    def _agree_on(self, cadences: Iterable[CadenceOf]) -> None:
        for plan in cadences:
            set_cadence(
                user=self.author,
                strategy=self.strategy,
                channel=self.life.channels[plan.channel].pk if plan.channel else None,
                name=plan.name,
                per_week=None if plan.per_week is None else Decimal(plan.per_week),
                left_out=plan.per_week is None,
                reason=plan.reason,
                owner=self.story.people[plan.owner] if plan.owner else None,
            )

    def _mark(self, plan: OccasionOf) -> None:
        today = self.story.today
        on = _coming(today, *plan.yearly) if plan.yearly else today + timedelta(days=plan.day)
        self.life.occasions[plan.name] = add_occasion(
            user=self.author, strategy=self.strategy, name=plan.name, on=on, yearly=bool(plan.yearly), note=plan.note
        )

    def section(self, kind: str) -> Section:
        """The section of this kind, as it reads now."""
        return self.strategy.sections.get(kind=kind, removed_at=None)

    def suggest(self, plan: SuggestionOf) -> None:
        """Somebody would write it otherwise; whoever is asked takes that over or not, when their time comes."""
        section = self.section(plan.kind)
        made = suggest(
            user=self.story.people[plan.who],
            section=section,
            revision=section.revision,
            kind="replace",
            start=section.body.index(plan.quote),
            quote=plan.quote,
            words=plan.words,
            comment=plan.comment,
        )
        if plan.settled:
            by = self.story.people[plan.by]
            settle = accept_suggestion if plan.taken else partial(decline_suggestion, reason=plan.reason)
            self._then(plan.settled, lambda: settle(user=by, suggestion=made), foreseen=False)

    def remark(self, plan: RemarkOf) -> None:
        """Somebody says something of it; an answer settles it."""
        section = self.section(plan.kind)
        said = add_remark(
            user=self.story.people[plan.who],
            section=section,
            text=plan.text,
            audience=plan.audience,
            start=section.body.index(plan.quote) if plan.quote else None,
            quote=plan.quote,
        )
        if plan.answer and plan.answered:
            who, text = plan.answer

            def answer() -> None:
                user = self.story.people[who]
                add_remark(user=user, section=section, text=text, audience=plan.audience, parent=said)
                resolve_remark(user=user, remark=said)

            self._then(plan.answered, answer, foreseen=False)

    def save(self, plan: SavingOf) -> None:
        """A section is written anew, and what was agreed for channels with it."""
        section = self.section(plan.kind)
        start = section.body.index(plan.quote)
        body = section.body[:start] + plan.words + section.body[start + len(plan.quote) :]
        save_section(user=self.story.people[plan.who], section=section, begun_from=section.revision, body=body)
        self._agree_on(plan.cadences)

    def submit(self, remark: str) -> None:
        """All that it says is put before people."""
        self.strategy = submit_strategy(user=self.author, strategy=self.strategy, remark=remark)

    def approve(self, comment: str) -> None:
        """The step that is asked now says yes."""
        speak(self.life.plan, seats_of(self.strategy)[0], Verdict.APPROVE, comment)

    def count(self) -> None:
        """Numbers are entered: those of last month, and of the months before it."""
        user = self.story.people[self.plan.owner]
        for plan in self.plan.objectives:
            month = (self.story.today + timedelta(days=self.plan.counted.day)).replace(day=1)
            for value in plan.numbers:
                month = (month - timedelta(days=1)).replace(day=1)
                objective = self.life.objectives[plan.name]
                number = Decimal(value)
                set_number(user=user, objective=objective, month=month, value=number, note_text=plan.noted)


def _coming(today: date, month: int, day: int) -> date:
    """That day of the year when it comes next."""
    this_year = date(today.year, month, day)
    return this_year if this_year >= today else date(today.year + 1, month, day)
