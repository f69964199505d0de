"""``rotate_keys``: everything that is encrypted at rest, encrypted anew with the first of FILO_KEYS."""

import sys
from typing import Any

from cryptography.fernet import InvalidToken
from django.core.management.base import BaseCommand, CommandError
from django.db.models import Manager
from tqdm import tqdm

from social.credentials import reseal
from social.models import Channel, NetworkApp, SignIn

# Every column that is sealed, and what its rows are called.
SEALED: tuple[tuple[Manager[Any], str, str], ...] = (
    (Channel.objects, "credentials", "channel"),
    (NetworkApp.objects, "secret", "app"),
    (SignIn.objects, "secret", "sign-in"),
)


class Command(BaseCommand):
    """After it, the other keys of FILO_KEYS can be taken away. Safe beside a running Filo, and to run again."""

    help = (
        "Encrypts every secret kept at rest anew with the first of FILO_KEYS, so that the other keys can be taken away."
    )

    def handle(self, **_options: Any) -> None:
        """Raises ``CommandError`` (exit status 1), naming the rows, where a key is missing from FILO_KEYS."""
        lost, done = [], []
        for rows, column, name in SEALED:
            count, closed = self._rotate(rows, column, name)
            done.append(f"{count} {name}s")
            lost += [f"{name} {pk}" for pk in closed]
        if lost:
            raise CommandError(f"No key of FILO_KEYS opens the credentials of {', '.join(lost)}: keep the old keys.")
        self.stdout.write(f"{', '.join(done)} are under the first key.")

    def _rotate(self, rows: Manager[Any], column: str, name: str) -> tuple[int, list[int]]:
        """How many rows there are, and which of them no key opens."""
        sealed = rows.exclude(**{column: ""}).order_by("pk").values_list("pk", column)
        lost = []
        for pk, before in tqdm(sealed, unit=name, file=sys.stderr, disable=not sys.stderr.isatty()):
            try:
                after = reseal(before)
            except InvalidToken:
                lost.append(pk)
                continue
            # Only what we read: a connection renewed meanwhile is under the first key already.
            rows.filter(pk=pk, **{column: before}).update(**{column: after})
        return len(sealed), lost
