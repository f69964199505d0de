"""The sweep that foresees silences, over all channels of many clients."""

import time
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from agency.bench.figures import Figure, Part, Progress, middle
from clients.models import Client, Membership, Role
from social.models import Channel, Silence
from social.services.silences import foresee
from strategy.models import Strategy, StrategyVersion

TITLE = "Silences ahead"
ABOUT = (
    "A thousand clients with five channels each and a strategy in force of twelve sections, 30,000 characters long, that says "
    "how often each channel is to be heard. On each channel twenty posts are out; every second one has something planned until "
    "well after the look-ahead, the others fall silent within it. One sweep looks at all of them and writes the silences; the "
    "next one finds nothing new; the third, four days later, brings the nearer stages. Medians."
)
NOW = datetime(2027, 3, 1, 5, 0, tzinfo=UTC)  # a Monday
LATER = datetime(2027, 3, 5, 5, 0, tzinfo=UTC)
OLD = datetime(2026, 1, 1, tzinfo=UTC)
CHANNELS = 5
WORDS = "Perché la qualità è così: più lavoro, più attesa, più silenzio. "

OUT = """
INSERT INTO social_publication (post_id, version_id, channel_id, network, client_id, state, due_at, keys, progress, begun, uses,
    dollars, held, tries, asked, detail, remote_id, permalink, published_at, updated_at)
SELECT n, n, c.id, 'sandbox', c.client_id, 'published', %(now)s - n * interval '3 days', '{}', '{}', false, '{}', 0, false, 1, 0,
    '', '', '', %(now)s - n * interval '3 days', %(now)s
FROM social_channel c CROSS JOIN generate_series(1, 20) n
"""
AHEAD = """
INSERT INTO social_publication (post_id, version_id, channel_id, network, client_id, state, due_at, wake_at, keys, progress, begun,
    uses, dollars, held, tries, asked, detail, remote_id, permalink, updated_at)
SELECT 100 + n, 100 + n, c.id, 'sandbox', c.client_id, 'scheduled', %(now)s + n * interval '3 days', %(now)s + n * interval '3 days', '{}',
    '{}', false, '{}', 0, false, 0, 0, '', '', '', %(now)s
FROM social_channel c CROSS JOIN generate_series(1, 20) n WHERE c.id %% 2 = 0 OR n <= c.id %% 5
"""


@dataclass(frozen=True, kw_only=True)
class Size:
    """How many of what."""

    clients: int
    rounds: int

    @property
    def steps(self) -> int:
        """How often a full run says that it has come further."""
        return 1 + self.rounds


FULL = Size(clients=1000, rounds=5)
SMALL = Size(clients=4, rounds=1)


def measure(progress: Progress, size: Size = FULL) -> Part:
    """Fill; sweep three times, again and again."""
    _fill(size)
    progress(1)
    taken: dict[str, list[float]] = {"first": [], "again": [], "later": []}
    claimed, queries, silences = {}, 0, 0
    for _round in range(size.rounds):
        with transaction.atomic():
            for name, now in [("first", NOW), ("again", NOW), ("later", LATER)]:
                began = time.perf_counter()
                with CaptureQueriesContext(connection) as asked:
                    claimed[name] = foresee(now=now)
                taken[name].append(time.perf_counter() - began)
                queries = max(queries, len(asked))
            silences = Silence.objects.filter(state="foreseen").count()
            transaction.set_rollback(True)
        progress(1)
    channels = size.clients * CHANNELS
    return Part(
        "silences",
        TITLE,
        ABOUT,
        [
            Figure(what="silences foreseen by one sweep", value=claimed["first"], note=f"of {channels:,} channels"),
            Figure(what="the sweep", value=middle(taken["first"]), unit="ms", target=5000),
            Figure(what="the next one", value=middle(taken["again"]), unit="ms", target=5000),
            Figure(what="claimed by that", value=claimed["again"], target=0),
            Figure(what="the one with the nearer stages", value=middle(taken["later"]), unit="ms", target=5000),
            Figure(what="stages claimed by that", value=claimed["later"], note=f"{silences} silences are ahead then"),
            Figure(what="queries of one sweep, at most", value=queries, target=18, note="savepoints included"),
        ],
    )


def _fill(size: Size) -> None:
    """Write all the rows, without triggers and foreign keys (we know what we write)."""
    keeper = User.objects.create_user("keeper@bench.example", name="keeper")
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        clients = Client.objects.bulk_create(
            Client(name=f"Bench {n}", slug=f"bench-{n}", created_at=NOW) for n in range(size.clients)
        )
        Membership.objects.bulk_create(Membership(client=row, user=keeper, role=Role.MANAGER) for row in clients)
        channels = Channel.objects.bulk_create(
            Channel(client=row, network="sandbox", handle=f"{row.slug}-{n}", name=f"{row.slug}-{n}", created_at=OLD)
            for row in clients
            for n in range(CHANNELS)
        )
        strategies = Strategy.objects.bulk_create(
            Strategy(client=row, title="Bench", starts_on=OLD.date(), owner=keeper, written_by=keeper)
            for row in clients
        )
        versions = StrategyVersion.objects.bulk_create(
            StrategyVersion(
                strategy=row,
                client_id=row.client_id,
                number=1,
                author=keeper,
                digest="",
                content=_content(channels[CHANNELS * n : CHANNELS * (n + 1)]),
            )
            for n, row in enumerate(strategies)
        )
        for row, version in zip(strategies, versions, strict=True):
            row.agreed_version = version
        Strategy.objects.bulk_update(strategies, ["agreed_version"], batch_size=500)
        cursor.execute(
            "INSERT INTO strategy_agreement (strategy_id, client_id, version_id, review_id, began_at, taken_back) "
            "SELECT id, client_id, agreed_version_id, 0, %s, false FROM strategy_strategy",
            [OLD],
        )
        cursor.execute(OUT, {"now": NOW})
        cursor.execute(AHEAD, {"now": NOW})
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE)")


def _content(channels: list[Channel]) -> dict[str, Any]:
    text = WORDS * 40
    cadences = [{"channel": row.pk, "per_week": "3", "left_out": False, "owner": None} for row in channels]
    sections: list[dict[str, Any]] = [{"kind": "free", "title": "Bench", "body": text} for _number in range(11)]
    sections.append({"kind": "channels", "title": "Bench", "body": text, "channels": cadences})
    return {"starts_on": date(2026, 1, 1).isoformat(), "ends_on": None, "sections": sections, "pillars": []}
