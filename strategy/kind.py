"""The word for strategies, for chains and programs."""

STRATEGY = "strategy"
