"""A channel's whole history, to be taken away: what went out there, when, who approved it, what became of it.

Read piece by piece, so that a channel of ten years needs no more memory than one of a week.
"""

import csv
import io
import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

from django.contrib.contenttypes.models import ContentType
from django.db.models import Prefetch
from django.http import StreamingHttpResponse

from accounts.models import User
from approvals.models import Decision, Review, ReviewState, Verdict
from social import selectors
from social.charts import NAMES
from social.models import Channel, Post, Publication, PublicationState, Reading

Form = Literal["csv", "json"]
PIECE = 200  # publications read at once
TYPES: dict[Form, str] = {"csv": "text/csv; charset=utf-8", "json": "application/json"}
COLUMNS = (
    "id", "post", "act", "target", "state", "detail", "due_at", "published_at", "permalink", "remote_id", "text", "link",
    "pictures", "version", "digest", "written_by", "approved_by", "verified_at", "found", "taken_down_at", "taken_down_by",
    "taken_down_because", "counted_at", *NAMES,
)  # fmt: skip
FORMULAS = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet would run


def history(user: User, channel: Channel) -> Iterator[dict[str, Any]]:
    """All publications of the channel that this person may see, the oldest first; a fixed number of queries a piece.

    Of what was cancelled nothing went out, so it is left out, unless a part of it is live.
    """
    found = selectors.publications(user).filter(channel=channel).exclude(state=PublicationState.CANCELLED, begun=False)
    readings = Prefetch("readings", Reading.objects.order_by("pk"))
    rows = selectors.with_after(found, user).select_related("version__author").prefetch_related(readings)
    last = 0
    while piece := list(rows.filter(pk__gt=last).order_by("pk")[:PIECE]):
        last = piece[-1].pk
        approvals = _approvals(piece)
        for publication in piece:
            yield _told(publication, channel, approvals.get((publication.post_id, publication.version.number), []))


def _approvals(piece: Sequence[Publication]) -> dict[tuple[int, int], list[Decision]]:
    """Who approved each version that went out, by post and version."""
    reviews = Review.objects.filter(
        subject_type=ContentType.objects.get_for_model(Post),
        subject_id__in={publication.post_id for publication in piece},
        state=ReviewState.APPROVED,
    )
    decisions = Decision.objects.filter(seat__step__review__in=reviews, verdict=Verdict.APPROVE)
    found: dict[tuple[int, int], list[Decision]] = {}
    for decision in decisions.select_related("actor", "seat__step__review").order_by("pk"):
        review = decision.seat.step.review
        found.setdefault((review.subject_id, review.version), []).append(decision)
    return found


def _told(publication: Publication, channel: Channel, approvals: Sequence[Decision]) -> dict[str, Any]:
    zone = channel.client.zone
    entry = next(e for e in publication.version.content["channels"] if e["channel"] == channel.pk)
    watch = getattr(publication, "watch", None)
    downs: list[Publication] = getattr(publication, "downs", [])
    return {
        "id": publication.pk,
        "post": publication.post_id,
        "act": publication.act,
        "target": publication.target_id,
        "state": publication.state,
        "detail": publication.detail,
        "due_at": _moment(publication.due_at, zone),
        "published_at": _moment(publication.published_at, zone),
        "permalink": publication.permalink,
        "remote_id": publication.remote_id,
        "text": entry["text"],
        "link": entry["link"],
        "pictures": entry["media"],
        "version": publication.version.number,
        "digest": publication.version.digest,
        "written_by": publication.version.author.name,
        "approved": [
            {"by": decision.actor.name, "at": _moment(decision.at, zone), "via": decision.via} for decision in approvals
        ],
        "verified_at": _moment(watch.verified_at, zone) if watch else None,
        "found": (watch.seen or None) if watch else None,
        "taken_down": {
            "at": _moment(downs[0].published_at, zone),
            "by": downs[0].post.author.name,
            "because": downs[0].post.because,
        }
        if downs
        else None,
        "numbers": [
            {"at": _moment(reading.at, zone), **{name: getattr(reading, name) for name in NAMES}}
            for reading in publication.readings.all()
        ],
    }


def _moment(when: datetime | None, zone: ZoneInfo) -> str | None:
    return when.astimezone(zone).isoformat(timespec="seconds") if when else None


def download(user: User, channel: Channel, form: Form) -> StreamingHttpResponse:
    """The history as a file: JSON with all that was counted, CSV with the last count of each."""
    lines = as_csv(history(user, channel)) if form == "csv" else as_json(history(user, channel))
    answer = StreamingHttpResponse(lines, content_type=TYPES[form])
    answer["Content-Disposition"] = f'attachment; filename="{channel.network}-{channel.pk}-history.{form}"'
    answer["Cache-Control"] = "private, no-store"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


def as_json(rows: Iterator[dict[str, Any]]) -> Iterator[str]:
    """A list, one publication a line."""
    yield "["
    for number, row in enumerate(rows):
        yield (",\n" if number else "\n") + json.dumps(row, ensure_ascii=False)
    yield "\n]\n"


def as_csv(rows: Iterator[dict[str, Any]]) -> Iterator[str]:
    """A table with a head (RFC 4180), with a byte order mark, without which spreadsheets guess the letters wrong."""
    yield "\ufeff" + _line(COLUMNS)
    for row in rows:
        yield _line([_cell(value) for value in _flat(row)])


def _flat(row: dict[str, Any]) -> list[Any]:
    down, counted = row["taken_down"] or {}, row["numbers"][-1] if row["numbers"] else {}
    told = {
        **row,
        "pictures": " ".join(picture["sha256"] for picture in row["pictures"]),
        "approved_by": "; ".join(f"{one['by']} ({one['at']})" for one in row["approved"]),
        **{f"taken_down_{name}": down.get(name) for name in ("at", "by", "because")},
        "counted_at": counted.get("at"),
        **{name: counted.get(name) for name in NAMES},
    }
    return [told[name] for name in COLUMNS]


def _cell(value: Any) -> str:
    """Unknown is an empty cell. What a spreadsheet would take for a formula begins with an apostrophe."""
    text = "" if value is None else str(value)
    return f"'{text}" if isinstance(value, str) and text.startswith(FORMULAS) else text


def _line(cells: Sequence[str]) -> str:
    line = io.StringIO()
    csv.writer(line).writerow(cells)
    return line.getvalue()
