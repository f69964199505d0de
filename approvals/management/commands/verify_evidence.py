"""``verify_evidence FILE``: is this proof of approval, PDF or JSON, as it was when it was signed? Needs no database."""

import sys
from typing import Any

from django.core.management import BaseCommand, CommandError, CommandParser

from approvals.proof import keys, verify_evidence


class Command(BaseCommand):
    """The same check as of the file that receivers get; here our own keys are known."""

    help = (
        "Checks a proof of approval, PDF or JSON. Exit status 0: whole, and signed by this installation or by --key; "
        "1: something is wrong; 3: whole, but signed by a key that is not known here."
    )
    requires_system_checks: list[str] = []
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        """The file, and whose key to believe."""
        verify_evidence.arguments(parser)

    def handle(self, **options: Any) -> None:
        """Say what was found, and exit."""
        try:
            text, status = verify_evidence.check(options["file"], options["key"], keys.own())
        except ValueError:
            raise CommandError(verify_evidence.NO_KEY, returncode=verify_evidence.NOT_UNDERSTOOD) from None
        self.stdout.write(text)
        if status:
            sys.exit(status)
