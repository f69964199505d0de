from django.apps import AppConfig
from django.utils.translation import gettext_lazy


class StrategyConfig(AppConfig):
    """What a client's posts are for."""

    name = "strategy"
    verbose_name = gettext_lazy("Strategy")

    def ready(self) -> None:
        """Make strategies a subject of approvals, register the mails."""
        from strategy import mails, mornings
        from strategy.services import subject

        subject.register()
        mails.register()
        mornings.register()
