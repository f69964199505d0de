"""The staff's pages on strategies, their pillars and templates."""

from strategy.admin.pillars import PillarAdmin
from strategy.admin.reviews import StrategyShowing
from strategy.admin.strategies import StrategyAdmin
from strategy.admin.templates import TemplateAdmin

__all__ = ["PillarAdmin", "StrategyAdmin", "StrategyShowing", "TemplateAdmin"]
