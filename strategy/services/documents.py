"""A strategy written as a whole: with its sections and the shares of its pillars, as programs and imports have it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Unpack

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from clients.models import Client
from clients.naming import NAME_LENGTH
from clients.selectors import role_of
from strategy.models import Pillar, Section, SectionKind, Strategy, Template
from strategy.services.anchors import carry_anchors
from strategy.services.changing import content_changed, lock_for_staff, note
from strategy.services.numbers import put_shares
from strategy.services.pillars import KEEPERS, create_pillar
from strategy.services.saving import put_revision
from strategy.services.sections import put_section, remove_section, renumber
from strategy.services.strategies import StrategyFields, create_strategy, edit_strategy
from strategy.services.texts import Texts, clean_texts, texts_of
from strategy.text import refused


@dataclass(frozen=True, kw_only=True)
class WantedSection:
    """A section as somebody wants it: one that there is (``pk``, or its kind where that is there once), or a new one."""

    kind: str
    texts: Texts
    pk: int | None = None


@dataclass(frozen=True, kw_only=True)
class WantedShare:
    """What part of the posts the pillar of this name is to have, in percent."""

    name: str
    percent: int


@transaction.atomic
def create_document(  # noqa: PLR0913 - a document begins with all of these
    *,
    user: User,
    client: Client,
    template: Template | None = None,
    like: Strategy | None = None,
    sections: Sequence[WantedSection] = (),
    shares: Sequence[WantedShare] = (),
    **fields: Unpack[StrategyFields],
) -> Strategy:
    """A new draft with all of this, begun as ``create_strategy`` says: sections and shares come in the place of those.

    Raises ``ValidationError`` by field: ``sections.0.body`` is the first one's text.
    """
    strategy = create_strategy(user=user, client=client, template=template, like=like, **fields)
    if sections or shares:
        _write(user, strategy, sections or None, shares or None)
    return strategy


@transaction.atomic
def write_document(
    *,
    user: User,
    strategy: Strategy,
    edition: int | None = None,
    sections: Sequence[WantedSection] | None = None,
    shares: Sequence[WantedShare] | None = None,
    **fields: Unpack[StrategyFields],
) -> Strategy:
    """Change what is named. Sections and shares are replaced as a whole: what is not among them is taken out.

    Each text that is another one is a revision, and what is taken out keeps its own. Raises as ``edit_strategy`` does.
    """
    strategy = edit_strategy(user=user, strategy=strategy, edition=edition, **fields)
    if sections is not None or shares is not None:
        strategy = lock_for_staff(user, strategy.pk)
        _write(user, strategy, sections, shares)
    return strategy


def _write(
    user: User,
    strategy: Strategy,
    sections: Sequence[WantedSection] | None,
    shares: Sequence[WantedShare] | None,
) -> None:
    changed = False
    if sections is not None:
        changed = _write_sections(user, strategy, sections)
    if shares is not None:
        changed = put_shares(strategy, _pillars(user, strategy, shares)) or changed
    if changed:
        content_changed(strategy, user)
        note(strategy, user, "written")


def _write_sections(user: User, strategy: Strategy, wanted: Sequence[WantedSection]) -> bool:
    there = list(strategy.sections.filter(removed_at=None).order_by("position", "pk"))
    meant = _matched(there, wanted)
    gone = [row for row in there if row not in meant]
    for row in gone:
        remove_section(user=user, section=row)
    changed = bool(gone)
    order: list[Section] = []
    for number, (plan, section) in enumerate(zip(wanted, meant, strict=True)):
        try:
            if section is None:
                order.append(put_section(user, strategy, plan.kind, None, plan.texts))
                changed = True
            else:
                order.append(section)
                changed = _rewrite(user, strategy, section, plan) or changed
        except ValidationError as error:
            raise _below(number, error) from error
    renumber(order)
    return changed or order != there


def _matched(there: Sequence[Section], wanted: Sequence[WantedSection]) -> list[Section | None]:
    """For each section that is wanted the one that it is. Raises ``ValidationError`` for one that there is not, or twice."""
    found: list[Section | None] = []
    for number, plan in enumerate(wanted):
        same = [
            row
            for row in there
            if (row.pk == plan.pk if plan.pk is not None else row.kind == plan.kind != SectionKind.FREE)
        ]
        if plan.pk is not None and not same:
            raise refused(f"sections.{number}.id", _("This strategy has no such section."), "does_not_exist")
        if same and same[0] in found:
            raise refused(f"sections.{number}", _("This section is named twice."), "twice")
        if same and same[0].kind != plan.kind:
            raise refused(f"sections.{number}.kind", _("A section stays of the kind that it was made."), "fixed")
        found.append(same[0] if same else None)
    return found


def _rewrite(user: User, strategy: Strategy, section: Section, plan: WantedSection) -> bool:
    before = texts_of(section)
    texts = clean_texts(strategy, plan.texts, before)
    if texts == before:
        return False
    was = section.body
    put_revision(strategy, section, user, texts)
    carry_anchors(section, was)
    return True


def _below(number: int, error: ValidationError) -> ValidationError:
    return ValidationError({f"sections.{number}.{name}": errors for name, errors in error.error_dict.items()})


def _pillars(user: User, strategy: Strategy, wanted: Sequence[WantedShare]) -> list[tuple[Pillar, int]]:
    """The pillars of these names; managers and editors make those that there are not."""
    known = {row.name.lower(): row for row in Pillar.objects.filter(client=strategy.client_id)}
    found = []
    for number, share in enumerate(wanted):
        pillar = known.get(share.name.strip().lower())
        if pillar is None:
            if role_of(user, strategy.client_id) not in KEEPERS:
                text = _("This client has no pillar “%(name)s”. Its managers and editors make them.")
                raise refused(f"pillars.{number}.name", text, "does_not_exist", name=share.name[:NAME_LENGTH])
            pillar = create_pillar(user=user, client=strategy.client, name=share.name)
            known[pillar.name.lower()] = pillar
        found.append((pillar, share.percent))
    return found
