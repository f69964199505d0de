from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class AgencyAdminConfig(AdminConfig):
    """The admin with our own site (who may enter, what the first page shows)."""

    default_site = "agency.admin_site.StaffSite"


class AgencyConfig(AppConfig):
    """The installation itself: what runs, and whether it does."""

    name = "agency"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Make our Celery app the one that tasks go to, in whatever process this is; look at what grows old."""
        from agency import ageing, celery  # noqa: F401 - not before: the small processes that start Filo do without
