"""The pages of a strategy, as they stand beside each other above each of them: one line for each."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import pgettext_lazy

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


@dataclass(frozen=True)
class Tab:
    """A page of its own: ``admin:strategy_strategy_PAGE``, which takes the strategy's number and nothing else."""

    page: str
    word: "StrOrPromise"


TABS = (
    Tab("change", pgettext_lazy("tab", "Document")),
    Tab("plan", pgettext_lazy("tab", "Plan")),
    Tab("report", pgettext_lazy("tab", "Report")),
    Tab("agreement", pgettext_lazy("tab", "Agreement")),
    Tab("versions", pgettext_lazy("tab", "Versions")),
)
ABOVE: list[Tab] = []  # after these, by apps above this one (see ``strategy.admin.above``)
