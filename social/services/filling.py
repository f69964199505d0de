"""Numbers of objectives out of what networks count, where somebody chose that. What no network tells is unknown, never zero."""

import logging
from datetime import date, datetime, time
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db.models import Count, DateField, OuterRef, Q, Subquery, Sum
from django.db.models.functions import TruncMonth
from django.utils import translation
from django.utils.translation import gettext, ngettext

from clients.months import month_at
from social.models import Publication, PublicationState, Reading
from social.services import clock
from social.tallies import HEARD
from strategy.models import Metric, NumberSource, Objective, StrategyState
from strategy.services import set_number

log = logging.getLogger(__name__)

MONTHS = 4  # networks are asked for ninety days after a post went out


def chosen() -> list[int]:
    """The objectives, by number, that networks fill."""
    found = Objective.objects.filter(~Q(metric=""), removed_at=None).exclude(strategy__state=StrategyState.SUPERSEDED)
    return list(found.order_by("pk").values_list("pk", flat=True))


def fill(*, objective_id: int) -> None:
    """Write how one objective stands in this month and the last three: the sum of what is known of the posts of each.

    People reached are added up, too: no network tells who they are, so whoever saw two posts counts twice, and it says so.
    Run twice, or by two at once, it says the same once. A number that a person entered stays.
    """
    objective = Objective.objects.select_related("strategy__client").get(pk=objective_id)
    strategy = objective.strategy
    if not objective.metric or objective.retired or strategy.state == StrategyState.SUPERSEDED:
        return
    month = month_at(strategy.client, clock.now())
    for _number in range(MONTHS - 1):
        month = month.last
    for first, told, posts, value in _counted(objective, max(month.first, strategy.starts_on.replace(day=1))):
        if not told:
            continue
        with translation.override(strategy.language):
            note = ngettext(
                "The network told it of %(told)d of one post.",
                "Networks told it of %(told)d of %(posts)d posts.",
                posts,
            )
            if objective.metric == Metric.REACH and posts > 1:
                note = " ".join([note, gettext("Whoever saw two posts counts twice.")])
        try:
            set_number(
                user=None,
                objective=objective,
                month=first,
                value=value,
                source=NumberSource.NETWORK,
                note_text=note % {"told": told, "posts": posts},
            )
        except ValidationError:
            log.warning("an objective's number was refused", extra={"objective": objective.pk})


def _counted(objective: Objective, since: date) -> list[tuple[date, int, int, Decimal]]:
    """For each month its first day, of how many posts it is known, of how many there are, and the sum; one query."""
    zone = objective.strategy.client.zone
    begins = datetime.combine(since, time(), zone)
    found = Publication.objects.filter(
        client=objective.client_id, state=PublicationState.PUBLISHED, act__in=HEARD, due_at__gte=begins
    )
    if objective.serving_only:
        found = found.filter(post__objective=objective)
    known = Reading.objects.filter(publication=OuterRef("pk"), **{f"{objective.metric}__isnull": False})
    rows = (
        found.annotate(
            in_month=TruncMonth("due_at", tzinfo=zone, output_field=DateField()),
            count=Subquery(known.order_by("-mark").values(objective.metric)[:1]),
        )
        .order_by("in_month")
        .values_list("in_month")
        .annotate(told=Count("count"), posts=Count("pk"), total=Sum("count"))
    )
    return [(first, told, posts, Decimal(total or 0)) for first, told, posts, total in rows]
