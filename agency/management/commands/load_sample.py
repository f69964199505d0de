"""Loads the sample agency: Studio Filo, three clients and a month of their posts. For an empty installation."""

import sys
from typing import Any

from django.core.management import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from tqdm import tqdm

from accounts.errors import Conflict
from agency.sample.loading import load


class Command(BaseCommand):
    """Prints nothing but its progress."""

    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        """The one option."""
        parser.add_argument("--password", required=True, metavar="PW", help="with which the staff sign in")

    def handle(self, *, password: str, **_options: Any) -> None:
        """Load it, or say in one line why not."""
        with tqdm(unit="event", file=sys.stderr, leave=False, disable=not sys.stderr.isatty()) as bar:
            try:
                load(password=password, now=timezone.now(), begin=bar.reset, step=bar.update)
            except Conflict as conflict:
                raise CommandError(str(conflict)) from None
