"""What is asked of newsletters, mail by mail."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from tests.chaos.evidence import Evidence
from tests.chaos.post_office import Letter
from tests.chaos.words import named, place_of


def mailed_twice(letters: Sequence[Letter]) -> Iterator[str]:
    """More than one mail of one post to one reader, whichever its words."""
    counted = Counter((one.account, one.reader, place_of(one.text)[0]) for one in letters)
    return (f"{number:05d} to {reader}: {times} times" for (_, reader, number), times in counted.items() if times > 1)


def copies_not_as_said(of: Evidence) -> Iterator[str]:
    """Sent and not at the server, at the server and called otherwise, or left behind. What is uncertain may be either.

    A reader may have two copies of the same words: of an issue that was laid out and of which nothing went out, and of
    that which a person sent in its place.
    """
    taken = {(one.account, one.reader, one.text) for one in of.letters}
    known: defaultdict[tuple[str, str, str], set[str]] = defaultdict(set)
    for copy in of.copies:
        place = copy.account, copy.reader, copy.text
        known[place].add(copy.state)
        if copy.state == "sent" and place not in taken:
            yield f"{named(copy.text)} to {copy.reader}: called sent, and is not"
        elif copy.published and copy.state in {"waiting", "sending"} and place not in taken:
            yield f"{named(copy.text)} to {copy.reader}: left behind"
    for _account, reader, text in sorted(taken - known.keys()):
        yield f"{named(text)} to {reader}: there, and no copy of it"
    for place in sorted(taken & known.keys()):
        if not known[place] & {"sent", "uncertain"}:
            yield f"{named(place[2])} to {place[1]}: there, and called {' and '.join(sorted(known[place]))}"
    for row in of.rows:
        if row.state == "published" and row.account in of.readers:
            missing = {(row.account, reader, row.text) for reader in of.readers[row.account]} - known.keys()
            yield from (f"{named(row.text)} to {reader}: nobody thought of them" for _, reader, _ in missing)
