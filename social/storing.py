"""Stored bytes, wherever they lie: on this machine's disk or at an object store. Django's storage API is the only way to them."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from django.core.files import File
from django.db.models.fields.files import FieldFile

PIECE = 1024 * 1024  # bytes


@contextmanager
def on_disk(file: FieldFile) -> Iterator[Path]:
    """A path to read the bytes at: their own, or of a copy that goes when the ``with`` ends. Raises ``OSError``."""
    try:
        path = Path(file.path)
    except NotImplementedError:
        with tempfile.TemporaryDirectory(prefix="filo-") as folder:
            path = Path(folder) / "copy"
            with file.storage.open(str(file.name), "rb") as source, path.open("wb") as out:
                for piece in source.chunks(PIECE):
                    out.write(piece)
            yield path
    else:
        yield path


def put(file: FieldFile, path: Path) -> None:
    """Store the bytes at ``path`` under the name that the field gives them; what lies there whole already is the same.

    Raises ``OSError`` where there is no room, and leaves nothing then.
    """
    name = file.field.generate_filename(file.instance, path.name)
    if file.storage.exists(name):
        if file.storage.size(name) == path.stat().st_size:
            file.name = name
            return
        file.storage.delete(name)  # the beginning of it: the disk was full, or a worker died over it
    try:
        with path.open("rb") as source:
            file.save(path.name, File(source), save=False)
    except OSError:
        with suppress(OSError):
            file.storage.delete(name)
        raise
