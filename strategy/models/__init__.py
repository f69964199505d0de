"""The tables: pillars, and strategies with all that is written in them, said of them and agreed."""

from strategy.models.pillars import Pillar
from strategy.models.plans import (
    Cadence,
    Metric,
    NumberSource,
    Objective,
    ObjectiveNumber,
    Occasion,
    PillarShare,
    Rank,
)
from strategy.models.strategies import (
    Horizon,
    Revision,
    Section,
    SectionKind,
    Strategy,
    StrategyKind,
    StrategyState,
    StrategyWriter,
)
from strategy.models.talk import Remark, Suggestion, SuggestionKind, SuggestionState
from strategy.models.templates import Template
from strategy.models.versions import Agreement, StrategyVersion

__all__ = [
    "Agreement",
    "Cadence",
    "Horizon",
    "Metric",
    "NumberSource",
    "Objective",
    "ObjectiveNumber",
    "Occasion",
    "Pillar",
    "PillarShare",
    "Rank",
    "Remark",
    "Revision",
    "Section",
    "SectionKind",
    "Strategy",
    "StrategyKind",
    "StrategyState",
    "StrategyVersion",
    "StrategyWriter",
    "Suggestion",
    "SuggestionKind",
    "SuggestionState",
    "Template",
]
