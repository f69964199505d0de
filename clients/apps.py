from django.apps import AppConfig


class ClientsConfig(AppConfig):
    """Who the agency works for."""

    name = "clients"
