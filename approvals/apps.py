from django.apps import AppConfig
from django.utils.translation import gettext_lazy


class ApprovalsConfig(AppConfig):
    """Chains and reviews of anything that has a digest."""

    name = "approvals"
    verbose_name = gettext_lazy("Approvals")

    def ready(self) -> None:
        """Register the mails of this app."""
        from approvals import mails, mails_of_comments, mails_of_seats, mails_of_time, morning

        mails.register()
        mails_of_seats.register()
        mails_of_comments.register()
        mails_of_time.register()
        morning.register()
