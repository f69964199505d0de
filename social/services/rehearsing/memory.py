"""The journal of a rehearsal: in memory, since nobody goes on with one."""

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any


class Memory:
    """See ``social.networks.journal``. It also knows in which order things became live."""

    def __init__(self) -> None:
        self.steps: dict[str, Mapping[str, Any]] = {}
        self.live: list[str] = []
        self.flying = ""

    def once(
        self,
        step: str,
        work: Callable[[], Mapping[str, Any]],
        *,
        good_for: dt.timedelta | None = None,  # noqa: ARG002 - the journal's contract
        shared: str = "",  # noqa: ARG002
        secret: str = "",  # noqa: ARG002 - nothing of it is kept
    ) -> Mapping[str, Any]:
        """Do it once."""
        if step not in self.steps:
            self.steps[step] = dict(work())
        return self.steps[step]

    def given(self, step: str, *, ever: bool = False) -> Mapping[str, Any] | None:  # noqa: ARG002 - nothing ends here
        """What it gave."""
        return self.steps.get(step)

    def sending(self, step: str = "publish") -> None:
        """Readers could see it from here on."""
        self.flying = step

    def sent(self, step: str, given: Mapping[str, Any]) -> None:
        """It is live."""
        self.steps[step], self.flying = dict(given), ""
        self.live = [*(one for one in self.live if one != step), step]

    def in_flight(self) -> str:
        """What is being sent."""
        return self.flying

    def is_another(self, number: str) -> bool:  # noqa: ARG002
        """A rehearsal says what nothing else of ours says."""
        return False

    def forget(self, *steps: str) -> None:
        """Do these again."""
        for step in steps:
            self.steps.pop(step, None)

    def as_before_the_answer(self, step: str = "publish") -> "Memory":
        """The same, had the worker died before it heard that this was live: nothing below it is live either."""
        at = self.live.index(step) if step in self.live else 0
        other = Memory()
        other.live = self.live[:at]
        other.steps = {name: given for name, given in self.steps.items() if name not in {step, *self.live[at:]}}
        other.flying = step
        return other
