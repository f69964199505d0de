"""What the strategy came to, month by month; and by whom the numbers of its objectives are filled."""

from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponseBase
from django.utils.translation import gettext as _

from clients.months import month_from
from strategy import services
from strategy.admin.desk import Desk, Page
from strategy.models import Metric
from strategy.reports import report_of
from strategy.reports.shown import report_shown


def page(desk: Desk) -> HttpResponseBase:
    """The report of one month, the present one where none is named."""
    try:
        month = month_from(desk.strategy.client, desk.request.GET.get("month", ""))
    except ValidationError:
        raise Http404 from None
    found = report_shown(report_of(desk.user, desk.strategy, month))
    context = {**found, "page": desk.address("report"), "filling": desk.writable, "metrics": Metric.choices}
    return desk.show("admin/strategy_report.html", context)


def fill(desk: Desk, objective_id: int) -> HttpResponseBase:
    """Let networks fill the numbers of this objective, or nobody but people."""
    objective = desk.strategy.objectives.filter(pk=objective_id, removed_at=None).first()
    if objective is None:
        raise Http404
    sent = desk.request.POST

    def write() -> None:
        services.edit_objective(
            user=desk.user,
            objective=objective,
            metric=sent.get("metric", ""),
            serving_only=sent.get("serving_only") == "on",
        )

    desk.say(write, _("Saved. Networks are read once an hour; a number that somebody entered stays."))
    return desk.go("report", anchor=f"objective-{objective.pk}")


PAGES = (
    Page("report/", "report", page),
    Page("report/fill/<int:objective_id>/", "report_fill", fill, tab="report", post=True),
)
