"""``rotate_keys``: everything that is encrypted at rest, encrypted anew with the first of FILO_KEYS."""

import sys
from dataclasses import dataclass
from typing import Any

from cryptography.fernet import InvalidToken
from django.core.management.base import BaseCommand, CommandError
from django.db.models import F, Func, JSONField, QuerySet, Value
from tqdm import tqdm

from accounts.sealing import reseal
from newsletter.models import Confirmation
from notifications.models import Notification, State
from rest.models import KeptAnswer
from social.models import Channel, NetworkApp, Publication, SignIn


@dataclass(frozen=True, kw_only=True)
class Sealed:
    """A column that is sealed, or what stands at ``key`` of a JSON column; and what its rows are called."""

    rows: QuerySet[Any]
    column: str
    name: str
    key: str = ""

    @property
    def path(self) -> str:
        """How it is looked up."""
        return f"{self.column}__{self.key}" if self.key else self.column

    def there(self) -> QuerySet[Any]:
        """The rows that hold something, with it."""
        found = self.rows.filter(**{f"{self.column}__has_key": self.key}) if self.key else self.rows
        return found.exclude(**{self.path: ""}).order_by("pk").values_list("pk", self.path)

    def put(self, pk: int, before: str, after: str) -> None:
        """Only in place of what was read: what was sealed meanwhile is under the first key already."""
        value: Any = after
        if self.key:
            value = Func(F(self.column), Value([self.key]), Value(after, JSONField()), function="jsonb_set")
        self.rows.filter(pk=pk, **{self.path: before}).update(**{self.column: value})


WAITING = [State.QUEUED, State.SENDING]
SEALED = (
    Sealed(rows=Channel.objects.all(), column="credentials", name="channel"),
    Sealed(rows=Channel.objects.all(), column="session", name="session"),
    Sealed(rows=NetworkApp.objects.all(), column="secret", name="app"),
    Sealed(rows=SignIn.objects.all(), column="secret", name="sign-in"),
    Sealed(rows=Notification.objects.filter(state__in=WAITING), column="context", key="sealed", name="mail"),
    Sealed(rows=Publication.objects.all(), column="progress", key="sealed", name="upload"),
    Sealed(rows=Confirmation.objects.filter(state__in=WAITING), column="sealed", name="mail to confirm"),
    Sealed(rows=KeptAnswer.objects.all(), column="sealed", name="answer"),
)


class Command(BaseCommand):
    """After it, the other keys of FILO_KEYS can be taken away. Safe beside a running Filo, and to run again."""

    help = (
        "Encrypts every secret kept at rest anew with the first of FILO_KEYS, so that the other keys can be taken away."
    )

    def handle(self, **_options: Any) -> None:
        """Raises ``CommandError`` (exit status 1), naming the rows, where a key is missing from FILO_KEYS."""
        lost, done = [], []
        for sealed in SEALED:
            count, closed = self._rotate(sealed)
            done.append(f"{sealed.name}: {count}")
            lost += [f"{sealed.name} {pk}" for pk in closed]
        if lost:
            raise CommandError(f"No key of FILO_KEYS opens the secrets of {', '.join(lost)}: keep the old keys.")
        self.stdout.write(f"Under the first key. {', '.join(done)}.")

    def _rotate(self, sealed: Sealed) -> tuple[int, list[int]]:
        """How many rows there are, and which of them no key opens."""
        found = sealed.there()
        lost = []
        for pk, before in tqdm(found, unit=sealed.name, file=sys.stderr, disable=not sys.stderr.isatty()):
            try:
                sealed.put(pk, before, reseal(before))
            except InvalidToken:
                lost.append(pk)
        return len(found), lost
