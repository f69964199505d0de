"""Changes to clients: their record, and the stop on everything of them."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.errors import Conflict
from accounts.models import User
from audit.services import record
from clients.leaving import tell_left
from clients.models import Client, Role, Status
from clients.selectors import require
from clients.services.consent import KEPT, set_tacit_consent
from clients.services.logo import set_logo
from clients.services.watching import set_watched_names
from clients.services.working_time import set_working_time

EDITABLE = frozenset(
    {
        "name",
        "slug",
        "timezone",
        "language",
        "formal",
        "status",
        "colour",
        "lateness_minutes",
        "holidays_country",
        "holidays_region",
        "link_code",
    }
)
# These have rules and tables of their own, and a service each.
APART = frozenset(
    {"logo", "tacit_consent_agreed_on", "tacit_consent_document", "working_hours", "closing_days", "watched_names"}
)


def require_admin(user: User) -> None:
    """Raise ``PermissionDenied`` unless the person is an agency admin."""
    if not (user.is_active and user.is_agency_admin):
        raise PermissionDenied(_("Only an agency admin may do this."))


@transaction.atomic
def create_client(*, user: User, **fields: Any) -> Client:
    """A new client; agency admins only. ``fields`` are those of ``EDITABLE`` and ``APART``."""
    require_admin(user)
    client = Client(**_known(fields))
    client.full_clean()
    client.save(force_insert=True)
    record(client_id=client.pk, actor=user, verb="client.created", subject_type="client", subject_id=client.pk)
    _all_of(_apart(user, client, fields))
    client.refresh_from_db()
    return client


@transaction.atomic
def edit_client(*, user: User, client: Client, **fields: Any) -> Client:
    """Change what ``fields`` names, all of it or nothing; managers of the client and agency admins.

    ``fields`` are those of ``EDITABLE`` and of ``APART``: ``logo`` and ``tacit_consent_document`` are open files, or None for none;
    ``working_hours``, ``closing_days`` and ``watched_names`` replace what was (see ``set_working_time`` and the others).
    """
    require(user, client, {Role.MANAGER})
    client = Client.objects.select_for_update(no_key=True).get(pk=client.pk)
    plain = {name: value for name, value in _known(fields).items() if getattr(client, name) != value}
    apart = _apart(user, client, fields)
    _all_of([partial(_edit_plain, user, client, plain), *apart])
    if apart:
        client.refresh_from_db()
    return client


def _edit_plain(user: User, client: Client, changed: dict[str, Any]) -> None:
    if not changed:
        return
    for name, value in changed.items():
        setattr(client, name, value)
    client.full_clean()
    client.save(update_fields=[*changed, "updated_at"])
    record(
        client_id=client.pk,
        actor=user,
        verb="client.edited",
        subject_type="client",
        subject_id=client.pk,
        changed=changed,
    )
    if changed.get("status") == Status.ENDED:
        transaction.on_commit(partial(tell_left, client.pk), robust=True)


def _known(fields: dict[str, Any]) -> dict[str, Any]:
    """The plain ones among them; raises ``TypeError`` for what is no field of a client."""
    unknown = fields.keys() - EDITABLE - APART
    if unknown:
        raise TypeError(f"not fields of a client: {', '.join(sorted(unknown))}")
    return {name: value for name, value in fields.items() if name in EDITABLE}


def _apart(user: User, client: Client, fields: dict[str, Any]) -> list[Callable[[], object]]:
    """What is to be done for those of the fields that have services of their own."""
    acts: list[Callable[[], object]] = []
    if fields.keys() & {"tacit_consent_agreed_on", "tacit_consent_document"}:
        agreed_on = fields.get("tacit_consent_agreed_on", client.tacit_consent_agreed_on)
        document = fields.get("tacit_consent_document", KEPT)
        acts.append(partial(set_tacit_consent, user=user, client=client, agreed_on=agreed_on, document=document))
    if fields.keys() & {"working_hours", "closing_days"}:
        hours, closings = fields.get("working_hours"), fields.get("closing_days")
        acts.append(partial(set_working_time, user=user, client=client, hours=hours, closings=closings))
    if "logo" in fields:
        acts.append(partial(set_logo, user=user, client=client, logo=fields["logo"]))
    if "watched_names" in fields:
        acts.append(partial(set_watched_names, user=user, client=client, names=fields["watched_names"]))
    return acts


def _all_of(acts: Iterable[Callable[[], object]]) -> None:
    """Do each; raise what all of them refuse at once, so that whoever typed it corrects it at once."""
    errors: dict[str, list[ValidationError]] = {}
    for act in acts:
        try:
            act()
        except ValidationError as error:
            for name, found in error.error_dict.items():
                errors.setdefault(name, []).extend(found)
    if errors:
        raise ValidationError(errors)


@transaction.atomic
def freeze(*, user: User, client: Client, reason: str) -> Client:
    """Stop everything of this client: nothing of it is claimed for publishing, or shown, from the commit of this on.

    The claim takes a share lock on the client's row, and so does the last word before each thing that readers could see
    (``social.services.journal``): this waits for those under way, and those after see the stop.
    """
    require(user, client, {Role.MANAGER, Role.EDITOR, Role.AUTHOR})
    reason = reason.strip()
    if not reason:
        raise ValidationError(
            {"reason": ValidationError(_("Say why: whoever finds the stop will ask."), code="required")}
        )
    client = Client.objects.select_for_update(no_key=True).get(pk=client.pk)
    if client.frozen:
        raise Conflict("already_frozen", _("Everything of this client is already stopped."))
    client.frozen_at, client.frozen_by, client.freeze_reason = timezone.now(), user, reason
    client.full_clean(exclude=["frozen_by"])
    client.save(update_fields=["frozen_at", "frozen_by", "freeze_reason", "updated_at"])
    record(
        client_id=client.pk,
        actor=user,
        verb="client.frozen",
        subject_type="client",
        subject_id=client.pk,
        reason=reason,
    )
    return client


@transaction.atomic
def unfreeze(*, user: User, client: Client) -> Client:
    """Lift the stop; managers only. What became due meanwhile is not sent: it asks a person again (see ``lifted_at``)."""
    require(user, client, {Role.MANAGER})
    client = Client.objects.select_for_update(no_key=True).get(pk=client.pk)
    if not client.frozen:
        raise Conflict("not_frozen", _("Nothing of this client is stopped."))
    client.frozen_at, client.frozen_by, client.freeze_reason = None, None, ""
    client.lifted_at = timezone.now()
    client.save(update_fields=["frozen_at", "frozen_by", "freeze_reason", "lifted_at", "updated_at"])
    record(client_id=client.pk, actor=user, verb="client.unfrozen", subject_type="client", subject_id=client.pk)
    return client
