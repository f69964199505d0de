"""A client's own person is asked to connect an account, by a mail with a link: the agency never hears a password."""

import secrets
from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.services import hash_secret
from audit.services import record
from clients.models import CONTACT_ROLES, Role
from clients.selectors import require
from notifications.services import tell
from social.models import Channel, ConnectionAsk, ConnectionLink
from social.services.apps import require_app
from social.services.checking import require_living

ASK_LIFE = timedelta(days=14)


@transaction.atomic
def ask_to_connect(*, user: User, channel: Channel, person: User | None) -> ConnectionAsk:
    """Ask one of the client's own people to connect this channel; managers only. What they were asked before is over.

    Raises ``Conflict`` (``app_missing``) where their way would end at once, since this installation has no app there.
    """
    require(user, channel.client_id, {Role.MANAGER})
    channel = Channel.objects.select_for_update(no_key=True).get(pk=channel.pk)
    require_living(channel)
    require_app(channel)
    theirs = {"client": channel.client_id, "role__in": CONTACT_ROLES}
    if person is None or not person.is_active or not person.memberships.filter(**theirs).exists():
        text = _("Only the client's own people can be asked. Give them a role first.")
        raise ValidationError({"email": ValidationError(text, code="no_contact")})
    _revoke(channel, person)
    ask = ConnectionAsk.objects.create(
        channel=channel,
        client_id=channel.client_id,
        user=person,
        asked_by=user,
        expires_at=timezone.now() + ASK_LIFE,
    )
    tell(users=[person], client_id=channel.client_id, kind="connection_asked", key=f"ask:{ask.pk}", ask=ask.pk)
    _record(user, channel, "channel.connection_asked", person=person.pk)
    return ask


@transaction.atomic
def revoke_asks(*, user: User, channel: Channel) -> int:
    """No link for this channel opens anything any more; how many asks that were. Managers only."""
    require(user, channel.client_id, {Role.MANAGER})
    channel = Channel.objects.select_for_update(no_key=True).get(pk=channel.pk)
    revoked = _revoke(channel)
    if revoked:
        _record(user, channel, "channel.connection_revoked", asks=revoked)
    return revoked


def _revoke(channel: Channel, person: User | None = None) -> int:
    open_asks = ConnectionAsk.objects.filter(channel=channel, revoked_at=None, done_at=None)
    if person is not None:
        open_asks = open_asks.filter(user=person)
    return open_asks.update(revoked_at=timezone.now())


def _record(user: User, channel: Channel, verb: str, **about: Any) -> None:
    record(
        client_id=channel.client_id,
        actor=user,
        verb=verb,
        subject_type="channel",
        subject_id=channel.pk,
        **about,
    )


def issue_link(*, ask: ConnectionAsk) -> str:
    """The secret of a new link of this ask: 256 random bits, of which only the hash is kept. For the mail's writer."""
    secret = secrets.token_urlsafe(32)
    ConnectionLink.objects.create(ask=ask, client_id=ask.client_id, digest=hash_secret(secret))
    return secret


def open_link(*, secret: str) -> ConnectionAsk | None:
    """The ask that this link is of, also one that is over; None if there never was one."""
    asks = ConnectionAsk.objects.select_related("channel__client", "user", "asked_by")
    return asks.filter(links__digest=hash_secret(secret)).first()
