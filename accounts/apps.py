from django.apps import AppConfig
from django.utils.translation import gettext_lazy


class AccountsConfig(AppConfig):
    """Who signs in."""

    name = "accounts"
    verbose_name = gettext_lazy("People")
