"""Silences in the staff's admin: the list, the page of one with what could fill it, taking it up, or wanting it."""

import uuid
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin import ModelAdmin, SimpleListFilter
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from unfold.widgets import UnfoldAdminRadioSelectWidget, UnfoldAdminTextInputWidget

from accounts.errors import Conflict
from accounts.models import User
from accounts.once import once
from accounts.staff_admin import RecordForm, person, take_errors
from clients.admin.scoped import ClientFilter, ClientScopedAdmin
from clients.marks import state_mark
from clients.models import STAFF_ROLES
from clients.moments import spoken, spoken_day
from social import selectors
from social.models import Post, Silence, SilenceState, WhyQuiet
from social.models.silences import NOTE_LENGTH
from social.mornings import state_said, when_said
from social.pause_words import per_week_said
from social.proposals import Proposal, proposal_of, proposals
from social.services.silences import dismiss, still_ahead, take_up
from strategy.admin.above import add_page
from strategy.admin.desk import Desk, Page
from strategy.admin.tabs import Tab

SHOWN = 280  # characters of a proposal's text
OVER = 20  # silences that are over, on a strategy's page


class StandsFilter(SimpleListFilter):
    """Those ahead, unless others are asked for."""

    title = gettext_lazy("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin[Any]) -> list[tuple[str, Any]]:  # noqa: ARG002
        """What became of them."""
        return [(value, words) for value, words in SilenceState.choices if value != SilenceState.FORESEEN]

    def choices(self, changelist: Any) -> Iterator[Any]:
        """Django's own, where nothing chosen is not everything."""
        for number, choice in enumerate(super().choices(changelist)):
            yield choice if number else {**choice, "display": SilenceState.FORESEEN.label}

    def queryset(self, request: HttpRequest, queryset: QuerySet[Silence]) -> QuerySet[Silence]:  # noqa: ARG002
        """Those in the chosen state."""
        return queryset.filter(state=self.value() or SilenceState.FORESEEN)


class MineFilter(SimpleListFilter):
    """Those that one looks after oneself."""

    title = gettext_lazy("owner")
    parameter_name = "owner"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin[Any]) -> list[tuple[str, Any]]:  # noqa: ARG002
        """Oneself, or anybody."""
        return [("me", gettext_lazy("Mine"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Silence]) -> QuerySet[Silence]:
        """One's own."""
        return queryset.filter(owner=person(request)) if self.value() == "me" else queryset


class TakeUpForm(RecordForm):
    """When the draft is to go out; all else is in the proposal."""

    token = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput())
    proposal = forms.CharField(max_length=40, widget=forms.HiddenInput())
    day = forms.DateField(
        label=gettext_lazy("Day"),
        widget=UnfoldAdminTextInputWidget(attrs={"type": "date"}),
        input_formats=["%Y-%m-%d"],
    )
    time = forms.TimeField(
        label=gettext_lazy("Time"),
        widget=UnfoldAdminTextInputWidget(attrs={"type": "time"}),
        input_formats=["%H:%M", "%H:%M:%S"],
    )

    def save(self) -> Post:
        """The draft."""
        typed = self.cleaned_data
        at = datetime.combine(typed["day"], typed["time"])
        return take_up(user=self.user, silence=self.record, proposal=typed["proposal"], publish_at=at)


class DismissForm(RecordForm):
    """Why it is wanted, and until when."""

    why = forms.ChoiceField(label=gettext_lazy("Why"), choices=WhyQuiet.choices, widget=UnfoldAdminRadioSelectWidget())
    note = forms.CharField(
        label=gettext_lazy("In a few words"),
        required=False,
        max_length=NOTE_LENGTH,
        widget=UnfoldAdminTextInputWidget(attrs={"dir": "auto"}),
        help_text=gettext_lazy("Such as who agreed to it. It is kept."),
    )
    quiet_until = forms.DateField(
        label=gettext_lazy("Quiet until"),
        required=False,
        widget=UnfoldAdminTextInputWidget(attrs={"type": "date"}),
        input_formats=["%Y-%m-%d"],
        help_text=gettext_lazy(
            "Its last day; the cadence counts anew from then on. Empty: until something is planned."
        ),
    )

    def save(self) -> Silence:
        """The silence, which is wanted now."""
        return dismiss(user=self.user, silence=self.record, **self.cleaned_data)


@admin.register(Silence)
class SilenceAdmin(ClientScopedAdmin):
    """Silences of the clients one is staff for."""

    list_display = ("of_channel", "of_client", "silent_from", "agreed", "looked_after_by", "stands")
    list_filter = (MineFilter, ClientFilter, StandsFilter)
    ordering = ("falls_on", "id")
    writing_roles = STAFF_ROLES
    when_empty = gettext_lazy("No channel is going to fall silent: as much is planned as was agreed.")

    def visible(self, user: User) -> QuerySet[Silence]:
        return selectors.silences(user)

    def may_add(self, user: User) -> bool:  # noqa: ARG002 - they are foreseen
        return False

    @admin.display(description=gettext_lazy("channel"), ordering="channel__name")
    def of_channel(self, record: Silence) -> str:
        """Where."""
        return record.channel.name

    @admin.display(description=gettext_lazy("silent from"), ordering="falls_on")
    def silent_from(self, record: Silence) -> str:
        """The day."""
        return spoken_day(record.falls_on, record.client.zone)

    @admin.display(description=gettext_lazy("agreed"))
    def agreed(self, record: Silence) -> str:
        """The cadence."""
        return per_week_said(record.per_week)

    @admin.display(description=gettext_lazy("owner"), ordering="owner__name", empty_value="—")
    def looked_after_by(self, record: Silence) -> str | None:
        """Who looks after it."""
        return record.owner.name if record.owner else None

    @admin.display(description=gettext_lazy("state"), ordering="state")
    def stands(self, record: Silence) -> SafeString:
        """What became of it."""
        return state_mark(f"silence_{record.state}", state_said(record))

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",  # noqa: ARG002 - Django's signature
        extra_context: dict[str, Any] | None = None,  # noqa: ARG002 - Django's signature
    ) -> HttpResponseBase:
        """The page of one: since when, from when, and what could fill it."""
        if object_id is None or request.method != "GET":
            raise Http404
        record: Silence = self.require(request, object_id)
        foreseen = record.state == SilenceState.FORESEEN
        ahead = foreseen and still_ahead(record, timezone.now())
        found = proposals(record, timezone.now()) if ahead else []
        context = {
            "ahead": ahead,
            "over_by_now": foreseen and not ahead,
            "said": list(when_said(record)),
            "agreed": self.agreed(record),
            "until": spoken_day(record.until, record.client.zone) if record.until else "",
            "quiet_until": spoken_day(record.quiet_until, record.client.zone) if record.quiet_until else "",
            "stands": self.stands(record),
            "proposals": [self._told(record, proposal) for proposal in found],
        }
        return self.show(request, record, context, template="admin/silence.html")

    @staticmethod
    def _told(record: Silence, proposal: Proposal) -> dict[str, Any]:
        text = proposal.text if len(proposal.text) <= SHOWN else proposal.text[:SHOWN].rsplit(" ", 1)[0] + " …"
        address = reverse("admin:social_silence_take_up", args=[record.pk, proposal.key])
        return {
            "proposal": proposal,
            "kind": proposal.kind.label,
            "text": text,
            "when": spoken(proposal.publish_at, record.client.zone),
            "address": address,
        }

    def own_urls(self) -> Iterable[tuple[str, Any, str]]:
        yield "<int:silence_id>/take-up/<str:proposal>/", self.take_up_view, "social_silence_take_up"
        yield "<int:silence_id>/dismiss/", self.dismiss_view, "social_silence_dismiss"

    def _ahead(self, request: HttpRequest, silence_id: int) -> tuple[Silence, HttpResponseBase | None]:
        """The silence; and the way back to its page where it is over."""
        record: Silence = self.require(request, silence_id)
        if record.state == SilenceState.FORESEEN:
            return record, None
        messages.info(request, _("This silence is over: it was filled, is wanted, or is not asked for any more."))
        return record, redirect(self.address("change", record.pk))

    def take_up_view(self, request: HttpRequest, silence_id: int, proposal: str) -> HttpResponseBase:
        """The proposal once more, and its time; on yes a draft of it."""
        record: Silence = self.require(request, silence_id)
        form = TakeUpForm(user=person(request), record=record, data=request.POST if request.method == "POST" else None)
        if form.is_bound and form.is_valid():
            try:
                number, _first = once(request, f"silence:{form.cleaned_data['token']}", lambda: form.save().pk)
            except (forms.ValidationError, Conflict) as error:
                take_errors(form, error)
            else:
                messages.success(request, _("The draft is made. Write it, then submit it."))
                return redirect(reverse("admin:social_post_change", args=[number]))
        record, over = self._ahead(request, silence_id)
        if over is not None:
            return over
        chosen = proposal_of(record, proposal, timezone.now())
        if chosen is None:
            messages.info(request, _("This proposal is not there any more. Choose another one."))
            return redirect(self.address("change", record.pk))
        if not form.is_bound:
            at = chosen.publish_at.astimezone(record.client.zone)
            form.initial = {
                "token": uuid.uuid4().hex,
                "proposal": chosen.key,
                "day": f"{at:%Y-%m-%d}",
                "time": f"{at:%H:%M}",
            }
        context = {"form": form, "chosen": chosen, "kind": chosen.kind.label, "back": self.address("change", record.pk)}
        return self.show(request, record, context, template="admin/silence_take_up.html")

    def dismiss_view(self, request: HttpRequest, silence_id: int) -> HttpResponseBase:
        """Why it is wanted."""
        record, over = self._ahead(request, silence_id)
        if over is not None:
            return over
        form = DismissForm(user=person(request), record=record, data=request.POST if request.method == "POST" else None)
        context = {
            "sentences": [_("Nobody is told of this silence any more, and it is kept that it was wanted.")],
            "button": _("The silence is wanted"),
            "back": self.address("change", record.pk),
            "dangerous": False,
        }
        return self.ask_in_words(request, record, form, context, _("Kept: this silence is wanted."))


def of_strategy(desk: Desk) -> HttpResponseBase:
    """The silences ahead on the channels of one strategy, and what became of the last ones."""
    found = selectors.silences(desk.user).filter(strategy=desk.strategy)
    ahead = [(row, state_said(row)) for row in found.filter(state=SilenceState.FORESEEN).order_by("falls_on", "pk")]
    over = list(found.exclude(state=SilenceState.FORESEEN).order_by("-ended_at", "-pk")[:OVER])
    return desk.show("admin/strategy_silences.html", {"ahead": ahead, "over": over})


add_page(Page("silences/", "silences", of_strategy), Tab("silences", pgettext_lazy("tab", "Silences")))
