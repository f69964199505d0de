"""Whether it is the readers: a list with dead addresses has some of them, a fault of the sender's or of one provider's hits many.

Servers have told senders of living addresses that they do not exist: a relay with a wrong table of them, a large provider on a bad
night. So where more than a tenth of an issue's copies, and ten at least, come back with one and the same status that says so,
nobody is taken off for it by itself: who was is put back, and the client's managers decide. A list that is just old has that
too, and then it is one decision.
"""

from datetime import datetime

from django.db import transaction
from django.db.models import Exists, F, OuterRef, QuerySet, Subquery
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.errors import Conflict
from accounts.models import User
from audit.services import record
from clients.models import Role
from clients.selectors import require
from newsletter.models import Confirmation, Copy, CopyState, Doubt, DoubtState, Issue, Reader, ReaderState
from newsletter.selectors import came_back_with
from newsletter.services.readers import stop
from notifications.services import tell
from social.services.connections import managers_of

FEW = 10  # copies: fewer are never doubted
ONE_IN = 10  # of an issue's copies


def hold(copy: Copy | int) -> None:
    """The lock of a copy's issue, under which returned copies are counted. Taken before that of a reader."""
    Issue.objects.select_for_update(no_key=True, of=("self",)).only("pk").get(copies=copy)


def end(*, copy: Copy, reader: Reader, status: str, why: str) -> bool | None:
    """A server says that this copy's address does not exist. Whether its reader was taken off; None: a manager decides.

    The caller holds the issue (``hold``).
    """
    Copy.objects.filter(pk=copy.pk).update(gone=status)
    doubt = Doubt.objects.filter(issue=copy.issue_id, status=status).first()
    if doubt is None and _are_many(copy.issue_id, status):
        doubt = _open(copy, status)
    if doubt is None or doubt.state == DoubtState.ENDED:
        return stop(reader=reader, state=ReaderState.BOUNCED, why=why)
    return None


def _are_many(issue: int, status: str) -> bool:
    told = came_back_with(issue, status).count()
    if told < FEW:
        return False
    return told * ONE_IN > Copy.objects.filter(issue=issue).exclude(state=CopyState.SKIPPED).count()


def _open(copy: Copy, status: str) -> Doubt:
    now = timezone.now()
    doubt = Doubt.objects.create(issue_id=copy.issue_id, client_id=copy.client_id, status=status, opened_at=now)
    readers = _put_back(_whose(doubt, ReaderState.BOUNCED).exclude(_ends_elsewhere(doubt)), now)
    tell(
        users=managers_of(doubt.client_id),
        client_id=doubt.client_id,
        kind="newsletter_doubt",
        key=f"doubt:{doubt.pk}",
        doubt=doubt.pk,
    )
    _record(doubt, "opened", None, readers)
    return doubt


@transaction.atomic
def decide(*, user: User, doubt: Doubt, ends: bool) -> None:
    """Take all these readers off, or let them stay, whatever else comes back with this status; managers only.

    Raises ``Conflict`` (``decided``) where somebody has decided meanwhile.
    """
    require(user, doubt.client_id, {Role.MANAGER})
    Issue.objects.select_for_update(no_key=True).only("pk").get(pk=doubt.issue_id)
    now, state = timezone.now(), DoubtState.ENDED if ends else DoubtState.KEPT
    rows = Doubt.objects.filter(pk=doubt.pk, state=DoubtState.OPEN)
    if not rows.update(state=state, closed_at=now, closed_by=user, updated_at=now):
        raise Conflict("decided", _("This has been decided already."))
    whose = _whose(doubt, ReaderState.CONFIRMED)
    readers = _take_off(doubt, whose, now) if ends else _put_back(whose, now)
    _record(doubt, str(state.value), user, readers)


def _whose(doubt: Doubt, state: ReaderState) -> QuerySet[Reader]:
    """Of whose copies it was said, but who has confirmed the address anew after theirs was sent."""
    copies = came_back_with(doubt.issue_id, doubt.status).exclude(begun_at__lt=F("reader__confirmed_at"))
    return Reader.objects.filter(pk__in=copies.values("reader"), state=state)


def _ends_elsewhere(doubt: Doubt) -> Exists:
    """Whether another issue's copy said so, too, and no doubt keeps that reader: a manager has decided, or they are few."""
    kept = Doubt.objects.filter(issue=OuterRef("issue"), status=OuterRef("gone")).exclude(state=DoubtState.ENDED)
    others = Copy.objects.filter(reader=OuterRef("pk")).exclude(issue=doubt.issue_id).exclude(gone="")
    return Exists(others.exclude(Exists(kept)))


def _locked(readers: QuerySet[Reader]) -> list[int]:
    return list(readers.select_for_update(no_key=True).order_by("pk").values_list("pk", flat=True))


def _put_back(readers: QuerySet[Reader], now: datetime) -> list[int]:
    found = _locked(readers)
    back = {"back_at": now, "updated_at": now, "ended_at": None, "ended_why": "", "soft_bounces": 0}
    Reader.objects.filter(pk__in=found).update(state=ReaderState.CONFIRMED, **back)
    return found


def _take_off(doubt: Doubt, readers: QuerySet[Reader], now: datetime) -> list[int]:
    found = _locked(readers)
    words = Subquery(Copy.objects.filter(issue=doubt.issue_id, reader=OuterRef("pk")).values("detail")[:1])
    rows = Reader.objects.filter(pk__in=found)
    rows.update(state=ReaderState.BOUNCED, ended_at=now, ended_why=words, updated_at=now)
    Confirmation.objects.filter(reader__in=found, until__gt=now).update(until=now)
    return found


def _record(doubt: Doubt, verb: str, by: User | None, readers: list[int]) -> None:
    record(
        client_id=doubt.client_id,
        actor=by,
        verb=f"doubt.{verb}",
        subject_type="doubt",
        subject_id=doubt.pk,
        issue=doubt.issue_id,
        status=doubt.status,
        came_back=came_back_with(doubt.issue_id, doubt.status).count(),
        readers=readers,
    )
