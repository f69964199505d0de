"""Who sits where in a review, changed from its page: one's approval taken back, a seat given to somebody else."""

from collections.abc import Callable, Iterable
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget

from accounts.models import User
from accounts.staff_admin import RecordForm, person
from approvals import selectors, showing
from approvals.models import Review, Seat
from approvals.services import replace_seat, take_back
from approvals.services.seats import REASON_LENGTH
from clients.admin.scoped import ClientScopedAdmin
from clients.models import Role
from clients.selectors import deciders, role_of


class ReasonForm(RecordForm):
    """Why; it stays in the evidence."""

    reason = forms.CharField(
        label=gettext_lazy("Why"),
        max_length=REASON_LENGTH,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        help_text=gettext_lazy("It stays in the evidence."),
    )


class TakingBackForm(ReasonForm):
    """One's own approval, taken back."""

    def save(self) -> Review:
        """The review, open again."""
        review: Review = self.record
        return take_back(review=review, user=self.user, reason=self.cleaned_data["reason"])


class ReplacementForm(ReasonForm):
    """Who sits here from now on."""

    person: forms.ModelChoiceField[User] = forms.ModelChoiceField(
        label=gettext_lazy("Who decides instead"), queryset=None, widget=UnfoldAdminSelectWidget()
    )
    field_order = ("person", "reason")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        seat: Seat = self.record
        seated = Seat.objects.filter(step=seat.step_id, ended_at=None).values("user")
        found = deciders(self.user, seat.client).exclude(pk__in=seated).exclude(pk=seat.step.review.author_id)
        people = self.fields["person"]
        if isinstance(people, forms.ModelChoiceField):
            people.queryset = found

    def save(self) -> Seat:
        """The new seat."""
        return replace_seat(user=self.user, seat=self.record, **self.cleaned_data)


class SeatPages(ClientScopedAdmin):
    """Pages beside that of a review."""

    def own_urls(self) -> Iterable[tuple[str, Callable[..., HttpResponseBase], str]]:
        """Taking back, replacing."""
        yield "<int:review_id>/take-back/", self.take_back_view, "approvals_review_take_back"
        yield "<int:review_id>/seats/<int:seat_id>/replace/", self.replace_view, "approvals_review_replace"

    def seat_context(self, user: User, review: Review) -> dict[str, Any]:
        """What the page of a review offers of this."""
        manager = role_of(user, review.client) == Role.MANAGER
        return {"given": selectors.given(user, review), "may_replace": manager and review.closed_at is None}

    def take_back_view(self, request: HttpRequest, review_id: int) -> HttpResponseBase:
        """Take one's approval back, after saying why."""
        review = self.require(request, review_id)
        given = selectors.given(person(request), review)
        if given is None:
            raise Http404
        kind = showing.showing_of(review)
        sentences = [
            _("Your approval counts no more, and you are asked again. What others approved still counts."),
            *([kind.taking_back()] if kind else []),
        ]
        context = {
            "sentences": sentences,
            "button": _("Take my approval back"),
            "back": reverse("admin:approvals_review_page", args=[review.pk]),
            "dangerous": True,
        }
        form = _typed(request, TakingBackForm, review)
        return self.ask_in_words(request, review, form, context, _("Taken back. You are asked again."))

    def replace_view(self, request: HttpRequest, review_id: int, seat_id: int) -> HttpResponseBase:
        """Give a seat that has not decided to somebody else. For managers."""
        review = self.require(request, review_id)
        seats = Seat.objects.select_related("step__review", "client", "user")
        seat = seats.filter(step__review=review, ended_at=None, decision=None, pk=seat_id).first()
        if seat is None or role_of(person(request), review.client) != Role.MANAGER:
            raise Http404
        words = {"who": seat.user, "step": seat.step.name}
        context = {
            "sentences": [_("%(who)s decides nothing on the step “%(step)s” any more. Links in mails close.") % words],
            "button": _("Let somebody else decide"),
            "back": reverse("admin:approvals_review_page", args=[review.pk]),
            "dangerous": False,
        }
        form = _typed(request, ReplacementForm, seat)
        return self.ask_in_words(request, review, form, context, _("Somebody else decides here now. Both are told."))


def _typed(request: HttpRequest, form: type[RecordForm], record: Any) -> RecordForm:
    typed = {"data": request.POST} if request.method == "POST" else {}
    return form(user=person(request), record=record, **typed)
