"""What is new between two versions of a strategy, section by section, word by word.

Both are contents as versions have them. Where nothing differs there is nothing in the answer.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from approvals.rewording import Piece, pieces

Content = Mapping[str, Any]
Fate = Literal["added", "removed", "changed"]
TEXTS = ("title", "body", "why", "source")
LISTS = ("objectives", "channels", "occasions")
DOCUMENT = ("title", "kind", "starts_on", "ends_on", "language")


@dataclass(frozen=True, kw_only=True)
class Field:
    """What is new in one thing that is said. ``words`` where it is text, else ``before`` and ``after``."""

    name: str
    words: tuple[Piece, ...] = ()
    before: Any = None
    after: Any = None


@dataclass(frozen=True, kw_only=True)
class Row:
    """What is new in one objective, channel, occasion, pillar or picture. ``name`` is what it is called now, or was."""

    fate: Fate
    name: str
    fields: tuple[Field, ...] = ()


@dataclass(frozen=True, kw_only=True)
class SectionDifference:
    """What is new in one section. ``fate`` is None for one that only ``moved``, to another place among those that stayed."""

    id: int
    kind: str
    title: str
    horizon: str
    fate: Fate | None
    moved: bool = False
    fields: tuple[Field, ...] = ()
    rows: tuple[Row, ...] = ()


@dataclass(frozen=True, kw_only=True)
class StrategyDifference:
    """What is new. Sections in the order of the new version; those that went stand where they stood."""

    fields: tuple[Field, ...] = ()
    sections: tuple[SectionDifference, ...] = ()
    pillars: tuple[Row, ...] = ()
    pictures: tuple[Row, ...] = ()

    @property
    def horizons(self) -> frozenset[str]:
        """The horizons of the sections in which something other than their place is new: what they are, and were."""
        found = {section.horizon for section in self.sections if section.fate}
        was = {field.before for section in self.sections for field in section.fields if field.name == "horizon"}
        return frozenset(found | was)

    def __bool__(self) -> bool:
        return bool(self.fields or self.sections or self.pillars or self.pictures)


def differences(old: Content, new: Content) -> StrategyDifference:
    """What is new in ``new`` since ``old``."""
    return StrategyDifference(
        fields=tuple(_fields(old, new, DOCUMENT, texts=("title",))),
        sections=tuple(_sections(old["sections"], new["sections"])),
        pillars=tuple(_rows(old["pillars"], new["pillars"], texts=("why",))),
        pictures=tuple(_rows(old["media"], new["media"], texts=("alt_text",))),
    )


def _sections(old: Sequence[Content], new: Sequence[Content]) -> Iterator[SectionDifference]:
    before = {section["id"]: section for section in old}
    after = {section["id"]: section for section in new}
    moved = _moved([section["id"] for section in old if section["id"] in after], list(after))
    for section in _in_reading_order(old, new):
        pk = section["id"]
        if pk not in after:
            yield _whole(section, "removed")
        elif pk not in before:
            yield _whole(section, "added")
        elif section != before[pk] or pk in moved:
            fields, rows = tuple(_said(before[pk], section)), tuple(_listed(before[pk], section))
            fate: Fate | None = "changed" if fields or rows else None
            if fate or pk in moved:
                yield _section(section, fate, moved=pk in moved, fields=fields, rows=rows)


def _in_reading_order(old: Sequence[Content], new: Sequence[Content]) -> Iterator[Content]:
    """Those of the new one; those that went after what they stood behind."""
    there = {section["id"] for section in new}
    gone: dict[int | None, list[Content]] = {}
    behind: int | None = None
    for section in old:
        if section["id"] in there:
            behind = section["id"]
        else:
            gone.setdefault(behind, []).append(section)
    yield from gone.get(None, [])
    for section in new:
        yield section
        yield from gone.get(section["id"], [])


def _moved(old: Sequence[int], new: Sequence[int]) -> frozenset[int]:
    """As few as can have moved: all but the longest row that kept its order."""
    place = {pk: at for at, pk in enumerate(old)}
    stayed = [pk for pk in new if pk in place]
    ends: list[int] = []  # the smallest place in which a row of each length can end
    rows: list[int] = []
    for pk in stayed:
        at = bisect_left(ends, place[pk])
        ends[at : at + 1] = [place[pk]]
        rows.append(at)
    kept, length = set(), len(ends) - 1
    for pk, row in zip(reversed(stayed), reversed(rows), strict=True):
        if row == length:
            kept.add(pk)
            length -= 1
    return frozenset(stayed) - kept


def _whole(section: Content, fate: Fate) -> SectionDifference:
    kind: Literal["added", "removed"] = "added" if fate == "added" else "removed"
    told = ((name, section[name]) for name in TEXTS if name != "title" and section[name])
    return _section(section, fate, fields=tuple(Field(name=name, words=(Piece(kind, text),)) for name, text in told))


def _section(section: Content, fate: Fate | None, **more: Any) -> SectionDifference:
    return SectionDifference(
        id=section["id"], kind=section["kind"], title=section["title"], horizon=section["horizon"], fate=fate, **more
    )


def _said(old: Content, new: Content) -> Iterator[Field]:
    names = [name for name in new if name not in {"id", *LISTS}]
    return _fields(old, new, names, texts=TEXTS)


def _listed(old: Content, new: Content) -> Iterator[Row]:
    for name in LISTS:
        yield from _rows(old.get(name, []), new.get(name, []), texts=("name", "measure", "reason", "note"))


def _fields(old: Content, new: Content, names: Iterable[str], *, texts: Sequence[str]) -> Iterator[Field]:
    for name in names:
        was, now = old.get(name), new.get(name)
        if was == now:
            continue
        if name in texts:
            yield Field(name=name, words=pieces(was or "", now or ""))
        else:
            yield Field(name=name, before=_plain(was), after=_plain(now))


def _plain(value: Any) -> Any:
    """A person by name."""
    return value["name"] if isinstance(value, Mapping) else value


def _rows(old: Sequence[Content], new: Sequence[Content], *, texts: Sequence[str]) -> Iterator[Row]:
    before, after = ({_key(row): row for row in rows} for rows in (old, new))
    for key, row in {**before, **after}.items():
        name = str(row["name"])
        if key not in after:
            yield Row(fate="removed", name=name)
        elif key not in before:
            yield Row(fate="added", name=name)
        elif fields := tuple(_fields(before[key], row, [each for each in row if each != "id"], texts=texts)):
            yield Row(fate="changed", name=name, fields=fields)


def _key(row: Content) -> Any:
    """What makes it the same one: its number; of a channel that is none of ours, its name."""
    return row.get("id", row.get("channel")) or row["name"]
