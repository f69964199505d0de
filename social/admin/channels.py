"""Connecting accounts, asking the network who we are, retiring them."""

from collections.abc import Iterable
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from accounts.errors import Conflict
from accounts.models import User
from accounts.staff_admin import RecordForm, person, say
from clients.admin.scoped import ClientFilter, ClientFirstAdmin, choice_filter
from clients.marks import state_mark
from clients.models import Client, Role
from clients.moments import spoken_briefly
from clients.selectors import require, role_of
from social import networks, selectors, services
from social.admin.channel_forms import AskForm, ChannelForm, RetireForm
from social.admin.slots import SlotsForm, next_free
from social.departing import hold
from social.history import download
from social.models import Channel, ChannelStatus
from social.services import signing_in
from social.services.connecting import Connector
from social.services.slots import KEEPERS


@admin.register(Channel)
class ChannelAdmin(ClientFirstAdmin):
    """Channels: seen and checked by a client's staff, connected and retired by its managers."""

    list_display = ("name", "of_client", "network_name", "handle", "status_mark", "asked", "cadence")
    list_filter = (ClientFilter, choice_filter("status", ChannelStatus, gettext_lazy("status")))
    search_fields = ("name", "handle")
    ordering = ("client__name", "name", "id")
    record_form: ClassVar[type[RecordForm] | None] = ChannelForm
    record_template = "admin/channel.html"

    def visible(self, user: User) -> QuerySet[Channel]:
        return self.of_mine(user, selectors.channels(user))

    def may_change(self, user: User, record: Any) -> bool:
        return record.status != ChannelStatus.RETIRED and super().may_change(user, record)

    @admin.display(description=gettext_lazy("network"), ordering="network")
    def network_name(self, record: Channel) -> str:
        """The network by its name."""
        return networks.get(record.network).name

    @admin.display(description=gettext_lazy("status"), ordering="status")
    def status_mark(self, record: Channel) -> SafeString:
        """Whether the network lets us in."""
        return state_mark(*record.standing)

    @admin.display(description=gettext_lazy("checked"), ordering="checked_at", empty_value="—")
    def asked(self, record: Channel) -> str | None:
        """When the network last answered who we are."""
        return spoken_briefly(record.checked_at, timezone.get_current_timezone()) if record.checked_at else None

    @admin.display(description=gettext_lazy("posts a week, agreed"), ordering="cadence_per_week", empty_value="—")
    def cadence(self, record: Channel) -> str | None:
        """How many posts a week, without zeros that say nothing."""
        agreed = record.cadence_per_week
        return None if agreed is None else number_format(f"{agreed.normalize():f}")

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponseBase:
        """Which client, which network, then the form."""
        if object_id is None and self.has_add_permission(request) and (chosen := self.chosen(request))[0]:
            client = chosen[1]
            if client is not None and "network" not in request.GET:
                return self._show_networks(request, client)
        return super().changeform_view(request, object_id, form_url, extra_context)

    def _show_networks(self, request: HttpRequest, client: Client) -> HttpResponseBase:
        links = [
            (f"?client={client.pk}&network={network.slug}", network)
            for network in networks.NETWORKS.values()
            if not networks.has_ended(network.slug)
        ]
        context = {"links": links, "band": self.band(Channel(client=client))}
        return self.show(request, None, context, template="admin/choose_network.html")

    def client_form(self, request: HttpRequest, record: Any, client: Client | None) -> RecordForm:
        slug = record.network if record else request.GET.get("network", "")
        if slug not in networks.NETWORKS or (record is None and networks.has_ended(slug)):
            raise Http404
        typed = {"data": request.POST} if request.method == "POST" else {}
        network = networks.get(slug)
        form = ChannelForm(user=person(request), record=record, client=client, network=network, **typed)
        last = signing_in.last_typed(record) if record and not typed and self.changed(request, record) else None
        if last and not signing_in.is_waiting(last):
            form.tell(last.detail or str(signing_in.TOO_LATE))
        return form

    def after_saving(self, request: HttpRequest, record: Any, *, is_new: bool) -> HttpResponseBase:
        """A new account is asked at once whether it is the right one, unless it is still to be connected."""
        if record.status == ChannelStatus.BROKEN and not record.credentials:
            messages.info(request, _("Saved. Now connect the account, or ask the client to."))
        elif is_new:
            services.ask_channel(user=person(request), channel=record)
            messages.success(request, _("Saved. The network is being asked who we are."))
        elif (last := signing_in.last_typed(record)) and signing_in.is_waiting(last):
            messages.success(request, _("Saved. The network is being asked whether it takes the new credentials."))
            return redirect(f"{self.address('change', record.pk)}#connection")
        else:
            messages.success(request, _("Saved."))
        return redirect(self.address("change", record.pk))

    def own_urls(self) -> Iterable[tuple[str, Any, str]]:
        yield "<int:channel_id>/check/", require_POST(self.check_view), "social_channel_check"
        yield "<int:channel_id>/connect/", require_POST(self.connect_view), "social_channel_connect"
        yield "<int:channel_id>/ask/", self.ask_view, "social_channel_ask"
        yield "<int:channel_id>/revoke/", require_POST(self.revoke_view), "social_channel_revoke"
        yield "<int:channel_id>/slots/", self.slots_view, "social_channel_slots"
        yield "<int:channel_id>/history.csv", self.csv_view, "social_channel_history_csv"
        yield "<int:channel_id>/history.json", self.json_view, "social_channel_history_json"
        yield "<int:channel_id>/retire/", self.retire_view, "social_channel_retire"

    def doors(self, request: HttpRequest, record: Any) -> Iterable[tuple[str, str]]:
        """Its slots, its history as a file, and retiring it; checking is a button of the page."""
        yield _("Slots"), reverse("admin:social_channel_slots", args=[record.pk])
        for form in ("csv", "json"):
            words = _("History as %(form)s") % {"form": form.upper()}
            yield words, reverse(f"admin:social_channel_history_{form}", args=[record.pk])
        if self.has_change_permission(request, record):
            yield _("Retire this channel"), reverse("admin:social_channel_retire", args=[record.pk])

    def changed(self, request: HttpRequest, record: Any) -> bool:
        """Whether this person may connect this channel."""
        return record is not None and self.has_change_permission(request, record)

    def show(
        self, request: HttpRequest, record: Any, context: dict[str, Any], template: str = "", status: int = 200
    ) -> TemplateResponse:
        """The page of a channel says how it can be connected, and who is asked to."""
        if isinstance(record, Channel) and not template:
            network = networks.get(record.network)
            last = signing_in.last_typed(record) if self.changed(request, record) else None
            tried = bool(last and signing_in.is_waiting(last))
            context = {
                **context,
                "tried": last if tried else None,
                "not_taken": (last.detail or signing_in.TOO_LATE) if last and not tried else "",
                "network": network,
                "checks": bool(record.credentials) or not network.missing({}),
                "connects": self.changed(request, record) and bool(network.missing({}) or network.ways()),
                "ways": [(way, oauth.label) for way, oauth in network.ways().items()],
                "asks": record.asks.filter(revoked_at=None, done_at=None, expires_at__gt=timezone.now()).select_related(
                    "user"
                ),
            }
        return super().show(request, record, context, template, status)

    def connect_view(self, request: HttpRequest, channel_id: int) -> HttpResponseBase:
        """Off to the network, to sign in there."""
        channel = self.require(request, channel_id)
        by, way = Connector(user=person(request)), request.POST.get("way", "")
        try:
            departure = signing_in.begin(by=by, channel=channel, way=way)
        except Conflict as conflict:
            messages.warning(request, str(conflict))
            return redirect(self.address("change", channel.pk))
        return hold(redirect(departure.address), departure)

    def ask_view(self, request: HttpRequest, channel_id: int) -> HttpResponseBase:
        """Whom of the client's people to ask."""
        channel = self.require(request, channel_id)
        if not self.changed(request, channel):
            raise PermissionDenied
        typed = {"data": request.POST} if request.method == "POST" else {}
        form = AskForm(user=person(request), record=channel, **typed)
        words = {"network": networks.get(channel.network).name, "channel": channel.name}
        context = {
            "sentences": [
                _("We mail them a link. They sign in at %(network)s themselves, and no password is told to anybody.")
                % words
                if networks.get(channel.network).ways()
                else _("We mail them a link. What they type there nobody can ever read again."),
            ],
            "button": _("Send the link"),
            "back": self.address("change", channel.pk),
            "dangerous": False,
        }
        return self.ask_in_words(request, channel, form, context, _("The link is on its way."))

    def revoke_view(self, request: HttpRequest, channel_id: int) -> HttpResponseBase:
        """Links that were sent open nothing any more."""
        channel = self.require(request, channel_id)
        user = person(request)
        say(request, lambda: services.revoke_asks(user=user, channel=channel), _("The link opens nothing any more."))
        return redirect(self.address("change", channel.pk))

    def csv_view(self, request: HttpRequest, channel_id: int) -> HttpResponseBase:
        """All that went out there, as a table."""
        return download(person(request), self.require(request, channel_id), "csv")

    def json_view(self, request: HttpRequest, channel_id: int) -> HttpResponseBase:
        """The same with all that was counted."""
        return download(person(request), self.require(request, channel_id), "json")

    def check_view(self, request: HttpRequest, channel_id: int) -> HttpResponseBase:
        """Have the network asked who we are, now; the page says when it has answered."""
        channel = self.require(request, channel_id)
        user = person(request)
        say(request, lambda: services.ask_channel(user=user, channel=channel), _("The network is being asked."))
        return redirect(f"{self.address('change', channel.pk)}#connection")

    def slots_view(self, request: HttpRequest, channel_id: int) -> HttpResponseBase:
        """The channel's slots, to read, and to write for managers and editors."""
        channel = self.require(request, channel_id)
        writable = channel.status != ChannelStatus.RETIRED and role_of(person(request), channel.client_id) in KEEPERS
        typed = {"data": request.POST} if request.method == "POST" else {}
        form = SlotsForm(user=person(request), record=channel, **typed)
        if request.method == "POST":
            if not writable:
                raise PermissionDenied
            if form.try_save() is not None:
                messages.success(request, _("Saved."))
                return redirect(reverse("admin:social_channel_slots", args=[channel.pk]))
        form.fields["slots"].disabled = not writable
        context = {
            "form": form,
            "writable": writable,
            "free": next_free(channel),
            "doors": [(_("The channel's page"), self.address("change", channel.pk))],
        }
        return self.show(request, channel, context, template="admin/slots.html")

    def retire_view(self, request: HttpRequest, channel_id: int) -> HttpResponseBase:
        """Nothing goes out there any more, after asking once more."""
        channel = self.require(request, channel_id)
        require(person(request), channel.client_id, {Role.MANAGER})
        words = {"channel": channel.name}
        typed = {"data": request.POST} if request.method == "POST" else {}
        form = RetireForm(user=person(request), record=channel, **typed)
        context = {
            "sentences": [
                _("Nothing goes out on %(channel)s any more. What is scheduled there is cancelled.") % words,
                _("What went out stays here; the credentials are forgotten. It can't be undone."),
            ],
            "button": _("Retire this channel"),
            "dangerous": True,
            "back": self.address("change", channel.pk),
        }
        return self.ask_in_words(request, channel, form, context, _("%(channel)s is retired.") % words)
