"""Connecting an account: by a link from a mail, and the way back from a network, for whoever was sent there.

Opening a link does nothing, whoever or whatever opens it; a press of the button begins. Who comes back from a network is
known by a cookie of the browser that was sent, good for this one way.
"""

from contextlib import suppress
from datetime import timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.errors import Conflict
from accounts.guarding import guarded
from portal.speaking import say, speaking_to
from portal.views import closed
from social import networks
from social.departing import hold, is_theirs
from social.models import ConnectionAsk, SignIn, SignInState
from social.networks.base import Need, Network
from social.services import signing_in
from social.services.connecting import FORM, Connector, may_connect
from social.services.connection_asks import open_link
from social.services.signing_in import Departure

MOST_TYPED = 1_000
KEYS = {"port": "numeric", "most_an_hour": "numeric", "from_address": "email", "reply_to": "email"}  # of a phone
LONG = timedelta(seconds=20)  # after which the page says that the network takes its time


class Credentials(forms.Form):
    """What a network asks for that has no way to sign in. A secret is never shown again, not even to who typed it."""

    def __init__(self, network: Network, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for need in network.needs:
            self.fields[need.name] = _field(need)


def _field(need: Need) -> forms.Field:
    off = {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
    off |= {"inputmode": KEYS[need.name]} if need.name in KEYS else {}
    widget: forms.Widget = forms.PasswordInput(attrs=off) if need.secret else forms.TextInput(attrs=off)
    label = need.label if need.required else _("%(what)s (optional)") % {"what": need.label}
    return forms.CharField(
        label=label, required=need.required, strip=not need.secret, max_length=MOST_TYPED, widget=widget
    )


@guarded
@require_http_methods(["GET", "HEAD", "POST"])
def connect_by_link(request: HttpRequest, secret: str) -> HttpResponseBase:
    """Which client, network and account, and a button; or why there is nothing to do."""
    ask = open_link(secret=secret)
    if ask is None:
        return closed.unknown(request)
    with speaking_to(request, ask.user, ask.client):
        if not may_connect(ask):
            return _over(request, ask)
        network = networks.get(ask.channel.network)
        if request.method != "POST":
            return _ask(request, ask, network, None if network.ways() else Credentials(network))
        if network.ways():
            return _send(request, ask, network)
        return _take(request, ask, network)


def _over(request: HttpRequest, ask: ConnectionAsk) -> HttpResponse:
    if ask.done_at:
        page = closed.Closed(
            _("This account is connected"),
            (_("There is nothing more to do. You can close this page."),),
            200,
            signs_in=False,
        )
        return closed.show(request, page)
    if ask.revoked_at:
        return closed.revoked(request)
    page = closed.Closed(
        _("This link has expired"),
        (
            _("For safety, it opened for two weeks."),
            _("If the account is still to be connected, ask the agency for a new link."),
        ),
        410,
        signs_in=False,
    )
    return closed.show(request, page)


def _ask(  # noqa: PLR0913 - a page is all of these
    request: HttpRequest,
    ask: ConnectionAsk,
    network: Network,
    form: Credentials | None,
    notice: str = "",
    status: int = 200,
) -> HttpResponse:
    context = {
        "ask": ask,
        "channel": ask.channel,
        "client": ask.client,
        "network": network,
        "ways": [(way, oauth.label) for way, oauth in network.ways().items()],
        "form": form,
        "app_password": any(need.name == "app_password" for need in network.needs),
        "notice": notice,
    }
    return say(request, "portal/connect.html", context, status=status)


def _send(request: HttpRequest, ask: ConnectionAsk, network: Network) -> HttpResponse:
    by = Connector(user=ask.user, ask=ask)
    try:
        departure = signing_in.begin(by=by, channel=ask.channel, way=request.POST.get("way", ""))
    except Conflict as conflict:
        return _ask(request, ask, network, None, str(conflict), 409)
    return depart(request, departure)


def depart(request: HttpRequest, departure: Departure) -> HttpResponse:
    """The page that leads on to the network at once.

    No redirect of the form itself: browsers hold each hop of one against our `form-action`, and networks hop.
    """
    channel = departure.sign_in.channel
    context = {"address": departure.address, "network": networks.get(channel.network), "client": channel.client}
    return hold(say(request, "portal/connect_going.html", context), departure)


def _take(request: HttpRequest, ask: ConnectionAsk, network: Network) -> HttpResponse:
    form = Credentials(network, request.POST)
    if not form.is_valid():
        return _ask(request, ask, network, form, status=400)
    given = {name: value for name, value in form.cleaned_data.items() if value}
    try:
        departure = signing_in.bring(by=Connector(user=ask.user, ask=ask), channel=ask.channel, credentials=given)
    except ValidationError as error:
        return _ask(request, ask, network, form, " ".join(error.messages), 400)
    except Conflict as conflict:
        return _ask(request, ask, network, form, str(conflict), 409)
    return hold(redirect("portal:sign_in", departure.sign_in.pk), departure)


@guarded
@require_safe
def back(request: HttpRequest, /, **_network: str) -> HttpResponseBase:
    """Back from a network, once. Its own address is checked against what it was told. A mere look (HEAD, or a browser that fetches ahead) uses nothing up."""
    if request.method == "HEAD" or "prefetch" in request.headers.get("Sec-Purpose", request.headers.get("Purpose", "")):
        return HttpResponse(status=204)
    known = signing_in.find(state=request.GET.get("state", "")[:200])
    if known is None or not is_theirs(request, known):
        return closed.unknown(request)
    with speaking_to(request, known.user, known.client):
        came_by = settings.BASE_URL.rstrip("/") + request.path
        with suppress(Conflict):  # the page says how it stands
            signing_in.come_back(sign_in=known, redirect=came_by, answer=request.GET.dict())
    return redirect("portal:sign_in", known.pk)


@guarded
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest, sign_in_id: int) -> HttpResponseBase:
    """How it stands: being looked at, which account is meant, or how it ended and how to begin again. While it waits, the page comes again by itself."""
    known = SignIn.objects.select_related("channel__client", "user", "ask").filter(pk=sign_in_id).first()
    if known is None or not is_theirs(request, known):
        raise Http404
    with speaking_to(request, known.user, known.client):
        if request.method != "POST":
            return _stands(request, known)
        if known.way == FORM and known.ask is not None:
            return _take(request, known.ask, networks.get(known.channel.network))
        try:
            if "account" in request.POST:
                signing_in.choose(sign_in=known, account=request.POST["account"][:300])
                return redirect(request.path)
            by = Connector(user=known.user, ask=known.ask)
            return depart(request, signing_in.begin(by=by, channel=known.channel, way=known.way))
        except Conflict as conflict:
            return _stands(request, known, str(conflict), 409)
        except (ObjectDoesNotExist, PermissionDenied):  # their role ended meanwhile
            return closed.nobody(request)


def _stands(request: HttpRequest, known: SignIn, notice: str = "", status: int = 200) -> HttpResponse:
    known.refresh_from_db()
    network, accounts, now = networks.get(known.channel.network), signing_in.choices(known), timezone.now()
    waits = known.state in signing_in.WAITING and known.expires_at > now and not notice
    done = known.state == SignInState.DONE
    again = not (done or accounts or waits)
    typed = known.way == FORM and again and known.ask is not None and may_connect(known.ask)
    context = {
        "sign_in": known,
        "channel": known.channel,
        "client": known.client,
        "network": network,
        "called": _("the mail server") if network.mails else network.name,
        "accounts": accounts,
        "done": done,
        "again": again,
        "waits": waits,
        "long": waits and known.created_at < now - LONG,
        "form": Credentials(network, initial=known.typed) if typed else None,
        "sends": known.way != FORM,
        "detail": notice or known.detail,
        "staff": known.ask_id is None,
    }
    return say(request, "portal/sign_in.html", context, status=status)
