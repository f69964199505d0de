"""What was understood of a file. Plain data: a preview shows it, and nothing is stored before somebody says so."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

# Of pictures by the SHA-256 of their bytes: what stands behind ``media:`` for those that are the client's.
Known = Callable[[Collection[str]], Mapping[str, str]]


@dataclass(frozen=True, kw_only=True)
class FoundPicture:
    """A picture that is not among the client's media; in the text its description stands in its place."""

    name: str
    alt: str
    sha256: str
    data: bytes = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class SectionRead:
    """One section. ``guessed``: its kind was guessed by its heading. None is what the file does not say.

    ``facts`` has ``objectives``, ``channels`` and ``occasions``, as contents have them, without numbers of ours; an owner is
    a name. ``strange`` says what was not understood, and what of the text can't stay as it is.
    """

    kind: str
    title: str
    body: str = ""
    why: str = ""
    source: str = ""
    horizon: str | None = None
    review_by: str | None = None
    owner: str = ""
    guessed: bool = False
    facts: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    strange: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Understood:
    """A whole file. ``strange`` says what was not understood of it as a whole."""

    title: str
    sections: tuple[SectionRead, ...]
    kind: str | None = None
    starts_on: str | None = None
    ends_on: str | None = None
    pillars: tuple[dict[str, Any], ...] = ()
    pictures: tuple[FoundPicture, ...] = ()
    strange: tuple[str, ...] = ()
