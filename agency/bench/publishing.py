"""Publications that are due together, and alone, by real workers and beat as `make run` starts them."""

import random
import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import Count, F
from django.test import override_settings
from django.utils import timezone

from agency.bench.figures import Figure, Part, Progress, high, middle
from agency.bench.processes import workers_and_beat
from agency.bench.reviewing import Office, office
from approvals.models import Chain, Review, ReviewState
from social.digest import digest_of
from social.models import Attempt, Channel, Post, PostState, PostVersion, Publication, SandboxPost
from social.services import create_channel

TITLE = "Publications that are due"
ABOUT = (
    "Two workers and one beat, started as `make run` starts them, with the default settings, and their database on the same "
    "machine; ten clients with a sandbox channel each. Counted from the second at which people wanted it, by the attempts that "
    "are written down before the network is called. The network takes 50 ms to answer, or nothing at all; the one that hangs "
    "takes every connection and never says a word."
)
LATENCY = 50  # milliseconds
PATIENCE = 180  # seconds without any news after which something is wrong


@dataclass(frozen=True, kw_only=True)
class Size:
    """How many due together, in a flood, and one at a time within so many seconds."""

    clients: int
    together: int
    thousand: int
    burst: int
    flood: int
    singles: int
    hanging: int
    others: int
    alone: int
    within: float

    @property
    def publications(self) -> int:
        """All that a full run waits for."""
        return self.together + self.thousand + self.burst + self.singles + self.others + self.alone


FULL = Size(
    clients=10, together=200, thousand=1000, burst=2000, flood=5000, singles=8, hanging=200, others=200, alone=60,
    within=60,
)  # fmt: skip
SMALL = Size(clients=2, together=4, thousand=4, burst=6, flood=6, singles=1, hanging=2, others=3, alone=2, within=1)
WORKERS = 2
BATCH = 1000  # rows that are written at once: PostgreSQL takes 65,535 parameters


@dataclass(frozen=True)
class Outbox:
    """Publications of ours, and when each is due."""

    due: dict[int, datetime]

    def starts(self) -> list[float]:
        """How many seconds late each was started."""
        found = Attempt.objects.filter(publication__in=self.due).values_list("publication_id", "started_at")
        return [(at - self.due[publication]).total_seconds() for publication, at in found]

    def seconds(self) -> float:
        """From the first that was due to the last that was over."""
        last = Attempt.objects.filter(publication__in=self.due).order_by("-ended_at")[0].ended_at
        return (last - min(self.due.values())).total_seconds() if last else 0.0

    def left(self) -> int:
        """How many are not out yet."""
        return Publication.objects.filter(pk__in=self.due).exclude(state="published").count()


def fill(at: Office, channel: Channel, times: Sequence[datetime]) -> dict[int, datetime]:
    """Approved posts of this client in the outbox, one for each of these times."""
    now, client, author = timezone.now(), at.client, at.author
    posts = Post.objects.bulk_create(
        (
            Post(client=client, author=author, written_by=author, text=f"Number {n}.", publish_at=due)
            for n, due in enumerate(times)
        ),
        BATCH,
    )
    contents = [_content(channel, post.text) for post in posts]
    versions = PostVersion.objects.bulk_create(
        (
            PostVersion(post=post, client=client, number=1, author=author, digest=digest_of(content), content=content)
            for post, content in zip(posts, contents, strict=True)
        ),
        BATCH,
    )
    chain = Chain.objects.get(client=client)
    reviews = Review.objects.bulk_create(
        (
            Review(
                client=client,
                subject_type=ContentType.objects.get_for_model(Post),
                subject_id=version.post_id,
                title="Bench",
                version=1,
                digest=version.digest,
                author=author,
                chain=chain,
                chain_name=chain.name,
                state=ReviewState.APPROVED,
                asked_by=author,
                closed_at=now,
            )
            for version in versions
        ),
        BATCH,
    )
    for post, version, review in zip(posts, versions, reviews, strict=True):
        post.version, post.review = version, review
    Post.objects.bulk_update(posts, ["version", "review"], BATCH)
    mine = Post.objects.filter(pk__in=[post.pk for post in posts])
    mine.update(state=PostState.IN_REVIEW)
    mine.update(state=PostState.SCHEDULED)
    rows = Publication.objects.bulk_create(
        (
            Publication(
                post=post,
                version=post.version,
                channel=channel,
                network=channel.network,
                client=client,
                due_at=due,
                wake_at=due,
            )
            for post, due in zip(posts, times, strict=True)
        ),
        BATCH,
    )
    return {row.pk: row.due_at for row in rows}


def _content(channel: Channel, text: str) -> dict[str, object]:
    entry = {"channel": channel.pk, "network": channel.network, "server": "", "handle": channel.handle}
    return {"filo": 1, "channels": [entry | {"text": text, "link": "", "media": [], "options": {}}]}


def _spread(at: Sequence[Office], channels: Sequence[Channel], times: Sequence[datetime]) -> Outbox:
    due: dict[int, datetime] = {}
    for number, (where, channel) in enumerate(zip(at, channels, strict=True)):
        due |= fill(where, channel, times[number :: len(at)])
    return Outbox(due)


def _wait(outbox: Outbox, progress: Progress) -> None:
    left, until = len(outbox.due), time.monotonic() + PATIENCE
    while left:
        time.sleep(0.2)
        now_left = outbox.left()
        if now_left < left:
            progress(left - now_left)
            left, until = now_left, time.monotonic() + PATIENCE
        elif time.monotonic() > until and min(outbox.due.values()) < timezone.now():
            message = f"{left} publications did not go out"
            raise RuntimeError(message)


def measure(progress: Progress, size: Size = FULL) -> Part:
    """Together, in floods, beside one that hangs, then single ones on an idle system."""
    at = [office() for _ in range(size.clients)]
    slow = [_channel(o, "slow", credentials={"latency_ms": LATENCY}) for o in at]
    fast = [o.channel for o in at]
    with workers_and_beat(WORKERS), _hanging() as server:
        together = _spread(at, slow, [_soon(3)] * size.together)
        _wait(together, progress)
        thousand = _spread(at, slow, [_soon(6)] * size.thousand)
        _wait(thousand, progress)
        burst = _spread(at, fast, [_soon(6)] * size.burst)
        _wait(burst, progress)
        beside = _beside_a_flood(at, fast, size, progress)
        _hang(at[0], server, size.hanging)
        others = _spread(at[1:], fast[1:], _moments(size.others, size.within / 2))
        _wait(others, progress)
        alone = _spread(at, fast, _moments(size.alone, size.within))
        _wait(alone, progress)
    doubled = SandboxPost.objects.values("key").annotate(times=Count("id")).filter(times__gt=1).count()
    lateness = alone.starts()
    return Part(
        "publish",
        TITLE,
        ABOUT,
        [
            Figure(
                what=f"{size.together} at once, 50 ms each: the last is started after",
                value=max(together.starts()),
                unit="s",
                target=4,
            ),
            Figure(what=f"{size.together} at once: the last is out after", value=together.seconds(), unit="s"),
            Figure(
                what=f"{size.thousand} at once, 50 ms each: the last is started after",
                value=max(thousand.starts()),
                unit="s",
                target=15,
            ),
            Figure(
                what=f"{size.burst} at once, instant: a second",
                value=size.burst / burst.seconds(),
                target=100,
                bound="at least",
            ),
            Figure(
                what=f"beside another client's {size.flood}: a single one is started late, at most",
                value=max(beside.starts()),
                unit="s",
                target=2,
            ),
            Figure(
                what=f"beside {size.hanging} on a network that hangs: {size.others} elsewhere started late, p99",
                value=high(others.starts(), 0.99),
                unit="s",
                target=3,
            ),
            Figure(
                what=f"{size.alone} one at a time: started late, p99", value=high(lateness, 0.99), unit="s", target=2
            ),
            Figure(what=f"{size.alone} one at a time: started late, median", value=middle(lateness) / 1000, unit="s"),
            Figure(what="published more than once", value=doubled, target=0),
        ],
    )


def _channel(at: Office, name: str, network: str = "sandbox", **fields: Any) -> Channel:
    handle = f"{at.channel.handle}-{name}"
    return create_channel(user=at.approvers[1], client=at.client, network=network, handle=handle, name=name, **fields)


def _moments(many: int, within: float) -> list[datetime]:
    first = timezone.now() + timedelta(seconds=3)
    return [first + timedelta(seconds=random.uniform(0, within)) for _ in range(many)]  # noqa: S311


def _beside_a_flood(at: Sequence[Office], fast: Sequence[Channel], size: Size, progress: Progress) -> Outbox:
    """Single ones of the second client while the first one's flood goes out; what is left of that is given up."""
    later = timezone.now() + timedelta(hours=1)
    flood = fill(at[0], fast[0], [later] * size.flood)
    offsets = [1 + 2 * number for number in range(size.singles)]
    singles = fill(at[1], fast[1], [later + timedelta(seconds=offset) for offset in offsets])
    # Writing so many takes longer than the wait for them: they become due when all are there.
    begins = _soon(1)
    move = begins - later
    rows = Publication.objects.filter(pk__in=[*flood, *singles])
    rows.update(due_at=F("due_at") + move, wake_at=F("wake_at") + move)
    beside = Outbox({pk: due + move for pk, due in singles.items()})
    _wait(beside, progress)
    left = Publication.objects.filter(pk__in=flood, state="scheduled")
    left.update(state="cancelled", wake_at=None)
    return beside


@contextmanager
def _hanging() -> Iterator[str]:
    """The address of a server that takes every connection and never says anything."""
    with socket.create_server(("127.0.0.1", 0), backlog=512) as listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


def _hang(at: Office, server: str, many: int) -> None:
    """So many publications of this client, due now, on a network that does not answer."""
    with override_settings(FILO_INSIDE_ADDRESSES=["127.0.0.1"]):
        channel = _channel(at, "x", "x", server=server, credentials={"access_token": "t"})
    fill(at, channel, [_soon(1)] * many)


def _soon(seconds: int) -> datetime:
    """A whole second, at least so many from now."""
    return timezone.now().replace(microsecond=0) + timedelta(seconds=seconds + 1)
