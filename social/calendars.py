"""A client's month: what goes out when, where it stands, what keeps it, what it costs."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef
from django.utils import timezone
from django_stubs_ext import StrOrPromise

from accounts.models import User
from clients.models import Client
from clients.months import Month
from clients.selectors import within
from social import selectors
from social.models import Channel, Post, PostState, Publication, PublicationState
from social.models.publications import TAKEN
from social.narrowing import Narrowed
from social.services.ceilings import goes_beyond
from social.services.foreseeing import Asked, Wait, foresee_asked

# Posts that are planned for a time and not in the outbox yet, or not any more.
PLANNED = [PostState.DRAFT, PostState.IN_REVIEW, PostState.CHANGES_REQUESTED, PostState.APPROVED, PostState.LATE]
COLUMNS = (
    "pk",
    "post",
    "post__title",
    "post__text",
    "channel",
    "act",
    "state",
    "due_at",
    "uses",
    "dollars",
    "beyond_by",
    "held",
)
NOTHING: Narrowed = {}
MOST = 5_000  # entries of one month


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One thing of a month: a publication, or a post that is none yet (``publication`` is None), with its channels' names.

    ``state`` is the publication's or else the post's. ``at`` is on the client's clock. ``wait`` is what will keep it, or keeps it now.
    """

    at: datetime
    post: int
    title: str
    channels: tuple[str, ...]
    state: str
    state_words: StrOrPromise
    publication: int | None = None
    held: bool = False
    dollars: Decimal = Decimal(0)
    wait: Wait | None = None


@dataclass(frozen=True)
class Day:
    """One day with something in it, on the client's clock."""

    day: date
    entries: Sequence[Entry]


def calendar(user: User, client: Client, month: Month, only: Narrowed = NOTHING) -> list[Entry]:
    """What this person may see of a client's month, by time, in a fixed number of queries; of more than ``MOST`` the first.

    ``only``: what serves these.
    """
    channels = {row.pk: row for row in selectors.channels(user).filter(client=client)}
    found = [*_publications(user, client, month, channels, only), *_posts(user, client, month, only)]
    return sorted(found, key=lambda entry: (entry.at, entry.post, entry.channels))[:MOST]


def days(entries: Sequence[Entry]) -> list[Day]:
    """The same by days of the client's clock; days without anything are left out."""
    by_day = groupby(entries, key=lambda entry: entry.at.date())
    return [Day(day, list(rows)) for day, rows in by_day]


def _publications(
    user: User, client: Client, month: Month, channels: dict[int, Channel], only: Narrowed
) -> list[Entry]:
    rows = Publication.objects.filter(within(user), client=client, due_at__gte=month.begins, due_at__lt=month.ends)
    rows = rows.filter(**{f"post__{name}": pk for name, pk in only.items()})
    entries, asked = [], []
    for row in rows.exclude(state=PublicationState.CANCELLED).order_by("due_at").values_list(*COLUMNS)[:MOST]:
        pk, post, title, text, channel, act, state, due_at, uses, dollars, beyond, held = row
        entries.append(
            Entry(
                at=due_at.astimezone(month.zone),
                post=post,
                title=title or text[:60] or f"{post}",
                channels=(channels[channel].name,),
                state=state,
                state_words=PublicationState(state).label,
                publication=pk,
                held=held,
                dollars=dollars,
            )
        )
        if state == PublicationState.SCHEDULED:
            asked.append(
                Asked(
                    number=pk,
                    client=client,
                    channel=channels[channel],
                    due_at=due_at,
                    uses=uses,
                    dollars=dollars,
                    allowed=goes_beyond(act, beyond),
                )
            )
    waits = foresee_asked(asked, timezone.now())
    return [replace(entry, wait=waits[entry.publication]) if entry.publication in waits else entry for entry in entries]


def _posts(user: User, client: Client, month: Month, only: Narrowed) -> list[Entry]:
    out = Publication.objects.filter(post=OuterRef("pk"), state__in=TAKEN)
    rows: Any = selectors.posts(user).filter(
        ~Exists(out), client=client, state__in=PLANNED, publish_at__gte=month.begins, publish_at__lt=month.ends
    )
    rows = (
        rows.filter(**only)
        .select_related(None)
        .only("title", "text", "state", "publish_at")
        .prefetch_related("variants__channel")
    )
    return [_planned(post, month.zone) for post in rows.order_by("publish_at")[:MOST]]


def _planned(post: Post, zone: ZoneInfo) -> Entry:
    assert post.publish_at is not None  # noqa: S101 - it was asked for by it
    return Entry(
        at=post.publish_at.astimezone(zone),
        post=post.pk,
        title=str(post),
        channels=tuple(sorted(variant.channel.name for variant in post.variants.all())),
        state=post.state,
        state_words=PostState(post.state).label,
    )
