from django.apps import AppConfig
from django.utils.translation import gettext_lazy


class StrategyConfig(AppConfig):
    """What a client's posts are for."""

    name = "strategy"
    verbose_name = gettext_lazy("Strategy")

    def ready(self) -> None:
        """Chains can be for strategies."""
        from approvals import kinds

        kinds.make_known("strategy", gettext_lazy("Strategies"), usual=False)
