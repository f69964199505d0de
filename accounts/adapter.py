"""How django-allauth behaves here."""

from allauth.account.adapter import DefaultAccountAdapter
from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    """Nobody signs up by themselves: people are added by the agency."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002 - allauth's signature
        """Never."""
        return False

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Staff to their desk, a client's people to theirs."""
        return reverse("admin:index" if admin.site.has_permission(request) else "portal:home")
