from django.apps import AppConfig
from django.utils.translation import gettext_lazy


class NewsletterConfig(AppConfig):
    """Who reads a client's newsletter, and who got which issue."""

    name = "newsletter"
    verbose_name = gettext_lazy("Newsletter")

    def ready(self) -> None:
        """Give the network its post room, register the mails."""
        from newsletter import mails_of_doubts
        from newsletter.services.post_room import open_room

        open_room()
        mails_of_doubts.register()
