from django.apps import AppConfig
from django.utils.translation import gettext_lazy


class ClientsConfig(AppConfig):
    """Who the agency works for."""

    name = "clients"
    verbose_name = gettext_lazy("Clients")

    def ready(self) -> None:
        """Let a client's people be addressed as their client wants it, on the pages of their account too; and tell who may see what."""
        from accounts import addressing
        from clients.selectors import own_language, roles_by_name
        from rest import standing

        addressing.register(own_language)
        standing.register(roles_by_name)
