"""Publications that are due together, and alone, by the real worker and beat as `make run` starts them."""

import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.contenttypes.models import ContentType
from django.utils import timezone

from agency.bench.figures import Figure, Part, Progress, high, middle
from agency.bench.processes import worker_and_beat
from agency.bench.reviewing import Office, office
from approvals.models import Chain, Review, ReviewState
from social.digest import digest_of
from social.models import Attempt, Channel, Post, PostState, PostVersion, Publication, SandboxPost
from social.services import create_channel

TITLE = "Publications that are due"
ABOUT = (
    "One worker and one beat, started as `make run` starts them, with the default settings; ten clients with a sandbox "
    "channel each. Counted from the second at which people wanted it, by the attempts that are written down before the "
    "network is called. The network takes 50 ms to answer, or nothing at all."
)
LATENCY = 50  # milliseconds
PATIENCE = 180  # seconds without any news after which something is wrong


@dataclass(frozen=True, kw_only=True)
class Size:
    """How many due together, in a flood, and one at a time within so many seconds."""

    clients: int
    together: int
    flood: int
    alone: int
    within: float

    @property
    def publications(self) -> int:
        """All of them."""
        return self.together + self.flood + self.alone


FULL = Size(clients=10, together=200, flood=1000, alone=60, within=60)
SMALL = Size(clients=2, together=4, flood=6, alone=2, within=1)


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
        Post(client=client, author=author, written_by=author, text=f"Number {n}.", publish_at=due)
        for n, due in enumerate(times)
    )
    contents = [_content(channel, post.text) for post in posts]
    versions = PostVersion.objects.bulk_create(
        PostVersion(post=post, client=client, number=1, author=author, digest=digest_of(content), content=content)
        for post, content in zip(posts, contents, strict=True)
    )
    chain = Chain.objects.get(client=client)
    reviews = Review.objects.bulk_create(
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
    )
    for post, version, review in zip(posts, versions, reviews, strict=True):
        post.version, post.review = version, review
    Post.objects.bulk_update(posts, ["version", "review"])
    mine = Post.objects.filter(pk__in=[post.pk for post in posts])
    mine.update(state=PostState.IN_REVIEW)
    mine.update(state=PostState.SCHEDULED)
    rows = Publication.objects.bulk_create(
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
    """Two hundred together, a thousand in a flood, then single ones on an idle system."""
    at = [office() for _ in range(size.clients)]
    slow = [
        create_channel(
            user=o.approvers[1],
            client=o.client,
            network="sandbox",
            handle=f"{o.channel.handle}-slow",
            credentials={"latency_ms": LATENCY},
            name="slow",
        )
        for o in at
    ]
    fast = [o.channel for o in at]
    with worker_and_beat():
        together = _spread(at, slow, [_soon(3)] * size.together)
        _wait(together, progress)
        flood = _spread(at, fast, [_soon(6)] * size.flood)
        _wait(flood, progress)
        first = timezone.now() + timedelta(seconds=3)
        moments = [first + timedelta(seconds=random.uniform(0, size.within)) for _ in range(size.alone)]  # noqa: S311
        alone = _spread(at, fast, moments)
        _wait(alone, progress)
    published = SandboxPost.objects.count()
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
                what=f"{size.flood} at once, instant: a second",
                value=size.flood / flood.seconds(),
                target=80,
                bound="at least",
            ),
            Figure(
                what=f"{size.alone} one at a time: started late, p99", value=high(lateness, 0.99), unit="s", target=2
            ),
            Figure(what=f"{size.alone} one at a time: started late, median", value=middle(lateness) / 1000, unit="s"),
            Figure(what="published more or less than once", value=abs(published - size.publications), target=0),
        ],
    )


def _soon(seconds: int) -> datetime:
    """A whole second, at least so many from now."""
    return timezone.now().replace(microsecond=0) + timedelta(seconds=seconds + 1)
