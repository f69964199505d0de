"""A client's posts counted by channel, pillar, month and week: what the calendar shows, as numbers."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.db.models.functions import TruncDate

from clients.models import Client
from social.calendars import PLANNED
from social.models import Act, Post, PostState, Publication, PublicationState, Variant
from social.models.publications import TAKEN
from strategy.surroundings import Tally

HEARD = [Act.PUBLISH, Act.NEW_POST]  # what its readers get; not what changes, takes down or answers something live


def tallies(client: Client, begins: date, ends: date, *, drafts: bool) -> list[Tally]:
    """The posts with their time from the first day on to before the last, on the client's clock; two queries.

    Each counts once on each of its channels. Without ``drafts`` a post counts from its approval on.
    """
    zone = client.zone
    span = (datetime.combine(begins, time(), zone), datetime.combine(ends, time(), zone))
    return [*_out(client, span, zone), *_to_come(client, span, zone, drafts=drafts)]


Span = tuple[datetime, datetime]


def _out(client: Client, span: Span, zone: ZoneInfo) -> Iterable[Tally]:
    """What is in the outbox, or out."""
    found = Publication.objects.filter(client=client, state__in=TAKEN, act__in=HEARD)
    found = found.filter(due_at__gte=span[0], due_at__lt=span[1])
    published = Count("pk", filter=Q(state=PublicationState.PUBLISHED))
    return _counted(found, "due_at", "post__pillar", zone, published)


def _to_come(client: Client, span: Span, zone: ZoneInfo, *, drafts: bool) -> Iterable[Tally]:
    """What has its time and is in no outbox yet, or not any more."""
    taken = Publication.objects.filter(post=OuterRef("pk"), state__in=TAKEN)
    states = PLANNED if drafts else [PostState.APPROVED]
    posts = Post.objects.filter(
        ~Exists(taken), client=client, state__in=states, act__in=HEARD, publish_at__gte=span[0], publish_at__lt=span[1]
    )
    found = Variant.objects.filter(post__in=posts.values("pk"))
    return _counted(found, "post__publish_at", "post__pillar", zone, Count("pk", filter=Q(pk=None)))


def _counted(found: QuerySet[Any], at: str, pillar: str, zone: ZoneInfo, published: Count) -> Iterable[Tally]:
    """By days from the database, which are a number each; weeks and months are made of them here, and cheaper so."""
    rows = (
        found.annotate(day=TruncDate(at, tzinfo=zone))
        .order_by()
        .values_list("channel", pillar, "day")
        .annotate(planned=Count("pk"), out=published)
    )
    sums: dict[tuple[int, int | None, date, date], list[int]] = {}
    for channel, serves, day, planned, out in rows:
        week = day - timedelta(days=day.weekday())
        counted = sums.setdefault((channel, serves, day.replace(day=1), week), [0, 0])
        counted[0] += planned
        counted[1] += out
    for (channel, serves, month, week), (planned, out) in sums.items():
        yield Tally(channel=channel, pillar=serves, month=month, week=week, planned=planned, published=out)
