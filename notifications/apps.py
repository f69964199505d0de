from django.apps import AppConfig
from django.utils.translation import gettext_lazy


class NotificationsConfig(AppConfig):
    """What people must be told."""

    name = "notifications"
    verbose_name = gettext_lazy("Mail")
