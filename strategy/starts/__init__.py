"""The agency's library of beginnings: questions instead of filler, for four kinds of clients, in both languages."""

from strategy.starts.emptying import emptied
from strategy.starts.library import KINDS, Start, start, starts

__all__ = ["KINDS", "Start", "emptied", "start", "starts"]
