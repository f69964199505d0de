"""What networks take money for beside what goes out: being asked how something is that is out, or whether, and taking it down.

A question about how it is is counted into the client's month like what goes out there, before the network is asked. Where the month's ceiling is
reached nobody asks: nothing that is out waits for that, so no manager is bothered, and a ceiling that is raised is noticed
within a day.

Whether something is out has to be known, and what is to be taken down does not wait for money: neither stops at a ceiling. What
they cost, only the network's answer tells (``listening``); it counts in the month, and towards its ceiling, from then on.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Literal

from clients.months import month_at
from social import networks
from social.models import Cause, Charge, Publication
from social.networks import metering
from social.services import clock
from social.services.contents import live_at
from social.services.enduring import enduring
from social.services.spending import NOTHING, passed_ceiling

AGAIN = timedelta(days=1)
Question = Literal["look", "count"]
"""Whether it is read back, all of it, or asked for the numbers of its first post."""


def is_paid(network: str) -> bool:
    """Whether the network takes money for a question."""
    return networks.get(network).read_price is not None


def kept_until(publication: Publication, question: Question, now: datetime) -> datetime | None:
    """When to think of it again, where the client's ceiling keeps the question; None where it may be asked. Locks the purse.

    In the caller's transaction, at the end of which ``pay`` has written what it costs.
    """
    if not is_paid(publication.network):
        return None
    month = month_at(publication.client, now)
    if passed_ceiling(publication.client, _costs(publication, question), month) is None:
        return None
    return min(month.ends, now + AGAIN)


def pay(publication: Publication, question: Question, now: datetime) -> Charge | None:
    """Write down what one question costs; None where that is nothing."""
    if not is_paid(publication.network):
        return None
    return Charge.objects.create(
        client_id=publication.client_id,
        publication=publication,
        number=0,
        at=now,
        dollars=_costs(publication, question),
        cause=Cause.READING,
    )


@contextmanager
def listening(publication: Publication) -> Iterator[None]:
    """Write down what the network takes within this block for questions and deletions, each as soon as it has answered."""

    def pay(cause: metering.Cause, dollars: Decimal) -> None:
        values = {"client_id": publication.client_id, "publication": publication, "number": 0, "cause": cause}
        enduring(lambda: Charge.objects.create(**values, at=clock.now(), dollars=dollars))

    with metering.metered(pay):
        yield


def give_back(charge: Charge | None) -> None:
    """The network was not asked after all, or has not answered: nobody pays for that."""
    if charge is not None:
        charge.dollars = NOTHING
        charge.save(update_fields=["dollars"])


def _costs(publication: Publication, question: Question) -> Decimal:
    network = networks.get(publication.network)
    posts = network.posts_read(live_at(publication)) if question == "look" else 1
    return network.read_price.dollars * posts if network.read_price else NOTHING
