"""Asking the networks who we are: daily, three days and one hour before the next publication of a channel, and when somebody wants it.

A channel that needs a new connection is asked daily as well: where its network lets us in again, it goes on by itself.

What is due is found and marked by one query; whoever is given a channel has ten minutes for it, two where a person waits.
What the network says is written down; where it can't be reached the channel stays as it is, and is asked again. Nobody's
page waits for a network: that it is to be asked stands in the row, and a worker does it.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.errors import Conflict
from accounts.models import User
from audit.services import record
from clients.models import STAFF_ROLES
from clients.selectors import require
from social import networks
from social.models import Channel, ChannelStatus
from social.networks.base import CredentialsRefused, Identity, NetworkError
from social.services import budgets, clock
from social.services.awaiting import looks
from social.services.connections import (
    account_of,
    break_channel,
    refused_credentials,
    standing,
    waits_for_renewal,
    wake_waiting,
)
from social.services.lanes import questions
from social.services.renewing import renew
from social.services.whose import adopted

EACH = dt.timedelta(days=1)
BEFORE = (dt.timedelta(hours=72), dt.timedelta(hours=1))
AGAIN = dt.timedelta(minutes=10)  # a network that could not be reached, or a worker that died over it
SOON = dt.timedelta(minutes=2)  # the same where a person waits
BATCH = 50  # of one sweep: 100 a minute, which is a day's round of 140,000 channels

# Those of the next hour first, then the next three days, then the day's round. A channel is due where its last answer is
# older than the moment that was to be checked. One that needs a new connection is asked once a day, too, behind all others:
# what shut it out may have passed, and nobody need notice. Not one that has run out: whatever its network still says to it,
# it would be told of anew each day (see `foresee_ends`).
DUE = """
WITH next AS MATERIALIZED (
    SELECT channel_id, min(due_at) AS due_at FROM social_publication
    WHERE state = 'scheduled' AND due_at > %(now)s AND due_at <= %(three_days)s GROUP BY channel_id
), due AS (
    SELECT channel.id, CASE
        WHEN status = 'broken' THEN 4
        WHEN next.due_at <= %(hour)s AND (checked_at IS NULL OR checked_at < next.due_at - %(before_hour)s) THEN 1
        WHEN next.due_at IS NOT NULL AND (checked_at IS NULL OR checked_at < next.due_at - %(before_days)s) THEN 2
        WHEN checked_at IS NULL OR checked_at < %(yesterday)s THEN 3
    END AS turn
    FROM social_channel channel LEFT JOIN next ON next.channel_id = channel.id
    WHERE (status IN ('connected', 'expiring') OR (
            status = 'broken' AND credentials <> '' AND checked_at < %(yesterday)s
            AND (ends_at IS NULL OR ends_at > %(now)s OR renew_at IS NOT NULL)
        )) AND (check_at IS NULL OR check_at <= %(now)s)
), chosen AS (
    SELECT id FROM due WHERE turn IS NOT NULL ORDER BY turn, id LIMIT %(batch)s
), mine AS (
    SELECT id FROM social_channel
    WHERE id = ANY(ARRAY(SELECT id FROM chosen)) AND (check_at IS NULL OR check_at <= %(now)s) FOR UPDATE SKIP LOCKED
)
UPDATE social_channel SET check_at = %(again)s FROM mine WHERE social_channel.id = mine.id RETURNING social_channel.id
"""


ASKED = """
WITH mine AS (
    SELECT id FROM social_channel
    WHERE asked_at IS NOT NULL AND (check_at IS NULL OR check_at <= %(now)s)
    ORDER BY asked_at LIMIT %(batch)s FOR UPDATE SKIP LOCKED
)
UPDATE social_channel SET check_at = %(again)s FROM mine WHERE social_channel.id = mine.id RETURNING social_channel.id
"""


@transaction.atomic
def ask_channel(*, user: User, channel: Channel) -> Channel:
    """Have a worker ask the network who we are, within seconds; any staff of the client may. Who asks again waits with the first.

    Raises ``Conflict`` for a retired channel.
    """
    require(user, channel.client_id, STAFF_ROLES)
    channel = Channel.objects.select_for_update(of=("self",), no_key=True).select_related("client").get(pk=channel.pk)
    require_living(channel)
    if not channel.being_asked:
        channel.asked_at = channel.check_at = clock.now()
        channel.asked_by = user
        channel.save(update_fields=["asked_at", "asked_by", "check_at", "updated_at"])
    return channel


def await_answer(*, channel_id: int, seconds: float) -> None:
    """Wait until the network has answered what somebody asked, at most so long. Outside any transaction."""
    for _look in looks(seconds):
        if not Channel.objects.filter(pk=channel_id, asked_at__isnull=False).exists():
            return


def hand_out_asked(now: dt.datetime) -> list[int]:
    """The channels of which somebody waits for an answer: one query, shared by several sweeps."""
    with connection.cursor() as cursor:
        cursor.execute(ASKED, {"now": now, "again": now + SOON, "batch": BATCH})
        return [row[0] for row in cursor.fetchall()]


def hand_out(now: dt.datetime) -> list[int]:
    """The channels whose network is to be asked now who we are: one query, shared by several sweeps."""
    days, hour = BEFORE
    values: dict[str, Any] = {
        "now": now,
        "three_days": now + days,
        "hour": now + hour,
        "before_days": days,
        "before_hour": hour,
        "yesterday": now - EACH,
        "again": now + AGAIN,
        "batch": BATCH,
    }
    with connection.cursor() as cursor:
        cursor.execute(DUE, values)
        return [row[0] for row in cursor.fetchall()]


@dataclass(frozen=True)
class Answer:
    """What a network said when it was asked who we are: ``detail`` where it did not let us in, or could not be reached."""

    found: Identity | None = None
    detail: str = ""
    broken: bool = False


def check(*, channel_id: int) -> None:
    """Ask one network, as the sweep or a person wants it. One that broke within a day is left alone, unless somebody asked.

    A network that hangs keeps few threads with that, as with other questions (see ``lanes``).
    """
    slug, client = Channel.objects.values_list("network", "client").get(pk=channel_id)
    questions(slug, "check").run(channel_id, _check, whose=client)


def _check(channel_id: int) -> None:
    channel = Channel.objects.select_related("client", "asked_by").get(pk=channel_id)
    if channel.status == ChannelStatus.RETIRED:
        _answered(channel)
    elif channel.being_asked or not _broke_lately(channel, clock.now()):
        with translation.override(channel.asked_by.language if channel.asked_by else channel.client.language):
            _write(channel, _asked(channel), channel.asked_by)


def _broke_lately(channel: Channel, now: dt.datetime) -> bool:
    if channel.status != ChannelStatus.BROKEN:
        return False
    return channel.checked_at is None or channel.checked_at > now - EACH


def require_living(channel: Channel) -> None:
    """Raise ``Conflict`` for a retired channel."""
    if channel.status == ChannelStatus.RETIRED:
        raise Conflict("retired", _("This channel is retired."))


def _asked(channel: Channel) -> Answer:
    """What the network says, in the active language; a token that has ended is renewed before, or is being renewed."""
    if not channel.credentials and networks.get(channel.network).missing({}):
        return Answer(detail=_("Not connected yet."), broken=True)
    try:
        return _identity(channel)
    except CredentialsRefused as error:
        detail = str(error)
        if refused_credentials(channel=channel, detail=detail):
            return Answer(detail=detail, broken=True)
    except NetworkError as error:
        return Answer(detail=str(error))
    renew(channel_id=channel.pk)
    channel.refresh_from_db()
    return Answer(detail=channel.status_detail, broken=channel.status == ChannelStatus.BROKEN)


def _identity(channel: Channel) -> Answer:
    if waits_for_renewal(channel, clock.now()):
        renew(channel_id=channel.pk)
        channel.refresh_from_db()
    budgets.note_check(channel, clock.now())
    found = networks.get(channel.network).identity(account_of(channel))
    if channel.identity and found.id != channel.identity:
        text = _("The network says this is %(handle)s, another account than before.") % {"handle": found.handle}
        return Answer(detail=text, broken=True)
    return Answer(found)


def _answered(channel: Channel) -> None:
    """Nobody waits any more for what was asked when this was read."""
    if channel.being_asked:
        rows = Channel.objects.filter(pk=channel.pk, asked_at=channel.asked_at)
        rows.update(asked_at=None, asked_by=None, check_at=None, updated_at=clock.now())


def _first(channel: Channel, answer: Answer) -> Answer:
    """The first time that the network says who the locked channel is, it is called so, in memory; or it is another than is meant."""
    if answer.found and not channel.identity:
        try:
            channel.handle = adopted(channel, answer.found)
        except Conflict as conflict:
            return Answer(detail=str(conflict), broken=True)
    return answer


@transaction.atomic
def _write(channel: Channel, answer: Answer, user: User | None) -> Channel:
    read_with = (channel.credentials, channel.handle.lower(), channel.server)
    _answered(channel)
    channel = Channel.objects.select_for_update(of=("self",), no_key=True).select_related("client").get(pk=channel.pk)
    if (
        channel.status == ChannelStatus.RETIRED
        or (channel.credentials, channel.handle.lower(), channel.server) != read_with
    ):
        return channel  # it is another connection by now, which has an answer of its own
    now, was, called = clock.now(), channel.status, channel.handle
    answer = _first(channel, answer)
    if answer.broken:
        break_channel(channel=channel, detail=answer.detail)
        channel.refresh_from_db()
    elif answer.found:
        channel.status, channel.checked_at = standing(channel, now), now
        if channel.status == ChannelStatus.CONNECTED:
            channel.status_detail = ""
        channel.identity, channel.allows, channel.check_at = answer.found.id, dict(answer.found.allows), None
        told = ["status", "status_detail", "checked_at", "handle", "identity", "allows", "check_at", "updated_at"]
        channel.save(update_fields=told)
        wake_waiting(channel, now)
    elif user:  # it has not answered: what was known holds, and it is asked again like any that could not be reached
        channel.status_detail, channel.check_at = answer.detail[:500], now + AGAIN
        channel.save(update_fields=["status_detail", "check_at", "updated_at"])
    elif channel.status == ChannelStatus.BROKEN:  # once a day, also where nobody answers
        Channel.objects.filter(pk=channel.pk).update(check_at=now + EACH)
    became: dict[str, Any] = (
        {"was": {"handle": called}, "now": {"handle": channel.handle}} if channel.handle != called else {}
    )
    if user or channel.status != was or became:
        record(
            client_id=channel.client_id,
            actor=user,
            verb="channel.checked",
            subject_type="channel",
            subject_id=channel.pk,
            status=str(channel.status),
            **became,
        )
    return channel
