"""The staff's pages on strategies and their pillars."""

from strategy.admin.pillars import PillarAdmin

__all__ = ["PillarAdmin"]
