"""What the strategy itself proposes: occasions near by, and pillars that are behind their share."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, Q

from social.models import Act, Post, PostState, Silence
from strategy.models import Occasion, Pillar, StrategyState
from strategy.models.plans import WHOLE

NEAR = timedelta(days=21)  # after the silence would begin
AROUND = timedelta(days=30)  # a post for an occasion so near to it is one for this year's
LOOKED_BACK = timedelta(days=60)
LOOKED_AHEAD = timedelta(days=60)
BEHIND = 5  # percent: less is chance


def next_day(occasion: Occasion, today: date) -> date | None:
    """When it comes next, today included; None for one that has been. A 29 February comes on the 28th where there is none."""
    if not occasion.yearly:
        return occasion.on if occasion.on >= today else None
    there = _in_year(occasion.on, max(today.year, occasion.on.year))
    return there if there >= today else _in_year(occasion.on, today.year + 1)


def _in_year(day: date, year: int) -> date:
    try:
        return day.replace(year=year)
    except ValueError:
        return day.replace(year=year, day=28)


def occasions(silence: Silence, today: date) -> list[tuple[Occasion, date]]:
    """The occasions of the client's strategies from tomorrow until soon after the silence begins, the next first; no post is for them yet."""
    until = max(silence.falls_on, today) + NEAR
    rows = Occasion.objects.filter(client=silence.client_id, removed_at=None, strategy__agreed_version__isnull=False)
    found = []
    for row in rows.exclude(strategy__state=StrategyState.SUPERSEDED).order_by("on", "pk"):
        day = next_day(row, today + timedelta(days=1))
        if day is not None and day <= until:
            found.append((row, day))
    meant = Post.objects.filter(occasion__in=[row.pk for row, _day in found]).exclude(state=PostState.CANCELLED)
    served = list(meant.values_list("occasion", "publish_at"))
    zone = silence.client.zone

    def is_served(row: Occasion, day: date) -> bool:
        return any(
            pk == row.pk and (at is None or abs(at.astimezone(zone).date() - day) <= AROUND) for pk, at in served
        )

    return sorted(((row, day) for row, day in found if not is_served(row, day)), key=lambda pair: pair[1])


@dataclass(frozen=True)
class Behind:
    """A pillar, what part of the posts was agreed for it, and what part it has; in percent."""

    pillar: Pillar
    agreed: int
    has: int


def pillars_behind(silence: Silence, now: datetime) -> list[Behind]:
    """The pillars that have less of the client's posts, of late and to come, than was agreed; the farthest behind first."""
    strategy = silence.strategy
    version = strategy.agreed_version if strategy else None
    if version is None:
        return []
    posts = Post.objects.filter(
        client=silence.client_id,
        act=Act.PUBLISH,
        publish_at__gt=now - LOOKED_BACK,
        publish_at__lt=now + LOOKED_AHEAD,
    ).exclude(state__in=[PostState.CANCELLED, PostState.FAILED])
    counted = dict(posts.filter(~Q(pillar=None)).order_by().values_list("pillar").annotate(Count("pk")))
    total = posts.count()
    agreed = {row["id"]: int(row["share"]) for row in version.content["pillars"]}
    living = Pillar.objects.filter(pk__in=agreed, client=silence.client_id, retired_at=None).in_bulk()
    found = [
        Behind(pillar, agreed[pk], round(WHOLE * counted.get(pk, 0) / total) if total else 0)
        for pk, pillar in living.items()
    ]
    behind = [row for row in found if row.agreed - row.has >= BEHIND]
    return sorted(behind, key=lambda row: (row.has - row.agreed, row.pillar.name))
