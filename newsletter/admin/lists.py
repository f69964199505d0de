"""A newsletter's list: what it says of itself, how many stand how, and the ways to its readers."""

from collections.abc import Iterable
from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget, UnfoldBooleanWidget

from accounts.models import User
from accounts.staff_admin import Question, RecordForm, person
from clients.admin.scoped import ClientFilter, ClientScopedAdmin
from clients.marks import state_mark
from newsletter import selectors
from newsletter.growth import growth
from newsletter.models import DoubtState, MailingList, ReaderState
from newsletter.services.doubts import decide
from newsletter.services.lists import edit_list, make_list
from newsletter.speaking import figures_of, mark_of, promise_of
from newsletter.taking_away import readers_file
from social.models import Channel

SHOWN_WORDS = 3  # servers' answers beside a doubt


class ListForm(RecordForm):
    """Whose list it is, and what readers are told."""

    channel: forms.ModelChoiceField[Channel] = forms.ModelChoiceField(
        label=gettext_lazy("Newsletter"), queryset=None, empty_label=None, widget=UnfoldAdminSelectWidget()
    )
    imprint = forms.CharField(
        label=gettext_lazy("Imprint"),
        required=False,
        max_length=1000,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3, "dir": "auto"}),
        help_text=gettext_lazy(
            "Who sends it, and the postal address: it stands at the end of every issue, as the law asks. Without it nothing can be sent."
        ),
    )
    promise = forms.CharField(
        label=gettext_lazy("What readers agree to"),
        required=False,
        max_length=1000,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3, "dir": "auto"}),
        help_text=gettext_lazy(
            "It is kept word for word with each sign-up. Empty: a sentence of ours, in the reader’s language."
        ),
    )
    is_open = forms.BooleanField(
        label=gettext_lazy("The form takes new readers"), required=False, initial=True, widget=UnfoldBooleanWidget()
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        record: MailingList | None = kwargs.get("record")
        if record is not None:
            kwargs["initial"] = {name: getattr(record, name) for name in ("imprint", "promise", "is_open")}
        super().__init__(*args, **kwargs)
        if record is not None:
            del self.fields["channel"]
            return
        field = self.fields["channel"]
        if isinstance(field, forms.ModelChoiceField):
            field.queryset = selectors.listable_channels(self.user).filter(mailing_list=None)

    def save(self) -> MailingList:
        """The list, new or changed."""
        if self.record is None:
            return make_list(user=self.user, **self.cleaned_data)
        return edit_list(user=self.user, mailing_list=self.record, **self.cleaned_data)


@admin.register(MailingList)
class ListAdmin(ClientScopedAdmin):
    """Lists: seen by a client's staff, written by its managers, who alone see the readers."""

    list_display = ("name", "of_client", "gets", "sends", "form_mark")
    list_filter = (ClientFilter,)
    search_fields = ("channel__name", "client__name")
    ordering = ("client__name", "channel__name", "id")
    list_display_links = ("name",)
    record_form: ClassVar[type[RecordForm] | None] = ListForm
    record_template = "admin/mailing_list.html"

    def visible(self, user: User) -> QuerySet[MailingList]:
        return self.of_mine(user, selectors.lists(user))

    def may_add(self, user: User) -> bool:
        """Whether there is a newsletter of theirs without a list."""
        return selectors.listable_channels(user).filter(mailing_list=None).exists()

    @admin.display(description=gettext_lazy("newsletter"), ordering="channel__name")
    def name(self, record: MailingList) -> str:
        """The channel's name."""
        return record.channel.name

    @admin.display(description=gettext_lazy("readers"))
    def gets(self, record: Any) -> int:
        """How many get the next issue."""
        count: int = record.confirmed
        return count

    @admin.display(description=gettext_lazy("imprint"))
    def sends(self, record: MailingList) -> SafeString:
        """Whether it can be sent."""
        return (
            state_mark("active", _("is there"))
            if record.imprint
            else state_mark("broken", _("missing: nothing can be sent"))
        )

    @admin.display(description=gettext_lazy("form"))
    def form_mark(self, record: MailingList) -> SafeString:
        """Whether the form takes new readers."""
        return state_mark("active", _("open")) if record.is_open else state_mark("paused", _("closed"))

    def own_urls(self) -> Iterable[tuple[str, Any, str]]:
        yield "<int:mailinglist_id>/readers.csv", self.csv_view, "newsletter_mailinglist_csv"
        yield "<int:mailinglist_id>/doubts/<int:doubt_id>/end/", self.end_view, "newsletter_mailinglist_end"
        yield "<int:mailinglist_id>/doubts/<int:doubt_id>/keep/", self.keep_view, "newsletter_mailinglist_keep"

    def doors(self, request: HttpRequest, record: Any) -> Iterable[tuple[str, str]]:
        """For its managers: the readers, one more, a file of them, all of them as a file."""
        if not self.has_change_permission(request, record):
            return
        mine = f"?list={record.pk}"
        yield _("Readers"), reverse("admin:newsletter_reader_changelist") + mine
        yield _("Enter a reader"), reverse("admin:newsletter_reader_add") + mine
        yield _("Import a file"), reverse("admin:newsletter_listimport_add") + mine
        yield _("Imports"), reverse("admin:newsletter_listimport_changelist") + mine
        yield _("Readers as CSV"), reverse("admin:newsletter_mailinglist_csv", args=[record.pk])

    def after_saving(self, request: HttpRequest, record: Any, *, is_new: bool) -> HttpResponseBase:
        super().after_saving(request, record, is_new=is_new)
        return redirect(self.address("change", record.pk))

    def csv_view(self, request: HttpRequest, mailinglist_id: int) -> HttpResponseBase:
        """All readers, to be taken away by who keeps the list."""
        self.require(request, mailinglist_id)
        found = get_object_or_404(selectors.kept_lists(person(request)), pk=mailinglist_id)
        return readers_file(person(request), found)

    def end_view(self, request: HttpRequest, mailinglist_id: int, doubt_id: int) -> HttpResponseBase:
        """Whose copies came back like this get nothing more, after asking once more."""
        return self._decide(
            request,
            (mailinglist_id, doubt_id),
            _("These readers get nothing more. One by one they can be put back."),
            _("Take them off"),
            ends=True,
        )

    def keep_view(self, request: HttpRequest, mailinglist_id: int, doubt_id: int) -> HttpResponseBase:
        """They stay, after asking once more."""
        return self._decide(
            request,
            (mailinglist_id, doubt_id),
            _("These readers stay, and what else of this issue comes back like this ends nobody."),
            _("Let them stay"),
            ends=False,
        )

    def _decide(
        self, request: HttpRequest, of: tuple[int, int], what: str, button: str, *, ends: bool
    ) -> HttpResponseBase:
        record = self.require(request, of[0])
        user = person(request)
        doubt = get_object_or_404(selectors.doubts(user), pk=of[1], issue__mailing_list=record)
        question = Question(
            sentences=[figures_of(doubt), what],
            button=button,
            back=self.address("change", record.pk),
            act=lambda: decide(user=user, doubt=doubt, ends=ends),
            done=_("Decided."),
            dangerous=ends,
        )
        return self.ask(request, record, question)

    def show(
        self, request: HttpRequest, record: Any, context: dict[str, Any], template: str = "", status: int = 200
    ) -> TemplateResponse:
        """The page of a list says how it stands."""
        if isinstance(record, MailingList) and not template:
            context = {**context, **_standing(record), "doubts": _doubts(person(request), record)}
        return super().show(request, record, context, template, status)


def _doubts(user: User, record: MailingList) -> list[dict[str, Any]]:
    """What a manager has to decide, each with some of the servers' own words."""
    found = selectors.doubts(user).filter(issue__mailing_list=record, state=DoubtState.OPEN)
    return [
        {
            "figures": figures_of(doubt),
            "said": list(
                selectors.came_back_with(doubt.issue_id, doubt.status).values_list("detail", flat=True)[:SHOWN_WORDS]
            ),
            "end": reverse("admin:newsletter_mailinglist_end", args=[record.pk, doubt.pk]),
            "keep": reverse("admin:newsletter_mailinglist_keep", args=[record.pk, doubt.pk]),
        }
        for doubt in found
    ]


def _standing(record: MailingList) -> dict[str, Any]:
    address = settings.BASE_URL.rstrip("/") + reverse("newsletter:sign_up", args=[record.key])
    promise = promise_of(record)
    embedded = {"address": address, "promise": promise, "mark": mark_of(promise)}
    return {
        "title": record.channel.name,
        "counts": [
            (state, state.label, getattr(record, state.value)) for state in ReaderState if state != ReaderState.ERASED
        ],
        "growth": growth(record, timezone.now()),
        "address": address,
        "embedded": render_to_string("newsletter/embedded.html", embedded).strip(),
    }
