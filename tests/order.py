"""Which tests of a run by several processes stay together in one of them, and which come first.

Those of a file share what it starts (a browser, a server), so they stay together, unless each has all that it needs of its
own. What takes longest comes first, so that all processes are done at about the same time.
"""

from typing import Final

from xdist.scheduler import LoadScopeScheduling
from xdist.workermanage import WorkerController

TOGETHER: Final = ("tests/e2e/",)  # one running agency for all of them
BY_CLASS: Final = ("tests/agency/test_run.py",)
EACH_ALONE: Final = (
    "tests/agency/test_bench.py",
    "tests/agency/test_own_servers.py",
    "tests/approvals/engine/test_machine.py",
    "tests/chaos/",
    "tests/isolation/test_walk.py",
    "tests/races/",
)
FIRST: Final = (
    "tests/e2e/",
    "tests/approvals/engine/test_machine.py",
    "tests/agency/test_run.py",
    "tests/chaos/test_chaos.py",
    "tests/races/test_reminders.py",
    "tests/races/",
    "tests/agency/test_bench.py",
    "tests/agency/test_own_servers.py",
    "tests/social/networks/test_mastodon.py",
    "tests/isolation/test_walk.py",
    "tests/social/test_media_video.py",
    "tests/newsletter/test_races.py",
)


class LongestFirst(LoadScopeScheduling):  # type: ignore[misc]  # it ships no types
    """Hands out what stays together, the longest first as far as we know, then whichever has most tests."""

    def _split_scope(self, nodeid: str) -> str:
        return together(nodeid)

    def _assign_work_unit(self, node: WorkerController) -> None:
        self.workqueue.move_to_end(min(self.workqueue, key=self._place), last=False)
        super()._assign_work_unit(node)

    def _place(self, scope: str) -> tuple[int, int]:
        named = (place for place, first in enumerate(FIRST) if scope.startswith(first))
        return next(named, len(FIRST)), -len(self.workqueue[scope])


def together(nodeid: str) -> str:
    """What all tests that stay with this one have in common."""
    found = next((folder for folder in TOGETHER if nodeid.startswith(folder)), None)
    if found:
        return found
    if nodeid.startswith(EACH_ALONE):
        return nodeid
    file, *rest = nodeid.split("::")
    return f"{file}::{rest[0]}" if nodeid.startswith(BY_CLASS) and len(rest) > 1 else file
