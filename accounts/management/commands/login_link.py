"""``login_link EMAIL``: an address that signs this person in, once, within fifteen minutes."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.urls import reverse

from accounts.models import User
from accounts.services import LOGIN_LINK_LIFE, create_login_link


class Command(BaseCommand):
    """Print it as the last line. Whoever has the address is that person: hand it over as you would a key."""

    help = "Prints, as its last line, an address that signs this person in once, within fifteen minutes."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The person, by e-mail."""
        parser.add_argument("email", metavar="EMAIL")

    def handle(self, *, email: str, **_options: Any) -> None:
        """Raises ``CommandError`` (exit status 1) for an e-mail that nobody here has, or whose person is switched off."""
        user = User.objects.filter(email__iexact=email.strip()).first()
        if user is None:
            raise CommandError(f"Nobody here has the e-mail {email}.")
        if not user.is_active:
            raise CommandError(f"{user.email} is switched off and can't sign in.")
        path = reverse("portal:login_link", args=[create_login_link(user=user)])
        minutes = int(LOGIN_LINK_LIFE.total_seconds()) // 60
        self.stdout.write(f"Signs in {user.name} once, within {minutes} minutes:")
        self.stdout.write(settings.BASE_URL.rstrip("/") + path)
