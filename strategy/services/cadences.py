"""How often a client's channels are to be heard, and why; and which are left out, and why."""

from decimal import Decimal
from typing import TypedDict, Unpack

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from strategy.models import Cadence, SectionKind, Strategy
from strategy.models.plans import LINE_LENGTH, MOST_A_WEEK, REASON_LENGTH
from strategy.services.changing import content_changed, lock_for_staff, note
from strategy.services.numbers import MOST_ROWS
from strategy.services.sections import section_for
from strategy.services.texts import owner_id
from strategy.surroundings import channels
from strategy.text import clean_line, clean_text, refused


class CadenceFields(TypedDict, total=False):
    """What can be written of a cadence."""

    per_week: Decimal | None
    left_out: bool
    reason: str
    owner: User | None


@transaction.atomic
def set_cadence(
    *, user: User, strategy: Strategy, channel: int | None = None, name: str = "", **fields: Unpack[CadenceFields]
) -> Cadence:
    """The cadence of one of the client's channels (by its number), new or changed; or why a network that it is not on is left out.

    Raises ``ValidationError`` by field: on ``channel`` for another client's, on ``per_week`` for none, or more than anybody
    could want.
    """
    strategy = lock_for_staff(user, strategy.pk)
    name = clean_line(name, "name", LINE_LENGTH)
    _require_channel(strategy, channel, name)
    same = {"channel": channel} if channel else {"channel": None, "name__iexact": name}
    cadence = strategy.cadences.filter(**same).first()
    new = cadence is None
    if cadence is None:
        many = strategy.cadences.count()
        if many >= MOST_ROWS:
            raise refused("channel", _("At most %(limit)d of these in one strategy."), "too_many", limit=MOST_ROWS)
        section_for(user, strategy, SectionKind.CHANNELS)
        cadence = Cadence(strategy=strategy, client_id=strategy.client_id, position=many + 1)
        cadence.channel, cadence.name = channel, "" if channel else name
    before = (cadence.per_week, cadence.left_out, cadence.reason, cadence.owner_id)
    _write(strategy, cadence, fields)
    if new or before != (cadence.per_week, cadence.left_out, cadence.reason, cadence.owner_id):
        cadence.updated_at = timezone.now()
        cadence.save()
        content_changed(strategy, user)
        told = str(cadence.per_week) if cadence.per_week is not None else None
        note(strategy, user, "cadence_set", channel=channel, name=cadence.name, per_week=told)
    return cadence


@transaction.atomic
def remove_cadence(*, user: User, cadence: Cadence) -> None:
    """The strategy says nothing of this channel any more."""
    strategy = lock_for_staff(user, cadence.strategy_id)
    if strategy.cadences.filter(pk=cadence.pk).delete()[0]:
        content_changed(strategy, user)
        note(strategy, user, "cadence_removed", channel=cadence.channel, name=cadence.name)


def _require_channel(strategy: Strategy, channel: int | None, name: str) -> None:
    if channel is None:
        if not name:
            raise refused("channel", _("Say which channel, or the name of the network that is left out."), "required")
    elif channel not in channels(strategy.client_id, [channel]):
        raise refused("channel", _("This client has no channel with the number %(pk)d."), "does_not_exist", pk=channel)


def _write(strategy: Strategy, cadence: Cadence, fields: CadenceFields) -> None:
    if "reason" in fields:
        cadence.reason = clean_text(fields["reason"], "reason", REASON_LENGTH).strip()
    if "owner" in fields:
        owner = fields["owner"]
        owner_id(strategy, owner, cadence.owner_id)
        cadence.owner = owner
    cadence.left_out = fields.get("left_out", cadence.left_out)
    if cadence.left_out:
        cadence.per_week = None
        return
    if cadence.channel is None:
        text = _("A cadence is for one of the client’s channels. What it is not on can only be left out.")
        raise refused("left_out", text, "no_channel")
    per_week = fields.get("per_week", cadence.per_week)
    if per_week is None:
        raise refused("per_week", _("Say how many posts a week, or that this channel is left out."), "required")
    per_week = per_week.quantize(Decimal("0.01")) if abs(per_week) < 10 * MOST_A_WEEK else per_week
    if not 0 < per_week <= MOST_A_WEEK:
        text = _(
            "More than none and at most %(most)d posts a week. A channel without posts is left out, with a reason."
        )
        raise refused("per_week", text, "range", most=MOST_A_WEEK)
    cadence.per_week = per_week
