"""Who may see which client, and what they are for it. Everybody else's selectors start from here."""

from collections.abc import Collection, Sequence

from django.core.exceptions import PermissionDenied
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.prepared import Prepared
from audit.models import Event
from clients.models import CONTACT_ROLES, DECIDING_ROLES, STAFF_ROLES, Client, Membership, Role


def clients(user: User, roles: Collection[str] | None = None) -> QuerySet[Client]:
    """The clients this person works for (in one of ``roles``, if given); all of them for an agency admin."""
    if not user.is_active:
        return Client.objects.none()
    if user.is_agency_admin:
        return Client.objects.all()
    mine = Membership.objects.filter(user=user)
    if roles is not None:
        mine = mine.filter(role__in=roles)
    return Client.objects.filter(pk__in=mine.values("client"))


def staff_clients(user: User) -> QuerySet[Client]:
    """The clients this person works for on the agency's side."""
    return clients(user, STAFF_ROLES)


def is_staff(user: User) -> bool:
    """Whether this person is agency staff for anyone, that is, may enter the admin."""
    return user.is_active and (user.is_agency_admin or user.memberships.filter(role__in=STAFF_ROLES).exists())


def within(user: User, path: str = "client", roles: Collection[str] | None = None) -> Q:
    """A filter on the clients of this person, for a table whose client is at ``path``."""
    if user.is_active and user.is_agency_admin:
        return Q()
    return Q(**{f"{path}__in": clients(user, roles)})


def role_of(user: User, client: Client | int) -> Role | None:
    """This person's role for this client; an agency admin is a manager everywhere. Read anew each time: roles change at once."""
    if not user.is_active:
        return None
    if user.is_agency_admin:
        return Role.MANAGER
    client_id = client.pk if isinstance(client, Client) else client
    found = _ROLE(user=user.pk, client=client_id)
    return Role(found[0]) if found else None


def _role(user: int, client: int) -> QuerySet[Membership, str]:
    return Membership.objects.filter(user=user, client=client).order_by().values_list("role", flat=True)


_ROLE = Prepared(_role)


def roles_of(user_ids: Collection[int], client_id: int) -> dict[int, Role]:
    """The roles of these people for the client, as in ``role_of``, by their ids; who has none is not among them. One query."""
    rows = _ROLES(users=sorted(user_ids), client=client_id)
    pairs = {pk: Role.MANAGER if admin else role for pk, admin, role in rows}
    return {pk: Role(role) for pk, role in pairs.items() if role}


def _roles(users: Sequence[int], client: int) -> QuerySet[User, tuple[int, bool, str | None]]:
    mine = Membership.objects.filter(user=OuterRef("pk"), client=client).values("role")
    found = User.objects.filter(pk__in=users, is_active=True).annotate(role=Subquery(mine))
    return found.values_list("pk", "is_agency_admin", "role")


_ROLES = Prepared(_roles)


def roles_by_name(user: User) -> list[str]:
    """All that this person is to anybody, each in a word of its own. One query."""
    mine = user.memberships.order_by("client_id").values_list("client_id", "role")
    return [*(["admin"] if user.is_agency_admin else []), *(f"{client}:{role}" for client, role in mine)]


def require(user: User, client: Client | int, roles: Collection[str]) -> Role:
    """This person's role for the client, which must be one of ``roles``.

    Raises ``Client.DoesNotExist`` for who has no role at all (they may not know that it exists), ``PermissionDenied`` for
    who has another.
    """
    role = role_of(user, client)
    if role is None:
        raise Client.DoesNotExist
    if role not in roles:
        raise PermissionDenied(_("Your role for this client does not allow it."))
    return role


def memberships(user: User) -> QuerySet[Membership]:
    """Who works for whom: all of a client's people for its staff; for its own people, their own side only."""
    found = Membership.objects.select_related("user", "client", "manager")
    if user.is_active and user.is_agency_admin:
        return found
    return found.filter(
        Q(client__in=staff_clients(user)) | Q(client__in=clients(user, CONTACT_ROLES), role__in=CONTACT_ROLES)
    )


def events(user: User) -> QuerySet[Event]:
    """The evidence this person may read: of the clients they are staff for; what concerns no client, only agency admins."""
    found = Event.objects.select_related("actor")
    if user.is_active and user.is_agency_admin:
        return found
    return found.filter(client_id__in=staff_clients(user).values("pk"))


def reading_language(user: User, client: Client) -> str:
    """In which catalogue to write to this person about this client: contacts may be addressed formally."""
    if user.language == "it" and client.formal and role_of(user, client) in CONTACT_ROLES:
        return "it-formal"
    return user.language


def own_language(user: User) -> str:
    """In which catalogue to write to this person about several clients at once: formally if one of them wants it so."""
    formal = user.memberships.filter(client__formal=True, role__in=CONTACT_ROLES)
    return "it-formal" if user.language == "it" and formal.exists() else user.language


def people(user: User) -> QuerySet[User]:
    """Whom staff may name in their clients' affairs: the people of those clients, and agency admins."""
    if not is_staff(user):
        return User.objects.none()
    found = User.objects.filter(is_active=True)
    return found.filter(Q(is_agency_admin=True) | Q(memberships__in=memberships(user).values("pk"))).distinct()


def manager_of(user_id: int, client_id: int, levels: int = 1) -> User | None:
    """To whom this person reports for the client, so many levels up; None where there is nobody, or nobody active.

    Two queries at most, however many the levels. For services: it asks nobody whether they may know.
    """
    above = dict(
        Membership.objects.filter(client_id=client_id, manager__isnull=False).values_list("user_id", "manager_id")
    )
    found: int | None = user_id
    for _level in range(levels):
        if found is None:
            break
        found = above.get(found)
    if found is None:
        return None
    return User.objects.filter(pk=found, is_active=True).first()


def deciders(user: User, client: Client) -> QuerySet[User]:
    """Who may decide for this client, as far as ``user`` sees them; staff see agency admins too."""
    theirs = memberships(user).filter(client=client, role__in=DECIDING_ROLES)
    found = Q(pk__in=theirs.values("user"))
    if role_of(user, client) in STAFF_ROLES:
        found |= Q(is_agency_admin=True)
    return User.objects.filter(found, is_active=True).order_by("name", "pk")


def contacts(user: User, client: Client | int) -> QuerySet[User]:
    """The client's own people, as far as ``user`` sees them."""
    theirs = memberships(user).filter(client=client, role__in=CONTACT_ROLES)
    return User.objects.filter(pk__in=theirs.values("user"), is_active=True).order_by("name", "pk")


def possible_managers(user: User, membership: Membership) -> QuerySet[User]:
    """Whom this membership's person could report to: those of the same side for the client, as far as ``user`` sees them."""
    side = STAFF_ROLES if membership.is_staff else CONTACT_ROLES
    theirs = memberships(user).filter(client=membership.client_id, role__in=side).exclude(user=membership.user_id)
    return User.objects.filter(pk__in=theirs.values("user"), is_active=True).order_by("name", "pk")
