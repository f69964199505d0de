"""What strategies in force say of channels, over all clients. For sweeps: it asks nobody whether they may know."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import connection
from django.db.models import DateField
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast

from strategy.models import Strategy

# What was agreed, and not what stands in a draft since. Of several strategies in force the one that began last counts; a
# crisis plan says what to do in a crisis, and nothing of how often one is heard. One look at each version's content.
CADENCES = """
SELECT DISTINCT ON ((entry ->> 'channel')::bigint)
    (entry ->> 'channel')::bigint, strategy.client_id, strategy.id, (entry ->> 'per_week')::numeric,
    (entry -> 'owner' ->> 'id')::bigint, strategy.owner_id,
    GREATEST(said.starts_on, (first.began_at AT TIME ZONE client.timezone)::date)
FROM strategy_strategy strategy
JOIN clients_client client ON client.id = strategy.client_id
JOIN strategy_strategyversion version ON version.id = strategy.agreed_version_id
CROSS JOIN LATERAL jsonb_to_record(version.content) AS said (starts_on date, ends_on date, sections jsonb)
CROSS JOIN LATERAL jsonb_path_query(said.sections, '$[*].channels[*]') AS entry
CROSS JOIN LATERAL (SELECT min(began_at) AS began_at FROM strategy_agreement WHERE strategy_id = strategy.id) AS first
WHERE strategy.state <> 'superseded' AND strategy.kind <> 'crisis' AND strategy.client_id = ANY(%(clients)s)
    AND said.starts_on <= (%(now)s AT TIME ZONE client.timezone)::date
    AND (said.ends_on IS NULL OR said.ends_on >= (%(now)s AT TIME ZONE client.timezone)::date)
    AND jsonb_typeof(entry -> 'channel') = 'number'
ORDER BY (entry ->> 'channel')::bigint, said.starts_on DESC, strategy.id DESC
"""


def agreed_day(name: str, version: str = "agreed_version") -> Cast:
    """For queries: ``starts_on`` or ``ends_on`` as it was agreed, whatever a draft has said since; of the version at this path."""
    return Cast(KeyTextTransform(name, f"{version}__content"), DateField())


def spans(strategies: Collection[int]) -> dict[int, tuple[date, date | None]]:
    """From when until when (None: open) each of these strategies holds, as it was agreed; one query."""
    rows = Strategy.objects.filter(pk__in=strategies, agreed_version__isnull=False)
    found = rows.values_list("pk", agreed_day("starts_on"), agreed_day("ends_on"))
    return {pk: (starts, ends) for pk, starts, ends in found}


@dataclass(frozen=True)
class Agreed:
    """How often a channel is to be heard; ``per_week`` None: it was left out. In force ``since``.

    ``owner`` is the cadence's own, ``keeper`` the strategy's.
    """

    channel: int
    client: int
    strategy: int
    per_week: Decimal | None
    owner: int | None
    keeper: int
    since: date


def cadences(clients: Collection[int], now: datetime) -> dict[int, Agreed]:
    """What was agreed for these clients' channels and is in force at ``now``, by channel; one query."""
    with connection.cursor() as cursor:
        cursor.execute(CADENCES, {"clients": sorted(clients), "now": now})
        return {row[0]: Agreed(*row) for row in cursor.fetchall()}
