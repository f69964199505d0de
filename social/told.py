"""The posts of a thread, a first comment and what a network asks beside the text, as people call them."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from social import networks
from social.entries import COMMENT, Entry, posts_in

Raw = str | list[str] | bool


@dataclass(frozen=True, kw_only=True)
class Told:
    """One field that was filled in: what it is called, and what stands there, in words. ``raw`` as the digest has it."""

    name: str
    kind: str
    label: str
    value: str
    raw: Raw


def heading(where: str, spot: str) -> str:
    """Where a post stands that goes out on ``where``: the first one just there."""
    if not spot:
        return where
    if spot == COMMENT:
        return _("%(where)s, first comment") % {"where": where}
    number = int(spot.partition(":")[2]) + 1
    return _("%(where)s, post %(number)d of the thread") % {"where": where, "number": number}


def excerpts_of(entry: Entry, where: str) -> Iterator[tuple[str, str]]:
    """Where each of its posts stands, and the words there; with the first also what the network asks beside."""
    asked = [f"{told.label}: {told.value}" for told in told_fields(entry)]
    for post in posts_in(entry):
        lines = [post.text, post.link, *([] if post.spot else asked)]
        yield heading(where, post.spot), "\n".join(filter(None, lines))


def told_fields(entry: Entry) -> Iterator[Told]:
    """The fields of one channel's entry that say something, in the order in which its network asks them."""
    given = dict(entry["options"])
    for field in networks.get(entry["network"]).fields:
        if field.name in given:
            raw = given.pop(field.name)
            value = _in_words(raw, {str(key): str(label) for key, label in field.choices})
            yield Told(name=field.name, kind=field.kind, label=str(field.label), value=value, raw=raw)
    for name, raw in given.items():  # the network asked it once
        yield Told(name=name, kind="line", label=name, value=_in_words(raw, {}), raw=raw)


def _in_words(raw: Raw, choices: dict[str, str]) -> str:
    if isinstance(raw, bool):
        return _("Yes") if raw else _("No")
    return ", ".join(raw) if isinstance(raw, list) else choices.get(raw, raw)
