"""What a network's own clock says, for what is looked for by its time there.

Ours may be wrong, all of them together, by hours; a network's posts carry the network's time. So whoever publishes listens to
the `Date` of the answers that come before anything is sent (RFC 9110 §6.6.1), it is written down with that (`STEP`), and
who looks afterwards looks since the earlier of the two.
"""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final

from social.networks.journal import Journal
from social.networks.throttling import moment

STEP: Final = "clock"  # under which the journal has it
APART: Final = dt.timedelta(minutes=10)  # ours and theirs, when all is well
BELIEVED: Final = dt.timedelta(hours=26)  # a clock may be wrong by a day and a time zone; beyond that the network's is

_heard: ContextVar[list[dt.datetime] | None] = ContextVar("heard", default=None)


@contextmanager
def listening() -> Iterator[None]:
    """Note what networks say of the time within this block."""
    token = _heard.set([])
    try:
        yield
    finally:
        _heard.reset(token)


def hear(date: str) -> None:
    """A network has answered with this `Date`."""
    heard = _heard.get()
    at = moment(date) if heard is not None and date else None
    if heard is not None and at is not None:
        heard.append(at)


def last_heard() -> dt.datetime | None:
    """The network's time at its last answer within the block; None where it has not said anything."""
    heard = _heard.get()
    return heard[-1] if heard else None


def since(ours: Any, journal: Journal) -> dt.datetime | None:
    """Since when, by the network's clock, this may be out; None where `ours`, its beginning by our clock (ISO 8601), is no time."""
    began = moment(str(ours or ""))
    theirs = moment(str((journal.given(STEP) or {}).get("at") or ""))
    if began is not None and theirs is not None and abs(began - theirs) < BELIEVED:
        began = min(began, theirs)
    return began and began - APART
