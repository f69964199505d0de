"""How django-allauth behaves here."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils import translation

from accounts.addressing import language_of
from accounts.models import User
from accounts.posting import carried


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    """Nobody signs up by themselves: people are added by the agency."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002 - allauth's signature
        """Never."""
        return False

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Staff to their desk, a client's people to theirs."""
        return reverse("admin:index" if admin.site.has_permission(request) else "portal:home")

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """By the outbox; what it does not carry, at once, in the language of whoever gets it and not of who asked."""
        reader = User.objects.filter(email__iexact=email).first()
        if reader is not None and carried(reader, template_prefix, context):
            return
        with translation.override(language_of(reader) if reader else translation.get_language()):
            super().send_mail(template_prefix, email, context)
