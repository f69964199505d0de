"""Pages of a strategy that apps above this one have: each with its tab, and its route below the strategy."""

from strategy.admin.desk import Page
from strategy.admin.tabs import ABOVE, Tab

PAGES: list[Page] = []


def add_page(page: Page, tab: Tab) -> None:
    """One more page of each strategy, beside the others. Called while the admin's pages are found."""
    PAGES.append(page)
    ABOVE.append(tab)
