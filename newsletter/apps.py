from django.apps import AppConfig
from django.utils.translation import gettext_lazy


class NewsletterConfig(AppConfig):
    """Who reads a client's newsletter, and who got which issue."""

    name = "newsletter"
    verbose_name = gettext_lazy("Newsletter")
