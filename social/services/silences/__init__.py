"""Silences: foreseen by a sweep, filled by taking up a proposal, or wanted."""

from social.services.silences.acting import dismiss, take_up
from social.services.silences.sweeping import foresee, still_ahead

__all__ = ["dismiss", "foresee", "still_ahead", "take_up"]
