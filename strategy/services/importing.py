"""What was written elsewhere becomes a strategy, or goes into one that there is: sections, and what stands in them in numbers."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, Unpack

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from clients.models import Client
from strategy.markdown import rendered
from strategy.models import Section, SectionKind, Strategy
from strategy.selectors.people import people
from strategy.services.cadences import CadenceFields, set_cadence
from strategy.services.documents import WantedSection, WantedShare, create_document, write_document
from strategy.services.numbers import add_objective, add_occasion
from strategy.services.strategies import StrategyFields
from strategy.services.texts import Texts
from strategy.surroundings import living_channels
from strategy.text import refused

Facts = Mapping[str, Sequence[Mapping[str, Any]]]


@dataclass(frozen=True, kw_only=True)
class BroughtSection:
    """A section to be taken in; ``facts`` as ``strategy.reading`` understands them."""

    wanted: WantedSection
    facts: Facts = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Plan:
    """All that is to be taken in."""

    sections: Sequence[BroughtSection]
    shares: Sequence[WantedShare] = ()


@transaction.atomic
def bring_new(*, user: User, client: Client, plan: Plan, **fields: Unpack[StrategyFields]) -> Strategy:
    """A new draft of it. Raises ``ValidationError`` by field: ``sections.0.facts`` is what stands in the first in numbers."""
    wanted = [brought.wanted for brought in plan.sections]
    strategy = create_document(user=user, client=client, sections=wanted, shares=plan.shares, **fields)
    _bring_facts(user, strategy, plan.sections)
    strategy.refresh_from_db()
    return strategy


@transaction.atomic
def bring_into(*, user: User, strategy: Strategy, plan: Plan, edition: int | None = None) -> Strategy:
    """Into a strategy that there is: a section takes the place of the texts of the one that it meets (see ``met``), whose
    revisions stay; the others come behind. Raises as ``bring_new`` does, and ``Stale`` for another ``edition``.
    """
    there = list(strategy.sections.filter(removed_at=None).order_by("position", "pk"))
    meets: list[Section | None] = []
    for brought in plan.sections:
        meets.append(met([row for row in there if row not in meets], brought.wanted))
    of = {section.pk: number for number, section in enumerate(meets) if section is not None}
    wanted = [WantedSection(kind=row.kind, pk=row.pk, texts={}) for row in there]
    origins: list[int | None] = [of.get(row.pk) for row in there]
    for place, (row, number) in enumerate(zip(there, origins, strict=True)):
        if number is not None:
            came = plan.sections[number].wanted
            wanted[place] = replace(came, pk=row.pk, texts=_unless_alike(row, came.texts))
    fresh = [number for number, section in enumerate(meets) if section is None]
    wanted += [plan.sections[number].wanted for number in fresh]
    shares = plan.shares or None
    try:
        strategy = write_document(user=user, strategy=strategy, edition=edition, sections=wanted, shares=shares)
    except ValidationError as error:
        raise _back(error, [*origins, *fresh]) from error
    _bring_facts(user, strategy, plan.sections)
    strategy.refresh_from_db()
    return strategy


def met(there: Iterable[Section], wanted: WantedSection) -> Section | None:
    """The section whose place it takes: the one of its kind; a free one that is called the same."""
    title = str(wanted.texts.get("title", "")).strip().lower()
    for section in there:
        same = section.kind == wanted.kind
        if same and (wanted.kind != SectionKind.FREE or (title and section.title.lower() == title)):
            return section
    return None


def _unless_alike(section: Section, texts: Texts) -> Texts:
    """What came, with the body that stands there where it reads the same: a file has its own ways of writing it.

    Of headings, Word knows how deep they are and not by how many signs they were written.
    """
    came = texts.get("body", section.body)
    alike = rendered(came, address=str) == rendered(section.body, address=str)
    return {**texts, "body": section.body} if alike else texts


def passed(objective: Mapping[str, Any], today: date) -> date | None:
    """Its day where that has passed: nobody begins such an objective any more."""
    try:
        day = date.fromisoformat(str(objective.get("due_on")))
    except ValueError:
        return None
    return day if day < today else None


def there_already(strategy: Strategy) -> dict[str, set[str]]:
    """The objectives and occasions that it has, by their names in small letters: what is called the same is not taken in."""
    objectives, occasions = strategy.objectives.filter(removed_at=None), strategy.occasions.filter(removed_at=None)
    return {
        "objectives": {row.name.lower() for row in objectives},
        "occasions": {row.name.lower() for row in occasions},
    }


def people_by_name(user: User, client: Client) -> dict[str, User]:
    """Who can be named in its strategies, by their names in small letters; of several who are called the same nobody."""
    found = list(people(user, client))
    names = Counter(person.name.lower() for person in found)
    return {person.name.lower(): person for person in found if names[person.name.lower()] == 1}


def channels_by_name(client_id: int) -> dict[str, int]:
    """The client's channels by what they are called, in small letters."""
    return {channel.name.lower(): channel.pk for channel in living_channels(client_id)}


def _back(error: ValidationError, origins: Sequence[int | None]) -> ValidationError:
    """The errors by the places of what was brought."""
    found: dict[str, list[ValidationError]] = {}
    for name, errors in error.error_dict.items():
        head, _dot, below = name.partition(".")
        place, _dot, rest = below.partition(".")
        number = origins[int(place)] if head == "sections" and place.isdigit() else None
        key = name if number is None else ".".join(filter(None, (f"sections.{number}", rest)))
        found.setdefault(NON_FIELD_ERRORS if head == "sections" and number is None else key, []).extend(errors)
    return ValidationError(found)


def _bring_facts(user: User, strategy: Strategy, sections: Sequence[BroughtSection]) -> None:
    for number, brought in enumerate(sections):
        try:
            _bring(user, strategy, brought.facts)
        except (KeyError, TypeError, ValueError, InvalidOperation) as error:
            text = _("What stands in it in numbers can't be read any more. Choose the file again.")
            raise refused(f"sections.{number}.facts", text, "invalid") from error
        except ValidationError as error:
            raise ValidationError({f"sections.{number}.facts": error.messages}) from error


def _bring(user: User, strategy: Strategy, facts: Facts) -> None:
    """What is not there yet, by its name."""
    there = there_already(strategy)
    for row in facts.get("objectives", ()):
        if str(row["name"]).lower() not in there["objectives"]:
            add_objective(
                user=user,
                strategy=strategy,
                name=str(row["name"]),
                measure=str(row["measure"]),
                unit=str(row["unit"]),
                rank=str(row["rank"]),
                baseline=None if row["baseline"] is None else Decimal(row["baseline"]),
                target=Decimal(row["target"]),
                due_on=date.fromisoformat(row["due_on"]),
            )
    for row in facts.get("occasions", ()):
        if str(row["name"]).lower() not in there["occasions"]:
            on, note = date.fromisoformat(row["on"]), str(row["note"])
            add_occasion(
                user=user, strategy=strategy, name=str(row["name"]), on=on, yearly=bool(row["yearly"]), note=note
            )
    rows = facts.get("channels", ())
    known = channels_by_name(strategy.client_id) if rows else {}
    owners = people_by_name(user, strategy.client) if rows else {}
    for row in rows:
        channel, about = known.get(str(row["name"]).lower()), str(row["reason"])
        if row["left_out"]:
            named: dict[str, Any] = {"channel": channel} if channel else {"name": str(row["name"])}
            set_cadence(user=user, strategy=strategy, left_out=True, reason=about, **named)
        elif channel:
            owner = owners.get(str(row.get("owner", "")).lower())
            cadence: CadenceFields = {"per_week": Decimal(row["per_week"]), "reason": about}
            if owner:
                cadence["owner"] = owner
            set_cadence(user=user, strategy=strategy, channel=channel, **cadence)
