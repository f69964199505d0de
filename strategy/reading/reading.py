"""One door for every kind of file."""

import hashlib
from collections.abc import Callable, Mapping

from django.utils.translation import gettext_lazy as _

from strategy.reading import markdown, word
from strategy.reading.safety import check_size, check_word, opened, refused
from strategy.reading.understood import Known, Understood

ZIP = b"PK\x03\x04"
OLD_WORD = b"\xd0\xcf\x11\xe0"
OTHERS = (b"%pdf-", b"{\\rtf", b"<!doctype", b"<html")  # they may well be text in UTF-8
MACROS = (".docm", ".dotm")


def read(data: bytes, name: str, *, known: Known) -> Understood:
    """What is understood of a Markdown file, of a ZIP of Markdown with pictures, or of a DOCX.

    What counts is what the file is, not how it is called (``name``). ``known`` finds pictures among the client's media, by
    their SHA-256, and is asked once. In the active language where words of ours are needed. Raises ``ValidationError`` on
    ``file`` with what is wrong: ``empty``, ``too_big``, ``bomb``, ``broken``, ``encrypted``, ``macros``, ``entities``, ``kind``.
    """
    check_size(data)
    if not data.strip():
        raise refused(_("The file is empty."), "empty")
    if name.lower().endswith(MACROS):
        said = _("The document has macros or other programs in it. Save it as .docx, without macros.")
        raise refused(said, "macros")
    if data.startswith(OLD_WORD):
        raise refused(_("This is an old or locked Word document. Save it as .docx, without a password."), "kind")
    if data[:1000].lstrip()[:10].lower().startswith(OTHERS):
        raise refused(_("This is neither Markdown nor DOCX. Markdown has to be text in UTF-8."), "kind")
    if not data.startswith(ZIP):
        return markdown.understood(_text(data), {}, mine={})
    parts = opened(data)
    if "[Content_Types].xml" in parts or "word/document.xml" in parts:
        check_word(parts)
        return word.understood(parts, mine=_mine(parts, known))
    texts = [part for part in parts if part.lower().endswith((".md", ".markdown")) and "__MACOSX" not in part]
    if len(texts) != 1:
        raise refused(_("There has to be one Markdown file (.md) in the ZIP."), "kind")
    return markdown.understood(_text(parts[texts[0]]), beside(texts[0], parts), mine=_mine(parts, known))


def _mine(parts: dict[str, bytes], known: Known) -> Mapping[str, str]:
    return known({hashlib.sha256(part).hexdigest() for part in parts.values()})


def beside(text: str, parts: dict[str, bytes]) -> dict[str, bytes]:
    """The parts by their names as seen from the text's folder."""
    folder = text.rpartition("/")[0]
    prefix = f"{folder}/" if folder else ""
    return {part.removeprefix(prefix): data for part, data in parts.items() if part.startswith(prefix)}


def _text(data: bytes) -> str:
    tries: list[Callable[[], str]] = [lambda: data.decode("utf-8-sig")]
    if data[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        tries = [lambda: data.decode("utf-16")]
    for attempt in tries:
        try:
            text = attempt()
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text.replace("\r\n", "\n").replace("\r", "\n")
    raise refused(_("This is neither Markdown nor DOCX. Markdown has to be text in UTF-8."), "kind")
