"""Walking the evidence: does every event still say what it said, in the order in which it was said?

docs/evidence.md has the recipe, so that an outsider can do the same with nothing but the rows.
"""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypedDict

from django.db.models import QuerySet, Subquery, Sum
from django_stubs_ext import WithAnnotations

from audit.models import Event, Head
from audit.services import content_hash

START = bytes(32)
BATCH = 1000  # events held in memory at a time


@dataclass(frozen=True, kw_only=True)
class Misfit:
    """The first event of a chain that does not fit. ``event`` is its id, None where what is wrong is that it is not there."""

    number: int
    event: int | None
    what: str

    def __str__(self) -> str:
        which = f"event {self.number}" + (f" (id {self.event})" if self.event else "")
        return f"{which} does not fit: {self.what}"


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """How one chain stands. ``scope`` is the client's id, 0 what concerns no single client; ``last`` is its last hash."""

    scope: int
    events: int
    last: bytes
    misfit: Misfit | None = None

    def __str__(self) -> str:
        whose = f"client {self.scope}" if self.scope else "the agency itself"
        if self.misfit:
            return f"{whose}: {self.misfit}"
        return f"{whose}: {self.events} events, all fit; the last hash is {self.last.hex()}"


class _Heads(TypedDict):
    """What is read beside each event: the head of its chain."""

    head_seq: int | None
    head_hash: bytes | None


def scopes() -> list[int]:
    """The chains there are, also those whose head or whose events are gone."""
    heads = set(Head.objects.values_list("scope", flat=True))
    clients = {client or 0 for client in Event.objects.order_by().values_list("client_id", flat=True).distinct()}
    return sorted(heads | clients)


def expected() -> int:
    """How many events the heads tell of."""
    return Head.objects.aggregate(n=Sum("seq"))["n"] or 0


def verify(*, passed: Callable[[], object] = lambda: None) -> Iterator[Verdict]:
    """Walk every chain, in constant memory, and say of each how it stands. ``passed`` is called for each event that fits.

    A chain and its head are read by one query, that is, as they stood at one moment: events may go on being written.
    """
    for scope in scopes():
        yield _verify(scope, passed)


def _verify(scope: int, passed: Callable[[], object]) -> Verdict:
    head_seq, head_hash = Head.objects.values_list("seq", "hash").filter(scope=scope).first() or (None, None)
    number, last = 0, START
    for event in _events(scope).iterator(chunk_size=BATCH):
        head_seq, head_hash = event.head_seq, event.head_hash
        what = _what_differs(event, number + 1, last)
        if what:
            return Verdict(
                scope=scope, events=number, last=last, misfit=Misfit(number=event.seq, event=event.pk, what=what)
            )
        number, last = event.seq, bytes(event.hash)
        passed()
    return Verdict(scope=scope, events=number, last=last, misfit=_at_the_end(scope, number, last, head_seq, head_hash))


def _events(scope: int) -> "QuerySet[WithAnnotations[Event, _Heads]]":
    head = Head.objects.filter(scope=scope)
    return (
        Event.objects.filter(client_id=scope or None)
        .annotate(head_seq=Subquery(head.values("seq")), head_hash=Subquery(head.values("hash")))
        .order_by("seq", "pk")
    )


def _what_differs(event: Event, number: int, last: bytes) -> str:
    """What is wrong with this event where ``number`` is due after the hash ``last``; empty if it fits."""
    if event.seq > number:
        one = event.seq == number + 1
        return (
            f"event {number} is missing before it"
            if one
            else f"events {number} to {event.seq - 1} are missing before it"
        )
    if event.seq < number:
        return "its number comes twice"
    said = content_hash(
        client_id=event.client_id,
        at=event.at,
        actor_id=event.actor_id,
        verb=event.verb,
        subject_type=event.subject_type,
        subject_id=event.subject_id,
        digest=event.digest,
        data=event.data,
    )
    if said != bytes(event.content_hash):
        return "what it says was changed after it was written"
    if hashlib.sha256(last + said).digest() != bytes(event.hash):
        return "it does not follow from the event before it: it was put in, moved or written anew"
    return ""


def _at_the_end(
    scope: int, number: int, last: bytes, head_seq: int | None, head_hash: bytes | memoryview | None
) -> Misfit | None:
    if head_seq is None or head_hash is None:
        return Misfit(number=number, event=_last_id(scope), what="the head of the chain is missing")
    if head_seq > number:
        what = f"it is missing; the head of the chain tells of {head_seq} events, there are {number}"
        return Misfit(number=number + 1, event=None, what=what)
    if head_seq < number:
        beyond = Event.objects.filter(client_id=scope or None, seq=head_seq + 1).values_list("pk", flat=True).first()
        return Misfit(number=head_seq + 1, event=beyond, what=f"the head of the chain knows only {head_seq} events")
    if bytes(head_hash) != last:
        return Misfit(number=number, event=_last_id(scope), what="the head of the chain has another hash")
    return None


def _last_id(scope: int) -> int | None:
    return Event.objects.filter(client_id=scope or None).order_by("seq").values_list("pk", flat=True).last()
