"""A file of addresses, as spreadsheets write it: its letters, its separators, its columns, its days. It changes nothing."""

import codecs
import csv
import io
import itertools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils import timezone

from newsletter.models import Why

MOST_BYTES = 10 * 1024 * 1024
MOST_LINES = 50_000
MOST_COLUMNS = 100
MOST_CELL = 2000  # characters
MOST_CONSENT, MOST_NAME, MOST_EMAIL = 1000, 200, 254
SEPARATORS = ";,\t"
LANGUAGES = {
    "it": "it",
    "ita": "it",
    "italiano": "it",
    "italian": "it",
    "en": "en",
    "eng": "en",
    "english": "en",
    "inglese": "en",
}
# What a column is called by those who keep such files; compared without case, accents of headings and signs.
NAMES = {
    "email": ("email", "e-mail", "mail", "indirizzo email", "email address", "indirizzo e-mail", "posta elettronica"),
    "name": ("name", "nome", "full name", "nome e cognome", "nominativo"),
    "language": ("language", "lingua"),
    "consented_on": (
        "consent date",
        "consented on",
        "data consenso",
        "data del consenso",
        "optin_time",
        "confirm_time",
        "data",
    ),
    "consent": ("consent", "consenso", "consent words", "testo del consenso", "testo consenso"),
}
FIELDS = tuple(NAMES)
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ](\d{1,2}):(\d{2})(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?")
_ITALIAN = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})(?:[ ,]+(\d{1,2})[:.](\d{2})(?:[:.]\d{2})?)?")


class Unreadable(Exception):  # noqa: N818 - it is what the file is
    """The file is no table that can be read. ``code`` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of the file below its head; ``number`` is that which a text editor shows. No cells: it can't be read."""

    number: int
    cells: tuple[str, ...] | None


@dataclass(frozen=True, kw_only=True)
class Entry:
    """What one line says, checked as far as it can be without looking at the list. ``why``: it can't be taken."""

    line: int
    email: str = ""
    name: str = ""
    language: str = ""
    consent: str = ""
    consented_at: datetime | None = None
    why: Why | None = None


def decode(raw: bytes) -> tuple[str, str]:
    """The text and the encoding it is in: UTF-8 or UTF-16, else what Excel writes on Western Windows.

    Raises ``Unreadable``: ``too_large``, ``empty``, ``not_text``.
    """
    if len(raw) > MOST_BYTES:
        raise Unreadable("too_large")
    utf_16 = raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    for encoding in ["utf-16"] if utf_16 else ["utf-8-sig", "cp1252"]:
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" in text:
            break
        if not text.strip():
            raise Unreadable("empty")
        return text, encoding.removesuffix("-sig")
    raise Unreadable("not_text")


def _begin(text: str) -> tuple[str, str, int]:
    """The table itself, its separator, and how many lines stand before it: Excel may say ``sep=;`` first."""
    first = text.partition("\n")[0].strip()
    if re.fullmatch(r"sep=.", first) and first[-1] in SEPARATORS:
        return text.partition("\n")[2], first[-1], 1
    bare = re.sub(r'"[^"]*"', "", first)
    return text, max(SEPARATORS, key=bare.count), 0


def _rows(text: str) -> Iterator[Line]:
    table, separator, before = _begin(text)
    reader = csv.reader(io.StringIO(table, newline=""), delimiter=separator, strict=False)
    last = 0
    while True:
        try:
            cells = next(reader, None)
        except csv.Error:  # one cell longer than the parser takes: a quotation mark that never ends, most often
            cells = []
            yield Line(number=before + last + 1, cells=None)
        if cells is None:
            return
        number, last = before + last + 1, reader.line_num
        if any(cell.strip() for cell in cells):
            yield Line(number=number, cells=tuple(cell.strip() for cell in cells[:MOST_COLUMNS]))


def head(text: str) -> tuple[list[str], bool]:
    """The columns' headings, and whether the file has any: a first line with an address in it is no head."""
    first = next(_rows(text), None)
    if first is None or first.cells is None:
        raise Unreadable("not_text")
    if any("@" in cell for cell in first.cells):
        return [f"{number}" for number in range(1, len(first.cells) + 1)], False
    return [cell[:80] for cell in first.cells], True


def lines(text: str) -> Iterator[Line]:
    """The lines below the head."""
    has_head = head(text)[1]
    return itertools.islice(_rows(text), 1 if has_head else 0, None)


def count(text: str) -> int:
    """How many lines there are below the head. Raises ``Unreadable`` (``too_many``, ``empty``)."""
    found = sum(1 for _line in itertools.islice(lines(text), MOST_LINES + 1))
    if found > MOST_LINES:
        raise Unreadable("too_many")
    if not found:
        raise Unreadable("empty")
    return found


def guess(text: str) -> dict[str, int]:
    """Which column is which, by their headings; the address also by what stands in it."""
    headings, _has_head = head(text)
    bare = [re.sub(r"[\s_]+", " ", heading.lower()).strip(" *:") for heading in headings]
    found = {
        field: next(at for at, heading in enumerate(bare) if heading in {name.replace("_", " ") for name in names})
        for field, names in NAMES.items()
        if any(heading in {name.replace("_", " ") for name in names} for heading in bare)
    }
    if "email" not in found:
        first = next(lines(text), None)
        cells = (first.cells if first else None) or ()
        at = next((at for at, cell in enumerate(cells) if "@" in cell), None)
        return found if at is None else {"email": at, **found}
    return found


def day_of(text: str, zone: ZoneInfo) -> datetime | None:
    """The moment that a cell names: ``2024-05-31`` or, day first, ``31/05/2024``, each also with a time; noon without one.

    None for anything else, also for a day that no calendar has.
    """
    text = text.strip()
    if (found := _ISO.fullmatch(text)) is not None:
        year, month, day, hour, minute = found.groups()
    elif (found := _ITALIAN.fullmatch(text)) is not None:
        day, month, year, hour, minute = found.groups()
    else:
        return None
    try:
        clock = time(int(hour), int(minute)) if hour is not None else time(12)
        moment = datetime.combine(date(int(year), int(month), int(day)), clock, zone)
    except ValueError:
        return None
    return moment if moment.year >= 1970 else None  # noqa: PLR2004 - before there was mail


@dataclass(frozen=True, kw_only=True)
class Reading:
    """How the cells of a file are read: which column is which, and what all agreed to whose line does not say it."""

    columns: Mapping[str, int]
    zone: ZoneInfo
    statement: str = ""
    stated_on: date | None = None

    def entry(self, line: Line) -> Entry:
        """What this line says."""
        if line.cells is None or max(map(len, line.cells), default=0) > MOST_CELL:
            return Entry(line=line.number, why=Why.UNREADABLE)
        told = {field: line.cells[at] for field, at in self.columns.items() if at < len(line.cells)}
        email = told.get("email", "").lower()
        consent = told.get("consent", "") or self.statement
        moment, why = self._moment(told.get("consented_on", ""))
        if not _is_address(email):
            why = Why.BAD_ADDRESS
        elif len(consent) > MOST_CONSENT or len(told.get("name", "")) > MOST_NAME:
            why = Why.TOO_LONG
        elif why is None and not consent:
            why = Why.NO_CONSENT
        return Entry(
            line=line.number,
            email=email[:MOST_EMAIL],
            name=told.get("name", "")[:MOST_NAME],
            language=LANGUAGES.get(told.get("language", "").lower().partition("-")[0], ""),
            consent=consent[:MOST_CONSENT],
            consented_at=moment,
            why=why,
        )

    def _moment(self, cell: str) -> tuple[datetime | None, Why | None]:
        now = timezone.now()
        if cell:
            moment = day_of(cell, self.zone)
            if moment is None:
                return None, Why.BAD_DATE
        elif self.stated_on is not None:
            moment = datetime.combine(self.stated_on, time(12), self.zone)
        else:
            return None, Why.NO_CONSENT
        if moment > now and moment.date() == now.astimezone(self.zone).date():
            return now, None  # this morning: noon stood for the day
        return (moment, None) if moment <= now else (None, Why.FUTURE)


def _is_address(email: str) -> bool:
    if len(email) > MOST_EMAIL:
        return False
    try:
        validate_email(email)
    except ValidationError:
        return False
    return True
