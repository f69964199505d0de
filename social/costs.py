"""What a client's month costs at the networks: for its staff."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, Q, Sum

from accounts.models import User
from clients.models import STAFF_ROLES, Client
from clients.months import Month
from clients.selectors import require
from social.models import Cause, Ceiling, Charge, Publication, PublicationState
from social.services.spending import NOTHING


@dataclass(frozen=True, kw_only=True)
class ChannelCost:
    """What went out on one channel, and for how much."""

    channel: int
    name: str
    network: str
    publications: int
    dollars: Decimal


@dataclass(frozen=True, kw_only=True)
class Spending:
    """One month of a client, in US dollars: what was charged (``uncertain``: as long as nobody knows whether it is live;
    ``reading``: for asking whether it is, and how it is; ``deleting``: for taking it down), what is scheduled beside it, and the ceiling; None where there is none.
    ``held``: publications that wait for a manager.
    """

    month: Month
    dollars: Decimal
    uncertain: Decimal
    reading: Decimal
    deleting: Decimal
    planned: Decimal
    ceiling: Decimal | None
    held: int
    channels: Sequence[ChannelCost]


def spending(user: User, client: Client, month: Month) -> Spending:
    """What the month costs, in four queries; for staff of the client. Raises ``PermissionDenied`` for its other people."""
    require(user, client, STAFF_ROLES)
    charges = Charge.objects.filter(client=client, at__gte=month.begins, at__lt=month.ends, dollars__gt=0)
    doubtful = Q(publication__state__in=[PublicationState.UNKNOWN, PublicationState.PUBLISHING])
    rows = (
        charges.values("publication__channel", "publication__channel__name", "publication__network")
        .annotate(
            sum=Sum("dollars"),
            many=Count("publication", distinct=True, filter=Q(cause=Cause.PUBLISHING)),
            doubt=Sum("dollars", filter=doubtful & Q(cause=Cause.PUBLISHING)),
            reading=Sum("dollars", filter=Q(cause=Cause.READING)),
            deleting=Sum("dollars", filter=Q(cause=Cause.DELETING)),
        )
        .order_by("-sum", "publication__channel__name")
    )
    found = list(rows)
    scheduled = Publication.objects.filter(
        client=client, state=PublicationState.SCHEDULED, due_at__gte=month.begins, due_at__lt=month.ends, dollars__gt=0
    )
    coming = scheduled.aggregate(sum=Sum("dollars", filter=Q(held=False)), held=Count("pk", filter=Q(held=True)))
    return Spending(
        month=month,
        dollars=sum((row["sum"] for row in found), NOTHING),
        uncertain=sum((row["doubt"] or NOTHING for row in found), NOTHING),
        reading=sum((row["reading"] or NOTHING for row in found), NOTHING),
        deleting=sum((row["deleting"] or NOTHING for row in found), NOTHING),
        planned=coming["sum"] or NOTHING,
        ceiling=Ceiling.objects.filter(client=client).values_list("dollars", flat=True).first(),
        held=coming["held"],
        channels=[
            ChannelCost(
                channel=row["publication__channel"],
                name=row["publication__channel__name"],
                network=row["publication__network"],
                publications=row["many"],
                dollars=row["sum"],
            )
            for row in found
        ],
    )
