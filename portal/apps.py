from django.apps import AppConfig


class PortalConfig(AppConfig):
    """The pages of the clients' people."""

    name = "portal"
