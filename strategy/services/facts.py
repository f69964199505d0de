"""What approval chains may ask about a strategy."""

import re
from typing import Any

from approvals.subjects import Choices, Facts
from clients.models import Client
from strategy.changes import CHANGES, changed_since
from strategy.content import Content, content_of, digest_of
from strategy.models import Pillar, Strategy

_LINK = re.compile(r"\]\(\s*<?\s*(?:https?://|mailto:)|https?://", re.IGNORECASE)


def facts_of(strategy: Strategy, drafted: Content | None = None) -> Facts:
    """The facts of the version that stands; where there is none, of what would be submitted now. One query for who wrote."""
    version, agreed = strategy.version, strategy.agreed_version
    content = drafted or (version.content if version else content_of(strategy))
    changed = (
        frozenset(version.changed)
        if version and not drafted
        else changed_since(agreed.content if agreed else None, content)
    )
    texts = tuple(dict.fromkeys(filter(None, _words(content))))
    return Facts(
        pillars=frozenset(row["name"] for row in content["pillars"]),
        texts=texts,
        links=any(_LINK.search(text) for text in texts),
        changed=changed,
        parts={section["id"]: digest_of(section) for section in content["sections"]},
        writers=frozenset(
            {
                strategy.written_by_id,
                *strategy.writers.values_list("user_id", flat=True),
                *([version.author_id] if version else ()),
            }
        ),
    )


def choices_for(client: Client | None) -> Choices:
    """What a condition of this client's chains may name: its pillars, the retired ones last, and what changed."""
    changes: list[tuple[str, Any]] = [(word, str(name)) for word, name in CHANGES]
    if client is None:
        return Choices(changes=changes)
    pillars = sorted(Pillar.objects.filter(client=client).order_by("name", "pk"), key=lambda row: row.retired)
    return Choices(pillars=[(row.name, row.named) for row in pillars], changes=changes)


def _words(content: Content) -> list[str]:
    """All that people read in it."""
    found = [content["title"]]
    for section in content["sections"]:
        found += [section["title"], section["body"], section["why"], section["source"]]
        for name in ("objectives", "channels", "occasions"):
            for row in section.get(name, ()):
                found += [row["name"], row.get("measure", ""), row.get("reason", ""), row.get("note", "")]
    return found
