"""Who is on the lists: found, entered with their consent, signed off with a reason, erased."""

from collections.abc import Iterable
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from accounts.models import User
from accounts.staff_admin import Question, RecordForm, person
from clients.admin.scoped import ClientFilter, ClientScopedAdmin, choice_filter, ids
from clients.marks import state_mark
from newsletter import selectors
from newsletter.admin.filters import ListFilter
from newsletter.models import MailingList, Reader, ReaderState, Source
from newsletter.services.readers import LANGUAGES, MOST_WORDS, add_reader, erase, put_back, sign_off
from newsletter.views.showing import NAMES


class ListField(forms.ModelChoiceField[MailingList]):
    """One of the lists that one keeps; the form fills it."""

    def __init__(self) -> None:
        super().__init__(
            label=gettext_lazy("Newsletter"),
            queryset=MailingList.objects.none(),
            empty_label=None,
            widget=UnfoldAdminSelectWidget(),
        )

    def label_from_instance(self, obj: MailingList) -> str:
        return f"{obj.channel.name} · {obj.client.name}"


def fill_lists(form: RecordForm) -> None:
    """Only the lists that this person keeps."""
    field = form.fields["mailing_list"]
    if isinstance(field, ListField):
        field.queryset = selectors.kept_lists(form.user)


class ReaderForm(RecordForm):
    """Somebody who agreed elsewhere, on paper for instance."""

    mailing_list = ListField()
    email = forms.EmailField(label=gettext_lazy("E-mail"), max_length=254, widget=UnfoldAdminTextInputWidget())
    name = forms.CharField(
        label=gettext_lazy("Name"),
        required=False,
        max_length=200,
        widget=UnfoldAdminTextInputWidget(attrs={"dir": "auto"}),
    )
    language = forms.ChoiceField(
        label=gettext_lazy("Language"),
        required=False,
        choices=[("", gettext_lazy("not known")), *((code, NAMES[code]) for code in LANGUAGES)],
        widget=UnfoldAdminSelectWidget(),
    )
    consent = forms.CharField(
        label=gettext_lazy("What they agreed to"),
        max_length=MOST_WORDS,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3, "dir": "auto"}),
        help_text=gettext_lazy("In the words that they read, and where: “on the paper in the shop: …”."),
    )
    consented_at = forms.DateField(
        label=gettext_lazy("When they agreed"),
        widget=UnfoldAdminTextInputWidget(attrs={"type": "date"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        record: Reader | None = kwargs.get("record")
        if record is not None:
            kwargs["initial"] = {name: getattr(record, name) for name in ("mailing_list", "email", "name", "language")}
            agreed = record.consented_at
            kwargs["initial"] |= {
                "consent": record.consent,
                "consented_at": agreed and agreed.astimezone(record.client.zone).date().isoformat(),
            }
        super().__init__(*args, **kwargs)
        fill_lists(self)

    def save(self) -> Reader:
        """The new reader."""
        return add_reader(user=self.user, **self.cleaned_data)


class WhyForm(RecordForm):
    """Why somebody is signed off by staff."""

    why = forms.CharField(
        label=gettext_lazy("Why"),
        max_length=500,
        widget=UnfoldAdminTextInputWidget(attrs={"dir": "auto"}),
        help_text=gettext_lazy("How they asked for it: by telephone, for instance."),
    )

    def save(self) -> bool:
        """Sign off."""
        sign_off(reader=self.record, user=self.user, why=self.cleaned_data["why"])
        return True


@admin.register(Reader)
class ReaderAdmin(ClientScopedAdmin):
    """Readers, for the managers of their client alone. Nobody is changed or deleted: they come, leave, are erased."""

    list_display = ("email", "name", "of_list", "of_client", "state_word", "came", "since")
    list_filter = (ClientFilter, ListFilter, choice_filter("state", ReaderState, gettext_lazy("state")))
    search_fields = ("email", "name")
    ordering = ("-id",)
    show_full_result_count = False
    record_form: ClassVar[type[RecordForm] | None] = ReaderForm
    record_template = "admin/reader.html"

    def visible(self, user: User) -> QuerySet[Reader]:
        return self.of_mine(user, selectors.readers(user))

    def may_add(self, user: User) -> bool:
        return selectors.kept_lists(user).exists()

    def may_change(self, user: User, record: Any) -> bool:  # noqa: ARG002 - nobody may
        return False

    @admin.display(description=gettext_lazy("newsletter"))
    def of_list(self, record: Reader) -> str:
        """The newsletter's name."""
        return record.mailing_list.channel.name

    @admin.display(description=gettext_lazy("state"), ordering="state")
    def state_word(self, record: Reader) -> SafeString:
        """The state as word and icon."""
        return reader_mark(record.state, record.get_state_display())

    @admin.display(description=gettext_lazy("came by"))
    def came(self, record: Reader) -> str:
        """How the address came on the list."""
        return str(Source(record.source).label)

    @admin.display(description=gettext_lazy("agreed on"), empty_value="—")
    def since(self, record: Reader) -> Any:
        """When they agreed, on the client's clock."""
        return record.consented_at and timezone.localtime(record.consented_at, record.client.zone).date()

    def make_form(self, request: HttpRequest, record: Any) -> RecordForm:
        typed: dict[str, Any] = {"data": request.POST} if request.method == "POST" else {}
        if record is None:
            typed["initial"] = {"mailing_list": next(iter(ids([request.GET.get("list", "")])), None)}
        return ReaderForm(user=person(request), record=record, **typed)

    def after_saving(self, request: HttpRequest, record: Any, *, is_new: bool) -> HttpResponseBase:
        super().after_saving(request, record, is_new=is_new)
        return redirect(self.address("change", record.pk))

    def own_urls(self) -> Iterable[tuple[str, Any, str]]:
        yield "<int:reader_id>/off/", self.off_view, "newsletter_reader_off"
        yield "<int:reader_id>/back/", self.back_view, "newsletter_reader_back"
        yield "<int:reader_id>/erase/", self.erase_view, "newsletter_reader_erase"

    def doors(self, request: HttpRequest, record: Any) -> Iterable[tuple[str, str]]:  # noqa: ARG002 - Django's signature
        """Putting back, signing off, and erasing."""
        if record.state == ReaderState.BOUNCED:
            yield _("Put back"), reverse("admin:newsletter_reader_back", args=[record.pk])
        if record.state in {ReaderState.PENDING, ReaderState.CONFIRMED, ReaderState.BOUNCED}:
            yield _("Sign them off"), reverse("admin:newsletter_reader_off", args=[record.pk])
        yield _("Erase"), reverse("admin:newsletter_reader_erase", args=[record.pk])

    def off_view(self, request: HttpRequest, reader_id: int) -> HttpResponseBase:
        """Nothing goes there any more, after asking once more, and why."""
        record = self.require(request, reader_id)
        typed = {"data": request.POST} if request.method == "POST" else {}
        form = WhyForm(user=person(request), record=record, **typed)
        words = {"email": record.email, "name": record.mailing_list.channel.name}
        context = {
            "sentences": [
                _("%(email)s gets no issue of “%(name)s” any more. Only they themselves can come back, by the form.")
                % words
            ],
            "button": _("Sign them off"),
            "dangerous": True,
            "back": self.address("change", record.pk),
        }
        return self.ask_in_words(request, record, form, context, _("%(email)s is signed off.") % words)

    def back_view(self, request: HttpRequest, reader_id: int) -> HttpResponseBase:
        """The next issue goes there again, after asking once more."""
        record = self.require(request, reader_id)
        words = {"email": record.email, "name": record.mailing_list.channel.name, "why": record.ended_why}
        question = Question(
            sentences=[
                _("%(email)s gets the next issue of “%(name)s” again. What came back before counts no more.") % words,
                *([_("What came back: %(why)s") % words] if record.ended_why else []),
            ],
            button=_("Put back"),
            back=self.address("change", record.pk),
            act=lambda: put_back(user=person(request), reader=record),
            done=_("%(email)s gets the next issue again.") % words,
            dangerous=False,
        )
        return self.ask(request, record, question)

    def erase_view(self, request: HttpRequest, reader_id: int) -> HttpResponseBase:
        """Forget who it was, after asking once more."""
        record = self.require(request, reader_id)
        words = {"email": record.email}
        question = Question(
            sentences=[
                _(
                    "Name and address of %(email)s are forgotten, here and in the reports of imports. It can't be undone."
                )
                % words,
                _("What stays is that somebody agreed and left, and a mark by which no import brings them back."),
            ],
            button=_("Erase"),
            back=self.address("change", record.pk) if request.method != "POST" else self.address("changelist"),
            act=lambda: erase(user=person(request), reader=record),
            done=_("Erased."),
        )
        return self.ask(request, record, question)


MARKS = {
    ReaderState.PENDING: "waiting_confirmation",
    ReaderState.CONFIRMED: "active",
    ReaderState.UNSUBSCRIBED: "dropped",
    ReaderState.BOUNCED: "broken",
    ReaderState.COMPLAINED: "refused_by_network",
}


def reader_mark(state: str, words: Any) -> SafeString:
    """A reader's state as word and icon."""
    return state_mark(MARKS.get(ReaderState(state), ""), words)
