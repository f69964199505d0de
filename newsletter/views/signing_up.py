"""The form at which somebody asks for a newsletter, and the page at which they say that it was them."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from accounts.errors import Conflict
from accounts.guarding import guarded
from newsletter.models import MailingList
from newsletter.services import signing_up
from newsletter.services.readers import address_of
from newsletter.speaking import mark_of, promise_of
from newsletter.throttling import MOST_ASKED, too_many
from newsletter.views.showing import NAMES, nothing_here, show, speaking, wait, wanted_language


class SignUpForm(forms.Form):
    """Who it is. ``words`` marks the promise that they have read."""

    email = forms.CharField(
        label=gettext_lazy("Your e-mail address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    name = forms.CharField(
        label=gettext_lazy("Your name, if you like"),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    words = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, promise: str, **kwargs: Any) -> None:
        self.promise = promise
        super().__init__(*args, **kwargs)

    def clean_email(self) -> str:
        return address_of(self.cleaned_data["email"])

    def clean(self) -> dict[str, Any]:
        """A promise that was changed meanwhile, or was never shown, is shown first."""
        if self.cleaned_data.get("words") != mark_of(self.promise):
            text = _("Please read once more what you agree to, then sign up.")
            raise ValidationError(text, code="words")
        return self.cleaned_data


# Exempt: the form may stand on the client's own site, where no cookie of ours is. A mail to the address decides, not the form.
@csrf_exempt
@guarded
@require_http_methods(["GET", "HEAD", "POST"])
def sign_up(request: HttpRequest, key: str) -> HttpResponse:
    """The form of one list. Whether an address is known, nobody learns here."""
    found = MailingList.objects.select_related("channel", "client").filter(key=key).first()
    if found is None:
        return nothing_here(request)
    language = wanted_language(request)
    with speaking(request, language, found.client):
        if request.method == "POST" and too_many(request, "asked", MOST_ASKED):
            return wait(request)
        return _conduct(request, found, language)


def _conduct(request: HttpRequest, found: MailingList, language: str) -> HttpResponse:
    promise = promise_of(found)
    context: dict[str, Any] = {"list": found, "promise": promise, "mark": mark_of(promise), "languages": NAMES}
    context["language"] = language
    if not signing_up.takes_readers(found):
        return show(request, "newsletter/closed.html", found.client, context, status=410)
    form = SignUpForm(request.POST if request.method == "POST" else None, promise=promise)
    if request.method == "POST" and form.is_valid():
        typed = {name: form.cleaned_data[name] for name in ("email", "name")}
        try:
            signing_up.sign_up(mailing_list=found, consent=promise, language=language, **typed)
        except Conflict:
            return show(request, "newsletter/closed.html", found.client, context, status=410)
        return show(request, "newsletter/asked.html", found.client, {**context, "email": typed["email"]})
    status = 400 if form.errors else 200
    return show(request, "newsletter/sign_up.html", found.client, {**context, "form": form}, status=status)


@csrf_exempt
@guarded
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, secret: str) -> HttpResponse:
    """The link in the mail. Opening it decides nothing, whoever or whatever opens; the button does."""
    found = signing_up.asked(secret)
    if found is None:
        return nothing_here(request)
    confirmed = False
    if request.method == "POST":
        if signing_up.confirm(secret=secret) is None:
            return nothing_here(request)
        confirmed = True
    with speaking(request, found.language, found.client):
        context = {"asked": found, "list": found.reader.mailing_list, "confirmed": confirmed}
        return show(request, "newsletter/confirm.html", found.client, context)
