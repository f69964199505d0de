"""How long a storm goes on: its time, and until all that people had to write was written and due."""

from dataclasses import dataclass

from tests.chaos.plan import LAST_DUE


@dataclass
class Lasting:
    """Moments of a clock that nobody sets; one that took longer than ``at_most`` is told as what there was time for."""

    at_least: float
    at_most: float
    written: float = 0.0  # when somebody was last seen writing

    def goes_on(self, now: float, *, writing: bool) -> bool:
        """Whether it does, where people are writing, or are not any more."""
        if writing:
            self.written = now
        return now < min(self.at_most, max(self.at_least, self.written + LAST_DUE))
