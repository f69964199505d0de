"""What is said by mail of connections: one is broken or ends soon, or somebody of the client's is asked to sign in."""

from zoneinfo import ZoneInfo

from django.conf import settings
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from clients.moments import spoken
from clients.selectors import reading_language
from notifications import letters
from notifications.letters import Letter
from notifications.models import Notification
from social import networks
from social.models import Channel, ChannelStatus, ConnectionAsk, Publication, PublicationState
from social.services.connecting import may_connect
from social.services.connection_asks import issue_link


def register() -> None:
    """Say which writer writes which kind of mail."""
    letters.register(
        "channel_broken", _broken, gettext_lazy("A channel needs a new connection"), quiet=False, staff=True
    )
    letters.register("channel_expiring", _expiring, gettext_lazy("A connection ends soon"), staff=True)
    letters.register("connection_asked", _asked, gettext_lazy("You are asked to connect an account"))


def _broken(notification: Notification) -> Letter | None:
    channel = Channel.objects.select_related("client").get(pk=notification.context["channel"])
    if channel.status != ChannelStatus.BROKEN:
        return None
    with translation.override(notification.user.language):
        said = [
            _("%(network)s does not let us in to %(channel)s any more.") % _names(channel),
            channel.status_detail,
            *_waiting(channel, notification),
            _("Connect the account anew, or ask the client to. What waits then goes on by itself."),
        ]
        return _letter(notification, channel, _("Needs a new connection"), said)


def _expiring(notification: Notification) -> Letter | None:
    channel = Channel.objects.select_related("client").get(pk=notification.context["channel"])
    if channel.status != ChannelStatus.EXPIRING:
        return None
    reader = notification.user
    with translation.override(reader.language):
        said = [channel.status_detail]
        if channel.ends_at:
            words = {**_names(channel), "when": spoken(channel.ends_at, ZoneInfo(reader.timezone))}
            said.append(_("The connection to %(channel)s on %(network)s ends on %(when)s.") % words)
        said += [*_waiting(channel, notification), _("Connect the account anew before that, or ask the client to.")]
        return _letter(notification, channel, _("Connection ends soon"), said)


def _waiting(channel: Channel, notification: Notification) -> list[str]:
    """What is to go out there, and when the first of it."""
    rows = Publication.objects.filter(channel=channel, state=PublicationState.SCHEDULED).order_by("due_at")
    count, first = rows.count(), rows.first()
    if first is None:
        return []
    when = spoken(first.due_at, ZoneInfo(notification.user.timezone))
    words = {"count": count, "when": when}
    return [
        ngettext(
            "%(count)d post waits to go out there, on %(when)s.",
            "%(count)d posts wait to go out there, the first on %(when)s.",
            count,
        )
        % words
    ]


def _names(channel: Channel) -> dict[str, str]:
    return {"network": networks.get(channel.network).name, "channel": channel.name}


def _letter(notification: Notification, channel: Channel, subject: str, said: list[str]) -> Letter:
    page = settings.BASE_URL.rstrip("/") + reverse("admin:social_channel_change", args=[channel.pk])
    return Letter(
        language=notification.user.language,
        subject=f"{subject} · {channel.client.name}: {channel.name}",
        client_name=channel.client.name,
        client_colour=channel.client.colour,
        paragraphs=tuple(filter(None, said)),
        button=(_("Open the channel"), page),
    )


def _asked(notification: Notification) -> Letter | None:
    found = ConnectionAsk.objects.select_related("channel__client", "user", "asked_by")
    ask = found.get(pk=notification.context["ask"])
    if not may_connect(ask):
        return None
    channel, client = ask.channel, ask.channel.client
    with translation.override(language := reading_language(ask.user, client)), timezone.override(client.zone):
        words = {
            "who": ask.asked_by.name,
            "network": networks.get(channel.network).name,
            "handle": channel.handle,
            "client": client.name,
        }
        until = {"when": spoken(ask.expires_at, ZoneInfo(ask.user.timezone))}
        page = settings.BASE_URL.rstrip("/") + reverse("portal:connect", args=[issue_link(ask=ask)])
        return Letter(
            language=language,
            subject=_("Please connect %(network)s · %(client)s") % words,
            client_name=client.name,
            client_colour=client.colour,
            paragraphs=(
                _(
                    "%(who)s asks you to connect the account %(handle)s on %(network)s, so that what you approve for %(client)s can go out there."
                )
                % words,
                _(
                    "It takes a minute. Nobody at the agency ever sees a password of yours, and you can take it back at the network at any time."
                ),
            ),
            button=(_("Connect the account"), page),
            footer=_("This address is for you alone. It opens until %(when)s.") % until,
        )
