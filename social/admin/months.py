"""A client's month in the staff's admin: the calendar, and what it costs."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from babel.dates import format_date
from django import forms
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminTextInputWidget

from accounts.models import User
from accounts.staff_admin import RecordForm, person
from clients.marks import band_of
from clients.models import Client, Role
from clients.moments import locale, spoken_day
from clients.months import Month, month_from
from clients.selectors import role_of, staff_clients
from social import costs, networks, selectors, services
from social.calendars import Entry, calendar, days
from social.models import Silence, SilenceState
from social.money import dollars
from social.narrowing import choices, narrowed

LABELS = (gettext_lazy("Pillar"), gettext_lazy("Objective"), gettext_lazy("Occasion"))


class CeilingForm(RecordForm):
    """How many US dollars a month may cost."""

    dollars = forms.DecimalField(
        label=gettext_lazy("Ceiling a month, in US dollars"),
        required=False,
        min_value=Decimal(0),
        max_digits=9,
        decimal_places=2,
        localize=True,
        widget=UnfoldAdminTextInputWidget(attrs={"inputmode": "decimal"}),
        help_text=gettext_lazy("What would go beyond it waits for a manager. Empty: no ceiling."),
    )

    def save(self) -> Client:
        """The client, with its ceiling."""
        services.set_ceiling(user=self.user, client=self.record, dollars=self.cleaned_data["dollars"])
        client: Client = self.record
        return client


def choose(pages: Any, request: HttpRequest) -> HttpResponseBase:
    """The choice of the client, where there is one to make."""
    mine = list(staff_clients(person(request)))
    links = [(reverse("admin:social_calendar", args=[client.pk]), band_of(client)) for client in mine]
    if len(links) == 1:
        return redirect(links[0][0])
    context = {"title": _("Calendar"), "links": links, "agency": False, "question": _("Whose month?")}
    answer: HttpResponseBase = pages.show(request, None, context, template="admin/choose_client.html")
    return answer


def calendar_page(pages: Any, request: HttpRequest, client_id: int) -> HttpResponseBase:
    """The month by days."""
    client, month = _asked(request, client_id)
    user = person(request)
    try:
        only = narrowed(user, client, request.GET)
    except ValidationError:
        raise Http404 from None
    entries = calendar(user, client, month, only)
    silences = _silences(user, client, month) if not only else {}
    context = {
        **_turning(client, month, "admin:social_calendar"),
        "title": _("Calendar"),
        "days": list(_days(client, month, entries, silences)) if entries or silences else [],
        "many": len(entries),
        "kept": "".join(f"&{name}={pk}" for name, pk in only.items()),
        "narrowing": [
            (name, label, [(row, row.pk == only.get(name)) for row in rows])
            for (name, rows), label in zip(choices(user, client).items(), LABELS, strict=True)
            if rows
        ],
    }
    answer: HttpResponseBase = pages.show(request, None, context, template="admin/calendar.html")
    return answer


def _silences(user: User, client: Client, month: Month) -> dict[date, list[Silence]]:
    """The silences ahead that begin in this month, by day."""
    found = selectors.silences(user).filter(
        client=client, state=SilenceState.FORESEEN, falls_on__gte=month.first, falls_on__lt=month.next.first
    )
    by_day: dict[date, list[Silence]] = {}
    for silence in found.order_by("falls_on", "pk"):
        by_day.setdefault(silence.falls_on, []).append(silence)
    return by_day


def _days(
    client: Client, month: Month, entries: list[Entry], silences: dict[date, list[Silence]]
) -> Iterator[dict[str, Any]]:
    """Every day of the month; those without anything are shown only where the month is a sheet with a row for each week."""
    planned = {day.day: day.entries for day in days(entries)}
    today = timezone.now().astimezone(client.zone).date()
    for number in range((month.next.first - month.first).days):
        day = month.first + timedelta(days=number)
        yield {
            "name": spoken_day(day, client.zone),
            "short": format_date(day, "EEE d", locale=locale()),
            "weekday": day.isoweekday(),
            "today": day == today,
            "entries": _priced(planned.get(day, ())),
            "silences": silences.get(day, ()),
        }


def _priced(entries: Any) -> list[tuple[Any, str]]:
    return [(entry, dollars(entry.dollars) if entry.dollars else "") for entry in entries]


def spending_page(pages: Any, request: HttpRequest, client_id: int) -> HttpResponseBase:
    """What the month costs, and its ceiling."""
    client, month = _asked(request, client_id)
    user = person(request)
    ceiling = costs.spending(user, client, month).ceiling
    typed = {"data": request.POST} if request.method == "POST" else {"initial": {"dollars": ceiling}}
    manages = role_of(user, client) == Role.MANAGER
    form = CeilingForm(user=user, record=client, **typed) if manages else None
    if form and form.is_bound and form.try_save():
        return redirect(request.get_full_path())
    found = costs.spending(user, client, month)
    context = {
        **_turning(client, month, "admin:social_spending"),
        "title": _("What the month costs"),
        "found": found,
        "amounts": {
            name: dollars(getattr(found, name))
            for name in ("dollars", "uncertain", "reading", "deleting", "planned", "ceiling")
            if getattr(found, name) is not None
        },
        "channels": [(row, networks.get(row.network).name, dollars(row.dollars)) for row in found.channels],
        "form": form,
    }
    answer: HttpResponseBase = pages.show(request, None, context, template="admin/spending.html")
    return answer


def _asked(request: HttpRequest, client_id: int) -> tuple[Client, Month]:
    client = staff_clients(person(request)).filter(pk=client_id).first()
    if client is None:
        raise Http404
    try:
        return client, month_from(client, request.GET.get("month", ""))
    except ValidationError:
        raise Http404 from None


def _turning(client: Client, month: Month, page: str) -> dict[str, Any]:
    """What both pages show above: whose month it is, and the ways to the others."""
    return {
        "client": client,
        "band": band_of(client),
        "month": month,
        "page": reverse(page, args=[client.pk]),
        "list_url": "",
    }
