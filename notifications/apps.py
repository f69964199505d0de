from django.apps import AppConfig
from django.utils.translation import gettext_lazy


class NotificationsConfig(AppConfig):
    """What people must be told."""

    name = "notifications"
    verbose_name = gettext_lazy("Mail")

    def ready(self) -> None:
        """Carry the mails about people's accounts."""
        from notifications import mails

        mails.register()
