"""Who stands in for whom, for which client, from when until when."""

from datetime import datetime, timedelta

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.errors import Conflict
from accounts.models import User
from approvals.models import Deputy
from audit.services import record
from clients.models import CONTACT_ROLES, DECIDING_ROLES, Client, Role
from clients.selectors import require, role_of
from clients.times import in_zone
from notifications.services import tell

LONGEST = timedelta(days=366)


@transaction.atomic
def name_deputy(  # noqa: PLR0913 - a deputy is all of these
    *, user: User, client: Client, principal: User, deputy: User, from_at: datetime, until: datetime
) -> Deputy:
    """From ``from_at`` until ``until`` the deputy may decide what the principal is asked to decide for this client.

    One names one's own deputy; a manager of the client names anybody's. Raises ``ValidationError`` with the field named for
    who may not decide here, who is of the other side, who is away themselves, and for times that can't be. Times without an
    offset are on the client's clock.
    """
    from_at, until = in_zone(from_at, client.zone, "from_at"), in_zone(until, client.zone, "until")
    role = require(user, client, DECIDING_ROLES)
    if user.pk != principal.pk and role != Role.MANAGER:
        raise PermissionDenied(_("Only a manager names somebody else's deputy."))
    _check_times(from_at, until)
    # One lock for all deputies of a client, so that two at once can't make a deputy of a deputy.
    Client.objects.select_for_update(no_key=True).get(pk=client.pk)
    _check_people(client, principal, deputy)
    _check_one_step(client, principal, deputy, from_at, until)
    named = Deputy(client=client, principal=principal, deputy=deputy, from_at=from_at, until=until, named_by=user)
    named.full_clean()
    named.save(force_insert=True)
    tell(
        users={principal.pk, deputy.pk} - {user.pk},
        client_id=client.pk,
        kind="deputy",
        key=f"deputy:{named.pk}",
        deputy=named.pk,
    )
    record(
        client_id=client.pk,
        actor=user,
        verb="deputy.named",
        subject_type="deputy",
        subject_id=named.pk,
        principal=principal.pk,
        deputy=deputy.pk,
        **{"from": from_at.isoformat(), "until": until.isoformat()},
    )
    return named


@transaction.atomic
def end_deputy(*, user: User, deputy: Deputy) -> Deputy:
    """The deputy decides nothing any more from now on. What they decided stands."""
    role = require(user, deputy.client_id, DECIDING_ROLES)
    if user.pk not in {deputy.principal_id, deputy.deputy_id} and role != Role.MANAGER:
        raise PermissionDenied(_("Only a manager ends somebody else's deputy."))
    now = timezone.now()
    ended = Deputy.objects.filter(pk=deputy.pk, cancelled_at=None, until__gt=now).update(
        cancelled_at=now, cancelled_by=user
    )
    if not ended:
        raise Conflict("deputy_over", _("This is over already."))
    deputy.refresh_from_db()
    tell(
        users={deputy.principal_id, deputy.deputy_id} - {user.pk},
        client_id=deputy.client_id,
        kind="deputy_ended",
        key=f"deputy:{deputy.pk}",
        deputy=deputy.pk,
    )
    record(
        client_id=deputy.client_id,
        actor=user,
        verb="deputy.ended",
        subject_type="deputy",
        subject_id=deputy.pk,
        principal=deputy.principal_id,
        deputy=deputy.deputy_id,
    )
    return deputy


def _check_times(from_at: datetime, until: datetime) -> None:
    if until <= from_at:
        raise ValidationError({"until": ValidationError(_("It ends before it begins."), code="order")})
    if until <= timezone.now():
        raise ValidationError({"until": ValidationError(_("This time has passed."), code="past")})
    if until - from_at > LONGEST:
        text = _("A year at most. Whoever is away for longer is better replaced.")
        raise ValidationError({"until": ValidationError(text, code="too_long")})


def _check_people(client: Client, principal: User, deputy: User) -> None:
    roles = {}
    for field, person in (("principal", principal), ("deputy", deputy)):
        role = role_of(person, client)
        if role not in DECIDING_ROLES:
            text = _("%(name)s may not decide for this client.")
            raise ValidationError({field: ValidationError(text, code="role", params={"name": str(person)})})
        roles[field] = role in CONTACT_ROLES
    if principal.pk == deputy.pk:
        raise ValidationError({"deputy": ValidationError(_("Nobody is their own deputy."), code="oneself")})
    if roles["principal"] != roles["deputy"]:
        text = _("Agency and client don't stand in for each other: %(name)s is of the other side.")
        raise ValidationError({"deputy": ValidationError(text, code="side", params={"name": str(deputy)})})


def _check_one_step(client: Client, principal: User, deputy: User, from_at: datetime, until: datetime) -> None:
    there = Deputy.objects.filter(client=client, cancelled_at=None, from_at__lt=until, until__gt=from_at)
    if there.filter(principal=principal).exists():
        text = _("%(name)s has a deputy in this time already.")
        raise ValidationError({"from_at": ValidationError(text, code="overlap", params={"name": str(principal)})})
    if there.filter(principal=deputy).exists():
        text = _("%(name)s is away in this time too, and a deputy has no deputy.")
        raise ValidationError({"deputy": ValidationError(text, code="deputy_of_deputy", params={"name": str(deputy)})})
    if there.filter(deputy=principal).exists():
        text = _("%(name)s stands in for somebody else in this time, and a deputy has no deputy.")
        params = {"name": str(principal)}
        raise ValidationError({"principal": ValidationError(text, code="deputy_of_deputy", params=params)})
