"""Message catalogues: .po files are what people translate, .mo files what gettext reads; these are made, not kept."""

import os
import tempfile
from pathlib import Path

from babel.messages import mofile, pofile


def compile_catalogues(base: Path) -> list[Path]:
    """Make each .mo under ``base``/locale that is missing or older than its .po; which ones were made."""
    made = []
    for source in sorted(base.glob("locale/*/LC_MESSAGES/*.po")):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime_ns >= source.stat().st_mtime_ns:
            continue
        with source.open("rb") as file:
            catalogue = pofile.read_po(file)
        descriptor, unfinished = tempfile.mkstemp(dir=target.parent, prefix=".", suffix=".mo.part")
        with os.fdopen(descriptor, "wb") as file:
            mofile.write_mo(file, catalogue)
        Path(unfinished).chmod(0o644)
        Path(unfinished).replace(target)
        made.append(target)
    return made
