"""Measures how fast Filo is on this machine, in a database of its own, and writes docs/benchmarks.md."""

import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandParser
from tqdm import tqdm

from agency.bench import (
    chains,
    counting,
    papers,
    publishing,
    quieting,
    reminding,
    rendering,
    report,
    reviewing,
    scratch,
    starting,
    strategies,
    sweeping,
)
from agency.bench.figures import Part, Progress

PARTS = (
    "review",
    "chains",
    "publish",
    "sweep",
    "remind",
    "silences",
    "media",
    "count",
    "papers",
    "strategies",
    "start",
)
# These fill a database, by their size.
SIZED: dict[str, Any] = {
    "chains": chains,
    "publish": publishing,
    "sweep": sweeping,
    "remind": reminding,
    "silences": quieting,
    "media": rendering,
    "strategies": strategies,
}


class Command(BaseCommand):
    """All parts, or those that are named."""

    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        """Which parts, and where to."""
        for name, help_text in [
            ("review", "a review through three steps"),
            ("chains", "chains with all that they can have, and many approvals at once"),
            ("publish", "publications due together, and alone"),
            ("sweep", "the sweep over many publications"),
            ("remind", "reminders, and what waits for whom, over many reviews"),
            ("silences", "the sweep that foresees silences, over many clients"),
            ("media", "pictures and videos made for networks"),
            ("count", "how long a text is, as networks count"),
            ("papers", "a long strategy: its differences, its PDF, and other forms"),
            ("strategies", "a long strategy at its desk, and the report of a client with many posts"),
            ("start", "starting and idling, in a copy of this tree"),
        ]:
            parser.add_argument(f"--{name}", action="store_true", help=help_text)
        parser.add_argument("--small", action="store_true", help="a thousandth of it: whether it runs, not how fast")
        parser.add_argument("--into", default=str(settings.BASE_DIR / "docs" / "benchmarks.md"), metavar="FILE")

    def handle(self, *, small: bool, into: str, **options: Any) -> None:
        """Measure, print, write."""
        wanted = [name for name in PARTS if options[name]]
        parts = []
        for name in wanted or PARTS:
            part = self._measured(name, small=small)
            self.stdout.write(f"\n{part.title}\n{part.table()}")
            parts.append(part)
        report.write(Path(into), parts)

    def _measured(self, name: str, *, small: bool) -> Part:
        steps = {
            "review": reviewing.ROUNDS + reviewing.WARM,
            "chains": chains.FULL.steps,
            "publish": publishing.FULL.publications,
            "sweep": sweeping.FULL.steps,
            "remind": reminding.FULL.steps,
            "silences": quieting.FULL.steps,
            "media": rendering.FULL.steps,
            "count": 2,
            "papers": papers.FULL.steps,
            "strategies": strategies.FULL.steps,
            "start": starting.STEPS,
        }[name]
        seldom = 0.1 if sys.stderr.isatty() else 15  # seconds; nobody wants a log full of bars
        with tqdm(desc=name, total=steps, file=sys.stderr, leave=False, mininterval=seldom) as bar:
            progress: Progress = bar.update
            if name == "start":
                return starting.measure(progress)
            if name == "count":
                return counting.measure(progress, 40 if small else counting.ROUNDS)
            if name == "papers":
                return papers.measure(progress, papers.SMALL if small else papers.FULL)
            with scratch.database():
                return self._of_database(name, progress, small=small)

    def _of_database(self, name: str, progress: Progress, *, small: bool) -> Part:
        if name == "review":
            return reviewing.measure(progress, **({"rounds": 3} if small else {}))
        measured = SIZED[name]
        part: Part = measured.measure(progress, measured.SMALL if small else measured.FULL)
        return part
