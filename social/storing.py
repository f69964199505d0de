"""Stored bytes, wherever they lie: on this machine's disk or at an object store. Django's storage API is the only way to them."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO, cast

from django.conf import settings
from django.core.files import File
from django.db.models.fields.files import FieldFile

from social.networks import signs

PIECE = 1024 * 1024  # bytes
IN_MEMORY = 8 * PIECE  # of a copy, beyond which it goes to a temporary file


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


def opened(file: FieldFile, size: int) -> BinaryIO:
    """The bytes to read: themselves, or a copy of what lies at an object store. Raises ``OSError`` and what the store raises.

    Whoever publishes gives signs of life while the copy is fetched: a large video takes minutes.
    """
    storage: Any = file.storage
    if not hasattr(storage, "part"):
        return cast("BinaryIO", storage.open(str(file.name), "rb").file)
    folder = settings.FILE_UPLOAD_TEMP_DIR
    copy = tempfile.SpooledTemporaryFile(IN_MEMORY, dir=folder, prefix="filo-")  # noqa: SIM115 - whoever reads it closes it
    try:
        for piece in storage.part(str(file.name), 0, size - 1):
            copy.write(piece)
            signs.give()
    except BaseException:
        copy.close()
        raise
    copy.seek(0)
    return cast("BinaryIO", copy)


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
