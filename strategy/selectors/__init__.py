"""Who may see what of pillars and strategies."""

from strategy.selectors.files import understood
from strategy.selectors.people import people
from strategy.selectors.pillars import pillars
from strategy.selectors.revisions import open_beside, revisions, waiting_in
from strategy.selectors.strategies import (
    agreements,
    cadences,
    numbers,
    objectives,
    occasions,
    remarks,
    sections,
    staff_strategies,
    strategies,
    suggestions,
    templates,
    version,
    versions,
    with_sections,
    with_talk,
)

__all__ = [
    "agreements",
    "cadences",
    "numbers",
    "objectives",
    "occasions",
    "open_beside",
    "people",
    "pillars",
    "remarks",
    "revisions",
    "sections",
    "staff_strategies",
    "strategies",
    "suggestions",
    "templates",
    "understood",
    "version",
    "versions",
    "waiting_in",
    "with_sections",
    "with_talk",
]
