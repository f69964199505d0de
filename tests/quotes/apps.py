from django.apps import AppConfig


class QuotesConfig(AppConfig):
    """What a client is to pay, and for what."""

    name = "tests.quotes"
    label = "quotes"

    def ready(self) -> None:
        """Make quotes a subject of approvals."""
        from tests.quotes import subject

        subject.register()
