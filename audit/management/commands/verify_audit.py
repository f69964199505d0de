"""Walks the chains of the evidence and says of each whether every event fits; exit status 1 if one does not."""

import sys
from typing import Any

from django.core.management import BaseCommand
from tqdm import tqdm

from audit import verifying

SOON = 5  # seconds after which a walk that nobody watches tells how far it is


class Command(BaseCommand):
    """One line a chain: what fits, or the first event that does not."""

    help = __doc__

    def handle(self, **_options: Any) -> None:
        """Walk, say, exit."""
        watched = sys.stderr.isatty()
        fits = True
        with tqdm(
            total=verifying.expected(),
            unit="event",
            file=sys.stderr,
            leave=False,
            delay=0 if watched else SOON,
            mininterval=0.1 if watched else SOON,
        ) as bar:
            for verdict in verifying.verify(passed=bar.update):
                bar.clear()
                self.stdout.write(str(verdict))
                fits = fits and verdict.misfit is None
        if not fits:
            sys.exit(1)
