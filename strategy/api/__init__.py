"""Pillars, strategies, their sections, and what is said of them, as programs see them."""

from django.urls import path

from rest.routing import pages, router
from strategy.api.beginnings import Starts
from strategy.api.numbers import Cadences, Objectives, Occasions
from strategy.api.pillars import Pillars
from strategy.api.sections import Sections
from strategy.api.strategies import Strategies
from strategy.api.talk import Remarks, Suggestions
from strategy.api.templates import Templates
from strategy.papers.views import PAGES

router.register("pillars", Pillars, "api-pillar")
router.register("templates", Templates, "api-template")
router.register("strategies", Strategies, "api-strategy")
router.register("sections", Sections, "api-section")
router.register("suggestions", Suggestions, "api-suggestion")
router.register("remarks", Remarks, "api-remark")
router.register("objectives", Objectives, "api-objective")
router.register("cadences", Cadences, "api-cadence")
router.register("occasions", Occasions, "api-occasion")
pages += [*PAGES, path("strategy-starts/", Starts.as_view(), name="api-strategy-starts")]
