"""Changes to clients and to who does what for them."""

from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.errors import Conflict
from accounts.models import User
from audit.services import record
from clients.models import Client, Membership, Role
from clients.selectors import require

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
        "tacit_consent_agreed_on",
    }
)


def _said(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def require_admin(user: User) -> None:
    """Raise ``PermissionDenied`` unless the person is an agency admin."""
    if not (user.is_active and user.is_agency_admin):
        raise PermissionDenied(_("Only an agency admin may do this."))


@transaction.atomic
def create_client(*, user: User, **fields: Any) -> Client:
    """A new client; agency admins only. ``fields`` are those of ``EDITABLE``."""
    require_admin(user)
    client = Client(**_known(fields))
    client.full_clean()
    client.save(force_insert=True)
    record(client_id=client.pk, actor=user, verb="client.created", subject_type="client", subject_id=client.pk)
    return client


@transaction.atomic
def edit_client(*, user: User, client: Client, **fields: Any) -> Client:
    """Change what ``fields`` names; managers of the client and agency admins."""
    require(user, client, {Role.MANAGER})
    client = Client.objects.select_for_update(no_key=True).get(pk=client.pk)
    changed = {name: value for name, value in _known(fields).items() if getattr(client, name) != value}
    if not changed:
        return client
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
        changed={name: _said(value) for name, value in changed.items()},
    )
    return client


def _known(fields: dict[str, Any]) -> dict[str, Any]:
    unknown = fields.keys() - EDITABLE
    if unknown:
        raise TypeError(f"not fields of a client: {', '.join(sorted(unknown))}")
    return fields


@transaction.atomic
def freeze(*, user: User, client: Client, reason: str) -> Client:
    """Stop everything of this client: nothing of it is claimed for publishing from the commit of this on.

    The claim takes a share lock on the client's row, so this waits for claims under way and those after see the stop.
    """
    require(user, client, {Role.MANAGER, Role.EDITOR, Role.AUTHOR})
    reason = reason.strip()
    if not reason:
        raise ValidationError(
            {"reason": ValidationError(_("Say why: whoever finds the stop will ask."), code="required")}
        )
    client = Client.objects.select_for_update().get(pk=client.pk)
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
    client = Client.objects.select_for_update().get(pk=client.pk)
    if not client.frozen:
        raise Conflict("not_frozen", _("Nothing of this client is stopped."))
    client.frozen_at, client.frozen_by, client.freeze_reason = None, None, ""
    client.lifted_at = timezone.now()
    client.save(update_fields=["frozen_at", "frozen_by", "freeze_reason", "lifted_at", "updated_at"])
    record(client_id=client.pk, actor=user, verb="client.unfrozen", subject_type="client", subject_id=client.pk)
    return client


@transaction.atomic
def set_role(*, user: User, client: Client, person: User, role: str) -> Membership:
    """Give a person a role for the client, or another one; managers of the client and agency admins."""
    require(user, client, {Role.MANAGER})
    membership = Membership.objects.select_for_update().filter(client=client, user=person).first()
    was = membership.role if membership else ""
    membership = membership or Membership(client=client, user=person)
    membership.role = role
    membership.full_clean()
    membership.save()
    record(
        client_id=client.pk,
        actor=user,
        verb="membership.set",
        subject_type="user",
        subject_id=person.pk,
        role=membership.role,
        was=was,
    )
    return membership


@transaction.atomic
def add_person(  # noqa: PLR0913 - a person is all of these
    *, user: User, client: Client, email: str, name: str, role: str, language: str = ""
) -> Membership:
    """Give whoever has this e-mail a role for the client; a person we don't know yet is added, without a password.

    Who is added reads ``language``, or the client's where none is given.
    """
    require(user, client, {Role.MANAGER})
    person = User.objects.filter(email__iexact=email.strip()).first()
    if person is None:
        person = User.objects.create_user(
            email, name=name, language=language or client.language, timezone=client.timezone
        )
    if Membership.objects.filter(client=client, user=person).exists():
        raise ValidationError(
            {"email": ValidationError(_("This person already has a role for this client."), code="unique")}
        )
    return set_role(user=user, client=client, person=person, role=role)


@transaction.atomic
def end_role(*, user: User, membership: Membership) -> None:
    """Take a person's role for a client away, at once. What they decided stays."""
    require(user, membership.client_id, {Role.MANAGER})
    ended, _by = Membership.objects.filter(pk=membership.pk).delete()
    if ended:
        record(
            client_id=membership.client_id,
            actor=user,
            verb="membership.ended",
            subject_type="user",
            subject_id=membership.user_id,
            was=membership.role,
        )


PERSONAL = frozenset({"name", "language", "timezone"})
ADMINISTERED = PERSONAL | {"email", "is_agency_admin", "is_active"}


@transaction.atomic
def create_person(*, user: User, email: str, **fields: Any) -> User:
    """A new person without a role and without a password (they sign in by a code); agency admins only."""
    require_admin(user)
    _require_known(fields, ADMINISTERED)
    person = User.objects.create_user(email, **fields)
    record(client_id=None, actor=user, verb="person.created", subject_type="user", subject_id=person.pk)
    return person


@transaction.atomic
def edit_person(*, user: User, person: User, **fields: Any) -> User:
    """Change what ``fields`` names: everybody their own name, language and zone; an agency admin anything of anybody.

    Raises ``ValidationError`` where an agency admin would shut themselves out.
    """
    if not user.is_agency_admin and (user.pk != person.pk or fields.keys() - PERSONAL):
        require_admin(user)
    _require_known(fields, ADMINISTERED)
    person = User.objects.select_for_update().get(pk=person.pk)
    if "email" in fields:
        fields["email"] = fields["email"].strip().lower()
    changed = {name: value for name, value in fields.items() if getattr(person, name) != value}
    for name in changed.keys() & {"is_agency_admin", "is_active"}:
        if person.pk == user.pk:
            text = _("You can't take this from yourself: ask another agency admin.")
            raise ValidationError({name: ValidationError(text, code="oneself")})
    for name, value in changed.items():
        setattr(person, name, value)
    person.full_clean()
    if changed:
        person.save(update_fields=list(changed))
        verb, names = "person.edited", sorted(changed)
        record(client_id=None, actor=user, verb=verb, subject_type="user", subject_id=person.pk, fields=names)
    return person


def _require_known(fields: dict[str, Any], known: frozenset[str]) -> None:
    if fields.keys() - known:
        raise TypeError(f"not fields of a person: {', '.join(sorted(fields.keys() - known))}")
