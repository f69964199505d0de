"""What people say of a section, or of a passage of it, and to each other about that."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.errors import Conflict
from accounts.models import User
from approvals.models import Audience
from clients.models import CONTACT_ROLES, Role
from strategy.models import Remark, Section
from strategy.models.talk import WORDS_LENGTH
from strategy.selectors.strategies import remarks
from strategy.services.changing import lock_strategy, note, require_known
from strategy.services.saving import require_living
from strategy.services.suggesting import OUTDATED, clean_audience, place_of
from strategy.services.telling import tell_of_remark
from strategy.text import clean_text, refused


@transaction.atomic
def add_remark(  # noqa: PLR0913 - a remark is all of these
    *,
    user: User,
    section: Section,
    text: str,
    audience: str = Audience.CLIENT,
    parent: Remark | None = None,
    revision: int | None = None,
    start: int | None = None,
    quote: str = "",
) -> Remark:
    """Say something of the section, of a passage of it (as in ``suggest``), or in answer to a remark.

    What the client's people say is read by all; staff choose (``internal`` stays in the agency, and so do its answers).
    Raises ``ValidationError`` by field, ``Conflict`` (``outdated``) where the passage has changed since.
    """
    strategy = lock_strategy(section.strategy_id)
    role = require_known(user, strategy, set(Role))
    section = Section.objects.get(pk=section.pk)
    require_living(section)
    said = clean_text(text, "text", WORDS_LENGTH).strip()
    if not said:
        raise refused("text", _("Write something first."), "required")
    whose = _audience(role, audience, parent)
    _require_thread(section, role, parent, quote)
    number = section.revision if revision is None else revision
    place = _place(section, number, start, quote)
    remark = Remark.objects.create(
        section=section,
        client_id=section.client_id,
        author=user,
        audience=whose,
        parent=parent,
        revision=number,
        start=start if quote else None,
        quote=quote,
        place=place,
        text=said,
    )
    tell_of_remark(strategy, remark)
    note(strategy, user, "remarked", section=section.pk, remark=remark.pk, audience=str(whose))
    return remark


@transaction.atomic
def resolve_remark(*, user: User, remark: Remark) -> Remark:
    """The conversation is over. Whoever reads it may say so; said again, nothing changes."""
    remark = _thread(user, remark)
    if remark.resolved_at is None:
        _resolved(remark, user)
    return remark


@transaction.atomic
def reopen_remark(*, user: User, remark: Remark) -> Remark:
    """The conversation goes on."""
    remark = _thread(user, remark)
    if remark.resolved_at is not None:
        _resolved(remark, None)
    return remark


def _thread(user: User, remark: Remark) -> Remark:
    """The first remark of a conversation that this person may read, under the strategy's lock."""
    strategy = lock_strategy(remark.section.strategy_id)
    require_known(user, strategy, set(Role))
    remark = remarks(user).get(pk=remark.pk)
    if remark.parent_id is not None:
        raise Conflict("answer", _("An answer is over when its conversation is."))
    return remark


def _resolved(remark: Remark, by: User | None) -> None:
    now = timezone.now()
    remark.resolved_by, remark.resolved_at, remark.updated_at = by, now if by else None, now
    remark.save(update_fields=["resolved_by", "resolved_at", "updated_at"])


def _audience(role: Role, audience: str, parent: Remark | None) -> Audience:
    if parent and parent.audience == Audience.INTERNAL and role not in CONTACT_ROLES:
        return Audience.INTERNAL
    return clean_audience(role, audience)


def _require_thread(section: Section, role: Role, parent: Remark | None, quote: str) -> None:
    if parent is None:
        return
    hidden = role in CONTACT_ROLES and parent.audience == Audience.INTERNAL
    if parent.section_id != section.pk or hidden:
        raise refused("parent", _("There is no such remark here."), "does_not_exist")
    if parent.parent_id is not None:
        raise refused("parent", _("Answer the first remark of the conversation."), "answer")
    if quote:
        raise refused("quote", _("An answer is about what its conversation is about."), "answer")


def _place(section: Section, revision: int, start: int | None, quote: str) -> int | None:
    if not quote:
        return None
    if start is None:
        raise refused("start", _("Say where these words stand."), "required")
    place = place_of(section, revision, start, quote)
    if place is None:
        raise Conflict("outdated", OUTDATED, field="revision")
    return place
