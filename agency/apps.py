from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class AgencyAdminConfig(AdminConfig):
    """The admin with our own site (who may enter, what the first page shows)."""

    default_site = "agency.admin_site.StaffSite"


class AgencyConfig(AppConfig):
    """The installation itself: what runs, and whether it does."""

    name = "agency"
    default_auto_field = "django.db.models.BigAutoField"
