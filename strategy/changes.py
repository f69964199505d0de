"""What kinds of things in a strategy differ from what is in force: by it a version may go through fewer steps.

A section counts by the horizon that was agreed for it, and by the one that it has now: to call something fast-changing does
not make it so. What nobody has agreed to yet, a section that is new, and one that went, count as lasting.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from strategy.models import Horizon

FRAME = "frame"
CHANGES = (
    (str(Horizon.EVERGREEN), _("a change in lasting sections")),
    (str(Horizon.SEASONAL), _("a change in seasonal sections")),
    (str(Horizon.VOLATILE), _("a change in fast-changing sections")),
    (FRAME, _("another title, other dates, pillars or another order")),
)
ALL = frozenset(word for word, _name in CHANGES)
Content = Mapping[str, Any]
_FRAME = ("title", "kind", "language", "starts_on", "ends_on", "pillars")


def changed_since(agreed: Content | None, now: Content) -> frozenset[str]:
    """The words for what differs; all of them where nothing was agreed before."""
    if agreed is None:
        return ALL
    before = {section["id"]: section for section in agreed["sections"]}
    after = {section["id"]: section for section in now["sections"]}
    found = set[str]()
    if any(agreed[name] != now[name] for name in _FRAME):
        found.add(FRAME)
    if before.keys() != after.keys():
        found.add(str(Horizon.EVERGREEN))
    elif list(before) != list(after):
        found.add(FRAME)
    for pk in before.keys() & after.keys():
        if _said(before[pk]) != _said(after[pk]):
            found |= {before[pk]["horizon"], after[pk]["horizon"]}
    if agreed["media"] != now["media"] and not found:
        found.add(str(Horizon.EVERGREEN))  # a picture is described otherwise, and nobody wrote a word
    return frozenset(found)


def in_words(changed: Iterable[str]) -> list[str]:
    """What kinds of things differ, to be read."""
    there = frozenset(changed)
    return [str(words) for word, words in CHANGES if word in there]


def _said(section: Content) -> Content:
    """Without what somebody is called, which is no change of the strategy."""
    owner = section["owner"]
    channels = [{**row, "owner": row["owner"] and row["owner"]["id"]} for row in section.get("channels", ())]
    return {**section, "owner": owner and owner["id"], "channels": channels}
