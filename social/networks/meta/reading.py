"""Reading what Meta answers: usage, insights, times, tokens. Nobody vouches for it, so nothing here raises."""

import datetime as dt
import json
import unicodedata
from collections.abc import Callable, Mapping
from typing import Any

import httpx
from django.utils.translation import gettext_lazy as _

from social.networks import clocks
from social.networks.base import CannotTell, CredentialsRefused, Journal, Keys, Refused
from social.networks.wire import Answer

LONGEST_WAIT = dt.timedelta(days=1)
USUAL_WAIT = dt.timedelta(minutes=15)
_ALL = 100  # per cent
_MOST_HEADER = 20_000


def free_at(headers: httpx.Headers) -> dt.datetime | None:
    """Return when calls are possible again by the headers of usage; None where they say that they are now."""
    uses = list(_uses(headers))
    minutes = [whole(use.get("estimated_time_to_regain_access")) or 0 for use in uses]
    now = dt.datetime.now(dt.UTC)
    if any(minutes):
        return now + min(dt.timedelta(minutes=max(minutes)), LONGEST_WAIT)
    names = ("call_count", "total_cputime", "total_time")
    full = any((whole(use.get(name)) or 0) >= _ALL for use in uses for name in names)
    return now + USUAL_WAIT if full else None


def begun(keys: Keys, journal: Journal) -> dt.datetime:
    """Since when this may be out, by Meta's clock.

    Raises:
        Refused: the publication has no valid time.
    """
    since = clocks.since(keys.get("created_at"), journal)
    if since is None:
        raise Refused(_("This publication has no valid time for Meta."), code="keys_not_valid")
    return since


def told(check: Callable[[], bool]) -> bool:
    """Do this check whether what is not shown is there; where Meta does not let us look, nobody can tell.

    Raises:
        CannotTell: in place of any no but that to the token.
    """
    try:
        return check()
    except CredentialsRefused:
        raise
    except Refused as refused:
        raise CannotTell(refused.template, code="cannot_read", said=refused.said) from None


def insight(answer: Answer) -> dict[str, int]:
    """Return the metrics of an answer of `/insights` by name: a lifetime's value, or the sum where it has parts."""
    rows = answer.get("data")
    found: dict[str, int] = {}
    for row in rows if isinstance(rows, list) else []:
        name = row.get("name") if isinstance(row, dict) else None
        value = _value(row) if isinstance(name, str) else None
        if isinstance(name, str) and value is not None:
            found[name] = value
    return found


def moment(said: Any) -> dt.datetime | None:
    """Return the time that Meta writes, such as `2026-11-21T09:00:00+0000` (aware); None where it is none."""
    try:
        found = dt.datetime.fromisoformat(str(said))
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=dt.UTC)


def _value(row: Mapping[str, Any]) -> int | None:
    total = row.get("total_value")
    values = row.get("values")
    given = total.get("value") if isinstance(total, dict) else None
    if given is None and isinstance(values, list) and values and isinstance(values[-1], dict):
        given = values[-1].get("value")
    if isinstance(given, dict):
        return sum(whole(part) or 0 for part in given.values())
    return whole(given)


def _uses(headers: httpx.Headers) -> list[Mapping[str, Any]]:
    found: list[Mapping[str, Any]] = []
    for name in ("x-app-usage", "x-business-use-case-usage"):
        given = headers.get(name, "")[:_MOST_HEADER]
        try:
            told = json.loads(given) if given else {}
        except (ValueError, RecursionError):
            continue
        if isinstance(told, dict):
            rows = [row for value in told.values() if isinstance(value, list) for row in value]
            found.extend(row for row in [told, *rows] if isinstance(row, dict))
    return found


def whole(given: Any) -> int | None:
    """Return the whole number that this is, None where it is none that could be."""
    if isinstance(given, bool) or not isinstance(given, (int, float, str)):
        return None
    try:
        found = int(given)
    except (ValueError, OverflowError):
        return None
    return found if abs(found) < 2**63 else None


def since_1970(seconds: int) -> dt.datetime | None:
    """Return the moment so many seconds after 1970 (aware), None for 0 and for what no calendar holds."""
    try:
        return dt.datetime.fromtimestamp(seconds, dt.UTC) if seconds else None
    except (OverflowError, OSError, ValueError):
        return None


def same_words(one: Any, other: str) -> bool:
    """Say whether these are the same words: composed alike (NFC), whatever stands at the ends of lines."""
    return isinstance(one, str) and _plain(one) == _plain(other)


def _plain(text: str) -> str:
    lines = unicodedata.normalize("NFC", text.replace("\r\n", "\n")).split("\n")
    return "\n".join(line.rstrip() for line in lines).strip()
