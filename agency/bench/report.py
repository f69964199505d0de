"""docs/benchmarks.md: the machine, and a section for each part, of which a run replaces those that it measured."""

import os
import platform
import re
from importlib.metadata import version
from pathlib import Path

import psutil
from django.db import connection

from agency.bench.figures import Part

HEADING = """# How fast it is

Measured by `make bench`, all of a part in one run and in a database of its own. A single part: `make manage c="bench --review"`
(or `--chains`, `--publish`, `--sweep`, `--remind`, `--media`, `--count`, `--papers`, `--strategies`, `--silences`, `--start`).
What was measured elsewhere is not comparable; ratios are.
"""


def machine() -> str:
    """What the run was on, without saying where."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        postgres = cursor.fetchone()[0].split()[0]
    memory = psutil.virtual_memory().total / 2**30
    return (
        f"On {os.cpu_count()} cores ({_processor()}), {memory:.0f} GB of memory, {platform.system()} {platform.machine()}; "
        f"Python {platform.python_version()}, PostgreSQL {postgres}, Django {version('django')}, Celery {version('celery')}."
    )


def _processor() -> str:
    try:
        found = re.search(r"(?m)^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text())
    except OSError:
        found = None
    return found.group(1).strip() if found else platform.processor() or "unknown"


def section(part: Part) -> str:
    """A part as it stands in the document."""
    return f"## {part.title}\n\n{part.about}\n\n{part.table()}\n\nMeasured on {part.on:%Y-%m-%d}.\n"


def merged(before: str, parts: list[Part], on: str) -> str:
    """The document with the measured parts in the place of their older selves, the others as they were."""
    sections = {text.split("\n", 1)[0]: f"## {text.strip()}\n" for text in re.split(r"(?m)^## ", before)[1:]}
    for part in parts:
        sections[part.title] = section(part)
    return "\n".join([HEADING, f"{on}\n", *sections.values()])


def write(path: Path, parts: list[Part]) -> None:
    """Bring the document up to date."""
    before = path.read_text() if path.exists() else ""
    path.parent.mkdir(exist_ok=True)
    path.write_text(merged(before, parts, machine()))
