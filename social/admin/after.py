"""After something is out, on the post's page: corrected, taken down, read back, counted."""

from collections.abc import Callable, Iterable
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminRadioSelectWidget, UnfoldAdminTextInputWidget

from accounts.staff_admin import RecordForm, person
from social import services
from social.acts import taking_down_costs
from social.models import Act, Post, Publication, PublicationState
from social.services.correctable import CORRECTIONS, possible
from social.services.how_far import how_far

WAYS = {
    Act.EDIT: gettext_lazy("Change what is live"),
    Act.REPLY: gettext_lazy("Answer below it"),
    Act.NEW_POST: gettext_lazy("Write a new post that corrects it"),
}
# Of what broke off in the middle.
AS_A_WHOLE = gettext_lazy("Change it as a whole, and send the rest with it")


class BecauseForm(RecordForm):
    """Why something is done."""

    because = forms.CharField(
        label=gettext_lazy("Why"),
        max_length=500,
        widget=UnfoldAdminTextInputWidget(attrs={"dir": "auto"}),
        help_text=gettext_lazy("Whoever has to approve it reads this, the client's people included. It is kept."),
    )


class TakeDownForm(BecauseForm):
    """Why it is taken down."""

    def save(self) -> Post:
        """What asks for approval of that."""
        return services.take_down(user=self.user, publication=self.record, because=self.cleaned_data["because"])


class CorrectForm(BecauseForm):
    """Which way it is corrected, and why."""

    act = forms.ChoiceField(label=gettext_lazy("How"), widget=UnfoldAdminRadioSelectWidget())
    field_order = ("act", "because")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        able = possible(self.record)
        field = self.fields["act"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - for the types
        ways = WAYS | ({Act.EDIT: AS_A_WHOLE} if self.record.live_posts else {})
        field.choices = [(act.value, ways[act]) for act in (Act.EDIT, Act.REPLY, Act.NEW_POST) if act in able]

    def save(self) -> Post:
        """The draft."""
        typed = self.cleaned_data
        return services.correct_publication(
            user=self.user, publication=self.record, act=typed["act"], because=typed["because"]
        )


class AfterPages:
    """The pages on which a correction or a taking down is begun; for the admin of posts."""

    def after_urls(self) -> Iterable[tuple[str, Callable[..., HttpResponseBase], str]]:
        """Their addresses."""
        yield "publication/<int:publication_id>/correct/", self.correct_view, "social_publication_correct"
        yield "publication/<int:publication_id>/take-down/", self.take_down_view, "social_publication_take_down"

    def correct_view(self, request: HttpRequest, publication_id: int) -> HttpResponseBase:
        """How, and why; then the composer."""
        publication = self._publication(request, publication_id)
        form = self._form(CorrectForm, request, publication)
        sentences = [
            _("What was published on %(channel)s stays here as it was, beside what corrects it.")
            % {"channel": publication.channel.name},
            _("Next you write it. It goes out as soon as it is approved."),
        ]
        if publication.live_posts:
            sentences.insert(0, how_far(publication))
        return self._asked(request, publication, form, sentences, _("Write the correction"), "admin:social_post_change")

    def take_down_view(self, request: HttpRequest, publication_id: int) -> HttpResponseBase:
        """Why; then it is asked for."""
        publication = self._publication(request, publication_id)
        form = self._form(TakeDownForm, request, publication)
        words = {"post": publication.post, "channel": publication.channel.name}
        sentences = [
            _("“%(post)s” is taken down on %(channel)s as soon as that is approved.") % words,
            _("Whoever has seen it may have kept it. What was live stays here, with who approved it and your reason."),
        ]
        if publication.begun and publication.state != PublicationState.PUBLISHED:
            rest = _("That is what is taken down; the rest does not go out any more.")
            sentences.insert(1, f"{how_far(publication)} {rest}")
        sentences += filter(None, [taking_down_costs(publication)])
        button = _("Ask for approval to take it down")
        return self._asked(request, publication, form, sentences, button, "admin:social_post_page")

    @staticmethod
    def _form(kind: type[BecauseForm], request: HttpRequest, publication: Publication) -> BecauseForm:
        typed = {"data": request.POST} if request.method == "POST" else {}
        return kind(user=person(request), record=publication, **typed)

    def _asked(  # noqa: PLR0913 - what a page asks
        self: Any,
        request: HttpRequest,
        publication: Publication,
        form: BecauseForm,
        sentences: list[str],
        button: str,
        then: str,
    ) -> HttpResponseBase:
        made = form.try_save() if request.method == "POST" else None
        if made is not None:
            return redirect(reverse(then, args=[made.pk]))
        context = {
            "sentences": sentences,
            "button": button,
            "back": self.page_address(publication.post),
            "form": form,
            "doors": [],
        }
        answer: HttpResponseBase = self.show(request, publication.post, context, template="admin/confirm.html")
        return answer

    def _publication(self, request: HttpRequest, publication_id: int) -> Publication:
        raise NotImplementedError


def can(publication: Publication) -> dict[str, bool]:
    """Which buttons stand beside a publication."""
    able = possible(publication)
    return {"can_correct": bool(set(able) & set(CORRECTIONS)), "can_take_down": Act.TAKE_DOWN in able}
