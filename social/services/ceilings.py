"""What will go beyond a client's ceiling, foreseen in the order of its times; and what a month costs."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import DecimalField, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce

from clients.models import Client
from clients.months import Month, month_at
from social.models import Act, Cause, Ceiling, Charge, Publication, PublicationState
from social.services.spending import NOTHING, beyond_words


@dataclass(frozen=True, kw_only=True)
class Costing:
    """Something that is to go out at ``due_at`` and costs ``dollars``; ``allowed``: it may go beyond the ceiling."""

    number: int
    client: Client
    due_at: datetime
    dollars: Decimal
    allowed: bool


def goes_beyond(act: str, beyond_by: int | None) -> bool:
    """Whether no ceiling keeps it: what is wrong has to go, whatever that costs."""
    return beyond_by is not None or act == Act.TAKE_DOWN


def beyond_ceilings(rows: Iterable[Costing], now: datetime, but: Collection[int] = ()) -> dict[int, str]:
    """Which of these a ceiling will keep, and what is said of it, in the active language: at most three queries.

    ``but``: publications that they take the place of.
    """
    costing = [row for row in rows if row.dollars and not row.allowed]
    clients = {row.client.pk: row.client for row in costing}
    ceilings = dict(Ceiling.objects.filter(client__in=clients).values_list("client", "dollars")) if costing else {}
    if not ceilings:
        return {}
    months = {pk: month_at(clients[pk], now) for pk in ceilings}
    totals = _spent(months)
    found = {}
    for row in sorted([*_stored(costing, ceilings, but), *costing], key=lambda row: (row.due_at, row.number)):
        if row.client.pk not in ceilings:
            continue
        month = month_at(row.client, max(row.due_at, now))
        place = row.client.pk, month.first
        ceiling = ceilings[row.client.pk]
        if row.allowed or totals[place] + row.dollars <= ceiling:
            totals[place] += row.dollars
        else:
            found[row.number] = beyond_words(row.dollars, ceiling, month)
    mine = {row.number for row in costing}
    return {number: detail for number, detail in found.items() if number in mine}


def _spent(months: dict[int, Month]) -> defaultdict[tuple[int, object], Decimal]:
    """What was charged in these months, by client and first day."""
    totals: defaultdict[tuple[int, object], Decimal] = defaultdict(Decimal)
    any_of = Q(pk=None)
    for pk, month in months.items():
        any_of |= Q(client=pk, at__gte=month.begins, at__lt=month.ends)
    for pk, dollars in Charge.objects.filter(any_of).values_list("client").annotate(sum=Sum("dollars")):
        totals[pk, months[pk].first] = dollars
    return totals


def _stored(costing: Collection[Costing], ceilings: Collection[int], but: Collection[int]) -> list[Costing]:
    """What else is scheduled for these clients and costs something: what of it was not paid yet."""
    known = {row.client.pk: row.client for row in costing}
    last = max(row.due_at for row in costing)
    paid = (
        Charge.objects.filter(publication=OuterRef("pk"))
        .exclude(cause=Cause.READING)
        .values("publication")
        .annotate(sum=Sum("dollars"))
    )
    found = Publication.objects.filter(
        client__in=ceilings, state=PublicationState.SCHEDULED, dollars__gt=0, due_at__lte=last, held=False
    ).exclude(pk__in=[*but, *(row.number for row in costing)])
    rows = found.annotate(
        paid=Coalesce(Subquery(paid.values("sum")), NOTHING, output_field=DecimalField())
    ).values_list("pk", "client", "act", "due_at", "dollars", "beyond_by", "paid")
    return [
        Costing(
            number=pk,
            client=known[client],
            due_at=due_at,
            dollars=max(dollars - paid, NOTHING),
            allowed=goes_beyond(act, beyond),
        )
        for pk, client, act, due_at, dollars, beyond, paid in rows
    ]
