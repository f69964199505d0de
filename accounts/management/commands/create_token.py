"""``create_token EMAIL --name NAME``: a key to the API, in the name of a person."""

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts import services
from accounts.models import User

LONGEST_DAYS = 36_500


class Command(BaseCommand):
    """Prints the key as its last line; it is kept nowhere."""

    help = "Create an API token for a person and print its key, once, as the last line."

    def add_arguments(self, parser: CommandParser) -> None:
        """Whose, what for, and what it may."""
        parser.add_argument("email", metavar="EMAIL", help="whose token: it sees and may do what this person may")
        parser.add_argument("--name", required=True, help="what it is for, to recognise it by")
        parser.add_argument("--read-only", action="store_true", help="it may read, and change nothing")
        parser.add_argument("--expires", type=int, metavar="DAYS", help="days until it opens nothing any more")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Make it. Raises ``CommandError`` for a person who does not exist or may not sign in."""
        user = User.objects.filter(email__iexact=options["email"].strip(), is_active=True).first()
        if user is None:
            raise CommandError(f"There is no active person with the e-mail {options['email']}.")
        name = options["name"].strip()
        if not 0 < len(name) <= 100:  # noqa: PLR2004 - the column's length
            raise CommandError("A token's name has 1 to 100 characters.")
        days = options["expires"]
        if days is not None and not 0 < days <= LONGEST_DAYS:
            raise CommandError(f"--expires is a number of days from 1 to {LONGEST_DAYS}.")
        _token, key = services.create_token(
            user=user,
            name=name,
            read_only=options["read_only"],
            expires_at=None if days is None else timezone.now() + timedelta(days=days),
        )
        self.stdout.write(key)
