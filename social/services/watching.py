"""After something is out: whether it is there, read back on a schedule that thins out, and what the network counts of it.

A sweep hands out rows whose time has come, with a lease; whoever looks writes down what was found only if the row is
still as it was given. Looking is never urgent: it takes few of a process's threads, and its share of a network's limits.
"""

import dataclasses
import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cache
from threading import BoundedSemaphore
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import connection, transaction
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.prepared import PreparedInsert
from social import networks
from social.models import Act, ChannelStatus, Charge, Publication, Reading, Seen, Watch
from social.networks.base import (
    CannotTell,
    CredentialsRefused,
    Network,
    NetworkError,
    NotReady,
    NotSent,
    Numbers,
    Published,
    Refused,
    Throttled,
)
from social.services import budgets, clock, paid_reading
from social.services.connections import account_of, refused_credentials, waits_for_renewal
from social.services.contents import HIDDEN, live_at
from social.services.how_far import of_what_is_out
from social.services.lanes import company_of
from social.services.outbox import LACKING, record_publication, tell_people

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

log = logging.getLogger(__name__)

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
LOOKS = (MINUTE, HOUR, DAY, 7 * DAY, 30 * DAY)  # after it went out, or was changed
COUNTS = (HOUR, 6 * HOUR, DAY, 3 * DAY, 7 * DAY, 30 * DAY, 90 * DAY)  # after it went out
LEASE = 10 * MINUTE  # longer than any network takes to answer
BUSY = timedelta(seconds=20)
UNCONNECTED = 6 * HOUR
BATCH = 100
MOST_TRIES = 4  # that did not reach the network, before its next time is waited for
LARGEST = 2**63 - 1
QUESTIONS: Mapping[str, paid_reading.Question] = {"look_at": "look", "count_at": "count"}
DETAILS = {"look_at": "detail", "count_at": "count_detail"}
CEILING = gettext_lazy(
    "%(network)s takes money for each look, and the month's ceiling is reached: nobody looks for now."
)

DUE = """
UPDATE social_watch SET {column} = %(until)s
WHERE id IN (
    SELECT id FROM social_watch WHERE {column} <= %(now)s ORDER BY {column} LIMIT %(batch)s FOR UPDATE SKIP LOCKED
)
RETURNING publication_id
"""

_BEGIN = PreparedInsert(Watch, once=True)


def begin(publication: Publication, live: Published, now: datetime) -> None:
    """It is out: from now on it is looked at. In the transaction that says so; twice is once."""
    if publication.act not in {Act.PUBLISH, Act.NEW_POST}:
        return
    network = networks.get(publication.network)
    watch = Watch(publication=publication, client_id=publication.client_id)
    if not live.remote_id:
        watch.seen, watch.seen_at = Seen.UNREADABLE, now
        watch.detail = _in(
            publication, gettext_lazy("A person has said that it is out: its number on the network is not known.")
        )
    elif _is_paid(network):
        watch.seen = Seen.UNREADABLE
        watch.detail = _in(publication, gettext_lazy("%(network)s takes money for each look, so nobody looks."))
    else:
        watch.look_at = now + LOOKS[0]
        watch.count_at = now + COUNTS[0] if network.counts else None
    _BEGIN(
        publication_id=watch.publication_id,
        client_id=watch.client_id,
        look_at=watch.look_at,
        seen=watch.seen,
        seen_at=watch.seen_at,
        detail=watch.detail,
        count_at=watch.count_at,
    )


def _is_paid(network: Network) -> bool:
    return network.read_price is not None and not settings.PAID_READS


def _in(publication: Publication, text: "StrPromise") -> str:
    with translation.override(publication.client.language):
        return str(text) % {"network": networks.get(publication.network).name}


def hand_out(column: str, now: datetime) -> list[int]:
    """The publications whose ``look_at`` or ``count_at`` has come; whoever gets them has them for ``LEASE``."""
    with connection.cursor() as cursor:
        cursor.execute(DUE.format(column=column), {"now": now, "until": now + LEASE, "batch": BATCH})
        return [row[0] for row in cursor.fetchall()]


@cache
def _slots(company: str) -> BoundedSemaphore:  # noqa: ARG001 - the cache's key
    """So many of this process's threads may ask one network, or those of one company, how things are, beside those that publish."""
    return BoundedSemaphore(max(1, settings.THREADS // 8))


def _mine(publication_id: int, column: str) -> tuple[Watch, Charge | None] | None:
    """The row, and what is paid for it, if there is something to do and somebody who may; else it is put off, or for good."""
    rows = Watch.objects.select_related("publication__channel", "publication__client", "publication__version")
    watch = rows.get(publication=publication_id)
    given, channel = getattr(watch, column), watch.publication.channel
    if given is None:
        return None
    if channel.retired or watch.publication.taken_down_at:
        Watch.objects.filter(pk=watch.pk).update(look_at=None, count_at=None)
        return None
    now, question = clock.now(), QUESTIONS[column]
    with transaction.atomic():
        broken = channel.status == ChannelStatus.BROKEN
        until = now + UNCONNECTED if broken else waits_for_renewal(channel, now)
        until = until or budgets.read_at(watch.publication, now)
        kept = None if until else paid_reading.kept_until(watch.publication, question, now)
        if until or kept:
            why = {DETAILS[column]: _in(watch.publication, CEILING)} if kept else {}
            Watch.objects.filter(pk=watch.pk, **{column: given}).update(**{column: until or kept}, **why)
            return None
        return watch, paid_reading.pay(watch.publication, question, now)


def _busy(publication_id: int, column: str) -> None:
    Watch.objects.filter(publication=publication_id, **{f"{column}__isnull": False}).update(
        **{column: clock.now() + BUSY}
    )


def look(*, publication_id: int) -> None:
    """Read one publication back, and write down what was found."""
    _with_slot(publication_id, "look_at", _look)


def count(*, publication_id: int) -> None:
    """Ask what the network counts of one publication, and keep it."""
    _with_slot(publication_id, "count_at", _count)


def _with_slot(publication_id: int, column: str, work: Any) -> None:
    slots = _slots(company_of(Publication.objects.values_list("network", flat=True).get(pk=publication_id)))
    if not slots.acquire(blocking=False):
        _busy(publication_id, column)
        return
    try:
        mine = _mine(publication_id, column)
        if mine is not None:
            watch, charge = mine
            with translation.override(watch.publication.client.language):
                work(watch, charge)
    finally:
        slots.release()


# Whether it is there


def _look(watch: Watch, charge: Charge | None) -> None:
    publication = watch.publication
    network = networks.get(publication.network)
    try:
        found = network.read_back(account_of(publication.channel), live_at(publication))
    except (NotSent, Throttled) as error:
        paid_reading.give_back(charge)
        _put_off(watch, error, "look_at", "tries", _after(watch.looks + 1))
    except NotReady as error:
        paid_reading.give_back(charge)
        mine = Watch.objects.filter(pk=watch.pk, look_at=watch.look_at)
        mine.update(look_at=max(clock.here(error.retry_at), clock.now() + MINUTE), **_why_not(watch, "look_at", error))
    except CannotTell as error:
        _seen(watch, Seen.UNREADABLE, of_what_is_out(error), None)
    except CredentialsRefused as error:
        _shut_out(watch, error, "look_at", charge)
    except NetworkError as error:
        _seen(watch, Seen.UNREADABLE, of_what_is_out(error), _after(watch.looks + 1))
    except Exception as error:
        log.exception("reading back broke", extra={"publication": publication.pk})
        text = _("Something broke on our side: %(what)s.") % {"what": type(error).__name__}
        _put_off(watch, NotSent(text), "look_at", "tries", _after(watch.looks + 1))
    else:
        _found(watch, found)


def _found(watch: Watch, found: Published | None) -> None:
    publication = watch.publication
    later = _after(watch.looks + 1)
    if found is None:
        _seen(watch, Seen.GONE, "", later)
        return
    address = settings.BASE_URL.rstrip("/") + found.permalink if found.permalink.startswith("/") else found.permalink
    same = found.remote_id == publication.remote_id and address in {"", publication.permalink}
    seen = Seen.LACKING if found.lacks else Seen.THERE if same else Seen.DIFFERS
    _seen(watch, seen, str(found.lacks), later, address="" if same else address)
    if HIDDEN in publication.progress:
        shown = {name: value for name, value in publication.progress.items() if found.hidden or name != HIDDEN}
        Publication.objects.filter(pk=publication.pk).update(progress=shown, detail=str(found.detail)[:500])


def _after(looks: int) -> datetime | None:
    """When the look after so many is; None after the last."""
    return clock.now() + (LOOKS[looks] - LOOKS[looks - 1]) if looks < len(LOOKS) else None


@transaction.atomic
def _seen(watch: Watch, seen: Seen, detail: str, later: datetime | None, address: str = "") -> None:
    """Write down what was found, unless somebody else has had the row meanwhile; news are recorded."""
    now, there = clock.now(), seen in {Seen.THERE, Seen.DIFFERS}
    fields: dict[str, Any] = {
        "look_at": later,
        "looks": watch.looks + 1,
        "tries": 0,
        "seen": seen,
        "seen_at": now,
        "detail": detail[:500],
        "address": address[:1000],
    }
    if there:
        fields["verified_at"] = now
    if watch.seen == Seen.GONE and (there or seen == Seen.LACKING):
        fields["count_at"] = _next_count(watch.publication, now)[1]
    if seen == Seen.GONE and watch.seen == Seen.GONE:
        fields["count_at"] = None  # seen twice: what is counted of it from now on means nothing
    mine = Watch.objects.filter(pk=watch.pk, look_at=watch.look_at)
    if mine.update(**fields) and seen != watch.seen:
        record_publication(watch.publication, f"publication.{'verified' if there else seen}", found=str(seen))
        if seen == Seen.LACKING:
            tell_people(watch.publication, LACKING)


def _why_not(watch: Watch, column: str, error: NetworkError) -> dict[str, str]:
    """What is kept of why nobody could look or count; what its readers were seen not to get stays."""
    return {} if column == "look_at" and watch.seen == Seen.LACKING else {DETAILS[column]: of_what_is_out(error)[:500]}


def _put_off(watch: Watch, error: NetworkError, column: str, tries: str, later: datetime | None) -> None:
    """The network could not be asked: again soon, and after some tries at its next time."""
    number, now = getattr(watch, tries) + 1, clock.now()
    again: datetime | None = now + number * 10 * MINUTE
    if isinstance(error, Throttled):
        again = max(error.retry_at, now + MINUTE)
    fields: dict[str, Any] = {tries: number, column: again, **_why_not(watch, column, error)}
    if number >= MOST_TRIES:
        fields |= {tries: 0, column: later}
        if column == "look_at":
            fields["looks"] = watch.looks + 1
    Watch.objects.filter(pk=watch.pk, **{column: getattr(watch, column)}).update(**fields)


def _shut_out(watch: Watch, error: CredentialsRefused, column: str, charge: Charge | None) -> None:
    """The network lets nobody in, which says nothing of what is out: again with a new connection, or a new token."""
    paid_reading.give_back(charge)
    broken = refused_credentials(channel=watch.publication.channel, detail=str(error))
    again = {**_why_not(watch, column, error), column: clock.now() + (UNCONNECTED if broken else BUSY)}
    Watch.objects.filter(pk=watch.pk, **{column: getattr(watch, column)}).update(**again)


# What is counted


def _next_count(publication: Publication, now: datetime) -> tuple[int, datetime | None]:
    """The number of the schedule's last time that has come, and when the next one is. Missed ones can't be made up for."""
    out = publication.published_at or now
    passed = sum(out + after <= now for after in COUNTS)
    return max(0, passed - 1), out + COUNTS[passed] if passed < len(COUNTS) else None


def _count(watch: Watch, charge: Charge | None) -> None:
    publication = watch.publication
    mark, later = _next_count(publication, clock.now())
    try:
        found = networks.get(publication.network).numbers(account_of(publication.channel), live_at(publication))
    except (NotSent, Throttled) as error:
        paid_reading.give_back(charge)
        _put_off(watch, error, "count_at", "count_tries", later)
    except CredentialsRefused as error:
        _shut_out(watch, error, "count_at", charge)
    except NetworkError as error:
        gone = isinstance(error, Refused) and error.code == "gone"
        _not_counted(watch, of_what_is_out(error), None if gone else later)
    except Exception as error:
        log.exception("counting broke", extra={"publication": publication.pk})
        _not_counted(watch, _("Something broke on our side: %(what)s.") % {"what": type(error).__name__}, later)
    else:
        _counted(watch, found, mark, later)


def _not_counted(watch: Watch, why: str, later: datetime | None) -> None:
    mine = Watch.objects.filter(pk=watch.pk, count_at=watch.count_at)
    mine.update(count_at=later, count_tries=0, count_detail=why[:500])


@transaction.atomic
def _counted(watch: Watch, found: Numbers, mark: int, later: datetime | None) -> None:
    mine = Watch.objects.filter(pk=watch.pk, count_at=watch.count_at)
    if not mine.update(count_at=later, count_tries=0, count_detail=""):
        return  # somebody else had it meanwhile, or it has been taken down
    told = {field.name: _whole(getattr(found, field.name)) for field in dataclasses.fields(Numbers)}
    reading = Reading(publication=watch.publication, client_id=watch.client_id, mark=mark, **told)
    Reading.objects.bulk_create([reading], ignore_conflicts=True)


def _whole(value: object) -> int | None:
    """A count, if it is one: what a network answers is not to be trusted."""
    return value if type(value) is int and 0 <= value <= LARGEST else None
