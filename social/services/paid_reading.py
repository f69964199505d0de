"""What networks take money for when they are asked how something is that is out.

It is counted into the client's month like what goes out there, before the network is asked. Where the month's ceiling is
reached nobody asks: nothing that is out waits for that, so no manager is bothered, and a ceiling that is raised is noticed
within a day.
"""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Literal

from clients.months import month_at
from social import networks
from social.models import Charge, Publication
from social.services.contents import live_at
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
        reading=True,
    )


def give_back(charge: Charge | None) -> None:
    """The network was not asked after all, or has not answered: nobody pays for that."""
    if charge is not None:
        charge.dollars = NOTHING
        charge.save(update_fields=["dollars"])


def _costs(publication: Publication, question: Question) -> Decimal:
    network = networks.get(publication.network)
    posts = network.posts_read(live_at(publication)) if question == "look" else 1
    return network.read_price.dollars * posts if network.read_price else NOTHING
