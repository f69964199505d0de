"""The agency's library: templates are written, taken from a strategy without its client's facts, retired and taken up again."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, TypedDict, Unpack

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.errors import Stale
from accounts.models import Language, User
from audit.services import record
from strategy.markdown import check
from strategy.models import Horizon, SectionKind, Strategy, StrategyKind, Template
from strategy.models.strategies import SOURCE_LENGTH, TITLE_LENGTH
from strategy.selectors.strategies import keeps_library, staff_strategies
from strategy.services.lending import lent
from strategy.services.sections import MOST_SECTIONS
from strategy.services.texts import WHY_LENGTH
from strategy.text import clean_line, clean_text, refused

ABOUT_LENGTH = 2000
Entry = dict[str, str]


class TemplateFields(TypedDict, total=False):
    """What can be written of a template; what is not named stays. ``sections`` are as ``Template`` says."""

    name: str
    language: str
    kind: str
    about: str
    sections: Sequence[Mapping[str, Any]]


@transaction.atomic
def create_template(*, user: User, **fields: Unpack[TemplateFields]) -> Template:
    """A new beginning in the agency's library; managers and editors of any client.

    Raises ``ValidationError`` by field: ``sections.0.body`` is the first section's text.
    """
    _require_keeper(user)
    template = Template(edited_by=user)
    _write(template, {"name": "", "sections": (), **fields})
    _save(template, new=True)
    _note(template, user, "created")
    return template


@transaction.atomic
def save_as_template(*, user: User, strategy: Strategy, **fields: Unpack[TemplateFields]) -> Template:
    """How this strategy is built, for others: nothing that tells of its client comes along (see ``strategy.starts.emptied``).

    Raises as ``create_template`` does, and ``DoesNotExist`` for a strategy of a client whose staff the person is not.
    """
    _require_keeper(user)
    strategy = staff_strategies(user).get(pk=strategy.pk)
    beginning: TemplateFields = {"language": strategy.language, "kind": strategy.kind, "sections": lent(strategy)}
    beginning.update(fields)
    return create_template(user=user, **beginning)


@transaction.atomic
def edit_template(
    *,
    user: User,
    template: Template,
    seen: datetime | None = None,
    retired: bool | None = None,
    **fields: Unpack[TemplateFields],
) -> Template:
    """Change what is named; strategies that were begun from it stay as they are. A retired one is not begun from any more.

    ``seen`` is its ``updated_at`` as whoever writes has read it: raises ``Stale`` where somebody has changed it since, else
    as ``create_template`` does.
    """
    _require_keeper(user)
    template = Template.objects.select_for_update(no_key=True).get(pk=template.pk)
    if seen is not None and seen != template.updated_at:
        text = _("Somebody else has changed this template since you read it. Read it again, then change it.")
        raise Stale("changed_meanwhile", text)
    if retired is not None and retired != template.retired:
        template.retired_at = timezone.now() if retired else None
        template.save(update_fields=["retired_at"])
        _note(template, user, "retired" if retired else "taken_up")
    if fields:
        before = {name: getattr(template, name) for name in fields}
        _write(template, fields)
        changed = sorted(name for name in fields if getattr(template, name) != before[name])
        if changed:
            template.edited_by, template.updated_at = user, timezone.now()
            _save(template, new=False)
            _note(template, user, "edited", fields=changed)
    return template


def _require_keeper(user: User) -> None:
    if not keeps_library(user):
        raise PermissionDenied(_("Managers and editors keep the agency's library of templates."))


def _write(template: Template, fields: TemplateFields) -> None:
    if "name" in fields:
        template.name = clean_line(fields["name"], "name", TITLE_LENGTH, required=True)
    if "about" in fields:
        template.about = clean_text(fields["about"], "about", ABOUT_LENGTH).strip()
    for name, words in (("kind", StrategyKind), ("language", Language)):
        if name in fields:
            chosen: str = fields[name]  # type: ignore[literal-required]  # it is one of them
            _require_choice(name, chosen, words.values)
            setattr(template, name, chosen)
    if "sections" in fields:
        template.sections = _sections(fields["sections"])


def _sections(given: Sequence[Mapping[str, Any]]) -> list[Entry]:
    if not given:
        raise refused("sections", _("There is nothing in it yet. Write a section first."), "required")
    if len(given) > MOST_SECTIONS:
        raise refused("sections", _("At most %(limit)d sections."), "too_many", limit=MOST_SECTIONS)
    found: list[Entry] = []
    for number, entry in enumerate(given):
        try:
            found.append(_entry(entry, {row["kind"] for row in found}))
        except ValidationError as error:
            below = {f"sections.{number}.{name}": errors for name, errors in error.error_dict.items()}
            raise ValidationError(below) from error
    return found


def _entry(given: Mapping[str, Any], there: Collection[str]) -> Entry:
    kind, horizon = str(given.get("kind", "")), str(given.get("horizon") or Horizon.EVERGREEN)
    _require_choice("kind", kind, SectionKind.values)
    _require_choice("horizon", horizon, Horizon.values)
    if kind != SectionKind.FREE and kind in there:
        raise refused("kind", _("There is a section of this kind already."), "twice")
    body = clean_text(str(given.get("body", "")), "body", 10**7).rstrip()
    try:
        check(body, mine=lambda _names: ())
    except ValidationError as error:
        raise ValidationError({"body": error.error_list}) from error
    return {
        "kind": kind,
        "title": clean_line(str(given.get("title", "")), "title", TITLE_LENGTH),
        "body": body,
        "why": clean_text(str(given.get("why", "")), "why", WHY_LENGTH).strip(),
        "source": clean_line(str(given.get("source", "")), "source", SOURCE_LENGTH),
        "horizon": horizon,
    }


def _require_choice(field: str, chosen: str, among: Collection[str]) -> None:
    if chosen not in among:
        raise refused(field, _("There is no such choice."), "invalid_choice")


def _save(template: Template, *, new: bool) -> None:
    """The table has the last word on the name: two may choose the same at once."""
    taken = refused("name", _("There is a template of this name in this language already."), "unique")
    if Template.objects.filter(name=template.name, language=template.language).exclude(pk=template.pk).exists():
        raise taken
    try:
        with transaction.atomic():
            template.save(force_insert=new, force_update=not new)
    except IntegrityError as error:
        raise taken from error


def _note(template: Template, user: User, verb: str, **data: Any) -> None:
    about: dict[str, Any] = {"subject_type": "template", "subject_id": template.pk, "name": template.name}
    record(client_id=None, actor=user, verb=f"template.{verb}", **about, **data)
