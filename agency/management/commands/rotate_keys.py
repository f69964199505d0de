"""``rotate_keys``: everything that is encrypted at rest, encrypted anew with the first of FILO_KEYS."""

import sys
from typing import Any

from cryptography.fernet import InvalidToken
from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from social.credentials import reseal
from social.models import Channel


class Command(BaseCommand):
    """After it, the other keys of FILO_KEYS can be taken away. Safe beside a running Filo, and to run again."""

    help = (
        "Encrypts the channels' credentials anew with the first of FILO_KEYS, so that the other keys can be taken away."
    )

    def handle(self, **_options: Any) -> None:
        """Raises ``CommandError`` (exit status 1), naming the channels, where a key is missing from FILO_KEYS."""
        sealed = Channel.objects.exclude(credentials="").order_by("pk").values_list("pk", "credentials")
        lost = []
        for pk, before in tqdm(sealed, unit="channel", file=sys.stderr, disable=not sys.stderr.isatty()):
            try:
                after = reseal(before)
            except InvalidToken:
                lost.append(str(pk))
                continue
            # Only what we read: a connection renewed meanwhile is under the first key already.
            Channel.objects.filter(pk=pk, credentials=before).update(credentials=after)
        if lost:
            raise CommandError(
                f"No key of FILO_KEYS opens the credentials of channel {', '.join(lost)}: keep the old keys."
            )
        self.stdout.write(f"{len(sealed)} channels are under the first key.")
