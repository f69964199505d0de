"""Who does what for a client, and who reports to whom there.

All of it under the client's lock: two at once could else make a circle of managers, or one who is no longer there.
"""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from audit.services import record
from clients.models import CONTACT_ROLES, STAFF_ROLES, Client, Membership, Role
from clients.selectors import require

ROLES = (STAFF_ROLES, CONTACT_ROLES)


def _lock(client_id: int) -> None:
    Client.objects.select_for_update(no_key=True).only("pk").get(pk=client_id)


@transaction.atomic
def set_role(*, user: User, client: Client, person: User, role: str) -> Membership:
    """Give a person a role for the client, or another one; managers of the client and agency admins.

    Who changes sides (agency, client) reports to nobody any more, and nobody to them: managers are of one's own side.
    """
    require(user, client, {Role.MANAGER})
    _lock(client.pk)
    membership = Membership.objects.select_for_update().filter(client=client, user=person).first()
    was = membership.role if membership else ""
    membership = membership or Membership(client=client, user=person)
    membership.role = role
    about: dict[str, Any] = {"role": membership.role, "was": was}
    if was and (was in STAFF_ROLES) != membership.is_staff:
        membership.manager = None
        about |= _left(_leave_without_manager(_reports(membership)))
    membership.full_clean()
    membership.save()
    record(
        client_id=client.pk,
        actor=user,
        verb="membership.set",
        subject_type="user",
        subject_id=person.pk,
        **about,
    )
    return membership


def _reports(membership: Membership) -> QuerySet[Membership]:
    return Membership.objects.filter(client_id=membership.client_id, manager_id=membership.user_id)


def _leave_without_manager(reports: QuerySet[Membership]) -> list[int]:
    """Whose they were: they have no manager any more."""
    people = sorted(reports.values_list("user_id", flat=True))
    if people:
        reports.update(manager=None)
    return people


def _left(people: list[int]) -> dict[str, list[int]]:
    return {"without_manager": people} if people else {}


@transaction.atomic
def add_person(  # noqa: PLR0913 - a person is all of these
    *,
    user: User,
    client: Client,
    email: str,
    name: str,
    role: str,
    language: str = "",
    manager: User | None = None,
) -> Membership:
    """Give whoever has this e-mail a role for the client; a person we don't know yet is added, without a password.

    Who is added reads ``language``, or the client's where none is given, and reports to ``manager`` if there is one.
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
    membership = set_role(user=user, client=client, person=person, role=role)
    return set_manager(user=user, membership=membership, manager=manager) if manager else membership


@transaction.atomic
def edit_membership(*, user: User, membership: Membership, **fields: Any) -> Membership:
    """Change what ``fields`` names: ``role``, ``manager`` (a person, or None), or both at once."""
    if fields.keys() - {"role", "manager"}:
        raise TypeError(f"not fields of a role: {', '.join(sorted(fields.keys() - {'role', 'manager'}))}")
    if "role" in fields:
        membership = set_role(user=user, client=membership.client, person=membership.user, role=fields["role"])
    if "manager" in fields:
        membership = set_manager(user=user, membership=membership, manager=fields["manager"])
    return membership


@transaction.atomic
def set_manager(*, user: User, membership: Membership, manager: User | None) -> Membership:
    """Say to whom this person reports for this client; None: to nobody. Managers of the client and agency admins.

    Raises ``ValidationError`` on ``manager`` for somebody who has no role for the client, is of the other side, is the
    person, or reports to them already, directly or through others.
    """
    require(user, membership.client_id, {Role.MANAGER})
    _lock(membership.client_id)
    membership = Membership.objects.select_related("client", "user", "manager").get(pk=membership.pk)
    was = membership.manager
    if was == manager:
        return membership
    if manager is not None:
        _check(membership, manager)
    membership.manager = manager
    membership.save(update_fields=["manager", "updated_at"])
    record(
        client_id=membership.client_id,
        actor=user,
        verb="membership.manager_set",
        subject_type="user",
        subject_id=membership.user_id,
        manager=manager.pk if manager else None,
        was=was.pk if was else None,
    )
    return membership


def _check(membership: Membership, manager: User) -> None:
    if manager.pk == membership.user_id:
        raise _refused(_("Nobody is their own manager."), "oneself")
    theirs = Membership.objects.filter(client_id=membership.client_id, user=manager).first()
    if theirs is None or not manager.is_active:
        raise _refused(_("A manager is somebody who has a role for this client."), "not_here")
    if theirs.is_staff != membership.is_staff:
        text = _(
            "A manager is of the same side: the agency's people report to the agency's, the client's to the client's."
        )
        raise _refused(text, "other_side")
    if _reports_to(theirs, membership.user_id):
        text = _(
            "%(manager)s reports to %(person)s already, directly or through others. That would go round in a circle."
        )
        raise _refused(text, "loop", manager=str(manager), person=str(membership.user))


def _reports_to(membership: Membership, person_id: int) -> bool:
    """Whether this person is somewhere above in that membership's line."""
    above = dict(Membership.objects.filter(client_id=membership.client_id).values_list("user_id", "manager_id"))
    found, met = membership.manager_id, set[int]()
    while found is not None and found not in met:
        if found == person_id:
            return True
        met.add(found)
        found = above.get(found)
    return False


def _refused(text: Any, code: str, **params: str) -> ValidationError:
    return ValidationError({"manager": ValidationError(text, code=code, params=params)})


@transaction.atomic
def end_role(*, user: User, membership: Membership) -> None:
    """Take a person's role for a client away, at once. What they decided stays; who reported to them reports to nobody."""
    require(user, membership.client_id, {Role.MANAGER})
    _lock(membership.client_id)
    about: dict[str, Any] = {"was": membership.role}
    about |= _left(_leave_without_manager(_reports(membership)))
    ended, _by = Membership.objects.filter(pk=membership.pk).delete()
    if ended:
        record(
            client_id=membership.client_id,
            actor=user,
            verb="membership.ended",
            subject_type="user",
            subject_id=membership.user_id,
            **about,
        )
