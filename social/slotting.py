"""Which slots of a channel are free: those of its minutes, still to come, at which nothing else is planned there."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from clients.times import moment_of
from social.models import Channel, Post, PostState, Publication, Recurrence, Slot
from social.models.publications import TAKEN
from social.recurrence import coming

DAYS = 366  # looked ahead
MINUTE = timedelta(minutes=1)
# Posts that hold their time before they have publications.
PLANNED = [PostState.DRAFT, PostState.IN_REVIEW, PostState.CHANGES_REQUESTED, PostState.APPROVED]


@dataclass(frozen=True)
class FreeSlot:
    """A slot, and the moment (in UTC) at which it comes."""

    slot: Slot
    at: datetime


def moments(slots: Sequence[Slot], zone: ZoneInfo, after: datetime) -> Iterator[FreeSlot]:
    """When these slots come, free or not, in their order: later than ``after``, for ``DAYS``."""
    by_day: dict[int, list[Slot]] = {}
    for slot in sorted(slots, key=lambda slot: slot.at):
        by_day.setdefault(slot.weekday, []).append(slot)
    today = after.astimezone(zone).date()
    for day in (today + timedelta(days=number) for number in range(DAYS)):
        for slot in by_day.get(day.weekday(), ()):
            at = moment_of(datetime.combine(day, slot.at), zone)
            if at is not None and at > after:
                yield FreeSlot(slot, at)


def free_slots(
    channel: Channel, after: datetime, many: int, *, but: Post | None = None, best: bool = False
) -> list[FreeSlot]:
    """The channel's next free slots, at most so many; ``best``: of its best hours only. Four queries.

    Not free is a slot in whose minute a publication of the channel stands that is not cancelled, a post for it that is
    not scheduled yet, or a time of a series whose post has still to be made. ``but``: what this post holds counts as free.
    """
    slots = [slot for slot in channel.slots.all() if slot.best or not best]
    if not slots:
        return []
    taken = _taken(channel, after, but)
    return list(islice((found for found in moments(slots, channel.client.zone, after) if found.at not in taken), many))


def _taken(channel: Channel, after: datetime, but: Post | None) -> set[datetime]:
    span = (after, after + timedelta(days=DAYS + 1))
    number = but.pk if but else 0
    going = Publication.objects.filter(channel=channel, state__in=TAKEN, due_at__range=span).exclude(post=number)
    planned = Post.objects.filter(
        client=channel.client_id, state__in=PLANNED, publish_at__range=span, variants__channel=channel
    ).exclude(pk=number)
    series = Recurrence.objects.filter(client=channel.client_id, ended_at=None, pattern__variants__channel=channel)
    found = [at for recurrence in series for at in coming(recurrence)]
    found += going.values_list("due_at", flat=True)
    found += [at for at in planned.values_list("publish_at", flat=True) if at]
    return {at.replace(second=0, microsecond=0) for at in found}
