"""When a publication has missed its time, and asks a person instead of going out by itself.

Its window is the client's ``lateness_minutes``, from the time that people agreed on. What a stop, an outage of ours or an
unreachable network has kept beyond it never fires by itself. What the network itself has begun with is another matter: a
video that it works on, a thread that it throttles in the middle. It has said when to come again, so the window begins
there: whoever comes in time goes on, and who comes a window later than that was kept by something else. After a day even
the network's own word is not enough, save where going out takes as long as it takes (``Network.lasts``).
"""

from datetime import datetime, timedelta

from clients.models import Client
from social import networks
from social.models import Outcome, Publication

LONGEST = timedelta(days=1)  # that a network may work on it, counted from its time
THINNING = 20  # a network that has worked on it for an hour is asked every three minutes, never oftener than it says


def is_late(publication: Publication, client: Client, now: datetime) -> bool:
    """Whether it has missed its time."""
    stopped_over_it = client.lifted_at is not None and publication.due_at <= client.lifted_at
    return stopped_over_it or now > _ends(publication, client)


def late_at(publication: Publication, client: Client) -> datetime:
    """When it has surely missed its time, if nothing happens until then."""
    return _ends(publication, client) + timedelta(seconds=1)


def _ends(publication: Publication, client: Client) -> datetime:
    due = publication.due_at
    begins = max(due, publication.expected_at or due)
    if not networks.get(publication.network).lasts:
        begins = min(begins, due + LONGEST)
    return begins + timedelta(minutes=client.lateness_minutes)


def expected_after_waiting(publication: Publication, asked: datetime, now: datetime) -> datetime:
    """When to ask a network that works on it, which wants to be asked at ``asked`` or later: ever more rarely."""
    if networks.get(publication.network).lasts:
        return asked
    waits = publication.attempts.filter(outcome=Outcome.WAITING, started_at__gte=publication.due_at)
    since = waits.order_by("number").values_list("started_at", flat=True).first()
    return max(asked, now + (now - since) / THINNING) if since else asked


def expected_after_throttling(publication: Publication, asked: datetime) -> datetime | None:
    """When the network wants to see it again, if it has begun with it; what it has nothing of yet keeps its own time."""
    return asked if publication.begun or publication.expected_at else None
