"""What is told of a rehearsal: what was done, what was expected of it, what came."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from social.networks.base import CannotTell, NetworkError, Published

Verdict = Literal["as expected", "differs", "can't be told"]


@dataclass(frozen=True)
class Step:
    """One thing that was done: what was expected of it, and what came."""

    name: str
    expected: str
    found: str
    verdict: Verdict


def as_expected(fits: bool) -> Verdict:  # noqa: FBT001 - it is what is told
    """The verdict on something that fits, or does not."""
    return "as expected" if fits else "differs"


def searched(
    name: str, expected: str, ask: Callable[[], Published | None], *, nothing: str
) -> tuple[Step, Published | None]:
    """Ask the network for something. The step is “as expected” where there was an answer, whichever."""
    try:
        found = ask()
    except CannotTell as error:
        return Step(name, expected, str(error), "can't be told"), None
    except NetworkError as error:
        return Step(name, expected, f"{type(error).__name__}: {error}", "differs"), None
    return Step(name, expected, found.remote_id if found else nothing, "as expected"), found
