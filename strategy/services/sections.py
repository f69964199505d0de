"""Sections are added, moved, removed and put back, looked at again; and people say that they are in one."""

from datetime import datetime, timedelta
from typing import Unpack

from django.db import transaction
from django.db.models import Max, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.errors import Conflict
from accounts.models import User
from clients.models import Role
from strategy.models import Section, SectionKind, Strategy
from strategy.services.beginning import begin_section
from strategy.services.changing import (
    content_changed,
    lock_for_staff,
    may_write,
    note,
    require_known,
    set_strategy,
)
from strategy.services.saving import require_living
from strategy.services.texts import SPANS, Texts, today
from strategy.text import refused

MOST_SECTIONS = 200
LOCK = timedelta(seconds=90)
# What stands in a section of its kind alone.
HOLDS = {
    SectionKind.OBJECTIVES: "objectives",
    SectionKind.CHANNELS: "cadences",
    SectionKind.CALENDAR: "occasions",
    SectionKind.PILLARS: "shares",
}


@transaction.atomic
def add_section(
    *, user: User, strategy: Strategy, kind: str, position: int | None = None, **texts: Unpack[Texts]
) -> Section:
    """A new section: at that place, or the last. Without a title it has that of its kind.

    Raises ``ValidationError`` by field, on ``kind`` where there is one of this kind already.
    """
    strategy = lock_for_staff(user, strategy.pk)
    section = put_section(user, strategy, kind, position, texts)
    content_changed(strategy, user)
    note(strategy, user, "section_added", section=section.pk)
    return section


def put_section(user: User, strategy: Strategy, kind: str, position: int | None, texts: Texts) -> Section:
    """The same in a strategy that is locked."""
    if kind not in SectionKind.values:
        raise refused("kind", _("There is no such kind of section."), "invalid_choice")
    living = strategy.sections.filter(removed_at=None)
    if kind != SectionKind.FREE and living.filter(kind=kind).exists():
        text = _("This strategy has a section of this kind already.")
        raise refused("kind", text, "unique")
    if living.count() >= MOST_SECTIONS:
        raise refused("kind", _("A strategy has at most %(limit)d sections."), "too_many", limit=MOST_SECTIONS)
    last = living.aggregate(last=Max("position"))["last"] or 0
    section = begin_section(user, strategy, kind, last + 1, texts)
    if position is not None:
        _place(strategy, section, position)
    return section


def section_for(user: User, strategy: Strategy, kind: SectionKind) -> Section:
    """The locked strategy's section of this kind, made where there is none."""
    found = strategy.sections.filter(removed_at=None, kind=kind).first()
    return found or put_section(user, strategy, kind, None, {})


@transaction.atomic
def move_section(*, user: User, section: Section, position: int) -> Section:
    """Put it at this place, counted from 1; the others make room."""
    strategy = lock_for_staff(user, section.strategy_id)
    section = Section.objects.get(pk=section.pk)
    require_living(section)
    if position < 1:
        raise refused("position", _("Places are counted from 1."), "min_value")
    if _place(strategy, section, position):
        content_changed(strategy, user)
        note(strategy, user, "section_moved", section=section.pk, position=section.position)
    return section


@transaction.atomic
def remove_section(*, user: User, section: Section) -> Section:
    """Take it out of the strategy. Its revisions stay, and it can be put back.

    Raises ``Conflict`` while what stands in it alone, such as objectives, is still there.
    """
    strategy = lock_for_staff(user, section.strategy_id)
    section = Section.objects.get(pk=section.pk)
    if section.removed_at is not None:
        return section
    held = HOLDS.get(SectionKind(section.kind))
    if held and _holds(strategy, held):
        raise Conflict(
            "not_empty", _("Take out first what stands in this section: objectives, cadences, days, shares.")
        )
    section.removed_at = section.updated_at = timezone.now()
    section.locked_by = section.locked_until = None
    section.save(update_fields=["removed_at", "locked_by", "locked_until", "updated_at"])
    _close_ranks(strategy)
    content_changed(strategy, user)
    note(strategy, user, "section_removed", section=section.pk)
    return section


@transaction.atomic
def restore_section(*, user: User, section: Section) -> Section:
    """Put it back, as the last. Raises ``Conflict`` where there is another of its kind by now."""
    strategy = lock_for_staff(user, section.strategy_id)
    section = Section.objects.get(pk=section.pk)
    if section.removed_at is None:
        return section
    living = strategy.sections.filter(removed_at=None)
    if section.kind != SectionKind.FREE and living.filter(kind=section.kind).exists():
        raise Conflict("unique", _("This strategy has a section of this kind already."))
    section.position = living.count() + 1
    section.removed_at, section.updated_at = None, timezone.now()
    section.save(update_fields=["position", "removed_at", "updated_at"])
    content_changed(strategy, user)
    note(strategy, user, "section_put_back", section=section.pk)
    return section


@transaction.atomic
def confirm_section(*, user: User, section: Section) -> Section:
    """Somebody has looked at it again, and it still holds: it is due anew after its horizon. Nobody need agree to that."""
    strategy = lock_for_staff(user, section.strategy_id)
    section = Section.objects.get(pk=section.pk)
    require_living(section)
    section.due_on = today(strategy) + SPANS[section.horizon]  # type: ignore[index]  # its values are texts
    section.updated_at = timezone.now()
    section.save(update_fields=["due_on", "updated_at"])
    set_strategy(strategy)
    note(strategy, user, "section_confirmed", section=section.pk, revision=section.revision)
    return section


def take_lock(*, user: User, section: Section, anyway: bool = False) -> Section:
    """Say that one is writing in it, for the next ``LOCK``; said again, for longer. It keeps nobody from saving.

    Raises ``Conflict`` (``locked``) while somebody else is in it, unless ``anyway``.
    """
    strategy = Strategy.objects.get(pk=section.strategy_id)
    _require_writer(user, strategy)
    now = timezone.now()
    free = Q() if anyway else Q(locked_by=None) | Q(locked_by=user) | Q(locked_until__lte=now)
    found = Section.objects.filter(free, pk=section.pk, removed_at=None)
    taken = found.update(locked_by=user, locked_until=now + LOCK)
    section = Section.objects.select_related("locked_by", "strategy", "client").get(pk=section.pk)
    require_living(section)
    if not taken:
        who = section.locked_by.name if section.locked_by else ""
        raise Conflict("locked", _("%(who)s is writing in this section just now.") % {"who": who})
    return section


def release_lock(*, user: User, section: Section) -> Section:
    """One has left it. Who is in it in one's place stays."""
    strategy = Strategy.objects.get(pk=section.strategy_id)
    _require_writer(user, strategy)
    Section.objects.filter(pk=section.pk, locked_by=user).update(locked_by=None, locked_until=None)
    return Section.objects.select_related("locked_by", "strategy", "client").get(pk=section.pk)


def is_in(section: Section, now: datetime | None = None) -> User | None:
    """Who is writing in it; None where nobody is, or not any more."""
    if section.locked_until is None or section.locked_until <= (now or timezone.now()):
        return None
    return section.locked_by


def _require_writer(user: User, strategy: Strategy) -> None:
    role = require_known(user, strategy, set(Role))
    if not may_write(role, strategy):
        require_known(user, strategy, ())


def _holds(strategy: Strategy, name: str) -> bool:
    found = getattr(strategy, name)
    return bool(found.filter(removed_at=None).exists() if name in {"objectives", "occasions"} else found.exists())


def _place(strategy: Strategy, section: Section, position: int) -> bool:
    """Whether that moved it."""
    rows = list(strategy.sections.filter(removed_at=None).exclude(pk=section.pk).order_by("position", "pk"))
    rows.insert(max(0, position - 1), section)
    return renumber(rows)


def _close_ranks(strategy: Strategy) -> None:
    renumber(list(strategy.sections.filter(removed_at=None).order_by("position", "pk")))


def renumber(rows: list[Section]) -> bool:
    """Let sections of a locked strategy stand in this order; whether that moved any."""
    places = dict(Section.objects.filter(pk__in=[row.pk for row in rows]).values_list("pk", "position"))
    moved = []
    for number, row in enumerate(rows, start=1):
        row.position = number
        if places[row.pk] != number:
            moved.append(row)
    Section.objects.bulk_update(moved, ["position"])
    return bool(moved)
