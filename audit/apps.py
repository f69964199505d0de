from django.apps import AppConfig


class AuditConfig(AppConfig):
    """The evidence."""

    name = "audit"
