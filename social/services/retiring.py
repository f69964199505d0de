"""Channels come to an end: retired by a manager, with their network, or when a client leaves. What went out stays."""

import logging
from collections.abc import Iterable

from django.db import InterfaceError, OperationalError, transaction
from django.db.models import QuerySet
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.errors import Conflict
from accounts.models import User
from audit.services import record
from clients.models import Client, Role, Status
from clients.selectors import require
from social import networks
from social.models import Channel, ChannelStatus, Publication, PublicationState
from social.services.checking import require_living
from social.services.giving_up import give_up
from social.services.locks import lock_post
from social.services.outbox import retired_reason
from social.services.states import refresh_state
from social.text import clean_text

log = logging.getLogger(__name__)

OPEN = (PublicationState.SCHEDULED, PublicationState.LATE, PublicationState.FAILED)
UNSETTLED = gettext_lazy(
    "Whether something went out here is not known yet: say first what happened to it. Once the channel is retired, nobody "
    "can ask the network any more."
)


def retire_channel(*, user: User, channel: Channel, because: str = "", keep_unknown: bool = False) -> Channel:
    """Nothing goes out here any more; its history stays, its credentials go. What was scheduled is cancelled.

    Raises ``Conflict`` (``unsettled``) where an outcome is uncertain, unless it is to stay so (``keep_unknown``).
    """
    require(user, channel.client_id, {Role.MANAGER})
    because = clean_text(because, "because").strip()[:500]
    return _retire(user, channel, because, keep_unknown=keep_unknown)


def retire_ended_networks() -> int:
    """Retire what is left of networks that have come to an end. How many channels that were."""
    ended = [slug for slug in networks.NETWORKS if networks.has_ended(slug)]
    found = Channel.objects.select_related("client").filter(network__in=ended).exclude(status=ChannelStatus.RETIRED)
    return sum(_end(channel) for channel in found)


def _end(channel: Channel) -> bool:
    with translation.override(channel.client.language):
        because = ended_reason(channel.network)
    try:
        _retire(None, channel, because, keep_unknown=True)
    except Conflict:
        return False  # a manager was there first
    except Exception:
        log.exception("retiring broke", extra={"channel": channel.pk})
        return False  # the others are retired all the same
    return True


def ended_reason(network: str) -> str:
    """Why nothing goes out there, as people read it; empty for a network that there is."""
    found = networks.get(network)
    if found.retired is None:
        return ""
    return _("%(network)s has come to an end: %(day)s.") % {
        "network": found.name,
        "day": f"{found.retired:%Y-%m-%d}",
    }


@transaction.atomic
def _retire(user: User | None, channel: Channel, because: str, *, keep_unknown: bool) -> Channel:
    waiting = _open(channel=channel)
    _lock(waiting.values_list("post_id", flat=True))
    channel = Channel.objects.select_for_update(of=("self",), no_key=True).select_related("client").get(pk=channel.pk)
    require_living(channel)
    unknown = channel.publications.filter(state=PublicationState.UNKNOWN).count()
    if unknown and not keep_unknown:
        raise Conflict("unsettled", UNSETTLED)
    with translation.override(channel.client.language):
        detail = " ".join(filter(None, [retired_reason(channel), because]))
    cancelled = _cancel(waiting, detail)
    now = timezone.now()
    channel.status, channel.credentials, channel.session, channel.status_detail = ChannelStatus.RETIRED, "", "", ""
    channel.retired_at, channel.retired_because = now, because
    columns = ["status", "credentials", "session", "status_detail", "retired_at", "retired_because", "updated_at"]
    channel.save(update_fields=columns)
    record(
        client_id=channel.client_id,
        actor=user,
        verb="channel.retired",
        subject_type="channel",
        subject_id=channel.pk,
        because=because,
        cancelled=cancelled,
        unknown=unknown,
    )
    return channel


def _lock(posts: Iterable[int]) -> None:
    for pk in sorted(set(posts)):
        lock_post(pk)


def _open(**which: object) -> QuerySet[Publication]:
    """What may still go out; what broke off in the middle has ended, until somebody sends the rest."""
    return Publication.objects.filter(state__in=OPEN, **which).exclude(state=PublicationState.FAILED, begun=True)


def _cancel(waiting: QuerySet[Publication], detail: str) -> list[int]:
    """Cancel these, whose posts are locked; their numbers. Of what a part is live the rest is given up (see ``giving_up``)."""
    rows = dict(waiting.values_list("pk", "post_id"))
    found = _open(pk__in=rows)
    for broken_off in found.filter(begun=True).select_related("version", "client"):
        give_up(broken_off, detail, was=OPEN)
    found.filter(begun=False).update(
        state=PublicationState.CANCELLED, wake_at=None, detail=detail[:500], updated_at=timezone.now()
    )
    for pk in sorted(set(rows.values())):
        refresh_state(lock_post(pk))
    return sorted(rows)


def left_reason(client: Client) -> str:
    """Why a publication of a client that has left was cancelled, as people read it."""
    return _("The work with %(client)s has ended.") % {"client": client.name}


def client_left(*, client_id: int) -> int:
    """Cancel what is still scheduled of a client with whom the work has ended, post by post. How many publications.

    Nothing of such a client is claimed, so that nothing goes out while this is not done.
    """
    client = Client.objects.get(pk=client_id)
    if client.status != Status.ENDED:
        return 0
    with translation.override(client.language):
        detail = left_reason(client)
    waiting = _open(client=client_id)
    posts = sorted(set(waiting.values_list("post_id", flat=True)))
    return sum(_cancelled(pk, detail) for pk in posts)


def _cancelled(post_id: int, detail: str) -> int:
    try:
        return len(_cancel_of(post_id, detail))
    except (OperationalError, InterfaceError):
        raise  # the database is away, for all of them
    except Exception:
        log.exception("cancelling broke", extra={"post": post_id})
        return 0  # the others are cancelled all the same, and this one is never claimed


@transaction.atomic
def _cancel_of(post_id: int, detail: str) -> list[int]:
    post = lock_post(post_id)
    cancelled = _cancel(_open(post=post), detail)
    if cancelled:
        record(
            client_id=post.client_id,
            actor=None,
            verb="post.unscheduled",
            subject_type="post",
            subject_id=post.pk,
            publications=len(cancelled),
            because=detail,
        )
    return cancelled
