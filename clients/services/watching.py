"""The names that make a text worth a second look."""

import unicodedata
from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from audit.services import record
from clients.models import Client, Role, WatchedName
from clients.selectors import require

MOST_NAMES = 500


@transaction.atomic
def set_watched_names(*, user: User, client: Client, names: Iterable[str]) -> list[str]:
    """Replace the client's watch list; its managers and agency admins. What is empty or there already is left out.

    Raises ``ValidationError`` on ``watched_names``. The evidence holds how many they are, not the names: people may ask
    to be taken off, and evidence is for ever.
    """
    require(user, client, {Role.MANAGER})
    found: dict[str, str] = {}
    for name in map(_tidy, names):
        if name:
            found.setdefault(name.casefold(), name)
    wanted = list(found.values())
    if len(wanted) > MOST_NAMES:
        text = _("At most %(most)d names; these are %(many)d.")
        raise _refused(text, "too_many", most=MOST_NAMES, many=len(wanted))
    client = Client.objects.select_for_update(no_key=True).get(pk=client.pk)
    if wanted == list(WatchedName.objects.filter(client=client).values_list("name", flat=True)):
        return wanted
    rows = [WatchedName(client=client, name=name) for name in wanted]
    _check(rows)
    WatchedName.objects.filter(client=client).delete()
    WatchedName.objects.bulk_create(rows)
    client.save(update_fields=["updated_at"])
    record(
        client_id=client.pk,
        actor=user,
        verb="client.watched_names_set",
        subject_type="client",
        subject_id=client.pk,
        names=len(wanted),
    )
    return wanted


def _tidy(name: str) -> str:
    return " ".join(unicodedata.normalize("NFC", name).split())


def _check(rows: list[WatchedName]) -> None:
    for row in rows:
        try:
            row.clean_fields(exclude=["client"])
        except ValidationError:
            longest = WatchedName._meta.get_field("name").max_length  # noqa: SLF001 - Django's public API
            text = _("A name has at most %(most)d characters. “%(start)s…” has more.")
            raise _refused(text, "name", most=longest or 0, start=row.name[:30]) from None


def _refused(text: Any, code: str, **params: object) -> ValidationError:
    return ValidationError({"watched_names": ValidationError(text, code=code, params=params)})
