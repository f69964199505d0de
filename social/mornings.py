"""What the morning mail says of silences ahead (see ``approvals.morning``)."""

from collections.abc import Iterator
from datetime import datetime
from itertools import groupby

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from approvals import morning
from approvals.mails import absolute
from approvals.morning import MOST, Section
from approvals.services.noting import Due, note, noted
from approvals.services.reminding import mornings
from clients.models import STAFF_ROLES
from clients.moments import spoken_day
from clients.selectors import within
from notifications.letters import Group, Item
from social.models import Silence, SilenceState
from social.pause_words import per_week_said

KIND = "silence"


def register() -> None:
    """Silences stand in it."""
    morning.add_section(silences)


def remind(*, now: datetime) -> int:
    """Each stage of a silence once to its owner, on their next morning. How many that were."""
    people = mornings(now)
    if not people:
        return 0
    rows = Silence.objects.filter(state=SilenceState.FORESEEN, staged_at__lte=now, owner__in=people)
    due = [
        Due(row.owner_id, row.client_id, key_of(row.pk, row.stage))
        for row in rows.only("client", "owner", "stage")
        if row.owner_id
    ]
    return note(KIND, due, people, now=now)


def key_of(silence: int, stage: int) -> str:
    """What is claimed: this stage of this silence."""
    return f"{silence}:{stage}"


def silences(reader: User, at: datetime) -> Section | None:
    """Those ahead that this person looks after, as things stand now; by client."""
    rows = Silence.objects.filter(within(reader, "client", STAFF_ROLES), state=SilenceState.FORESEEN, owner=reader)
    found = list(rows.select_related("client", "channel").order_by("falls_on", "pk"))
    if not found:
        return None
    claimed = noted(KIND, reader, at)
    due = any(key_of(row.pk, row.stage) in claimed for row in found)
    shown = sorted(found[:MOST], key=lambda row: (row.client.name, row.client_id))
    return Section(groups=tuple(_groups(shown)), due=due, more=len(found) - len(shown))


def _groups(rows: list[Silence]) -> Iterator[Group]:
    for client, own in groupby(rows, key=lambda row: row.client):
        heading = _("%(client)s: silences") % {"client": client.name}
        yield Group(heading=heading, items=tuple(_item(row) for row in own))


def _item(row: Silence) -> Item:
    zone = row.client.zone
    words = [_("Agreed: %(cadence)s.") % {"cadence": per_week_said(row.per_week)}]
    if row.until:
        words.append(_("The one after the silence goes out on %(day)s.") % {"day": spoken_day(row.until, zone)})
    else:
        words.append(_("Nothing is planned after that."))
    return Item(
        client_name="",
        client_colour=row.client.colour,
        title=row.channel.name,
        words=" ".join(words),
        since="\n".join(when_said(row)),
        address=absolute(reverse("admin:social_silence_change", args=[row.pk])),
        button=_("Look at what could fill it"),
    )


def state_said(row: Silence) -> str:
    """What became of it; what is ahead no longer, since it has begun, is called so."""
    today = timezone.now().astimezone(row.client.zone).date()
    return _("Silent") if row.state == SilenceState.FORESEEN and row.falls_on <= today else row.get_state_display()


def when_said(row: Silence) -> Iterator[str]:
    """From when it is silent, and since when it is quiet; of one that did not come to be, from when it would have been."""
    zone = row.client.zone
    today = timezone.now().astimezone(zone).date()
    left = (row.falls_on - today).days
    day = spoken_day(row.falls_on, zone)
    if row.state in {SilenceState.FILLED, SilenceState.MOOT}:
        yield _("Would have fallen silent on %(day)s.") % {"day": day}
        return
    if left > 0:
        words = ngettext("Falls silent tomorrow, on %(day)s.", "Falls silent in %(n)d days, on %(day)s.", left)
        yield words % {"n": left, "day": day}
    else:
        yield _("Silent since %(day)s.") % {"day": day}
    last = _("The last one before it goes out on %(day)s.") if row.after > today else _("Last heard on %(day)s.")
    yield last % {"day": spoken_day(row.after, zone)}
