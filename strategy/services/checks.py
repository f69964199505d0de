"""What keeps a strategy from being put before people. In a draft it is said and does no harm."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from strategy.content import Material
from strategy.models import Strategy
from strategy.models.plans import WHOLE
from strategy.pictures import pictures_in
from strategy.selectors.revisions import waiting_in
from strategy.services.texts import today

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


@dataclass(frozen=True)
class Problem:
    """One thing, at its field: ``objectives.0.due_on`` is the day of the first objective."""

    field: str
    code: str
    text: "StrOrPromise"


def problems_of(strategy: Strategy, material: Material) -> list[Problem]:
    """All that there is to say of it; one query beside what was read."""
    return [
        *_of_sections(strategy, material),
        *_of_shares(material),
        *_of_objectives(strategy, material),
        *_of_channels(material),
    ]


def require_ready(strategy: Strategy, material: Material) -> None:
    """Raises ``ValidationError`` with all of them, each at its field."""
    found: dict[str, list[ValidationError]] = {}
    for problem in problems_of(strategy, material):
        found.setdefault(problem.field, []).append(ValidationError(problem.text, code=problem.code))
    if found:
        raise ValidationError(found)


def _of_sections(strategy: Strategy, material: Material) -> Iterator[Problem]:
    if not material.sections:
        yield Problem("sections", "required", _("There is nothing in it yet. Write a section first."))
    waiting = {row.section_id for row in waiting_in(strategy.pk)}
    for number, section in enumerate(material.sections):
        if section.pk in waiting:
            text = _("In “%(title)s” two texts stand side by side. Merge them first.") % {"title": section.title}
            yield Problem(f"sections.{number}", "beside", text)
        if any(pk not in material.pictures for pk in pictures_in(section.body)):
            text = _("“%(title)s” shows a picture that is not there any more.") % {"title": section.title}
            yield Problem(f"sections.{number}.body", "picture", text)


def _of_shares(material: Material) -> Iterator[Problem]:
    if not material.shares:
        return
    total = sum(row.percent for row in material.shares)
    if total != WHOLE:
        text = _("The pillars’ shares add up to %(total)d percent, and should to 100.") % {"total": total}
        yield Problem("pillars", "sum", text)
    for number, row in enumerate(material.shares):
        if row.pillar.retired:
            text = _("The pillar “%(name)s” is retired and still has a share.") % {"name": row.pillar.name}
            yield Problem(f"pillars.{number}", "retired", text)


def _of_objectives(strategy: Strategy, material: Material) -> Iterator[Problem]:
    day = today(strategy)
    for number, row in enumerate(material.objectives):
        if row.due_on < day:
            text = _("The day of “%(name)s” has passed.") % {"name": row.name}
            yield Problem(f"objectives.{number}.due_on", "past", text)


def _of_channels(material: Material) -> Iterator[Problem]:
    for number, row in enumerate(material.cadences):
        channel = material.channels.get(row.channel) if row.channel else None
        named: dict[str, Any] = {"name": channel.name if channel else row.name or str(row.channel)}
        if not row.reason:
            text = _("Say why “%(name)s” has this cadence, or why it is left out.") % named
            yield Problem(f"channels.{number}.reason", "required", text)
        if row.channel and not row.left_out and (channel is None or not channel.active):
            text = _("“%(name)s” is retired: nothing goes out there any more.") % named
            yield Problem(f"channels.{number}", "retired", text)
