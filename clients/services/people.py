"""People: who they are, whatever they do for whom."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from audit.services import record
from clients.services.clients import require_admin

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
    person = User.objects.select_for_update(no_key=True).get(pk=person.pk)
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
