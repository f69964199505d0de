"""Who may see what of pillars and strategies."""

from strategy.selectors.files import understood
from strategy.selectors.people import people
from strategy.selectors.pictures import ever_pictured, pictures_in_version, pictures_of
from strategy.selectors.pillars import pillars, shared_pillars
from strategy.selectors.revisions import open_beside, revisions, sittings, waiting_in
from strategy.selectors.serving import as_agreed, served_objectives, served_occasions, to_choose
from strategy.selectors.strategies import (
    agreements,
    cadences,
    in_force,
    keeps_library,
    numbers,
    numbers_in,
    objectives,
    occasions,
    remarks,
    sections,
    staff_strategies,
    strategies,
    suggestions,
    taken_out,
    templates,
    version,
    versions,
    with_sections,
    with_talk,
)

__all__ = [
    "agreements",
    "as_agreed",
    "cadences",
    "ever_pictured",
    "in_force",
    "keeps_library",
    "numbers",
    "numbers_in",
    "objectives",
    "occasions",
    "open_beside",
    "people",
    "pictures_in_version",
    "pictures_of",
    "pillars",
    "remarks",
    "revisions",
    "sections",
    "served_objectives",
    "served_occasions",
    "shared_pillars",
    "sittings",
    "staff_strategies",
    "strategies",
    "suggestions",
    "taken_out",
    "templates",
    "to_choose",
    "understood",
    "version",
    "versions",
    "waiting_in",
    "with_sections",
    "with_talk",
]
