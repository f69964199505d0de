"""``create_admin EMAIL --name NAME``: the first person of an installation, who then adds the others."""

from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from accounts.models import User


class Command(BaseCommand):
    """An agency admin without a password: they sign in with the address printed last, or with a code by mail."""

    help = (
        "Adds an agency admin and prints, as its last line, an address that signs them in once, within fifteen minutes."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The person."""
        parser.add_argument("email", metavar="EMAIL")
        parser.add_argument("--name", required=True)

    def handle(self, *, email: str, name: str, **_options: Any) -> None:
        """Raises ``CommandError`` (exit status 1) for what is no e-mail, or is somebody's already."""
        try:
            User.objects.create_user(email, name=name, is_agency_admin=True)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        call_command("login_link", email, stdout=self.stdout)
