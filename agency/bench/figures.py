"""What a measurement says, and how people read it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from statistics import median
from typing import Literal

Progress = Callable[[int], object]


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One measured number; ``target`` is what it may not pass (``at most``) or must reach (``at least``), if anything."""

    what: str
    value: float
    unit: str = ""
    target: float | None = None
    bound: Literal["at most", "at least"] = "at most"
    note: str = ""

    @property
    def met(self) -> bool | None:
        """Whether the target is met; None where there is none."""
        if self.target is None:
            return None
        return self.value <= self.target if self.bound == "at most" else self.value >= self.target

    def row(self) -> tuple[str, str, str, str, str]:
        """What it is, the number, its target, whether it is met, what there is to say of it."""
        target = "" if self.target is None else f"{self.bound} {said(self.target, self.unit)}"
        return (
            self.what,
            said(self.value, self.unit),
            target,
            {None: "", True: "met", False: "MISSED"}[self.met],
            self.note,
        )


@dataclass(frozen=True)
class Part:
    """The figures of one part of the run."""

    name: str
    title: str
    about: str
    figures: Sequence[Figure]
    on: date = field(default_factory=date.today)

    def table(self) -> str:
        """The figures as a table that is read as well in a terminal as in Markdown."""
        rows = [("", "measured", "target", "", ""), *(figure.row() for figure in self.figures)]
        widths = [max(len(row[column]) for row in rows) for column in range(5)]
        lines = [
            "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |" for row in rows
        ]
        rule = "|" + "|".join("-" * (width + 2) for width in widths) + "|"
        return "\n".join([lines[0], rule, *lines[1:]])


def said(value: float, unit: str) -> str:
    """A number in three significant digits, with its unit."""
    digits = f"{value:,.0f}" if value >= 100 else f"{value:.3g}"  # noqa: PLR2004 - below, three digits need a point
    return f"{digits} {unit}".strip()


def middle(seconds: Sequence[float]) -> float:
    """The median of these, in milliseconds."""
    return median(seconds) * 1000


def high(values: Sequence[float], share: float) -> float:
    """The nearest-rank percentile: the value that ``share`` of all are not above."""
    ordered = sorted(values)
    rank = -int(-share * len(ordered) // 1)
    return ordered[max(rank, 1) - 1]
