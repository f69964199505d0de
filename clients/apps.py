from django.apps import AppConfig
from django.utils.translation import gettext_lazy


class ClientsConfig(AppConfig):
    """Who the agency works for."""

    name = "clients"
    verbose_name = gettext_lazy("Clients")
