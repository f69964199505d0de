"""Where the newsletter's issues lie, and which copies are out: the post room behind ``social.networks.newsletter``.

Every word is a transaction of its own. A copy is begun by one UPDATE that finds it waiting, its reader on the list and nothing
stopped; whatever is done to it after that asks whether it is still as it was.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Count, F, Min, Q, QuerySet
from django.urls import reverse

from audit.services import record
from clients.models import Status
from newsletter.models import Copy, CopyState, Issue, MailingList, Reader, ReaderState
from newsletter.reports import status_of
from newsletter.selectors import readers_who_get
from newsletter.services import bounces, doubts, readers
from newsletter.services.lists import list_of
from newsletter.speaking import catalogue
from social import networks
from social.models import Channel, ChannelStatus
from social.networks.newsletter import Newsletter
from social.networks.newsletter.post_room import Envelope, House, Tally, Written
from social.services import clock

WAITS = (timedelta(minutes=2), timedelta(minutes=10), timedelta(minutes=30))  # after “not now”; then it is refused
AT_ONCE = 2000  # copies in one INSERT

# Its conditions are all of this very statement: two who begin the same copy find it waiting once.
BEGIN = """
UPDATE newsletter_copy copy SET state = 'sending', begun_at = %(now)s
FROM newsletter_reader reader, newsletter_mailinglist list, social_channel channel, clients_client client
WHERE copy.id = %(copy)s AND copy.state = 'waiting'
    AND reader.id = copy.reader_id AND reader.state = 'confirmed'
    AND list.id = reader.mailing_list_id AND channel.id = list.channel_id AND channel.status <> 'retired'
    AND client.id = copy.client_id AND client.frozen_at IS NULL AND client.status <> 'ended'
"""


class Room:
    """See ``social.networks.newsletter.post_room.PostRoom``."""

    def house(self, handle: str) -> House | None:
        """How the list shows itself; one that does not exist yet, without an imprint."""
        channel = _channel(handle)
        if channel is None:
            return None
        client = channel.client
        language = catalogue(client.language, client)
        mailing_list = MailingList.objects.filter(channel=channel).first()
        return House(client.name, language, client.colour, mailing_list.imprint if mailing_list else "")

    def readers(self, handle: str) -> int:
        """How many would get an issue now."""
        mailing_list = _list(handle)
        return readers_who_get(mailing_list).count() if mailing_list else 0

    def page_address(self, page: str) -> str:
        """The whole address of an issue's page."""
        return settings.BASE_URL.rstrip("/") + reverse("newsletter:issue", args=[page])

    @transaction.atomic
    def lay_out(self, handle: str, key: str, page: str, issue: Written) -> None:
        """Write the issue down with its copies; who comes second finds it done."""
        mailing_list = _require(_list(handle))
        row, made = Issue.objects.get_or_create(
            mailing_list=mailing_list,
            key=key,
            defaults={
                "client_id": mailing_list.client_id,
                "page_key": page,
                "subject": issue.subject,
                "preheader": issue.preheader,
                "html": issue.html,
                "text": issue.text,
                "media": [{"sha256": item.sha256, "alt_text": item.alt_text} for item in issue.media],
            },
        )
        if not made:
            return
        gets = readers_who_get(mailing_list).values_list("pk", flat=True)
        copies = [Copy(issue=row, reader_id=pk, client_id=row.client_id) for pk in gets]
        Copy.objects.bulk_create(copies, batch_size=AT_ONCE)
        record(
            client_id=row.client_id,
            actor=None,
            verb="issue.laid_out",
            subject_type="issue",
            subject_id=row.pk,
            copies=len(copies),
            page=page,
        )

    def laid_out(self, handle: str, key: str) -> Written | None:
        """The words that were laid out."""
        row = _issues(handle, key).first()
        return Written(row.subject, row.preheader, row.html, row.text) if row else None

    def waiting(self, handle: str, key: str, most: int, sender: str, domain: str) -> Sequence[Envelope]:
        """The next ones, those that nobody has begun before first; who has left the list meanwhile is passed over."""
        while True:
            found = list(self._waiting(handle, key)[:most])
            left = [copy.pk for copy in found if copy.reader.state != ReaderState.CONFIRMED]
            if left:
                waits = Copy.objects.filter(pk__in=left, state=CopyState.WAITING)
                waits.update(state=CopyState.SKIPPED, ended_at=clock.now())
            stay = [copy for copy in found if copy.pk not in set(left)]
            if stay or not found:
                return [_envelope(copy, sender, domain) for copy in stay]

    def _waiting(self, handle: str, key: str) -> QuerySet[Copy]:
        # By its number, so that the planner takes them from the index, in order.
        issue = _issues(handle, key).values_list("pk", flat=True).first()
        rows = Copy.objects.filter(issue=issue, state=CopyState.WAITING)
        rows = rows.filter(Q(after=None) | Q(after__lte=clock.now()))
        return rows.select_related("reader").order_by(F("begun_at").asc(nulls_first=True), "pk")

    def begin(self, copy: int) -> bool:
        """It may be out from here on."""
        with connection.cursor() as cursor:
            cursor.execute(BEGIN, {"copy": copy, "now": clock.now()})
            return bool(cursor.rowcount)

    def is_stopped(self, handle: str) -> bool:
        """Whether its client is stopped or gone, or its channel retired."""
        channel = _channel(handle)
        return channel is None or channel.client.frozen or channel.client.status == Status.ENDED

    def took(self, copy: int) -> None:
        """Sent: also where somebody has taken its worker for dead meanwhile."""
        _end(copy, CopyState.SENT, was=[CopyState.SENDING, CopyState.UNCERTAIN])

    def refused(self, copy: int, detail: str, *, gone: bool) -> None:
        """Refused for good, and its reader gets nothing any more where the address does not exist."""
        with transaction.atomic():
            if gone:
                doubts.hold(copy)
            if _end(copy, CopyState.REFUSED, detail) and gone:
                row = Copy.objects.select_related("reader").get(pk=copy)
                doubts.end(copy=row, reader=row.reader, status=status_of(detail), why=detail)

    def later(self, copy: int, detail: str) -> None:
        """Not now; after as many times as there are ``WAITS`` that was once too often."""
        tries = Copy.objects.values_list("tries", flat=True).get(pk=copy)
        if tries >= len(WAITS):
            _end(copy, CopyState.REFUSED, detail)
            return
        rows = Copy.objects.filter(pk=copy, state=CopyState.SENDING, tries=tries)
        at = clock.now() + WAITS[tries]
        with transaction.atomic():
            rows.update(state=CopyState.WAITING, tries=tries + 1, after=at, detail=_kept(copy, detail))

    def put_back(self, copy: int) -> None:
        """As before, behind all that nobody has begun."""
        Copy.objects.filter(pk=copy, state=CopyState.SENDING).update(state=CopyState.WAITING)

    def uncertain(self, copy: int, detail: str) -> None:
        """It may be out, and stays like that."""
        _end(copy, CopyState.UNCERTAIN, detail)

    def give_up_begun(self, handle: str, key: str) -> int:
        """What somebody had begun who is not there any more."""
        begun = Copy.objects.filter(issue__in=_issues(handle, key), state=CopyState.SENDING)
        return begun.update(state=CopyState.UNCERTAIN, ended_at=clock.now())

    def tally(self, handle: str, key: str) -> Tally | None:
        """How many copies stand how: two queries."""
        row = _issues(handle, key).first()
        if row is None:
            return None
        rows = row.copies.values_list("state").annotate(count=Count("pk")).order_by()
        waiting = row.copies.filter(state=CopyState.WAITING)
        counts: dict[str, Any] = dict(rows)
        if counts.get(CopyState.WAITING):
            counts["next_at"] = waiting.aggregate(first=Min("after"))["first"]
        return Tally(**{str(name): count for name, count in counts.items()})

    def free(self, handle: str, most: int, within: timedelta) -> tuple[int, datetime]:
        """What the list may still send within a time that slides."""
        now = clock.now()
        begun = Copy.objects.filter(issue__mailing_list=_list(handle), begun_at__gt=now - within)
        left = most - begun.count()
        if left > 0:
            return left, now
        first = begun.order_by("-begun_at").values_list("begun_at", flat=True)[most - 1]
        return 0, (first or now) + within


def open_room() -> None:
    """Give the newsletter its post room; called once, when the installation starts."""
    network = networks.get(Newsletter.slug)
    if isinstance(network, Newsletter):
        network.use(Room())


def _channel(handle: str) -> Channel | None:
    """The living channel of this name; a newsletter has no server, so that there is one at most."""
    rows = Channel.objects.select_related("client").filter(network=Newsletter.slug, server="", handle__iexact=handle)
    return rows.exclude(status=ChannelStatus.RETIRED).first()


def _list(handle: str) -> MailingList | None:
    channel = _channel(handle)
    return list_of(channel) if channel else None


def _require(mailing_list: MailingList | None) -> MailingList:
    if mailing_list is None:
        raise Channel.DoesNotExist
    return mailing_list


def _issues(handle: str, key: str) -> QuerySet[Issue]:
    """The issue with this key, if it is of this name: also of a channel that was retired since."""
    return Issue.objects.filter(key=key, mailing_list__channel__handle__iexact=handle)


def _envelope(copy: Copy, sender: str, domain: str) -> Envelope:
    return Envelope(
        copy=copy.pk,
        email=copy.reader.email,
        name=copy.reader.name,
        unsubscribe=readers.sign_off_address(copy.reader),
        message_id=bounces.message_id(copy.pk, sender.rpartition("@")[2]),
        bounces_to=bounces.return_path(copy.pk, domain) if domain else sender,
    )


def _end(copy: int, state: CopyState, detail: str = "", was: Sequence[CopyState] = (CopyState.SENDING,)) -> bool:
    rows = Copy.objects.filter(pk=copy, state__in=was)
    with transaction.atomic():
        return bool(rows.update(state=state, detail=_kept(copy, detail), ended_at=clock.now()))


def _kept(copy: int, detail: str) -> str:
    """A server's words as they are kept: none of who was erased meanwhile, since they may repeat the address. Locks the reader."""
    if not detail:
        return ""
    reader = readers.locked(Reader.objects.only("pk").get(copies=copy))
    return "" if reader.state == ReaderState.ERASED else detail[:500]
