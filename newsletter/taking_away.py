"""Readers and refused lines as tables to be taken away, piece by piece, that no spreadsheet runs as formulas."""

import csv
import io
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from django.db import transaction
from django.http import StreamingHttpResponse
from django.utils import translation

from accounts.models import User
from audit.services import record
from newsletter import selectors
from newsletter.models import ListImport, MailingList, ReaderState

FORMULAS = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet would run
READERS = (
    "email", "name", "language", "state", "source", "consent", "consented_at", "confirmed_at", "ended_at", "ended_why",
)  # fmt: skip
REFUSED = ("line", "email", "code", "why")
PIECE = 1000  # rows read at once


def readers_file(user: User, mailing_list: MailingList) -> StreamingHttpResponse:
    """All readers of a list, for its managers. Who took them away stands in the evidence."""
    found = selectors.readers(user).filter(mailing_list=mailing_list)
    with transaction.atomic():
        record(
            client_id=mailing_list.client_id,
            actor=user,
            verb="list.exported",
            subject_type="mailinglist",
            subject_id=mailing_list.pk,
            readers=found.count(),
        )
    zone = mailing_list.client.zone

    def cell(value: Any) -> Any:
        return value.astimezone(zone).isoformat(timespec="seconds") if isinstance(value, datetime) else value

    rows = (
        [cell(value) for value in row]
        for state in ReaderState
        for row in found.filter(state=state).order_by("pk").values_list(*READERS).iterator(PIECE)
    )
    return _file(READERS, rows, f"readers-{mailing_list.pk}.csv")


def refused_file(user: User, found: ListImport) -> StreamingHttpResponse:
    """The lines of an import that were not taken, each with its number and why, in the language of who asks."""
    lines = selectors.refused_lines(user, found)

    def rows() -> Iterator[list[Any]]:
        for line in lines.iterator(PIECE):
            with translation.override(user.language):
                yield [line.line, line.email, line.why, line.get_why_display()]

    return _file(REFUSED, rows(), f"refused-{found.pk}.csv")


def _file(head: Iterable[str], rows: Iterable[Iterable[Any]], name: str) -> StreamingHttpResponse:
    answer = StreamingHttpResponse(_lines(head, rows), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["Cache-Control"] = "private, no-store"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


def _lines(head: Iterable[str], rows: Iterable[Iterable[Any]]) -> Iterator[str]:
    yield "\ufeff" + _line(head)
    for row in rows:
        yield _line(row)


def _line(cells: Iterable[Any]) -> str:
    out = io.StringIO()
    csv.writer(out).writerow([_safe(cell) for cell in cells])
    return out.getvalue()


def _safe(cell: Any) -> Any:
    """An apostrophe before what a spreadsheet would take for a formula: it shows the rest as text."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULAS) else cell
