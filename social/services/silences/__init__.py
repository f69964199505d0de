"""Silences: foreseen by a sweep, filled by taking up a proposal, or wanted."""

from social.services.silences.acting import dismiss, take_up
from social.services.silences.sweeping import foresee

__all__ = ["dismiss", "foresee", "take_up"]
