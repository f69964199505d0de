"""The staff's pages on strategies and their pillars."""

from strategy.admin.pillars import PillarAdmin
from strategy.admin.strategies import StrategyAdmin

__all__ = ["PillarAdmin", "StrategyAdmin"]
