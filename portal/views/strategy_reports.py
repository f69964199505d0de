"""The report of a strategy for its client's people: what was agreed, planned and published, and how objectives stand."""

from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.guarding import guarded
from clients.months import month_from
from portal.people import signed_in
from portal.speaking import say, speaking_to
from strategy.reports import report_of
from strategy.reports.shown import report_shown
from strategy.selectors import strategies


@guarded
@login_required
@require_safe
def strategy_report(request: HttpRequest, strategy_id: int) -> HttpResponse:
    """One month of one strategy. What this person may not see does not exist."""
    reader = signed_in(request)
    strategy = get_object_or_404(strategies(reader).filter(shared_at__isnull=False), pk=strategy_id)
    try:
        month = month_from(strategy.client, request.GET.get("month", ""))
    except ValidationError:
        raise Http404 from None
    with speaking_to(request, reader, strategy.client):
        context = {
            **report_shown(report_of(reader, strategy, month, inside=False)),
            "strategy": strategy,
            "client": strategy.client,
            "page": reverse("portal:strategy_report", args=[strategy.pk]),
            "signed_in": True,
        }
        return say(request, "portal/strategy_report.html", context)
