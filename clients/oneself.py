"""What people say of themselves: how they are called and addressed, their hours, what they want no mail about."""

from collections.abc import Collection
from typing import Any

from django.db import transaction

from accounts.models import User
from accounts.services import HOURS, set_hours
from audit.services import record
from clients.services import edit_person
from notifications.selectors import muted as muted_by
from notifications.services import set_muted


@transaction.atomic
def change_oneself(*, user: User, muted: Collection[str] | None = None, **fields: Any) -> User:
    """Change what ``fields`` names: of ``clients.services.PERSONAL`` and ``accounts.services.HOURS``.

    ``muted``, if given, are all kinds of news that are not mailed. Raises ``ValidationError``, by field.
    """
    hours = {name: fields.pop(name) for name in HOURS & fields.keys()}
    before = edit_person(user=user, person=user, **fields)
    after = set_hours(user=user, **hours)
    changed = [name for name in sorted(hours) if getattr(before, name) != getattr(after, name)]
    if muted is not None and sorted(muted) != muted_by(user):
        set_muted(user=user, kinds=muted)
        changed.append("muted")
    if changed:
        record(
            client_id=None,
            actor=user,
            verb="person.edited",
            subject_type="user",
            subject_id=user.pk,
            fields=changed,
        )
    return after
