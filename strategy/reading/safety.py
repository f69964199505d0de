"""What is not even opened: files that are too big, that grow too much, that have programs in them."""

import io
import re
import zipfile
import zlib
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

BIGGEST = 20 * 1024 * 1024  # bytes of a file
MOST_INSIDE = 100 * 1024 * 1024  # bytes of all that is packed in it
MOST_OF_ONE = 40 * 1024 * 1024
MOST_XML = 30 * 1024 * 1024
MOST_PARTS = 2000
MOST_TIMES = 200  # how much bigger a part may be than it is packed; text seldom passes 30
SMALL = 64 * 1024  # bytes up to which the ratio says nothing
MACROS = re.compile(r"(?:vbaproject|vbadata|activex|\.bin\Z)", re.IGNORECASE)
MACRO_TYPE = b"macroEnabled"
DECLARED = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)


def refused(text: "StrOrPromise", code: str, **params: object) -> ValidationError:
    """Why a file is not read."""
    return ValidationError({"file": ValidationError(text, code=code, params=params)})


def check_size(data: bytes) -> None:
    """Raises ``ValidationError`` (``too_big``) on ``file``."""
    if len(data) > BIGGEST:
        said = _("The file is too big: at most %(limit)d MB.")
        raise refused(said, "too_big", limit=BIGGEST // 1024 // 1024)


def opened(data: bytes) -> dict[str, bytes]:
    """The parts of a ZIP by their names, folders left out; nothing is written anywhere.

    Raises ``ValidationError`` on ``file``: ``broken``, ``encrypted``, or ``bomb`` for what would grow beyond measure.
    """
    check_size(data)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            _check(entries)
            return {entry.filename: _read(archive, entry) for entry in entries}
    except (
        zipfile.BadZipFile,
        zipfile.LargeZipFile,
        NotImplementedError,
        EOFError,
        OSError,
        ValueError,
        zlib.error,
    ) as error:
        raise refused(_("The file is damaged: it can't be opened."), "broken") from error


def _check(entries: list[zipfile.ZipInfo]) -> None:
    if any(entry.flag_bits & 1 for entry in entries):
        raise refused(_("The file is locked with a password. Save it without one."), "encrypted")
    too_many = len(entries) > MOST_PARTS or sum(entry.file_size for entry in entries) > MOST_INSIDE
    for entry in entries:
        too_big = entry.file_size > MOST_OF_ONE
        swollen = entry.file_size > SMALL and entry.file_size > MOST_TIMES * max(entry.compress_size, 1)
        if too_many or too_big or swollen:
            said = _("The file grows beyond measure when it is unpacked, so it is not opened.")
            raise refused(said, "bomb")


def _read(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    """No more than the list of contents says; zipfile itself refuses a stream whose sum is another."""
    with archive.open(entry) as stream:
        data = stream.read(entry.file_size + 1)
    if len(data) != entry.file_size:
        raise zipfile.BadZipFile(entry.filename)
    return data


def check_word(parts: dict[str, bytes]) -> None:
    """Raises ``ValidationError`` on ``file``: ``macros``, ``entities``, ``bomb``, or ``broken`` for what is no DOCX."""
    types = parts.get("[Content_Types].xml", b"")
    if "word/document.xml" not in parts or not types:
        raise refused(_("This is no DOCX: save the document as “Word document (.docx)”."), "broken")
    if MACRO_TYPE in types or any(MACROS.search(name.rpartition("/")[2]) for name in parts):
        said = _("The document has macros or other programs in it. Save it as .docx, without macros.")
        raise refused(said, "macros")
    for name, data in parts.items():
        if name.endswith((".xml", ".rels")):
            if len(data) > MOST_XML:
                raise refused(_("The file grows beyond measure when it is unpacked, so it is not opened."), "bomb")
            if DECLARED.search(data) or data[:2] in {b"\xff\xfe", b"\xfe\xff"}:
                said = _("The document declares entities, which no word processor does. It is not opened.")
                raise refused(said, "entities")
