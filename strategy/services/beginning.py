"""What a new strategy begins with."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Model
from django.utils import translation

from accounts.models import User
from clients.models import Client
from strategy.models import Cadence, Objective, Occasion, PillarShare, Section, SectionKind, Strategy, Template
from strategy.selectors.strategies import staff_strategies, strategies
from strategy.services.lending import lent
from strategy.services.saving import put_revision
from strategy.services.texts import Texts, clean_texts, due_on
from strategy.text import clean_text


@dataclass(frozen=True, kw_only=True)
class SectionPlan:
    """A section as somebody wants it."""

    kind: str
    texts: Texts


@dataclass(frozen=True, kw_only=True)
class Beginning:
    """The sections of a new strategy, in their order, and whose numbers are copied with them."""

    sections: Sequence[SectionPlan] = ()
    numbers_of: Strategy | None = None


BLANK: dict[str, Any] = {
    "title": "",
    "body": "",
    "why": "",
    "source": "",
    "horizon": "evergreen",
    "review_by": None,
    "owner_id": None,
}


def default_title(strategy: Strategy, kind: str) -> str:
    """What a section of this kind is called, in the language of the document."""
    with translation.override(strategy.language):
        return str(SectionKind(kind).label)


def of_template(template: Template) -> Beginning:
    """A copy of the template's sections."""
    return Beginning(sections=[plan_of_entry(entry) for entry in template.sections])


def of_strategy(user: User, like: Strategy, client: Client) -> Beginning:
    """All of an older strategy of the same client; of another client's how it is built, and not one of its facts.

    Raises ``DoesNotExist`` for a strategy that the person does not see, and for another client's whose staff they are not.
    """
    if like.client_id != client.pk:
        like = staff_strategies(user).get(pk=like.pk)
        return Beginning(sections=[plan_of_entry(entry) for entry in lent(like)])
    like = strategies(user).get(pk=like.pk)
    rows = like.sections.filter(removed_at=None).select_related("owner").order_by("position", "pk")
    return Beginning(
        sections=[
            SectionPlan(
                kind=row.kind,
                texts={
                    "title": row.title,
                    "body": row.body,
                    "why": row.why,
                    "source": row.source,
                    "horizon": row.horizon,
                },
            )
            for row in rows
        ],
        numbers_of=like,
    )


def plan_of_entry(entry: dict[str, Any]) -> SectionPlan:
    """What a template's entry asks for."""
    texts: Texts = {
        "title": entry.get("title", ""),
        "body": entry.get("body", ""),
        "why": entry.get("why", ""),
        "source": entry.get("source", ""),
        "horizon": entry.get("horizon", "evergreen"),
    }
    return SectionPlan(kind=entry["kind"], texts=texts)


def begin_sections(user: User, strategy: Strategy, beginning: Beginning) -> None:
    """Write them into a strategy that is just being made."""
    for position, plan in enumerate(beginning.sections, start=1):
        begin_section(user, strategy, plan.kind, position, plan.texts)
    if beginning.numbers_of is not None:
        _copy_numbers(beginning.numbers_of, strategy)


def begin_section(user: User, strategy: Strategy, kind: str, position: int, texts: Texts) -> Section:
    """A new section of the locked strategy, with its first revision. Raises ``ValidationError`` by field."""
    given: Texts = {**texts}
    if not clean_text(given.get("title", ""), "title", 10_000).strip():
        given["title"] = default_title(strategy, kind)
    cleaned = clean_texts(strategy, given, BLANK)
    section = Section.objects.create(
        strategy=strategy,
        client_id=strategy.client_id,
        kind=kind,
        position=position,
        due_on=due_on(strategy, cleaned),
        title=cleaned["title"],
    )
    put_revision(strategy, section, user, cleaned)
    return section


SHARE = ("pillar_id", "percent", "position")
OBJECTIVE = ("position", "name", "measure", "unit", "rank", "baseline", "target", "due_on")
CADENCE = ("channel", "name", "position", "per_week", "left_out", "reason", "owner_id")
OCCASION = ("name", "on", "yearly", "note")


def _copy_numbers(like: Strategy, strategy: Strategy) -> None:
    """Shares of living pillars, objectives, cadences and occasions, as they are. Days that have passed come along: submitting says so."""
    shares = like.shares.filter(pillar__retired_at=None).order_by("position", "pk")
    PillarShare.objects.bulk_create(PillarShare(**_copied(strategy, row, SHARE)) for row in shares)
    objectives = like.objectives.filter(removed_at=None).order_by("position", "pk")
    Objective.objects.bulk_create(Objective(**_copied(strategy, row, OBJECTIVE)) for row in objectives)
    cadences = like.cadences.order_by("position", "pk")
    Cadence.objects.bulk_create(Cadence(**_copied(strategy, row, CADENCE)) for row in cadences)
    occasions = like.occasions.filter(removed_at=None).order_by("pk")
    Occasion.objects.bulk_create(Occasion(**_copied(strategy, row, OCCASION)) for row in occasions)


def _copied(strategy: Strategy, row: Model, names: Iterable[str]) -> dict[str, Any]:
    values = {name: getattr(row, name) for name in names}
    return {"strategy": strategy, "client_id": strategy.client_id, **values}
