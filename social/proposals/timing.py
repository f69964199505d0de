"""When a proposal would go out: in a free slot of the channel, else at the hour at which it usually does."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from clients.times import moment_of
from social.models import Channel, Publication, PublicationState, Silence
from social.slotting import FreeSlot, free_slots

USUAL = time(10)  # of a channel on which nothing has gone out yet
LEAD = timedelta(hours=1)  # nobody can write and approve in less
LOOKED = 60  # free slots


class Timing:
    """The free slots of one channel, read once. Five queries."""

    def __init__(self, channel: Channel, now: datetime) -> None:
        self.zone: ZoneInfo = channel.client.zone
        self.first = now + LEAD
        self.slots: list[FreeSlot] = free_slots(channel, self.first, LOOKED)
        out = Publication.objects.filter(channel=channel, state=PublicationState.PUBLISHED)
        last = out.order_by("-due_at").values_list("due_at", flat=True).first()
        self.usual = last.astimezone(self.zone).time().replace(second=0, microsecond=0) if last else USUAL

    def filling(self, silence: Silence) -> datetime:
        """The first free slot after the channel was last heard that still fills the silence; else its first day."""
        begins = datetime.combine(silence.after + timedelta(days=1), time(), self.zone)
        ends = datetime.combine(silence.falls_on + timedelta(days=1), time(), self.zone)
        fitting = [slot.at for slot in self.slots if slot.at >= begins]
        if fitting and (fitting[0] < ends or silence.falls_on <= self.first.astimezone(self.zone).date()):
            return fitting[0]
        return self.on(silence.falls_on)

    def on(self, day: date) -> datetime:
        """A free slot of that day, else its usual hour; the first later day on which that has not passed."""
        today = self.first.astimezone(self.zone).date()
        for number in range(8):
            there = max(day, today) + timedelta(days=number)
            slot = next((slot.at for slot in self.slots if slot.at.astimezone(self.zone).date() == there), None)
            found = slot or moment_of(datetime.combine(there, self.usual), self.zone)
            if found is not None and found >= self.first:
                return found
        raise AssertionError("one of eight days has such an hour")  # pragma: no cover - no clock is like that
