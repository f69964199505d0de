"""Who waits for whom, and since when: over all clients one is staff for, with what can't come to an end on top."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from accounts.staff_admin import person, say
from approvals import silence, waiting
from approvals.mails_of_time import why_lost
from approvals.models import ReviewStep, Seat
from approvals.services.nudging import nudge
from clients.admin.scoped import ClientScopedAdmin, ids
from clients.selectors import staff_clients

PER_PAGE = 50
MOST_BLOCKED = 20


@dataclass(frozen=True, kw_only=True)
class Row:
    """One seat that is waited for."""

    seat: Seat
    deputy: User | None
    waited: str
    late: bool
    blocked: bool
    silent: str


@dataclass(frozen=True, kw_only=True)
class Stuck:
    """One step that has no longer enough people, and why."""

    step: ReviewStep
    why: list[str]


@admin.register(Seat)
class WaitingAdmin(ClientScopedAdmin):
    """The page "Waiting". A seat itself has no page but its review's."""

    def visible(self, user: User) -> QuerySet[Seat]:
        return waiting.waiting_seats(user)

    def may_add(self, user: User) -> bool:  # noqa: ARG002
        return False

    def own_urls(self) -> Iterable[tuple[str, Callable[..., HttpResponseBase], str]]:
        yield "<int:seat_id>/nudge/", self.nudge_view, "approvals_seat_nudge"

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponseBase:  # noqa: ARG002 - Django's signature
        """The list, one page of it; what it is narrowed to stands in its address."""
        user, now = person(request), timezone.now()
        mine = self.visible(user)
        chosen = Chosen.of(request)
        page: Page[Seat] = Paginator(chosen.narrow(mine, now).order_by("step__activated_at", "pk"), PER_PAGE).get_page(
            request.GET.get("page")
        )
        stuck = list(chosen.narrow_steps(waiting.blocked(user))[: MOST_BLOCKED + 1])
        context = {
            "title": _("Waiting"),
            "list_url": "",
            "page": page,
            "rows": _rows(list(page.object_list), now),
            "stuck": _stuck(stuck[:MOST_BLOCKED]),
            "more_stuck": len(stuck) > MOST_BLOCKED,
            "chosen": chosen,
            "clients": list(staff_clients(user).values_list("pk", "name")),
            "people": list(mine.order_by("user__name").values_list("user", "user__name").distinct()),
            "back": urlencode(chosen.query()),
        }
        return self.show(request, None, context, template="admin/waiting.html")

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",  # noqa: ARG002 - Django's signature
        extra_context: dict[str, Any] | None = None,  # noqa: ARG002 - Django's signature
    ) -> HttpResponseBase:
        """A seat is seen on the page of its review."""
        if object_id is None:
            raise Http404
        return redirect("admin:approvals_review_page", self.require(request, object_id).step.review_id)

    def nudge_view(self, request: HttpRequest, seat_id: int) -> HttpResponseBase:
        """Nudge, and back to where one was."""
        seat = waiting.seats(person(request)).filter(pk=seat_id).first()
        if seat is None:
            raise Http404
        if request.method == "POST":
            done = _("Nudged. %(who)s gets a mail in your name.") % {"who": seat.user}
            say(request, lambda: nudge(user=person(request), seat=seat), done)
        if request.POST.get("from") == "review":
            return redirect("admin:approvals_review_page", seat.step.review_id)
        query = Chosen.of(request).query()
        return redirect(reverse("admin:approvals_seat_changelist") + (f"?{urlencode(query)}" if query else ""))


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """What the list is narrowed to."""

    client: int | None
    person: int | None
    late: bool

    @classmethod
    def of(cls, request: HttpRequest) -> "Chosen":
        """As the address or the form says; what is no number is nothing."""
        sent = request.POST if request.method == "POST" else request.GET
        numbers = {name: next(iter(ids([sent.get(name, "")])), None) for name in ("client", "person")}
        return cls(client=numbers["client"], person=numbers["person"], late=sent.get("late") == "1")

    def narrow(self, found: QuerySet[Seat], now: datetime) -> QuerySet[Seat]:
        """Only those."""
        if self.client is not None:
            found = found.filter(client=self.client)
        if self.person is not None:
            found = found.filter(user=self.person)
        return found.filter(waiting.is_late(now)) if self.late else found

    def narrow_steps(self, found: QuerySet[ReviewStep]) -> QuerySet[ReviewStep]:
        """Only that client's."""
        return found if self.client is None else found.filter(client=self.client)

    def query(self) -> dict[str, int]:
        """The same as the end of an address."""
        told = {"client": self.client, "person": self.person, "late": 1 if self.late else None}
        return {name: value for name, value in told.items() if value is not None}


def _rows(seats: list[Seat], now: datetime) -> list[Row]:
    deputies, waits = waiting.deputies_of(seats), waiting.waits(seats, now)
    blocked = waiting.blocked_among({seat.step.review_id for seat in seats})
    return [
        Row(
            seat=seat,
            deputy=deputies.get(seat.pk),
            waited=waited_words(waits[seat.pk]),
            late=_is_late(seat, now),
            blocked=seat.step.review_id in blocked,
            silent=silence.to_whoever_reads(seat.step, seat.client),
        )
        for seat in seats
    ]


def _is_late(seat: Seat, now: datetime) -> bool:
    moments = (seat.step.due_at, seat.step.review.goes_out_at)
    return any(moment is not None and moment <= now for moment in moments)


def waited_words(waited: waiting.Waited) -> str:
    """How long, in working time."""
    if waited.days > 1:
        return ngettext("%(n)d working day", "%(n)d working days", waited.days) % {"n": waited.days}
    if waited.hours:
        return ngettext("%(n)d working hour", "%(n)d working hours", waited.hours) % {"n": waited.hours}
    return _("less than a working hour")


def _stuck(steps: list[ReviewStep]) -> list[Stuck]:
    lost = waiting.lost_seats(steps)
    return [Stuck(step=step, why=[why_lost(item) for item in lost.get(step.pk, [])]) for step in steps]
