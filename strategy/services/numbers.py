"""What a strategy says in numbers is written: shares of pillars, objectives and how they stand, cadences, occasions."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, TypedDict, Unpack

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import DecimalField
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.errors import Conflict
from accounts.models import User
from strategy.models import (
    Metric,
    NumberSource,
    Objective,
    ObjectiveNumber,
    Occasion,
    Pillar,
    PillarShare,
    Rank,
    SectionKind,
    Strategy,
)
from strategy.models.plans import LINE_LENGTH, REASON_LENGTH, WHOLE
from strategy.services.changing import content_changed, lock_for_staff, note
from strategy.services.sections import section_for
from strategy.services.texts import today
from strategy.text import clean_line, clean_text, refused

MOST_ROWS = 100  # of each kind, in one strategy
UNIT_LENGTH = 40
# How an objective's numbers are filled is nothing that anybody agreed to.
UNAGREED = frozenset({"metric", "serving_only"})
NUMBER: DecimalField[Decimal, Decimal] = DecimalField(max_digits=16, decimal_places=2)


class ObjectiveFields(TypedDict, total=False):
    """What can be written of an objective. ``baseline`` None: nobody knows it."""

    name: str
    measure: str
    unit: str
    rank: str
    baseline: Decimal | None
    target: Decimal
    due_on: date
    metric: str
    serving_only: bool


class OccasionFields(TypedDict, total=False):
    """What can be written of an occasion."""

    name: str
    on: date
    yearly: bool
    note: str


@transaction.atomic
def set_shares(
    *, user: User, strategy: Strategy, shares: Sequence[tuple[Pillar, int]], edition: int | None = None
) -> Strategy:
    """What part of the posts each pillar is to have, in percent; these and no others, in this order.

    In a draft they need not add up. Raises ``ValidationError`` on ``pillars``.
    """
    strategy = lock_for_staff(user, strategy.pk, edition)
    if put_shares(strategy, shares):
        content_changed(strategy, user)
        note(strategy, user, "shares_set", shares={str(pillar.pk): percent for pillar, percent in shares})
    return strategy


def put_shares(strategy: Strategy, shares: Sequence[tuple[Pillar, int]]) -> bool:
    """Write them for a locked strategy; whether anything changed by it."""
    before = list(strategy.shares.order_by("position", "pk"))
    there = {row.pillar_id for row in before}
    for number, (pillar, percent) in enumerate(shares):
        _require_share(strategy, number, pillar, percent, there)
    if len({pillar.pk for pillar, _percent in shares}) != len(shares):
        raise refused("pillars", _("A pillar is named twice."), "twice")
    if [(row.pillar_id, row.percent) for row in before] == [(pillar.pk, percent) for pillar, percent in shares]:
        return False
    strategy.shares.all().delete()
    PillarShare.objects.bulk_create(
        PillarShare(strategy=strategy, client_id=strategy.client_id, pillar=pillar, percent=percent, position=position)
        for position, (pillar, percent) in enumerate(shares, start=1)
    )
    return True


def _require_share(strategy: Strategy, number: int, pillar: Pillar, percent: int, there: set[int]) -> None:
    if pillar.client_id != strategy.client_id:
        raise refused(f"pillars.{number}.id", _("This client has no such pillar."), "does_not_exist")
    if pillar.retired and pillar.pk not in there:
        text = _("The pillar “%(name)s” is retired: take it up again first, or choose another one.")
        raise refused(f"pillars.{number}.id", text, "retired", name=pillar.name)
    if not 1 <= percent <= WHOLE:
        raise refused(f"pillars.{number}.share", _("A share is between 1 and 100 percent."), "range")


@transaction.atomic
def add_objective(*, user: User, strategy: Strategy, **fields: Unpack[ObjectiveFields]) -> Objective:
    """Something to be reached. Raises ``ValidationError`` by field: without a name, a measure, a target or a day to come."""
    strategy = lock_for_staff(user, strategy.pk)
    rows = strategy.objectives.filter(removed_at=None)
    _require_room(rows.count(), "name")
    missing = [name for name in ("name", "measure", "target", "due_on") if fields.get(name) in (None, "")]
    cleaned = _clean_objective(strategy, None, fields, missing)
    section_for(user, strategy, SectionKind.OBJECTIVES)
    objective = Objective(strategy=strategy, client_id=strategy.client_id, position=rows.count() + 1, **cleaned)
    objective.save(force_insert=True)
    content_changed(strategy, user)
    _note(strategy, user, objective, "added", name=objective.name)
    return objective


def check_objective(strategy: Strategy, objective: Objective | None, **fields: Unpack[ObjectiveFields]) -> None:
    """Raises ``ValidationError`` with all that is wrong with these fields. Writes nothing.

    A form asks it of what it could read, so that one thing that can't be read does not keep the others from being told.
    """
    _clean_objective(strategy, objective, fields)


@transaction.atomic
def edit_objective(*, user: User, objective: Objective, **fields: Unpack[ObjectiveFields]) -> Objective:
    """Change what is named. Raises ``ValidationError`` by field."""
    strategy = lock_for_staff(user, objective.strategy_id)
    objective = Objective.objects.get(pk=objective.pk)
    _require_there(objective.removed_at)
    before = {name: getattr(objective, name) for name in fields}
    for name, value in _clean_objective(strategy, objective, fields).items():
        setattr(objective, name, value)
    _save_changes(strategy, user, objective, before)
    return objective


@transaction.atomic
def remove_objective(*, user: User, objective: Objective) -> None:
    """Take it out. What it stood at, and what serves it, stays."""
    _remove(lock_for_staff(user, objective.strategy_id), user, objective)


@transaction.atomic
def set_number(  # noqa: PLR0913 - a number is all of these
    *,
    user: User | None,
    objective: Objective,
    month: date,
    value: Decimal,
    source: str = NumberSource.HAND,
    note_text: str = "",
) -> ObjectiveNumber:
    """How the objective stood in this month; said anew, it is corrected. Nobody need agree to numbers.

    Without a user it is what a network told: that never takes the place of what somebody entered by hand. Raises
    ``ValidationError`` on ``month`` for one to come.
    """
    if user is not None:
        strategy = lock_for_staff(user, objective.strategy_id)
    else:
        strategy = Strategy.objects.select_for_update(of=("self",), no_key=True).get(pk=objective.strategy_id)
    month = month.replace(day=1)
    if month > today(strategy):
        raise refused("month", _("This month is still to come."), "future")
    _bounded("value", value)
    told = clean_line(note_text, "note", LINE_LENGTH)
    there = objective.numbers.filter(month=month).first()
    if there and user is None and (there.source == NumberSource.HAND or (there.value, there.note) == (value, told)):
        return there
    fields: dict[str, Any] = {"value": value, "source": source, "by": user, "note": told, "updated_at": timezone.now()}
    number, _new = ObjectiveNumber.objects.update_or_create(
        objective=objective, month=month, defaults={**fields, "client_id": objective.client_id}
    )
    about: dict[str, Any] = {
        "objective": objective.pk,
        "month": f"{month:%Y-%m}",
        "value": str(value),
        "source": str(source),
    }
    note(strategy, user, "number_set", **about)
    return number


@transaction.atomic
def add_occasion(*, user: User, strategy: Strategy, **fields: Unpack[OccasionFields]) -> Occasion:
    """A day worth a post. Raises ``ValidationError`` by field."""
    strategy = lock_for_staff(user, strategy.pk)
    _require_room(strategy.occasions.filter(removed_at=None).count(), "name")
    if fields.get("on") is None:
        raise refused("on", _("Say on which day."), "required")
    section_for(user, strategy, SectionKind.CALENDAR)
    occasion = Occasion(strategy=strategy, client_id=strategy.client_id)
    _write_occasion(occasion, {"name": "", **fields})
    occasion.save(force_insert=True)
    content_changed(strategy, user)
    _note(strategy, user, occasion, "added", name=occasion.name)
    return occasion


@transaction.atomic
def edit_occasion(*, user: User, occasion: Occasion, **fields: Unpack[OccasionFields]) -> Occasion:
    """Change what is named. Raises ``ValidationError`` by field."""
    strategy = lock_for_staff(user, occasion.strategy_id)
    occasion = Occasion.objects.get(pk=occasion.pk)
    _require_there(occasion.removed_at)
    before = {name: getattr(occasion, name) for name in fields}
    _write_occasion(occasion, fields)
    _save_changes(strategy, user, occasion, before)
    return occasion


@transaction.atomic
def remove_occasion(*, user: User, occasion: Occasion) -> None:
    """Take it out. What serves it stays."""
    _remove(lock_for_staff(user, occasion.strategy_id), user, occasion)


def _save_changes(strategy: Strategy, user: User, row: Objective | Occasion, before: Mapping[str, object]) -> None:
    """Store what of the fields that were named is another than ``before``; nothing follows where nothing is."""
    changed = sorted(name for name in before if getattr(row, name) != before[name])
    if changed:
        row.updated_at = timezone.now()
        row.save(update_fields=[*changed, "updated_at"])
        if not UNAGREED.issuperset(changed):
            content_changed(strategy, user)
        _note(strategy, user, row, "edited", fields=changed)


def _remove(strategy: Strategy, user: User, row: Objective | Occasion) -> None:
    now = timezone.now()
    if type(row).objects.filter(pk=row.pk, removed_at=None).update(removed_at=now, updated_at=now):
        content_changed(strategy, user)
        _note(strategy, user, row, "removed")


def _note(strategy: Strategy, user: User, row: Objective | Occasion, verb: str, **more: Any) -> None:
    what = "objective" if isinstance(row, Objective) else "occasion"
    told: dict[str, Any] = {what: row.pk, **more}
    note(strategy, user, f"{what}_{verb}", **told)


def _clean_objective(
    strategy: Strategy, objective: Objective | None, fields: ObjectiveFields, missing: Collection[str] = ()
) -> dict[str, Any]:
    """What is to be stored; all that is wrong is told at once."""
    cleaned: dict[str, Any] = {}
    wrong: dict[str, Any] = {}
    for name, value in {**dict.fromkeys(missing), **fields}.items():
        try:
            if name in missing and name != "measure":
                raise refused(name, _("An objective has a name, a measure, a target and a day."), "required")
            cleaned[name] = _cleaned(strategy, objective, name, value)
        except ValidationError as error:
            wrong |= error.error_dict
    if wrong:
        raise ValidationError(wrong)
    return cleaned


def _cleaned(strategy: Strategy, objective: Objective | None, name: str, value: Any) -> Any:
    match name:
        case "name":
            return clean_line(value, name, LINE_LENGTH, required=True)
        case "measure":
            return _measure(value or "")
        case "unit":
            return clean_line(value, name, UNIT_LENGTH)
        case "rank" if value not in Rank.values:
            raise refused(name, _("An objective counts conversions, reach or followers."), "invalid_choice")
        case "baseline" if value is None:
            return None
        case "baseline" | "target":
            return _bounded(name, value)
        case "due_on" if value != getattr(objective, "due_on", None) and value < today(strategy):
            raise refused(name, _("This day has passed: choose one to come."), "past")
        case "metric" if value not in {"", *Metric.values}:
            text = _(
                "Networks count people reached, reactions, clicks or conversions. Empty: people enter the numbers."
            )
            raise refused(name, text, "invalid_choice")
    return value


def _measure(text: str) -> str:
    measure = clean_line(text, "measure", LINE_LENGTH)
    if not measure:
        raise refused(
            "measure", _("Say by what it is measured: without a measure nobody knows when it is reached."), "required"
        )
    return measure


def _bounded(field: str, value: Decimal) -> Decimal:
    try:
        number = NUMBER.clean(value, None)
    except ValidationError as error:
        raise ValidationError({field: error}) from error
    found: Decimal = number
    return found


def _write_occasion(occasion: Occasion, fields: OccasionFields) -> None:
    if "name" in fields:
        occasion.name = clean_line(fields["name"], "name", LINE_LENGTH, required=True)
    if "on" in fields:
        occasion.on = fields["on"]
    if "yearly" in fields:
        occasion.yearly = fields["yearly"]
    if "note" in fields:
        occasion.note = clean_text(fields["note"], "note", REASON_LENGTH).strip()


def _require_room(many: int, field: str) -> None:
    if many >= MOST_ROWS:
        raise refused(field, _("At most %(limit)d of these in one strategy."), "too_many", limit=MOST_ROWS)


def _require_there(removed_at: object) -> None:
    if removed_at is not None:
        raise Conflict("removed", _("This was taken out of the strategy."))
