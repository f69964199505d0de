"""A newsletter channel's list: made when it is first needed, changed by the client's managers."""

import secrets
from typing import TypedDict, Unpack

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from audit.services import record
from clients.models import Role
from clients.selectors import require
from newsletter.models import MailingList
from newsletter.selectors import NETWORK
from social.models import Channel
from social.services.connections import note_allows

KEY_BYTES = 16


class ListFields(TypedDict, total=False):
    """What can be written of a list."""

    imprint: str
    promise: str
    is_open: bool


def list_of(channel: Channel) -> MailingList:
    """The channel's list. The first who asks makes it, also where two ask at once.

    Raises ``ValidationError`` (``channel``) for a channel of another network.
    """
    if channel.network != NETWORK:
        text = _("Only a newsletter has a list of readers.")
        raise ValidationError({"channel": ValidationError(text, code="no_newsletter")})
    found, _made = MailingList.objects.get_or_create(
        channel=channel, defaults={"client_id": channel.client_id, "key": secrets.token_urlsafe(KEY_BYTES)}
    )
    return found


def note_first_reader(mailing_list: MailingList) -> None:
    """Somebody gets it from now on: its channel need not be checked again to know that."""
    if mailing_list.channel.allows.get("readers") == 0:
        note_allows(channel_id=mailing_list.channel_id, readers=1)


@transaction.atomic
def make_list(*, user: User, channel: Channel, **fields: Unpack[ListFields]) -> MailingList:
    """The channel's list with what ``fields`` says of it; managers only. One that is there already is changed."""
    require(user, channel.client_id, {Role.MANAGER})
    return edit_list(user=user, mailing_list=list_of(channel), **fields)


@transaction.atomic
def edit_list(*, user: User, mailing_list: MailingList, **fields: Unpack[ListFields]) -> MailingList:
    """Change what ``fields`` names; managers only. Who agreed to other words before keeps those."""
    require(user, mailing_list.client_id, {Role.MANAGER})
    found = MailingList.objects.select_for_update(no_key=True, of=("self",)).select_related("channel", "client")
    mailing_list = found.get(pk=mailing_list.pk)
    for name in ("imprint", "promise"):
        if name in fields:
            setattr(mailing_list, name, fields[name].strip())
    mailing_list.is_open = fields.get("is_open", mailing_list.is_open)
    mailing_list.updated_at = timezone.now()
    mailing_list.full_clean(exclude=["client", "channel"])
    mailing_list.save(update_fields=["imprint", "promise", "is_open", "updated_at"])
    note_allows(channel_id=mailing_list.channel_id, imprint=bool(mailing_list.imprint))
    record(
        client_id=mailing_list.client_id,
        actor=user,
        verb="list.edited",
        subject_type="mailinglist",
        subject_id=mailing_list.pk,
        fields=sorted(fields),
        imprint=mailing_list.imprint,
        promise=mailing_list.promise,
        is_open=mailing_list.is_open,
    )
    return mailing_list
