"""A channel's slots are written; a post is given the next free one."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any, TypedDict, Unpack

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.errors import Conflict
from accounts.models import User
from audit.services import record
from clients.models import STAFF_ROLES, Role
from clients.selectors import require
from clients.times import in_zone
from social.models import Channel, ChannelStatus, Post, Slot
from social.models.slots import ADVICE_LENGTH
from social.services.locks import lock_post, require_edition
from social.services.posts import WRITABLE, edit_post
from social.slotting import free_slots
from social.text import clean_text

KEEPERS = frozenset({Role.MANAGER, Role.EDITOR})
MOST_SLOTS = 7 * 24


@dataclass(frozen=True, order=True)
class SlotPlan:
    """A slot to be: weekday (0 is Monday) and time on the client's clock; ``advice`` says who thinks it a best hour."""

    weekday: int
    at: time
    best: bool = False
    advice: str = ""


class SlotFields(TypedDict, total=False):
    """What can be written of a slot; a new one needs ``weekday`` and ``at``."""

    weekday: int
    at: time
    best: bool
    advice: str


@transaction.atomic
def set_slots(*, user: User, channel: Channel, slots: Iterable[SlotPlan]) -> list[Slot]:
    """Replace all slots of a channel; managers and editors. What is planned already keeps its time.

    Raises ``ValidationError`` on ``slots`` for two at the same minute, for too many, and for what is no minute of a week;
    ``Conflict`` for a retired channel.
    """
    channel = _locked(user, channel)
    plans = [_checked(plan) for plan in slots]
    wanted = {(plan.weekday, plan.at): plan for plan in plans}
    if len(wanted) < len(plans):
        raise _refused("slots", _("A slot stands here twice."), "unique")
    if len(wanted) > MOST_SLOTS:
        raise _too_many()
    before = {(slot.weekday, slot.at): slot for slot in channel.slots.all()}
    gone = [slot.pk for minute, slot in before.items() if minute not in wanted]
    Slot.objects.filter(pk__in=gone).delete()
    changed = bool(gone)
    for minute, plan in sorted(wanted.items()):
        changed |= _put(channel, before.get(minute), plan)
    if changed:
        _record(channel, user)
    return list(channel.slots.all())


@transaction.atomic
def create_slot(*, user: User, channel: Channel, **fields: Unpack[SlotFields]) -> Slot:
    """One more slot of a channel; as ``set_slots``. Raises ``ValidationError`` on the field that can't be."""
    channel = _locked(user, channel)
    plan = _checked(SlotPlan(**fields))
    _require_free_minute(channel, plan, None)
    if channel.slots.count() >= MOST_SLOTS:
        raise _too_many()
    _put(channel, None, plan)
    _record(channel, user)
    return channel.slots.get(weekday=plan.weekday, at=plan.at)


@transaction.atomic
def edit_slot(*, user: User, slot: Slot, **fields: Unpack[SlotFields]) -> Slot:
    """Change what ``fields`` names of ``weekday``, ``at``, ``best``, ``advice``; as ``create_slot``."""
    channel = _locked(user, slot.channel)
    slot = channel.slots.get(pk=slot.pk)
    now = {name: getattr(slot, name) for name in ("weekday", "at", "best", "advice")}
    plan = _checked(SlotPlan(**{**now, **fields}))
    _require_free_minute(channel, plan, slot)
    if _put(channel, slot, plan):
        _record(channel, user)
    return slot


@transaction.atomic
def delete_slot(*, user: User, slot: Slot) -> None:
    """Take one slot away. What was planned there keeps its time."""
    channel = _locked(user, slot.channel)
    if channel.slots.filter(pk=slot.pk).delete()[0]:
        _record(channel, user)


def _locked(user: User, channel: Channel) -> Channel:
    require(user, channel.client_id, KEEPERS)
    channel = Channel.objects.select_for_update(of=("self",), no_key=True).select_related("client").get(pk=channel.pk)
    if channel.status == ChannelStatus.RETIRED:
        raise Conflict("retired", _("This channel is retired."))
    return channel


def _checked(plan: SlotPlan) -> SlotPlan:
    advice = clean_text(plan.advice, "advice").strip()
    if not 0 <= plan.weekday < 7:  # noqa: PLR2004 - days of a week
        raise _refused("weekday", _("A weekday is a number from 0 (Monday) to 6 (Sunday)."), "weekday")
    if plan.at.second or plan.at.microsecond or plan.at.tzinfo:
        raise _refused("at", _("A slot is given to the minute, on the client's clock."), "minute")
    if len(advice) > ADVICE_LENGTH:
        raise _refused("advice", _("At most %(most)d characters."), "max_length", most=ADVICE_LENGTH)
    return SlotPlan(plan.weekday, plan.at, plan.best or bool(advice), advice)


def _require_free_minute(channel: Channel, plan: SlotPlan, slot: Slot | None) -> None:
    if channel.slots.filter(weekday=plan.weekday, at=plan.at).exclude(pk=slot.pk if slot else 0).exists():
        raise _refused("at", _("This channel has this slot already."), "unique")


def _put(channel: Channel, slot: Slot | None, plan: SlotPlan) -> bool:
    """Write it; whether anything is other than before."""
    fields = {"weekday": plan.weekday, "at": plan.at, "best": plan.best, "advice": plan.advice}
    if slot is None:
        Slot.objects.create(channel=channel, client_id=channel.client_id, **fields)
        return True
    if all(getattr(slot, name) == value for name, value in fields.items()):
        return False
    for name, value in {**fields, "updated_at": timezone.now()}.items():
        setattr(slot, name, value)
    slot.save(update_fields=[*fields, "updated_at"])
    return True


def _record(channel: Channel, user: User) -> None:
    record(
        client_id=channel.client_id,
        actor=user,
        verb="channel.slots_set",
        subject_type="channel",
        subject_id=channel.pk,
        slots=[[slot.weekday, f"{slot.at:%H:%M}", slot.best, slot.advice] for slot in channel.slots.all()],
    )


def _refused(field: str, text: Any, code: str, **params: object) -> ValidationError:
    return ValidationError({field: ValidationError(text, code=code, params=params)})


def _too_many() -> ValidationError:
    return _refused("slots", _("At most %(most)d slots a week."), "too_many", most=MOST_SLOTS)


def leading_channel(channels: Iterable[Channel]) -> Channel | None:
    """Of a post's living channels in their order the first that has slots: its slots are those of the post. One query."""
    living = [channel for channel in channels if channel.status != ChannelStatus.RETIRED]
    found = set(Slot.objects.filter(channel__in=living).values_list("channel_id", flat=True)) if living else set()
    return next((channel for channel in living if channel.pk in found), None)


@transaction.atomic
def queue_post(  # noqa: PLR0913 - which slot, of whom, and what was read before
    *,
    user: User,
    post: Post,
    channel: Channel | None = None,
    best: bool = False,
    after: datetime | None = None,
    edition: str | None = None,
) -> Post:
    """Give the post the next free slot (see ``social.slotting.free_slots``) of the channel that leads: ``channel``, else
    the first of its own that has slots. ``best``: one of its best hours. ``after``: later than this.

    Two who do it at once get two slots: they queue for the channel's row. A post that holds the next one already keeps it.
    As any new time it takes no approval back. Raises what ``edit_post`` raises, ``Conflict`` where no channel of it has
    slots (``no_slots``) or none is free within a year (``no_free_slot``), ``ValidationError`` on ``channel``.
    """
    require(user, post.client_id, STAFF_ROLES)
    post = lock_post(post.pk, "client")
    require_edition(post, edition)
    leader = _leader(post, channel)
    zone = post.client.zone
    begin = max(timezone.now(), in_zone(after, zone, "after")) if after else timezone.now()
    found = free_slots(leader, begin, 1, but=post, best=best)
    if not found:
        raise Conflict("no_free_slot", _("%(channel)s has no free slot within a year.") % {"channel": leader.name})
    if found[0].at != post.publish_at or post.publish_zone != zone.key or post.state not in WRITABLE:
        post = edit_post(user=user, post=post, publish_at=found[0].at, publish_zone=zone.key)
        record(
            client_id=post.client_id,
            actor=user,
            verb="post.queued",
            subject_type="post",
            subject_id=post.pk,
            channel=leader.pk,
            publish_at=found[0].at.isoformat(),
        )
    return post


def _leader(post: Post, chosen: Channel | None) -> Channel:
    """The channel that leads, its row locked until the end of the transaction."""
    own = [variant.channel for variant in post.variants.select_related("channel").order_by("channel_id")]
    if chosen is not None and chosen.pk not in {channel.pk for channel in own}:
        raise _refused("channel", _("This post is not for this channel."), "not_chosen")
    leader = leading_channel([chosen] if chosen else own)
    if leader is None:
        text = _("None of its channels has slots. Give a channel its slots, or choose the time yourself.")
        raise Conflict("no_slots", text)
    return Channel.objects.select_for_update(of=("self",), no_key=True).select_related("client").get(pk=leader.pk)
