"""Times as text: ISO 8601, with or without an offset."""

import re
from datetime import UTC, datetime

SHAPE = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d(\.\d+)?)?([Zz]|[+-]\d\d:?\d\d)?", re.ASCII)
# In an address a plus sign that was not escaped arrives as a space.
PLUS_LOST = re.compile(r"([Tt]\d\d:\d\d\S*) (\d\d:?\d\d)", re.ASCII)
YEARS = range(1970, 2200)  # beyond these some zone's arithmetic, here or in a browser, goes wrong


def parse_moment(text: str) -> datetime:
    """The time: in UTC if it has an offset, else naive. Raises ``ValueError``."""
    text = PLUS_LOST.sub(r"\1+\2", text.strip())
    if not SHAPE.fullmatch(text):
        raise ValueError(text)
    when = datetime.fromisoformat(text.upper())
    if when.year not in YEARS:
        raise ValueError(text)
    return when.astimezone(UTC) if when.tzinfo else when  # some offsets are Python's, but not PostgreSQL's
