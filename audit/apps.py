from django.apps import AppConfig
from django.utils.translation import gettext_lazy


class AuditConfig(AppConfig):
    """The evidence."""

    name = "audit"
    verbose_name = gettext_lazy("What happened")
