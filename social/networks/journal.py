"""What was done already for one publication, so that whoever goes on after a crash does nothing twice."""

import datetime as dt
from collections.abc import Callable, Mapping
from itertools import count, takewhile
from typing import Any, Protocol

from social.networks.outcomes import Published

Given = Callable[[str], Mapping[str, Any] | None]  # what a step gave, None where it gave nothing


class Journal(Protocol):
    """What was done already for one publication, over all tries. Each call is committed before it returns.

    Names of steps are the network's own: `media:SHA256`, `container`, `part:2`. Results are small and JSON-able, without
    secrets.
    """

    def once(
        self,
        step: str,
        work: Callable[[], Mapping[str, Any]],
        *,
        good_for: dt.timedelta | None = None,
        shared: str = "",
        secret: str = "",
    ) -> Mapping[str, Any]:
        """Give what the step gave before, else do its `work` and write it down.

        `good_for`: after so long it is done again. `shared`: any channel of this network with the same word (a server,
        a bot) may use it, as where an upload has no owner; the step's name must then hold the content's digest.
        `secret`: under this name it gives what opens something for whoever has it (the address of an upload). That is kept
        encrypted; what is given later lacks it where the key was taken away meanwhile.
        """

    def given(self, step: str, *, ever: bool = False) -> Mapping[str, Any] | None:
        """What the step gave, None where it was not done or is no longer good.

        `ever`: also where it is no longer good, as where it is asked what has become of it.
        """

    def sending(self, step: str = "publish") -> None:
        """From here on readers could see it: a crash is uncertain until `sent`, and `find` is asked of this step.

        Asked before each thing that readers could see, since minutes or hours may have passed with what came before it.
        Raises `LeaseLost` where the publication is another worker's by now, and `Stopped` where everything of its client was
        stopped meanwhile: nothing may be sent.
        """

    def sent(self, step: str, given: Mapping[str, Any]) -> None:
        """It is surely live, and gave this."""

    def in_flight(self) -> str:
        """The step that was being sent when everything stopped; empty where there is none."""

    def is_another(self, number: str) -> bool:
        """Whether what the network calls so is another publication of ours, a part or a comment of one; so it is not this one.

        Asked of what is there with this one's words. Raises `CannotTell` where another one with them is in doubt, too.
        """

    def forget(self, *steps: str) -> None:
        """These have to be done again: a container that has expired."""


def thread_so_far(given_by: Given) -> Published | None:
    """What is live of a thread that broke off, on a network where one is called by the numbers of its posts, the comment's last."""
    parts = takewhile(lambda given: given is not None, (given_by(f"part:{number}") for number in count(1)))
    posts = [given for given in (given_by("publish"), *parts, given_by("comment")) if given is not None]
    numbers = ",".join(str(given["id"]) for given in posts)
    return Published(numbers, str(posts[0].get("url") or "")) if posts else None


class LeaseLost(Exception):  # noqa: N818 - it says what is
    """The publication is no longer this worker's: it stops here, and whoever has it goes on."""
