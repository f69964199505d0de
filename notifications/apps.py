from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    """What people must be told."""

    name = "notifications"
