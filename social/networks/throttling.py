"""When a network that asks us to wait lets us come back."""

import datetime as dt
import math
from collections.abc import Callable
from email.utils import parsedate_to_datetime

import httpx

USUAL_WAIT = dt.timedelta(minutes=5)
LONGEST_WAIT = dt.timedelta(days=1)
_SHORTEST_WAIT = dt.timedelta(seconds=1)
_IS_A_DATE = 1_000_000_000  # seconds; a smaller number is a span, not a time since 1970

Reset = Callable[[httpx.Headers], dt.datetime | None]
"""Reads from the headers of a 429 when to come back (aware), None where they don't say."""


def reset_header(*names: str) -> Reset:
    """Read the first of these headers that says it: seconds since 1970, seconds from now, or a date (ISO 8601, HTTP)."""

    def read(headers: httpx.Headers) -> dt.datetime | None:
        return next((found for name in names if (found := moment(headers.get(name, "")))), None)

    return read


def moment(said: str) -> dt.datetime | None:
    """Return the moment that a header names (aware, UTC), None where it names none."""
    said = said.strip()
    try:
        return _of_number(float(said))
    except (ValueError, OverflowError, OSError):
        pass
    for read in (dt.datetime.fromisoformat, parsedate_to_datetime):
        try:
            found = read(said)
            return (found if found.tzinfo else found.replace(tzinfo=dt.UTC)).astimezone(dt.UTC)
        except (ValueError, OverflowError, TypeError, IndexError):
            continue
    return None


def retry_at(headers: httpx.Headers, reset: Reset | None = None) -> dt.datetime:
    """Return when to come back: Retry-After (RFC 9110 §10.2.3), else what `reset` reads, else five minutes from now.

    At least a second and at most a day from now.
    """
    now = dt.datetime.now(dt.UTC)
    found = moment(headers.get("retry-after", "")) or (reset(headers) if reset else None) or now + USUAL_WAIT
    return min(max(found, now + _SHORTEST_WAIT), now + LONGEST_WAIT)


def _of_number(seconds: float) -> dt.datetime | None:
    if not math.isfinite(seconds):
        return None
    if seconds >= _IS_A_DATE:
        return dt.datetime.fromtimestamp(seconds, dt.UTC)
    return dt.datetime.now(dt.UTC) + dt.timedelta(seconds=max(0.0, seconds))
