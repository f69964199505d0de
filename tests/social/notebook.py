"""A journal in memory, for networks that are tested without a database; and one that breaks where it is told to."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from social.networks import clocks
from social.networks.base import CannotTell


class Killed(BaseException):
    """The worker was killed here: nothing catches it."""


class Notebook:
    """What a publication's journal does, without a database. ``kill_at`` is the number of the word at which it ends.

    ``heard`` are its words, in order: ``once media:…``, ``sending publish``, ``sent part:1``.
    A word is written down before the kill where it says that something begins, and lost where it says what came of it, as
    with a real kill between the call and the commit.
    """

    def __init__(self, kill_at: int | None = None) -> None:
        self.steps: dict[str, dict[str, Any]] = {}
        self.sealed: dict[str, dict[str, Any]] = {}  # what nobody may read of them
        self.passing: set[str] = set()  # steps that are good for a while only
        self.over: dict[str, dict[str, Any]] = {}  # what those gave, once that while is over
        self.flying = ""
        self.others: set[str] = set()
        self.in_doubt = False
        self.words = 0
        self.heard: list[str] = []
        self.kill_at = kill_at

    def once(
        self,
        step: str,
        work: Callable[[], Mapping[str, Any]],
        *,
        good_for: timedelta | None = None,
        shared: str = "",
        secret: str = "",
    ) -> Mapping[str, Any]:
        """Give what the step gave before, else do it."""
        if step not in self.steps:
            given = dict(work())
            self._word(f"once {step}")
            self.steps[step] = {name: value for name, value in given.items() if name != secret}
            if good_for:
                self.passing.add(step)
            if secret:
                self.sealed[step] = {secret: given[secret]}
            return given
        return {**self.steps[step], **self.sealed.get(step, {})}

    def given(self, step: str, *, ever: bool = False) -> Mapping[str, Any] | None:
        """What the step gave."""
        if ever and step in self.over:
            return self.over[step]
        return {**self.steps[step], **self.sealed.get(step, {})} if step in self.steps else None

    def sending(self, step: str = "publish") -> None:
        """Readers could see it from now on."""
        self.flying = step
        if theirs := clocks.last_heard():
            self.steps.setdefault(clocks.STEP, {"at": theirs.isoformat()})
        self._word(f"sending {step}")

    def sent(self, step: str, given: Mapping[str, Any]) -> None:
        """It is live."""
        self._word(f"sent {step}")
        self.steps[step] = dict(given)
        self.flying = ""

    def is_another(self, number: str) -> bool:
        """Whether it is one of ``others``; nobody can tell what else there is while another one is in doubt."""
        if number not in self.others and self.in_doubt:
            raise CannotTell("Another one is in doubt.")
        return number in self.others

    def in_flight(self) -> str:
        """What was being sent."""
        return self.flying

    def forget(self, *steps: str) -> None:
        """Do these again."""
        for step in steps:
            self.steps.pop(step, None)
            self.sealed.pop(step, None)

    def grow_old(self) -> None:
        """So much time goes by that nothing is good any more that is good for a while only."""
        self.over = {step: self.steps.pop(step) for step in self.passing & self.steps.keys()}

    def _word(self, said: str) -> None:
        self.words += 1
        self.heard.append(said)
        if self.words == self.kill_at:
            raise Killed
