"""The verdicts, and how tables stand in docs/chaos.md."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Verdict:
    """One line of the table."""

    what: str
    looked_at: int
    wrong: tuple[str, ...] = ()


def table(verdicts: Sequence[Verdict]) -> str:
    """The verdicts as they stand in docs/chaos.md."""
    rows = [("", "looked at", "wrong"), *((one.what, f"{one.looked_at:,}", f"{len(one.wrong)}") for one in verdicts)]
    return aligned(rows)


def aligned(rows: Sequence[Sequence[str]]) -> str:
    """A table that is read as well in a terminal as in Markdown."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |" for row in rows
    ]
    return "\n".join([lines[0], "|" + "|".join("-" * (width + 2) for width in widths) + "|", *lines[1:]])
