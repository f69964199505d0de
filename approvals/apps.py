from django.apps import AppConfig


class ApprovalsConfig(AppConfig):
    """Chains and reviews of anything that has a digest."""

    name = "approvals"

    def ready(self) -> None:
        """Register the mails of this app."""
        from approvals import mails

        mails.register()
