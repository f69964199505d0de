"""The beginnings that come with Filo: one Markdown file for each kind of client and language, read as any file is."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from strategy.reading import SectionRead, read

KINDS = ("shop", "tourism", "public", "politics")
LANGUAGES = ("it", "en")
Entry = dict[str, str]


@dataclass(frozen=True, kw_only=True)
class Start:
    """A beginning. ``kind`` is of the strategy; ``sections`` have kind, title, body, why, source and horizon each."""

    client_kind: str
    language: str
    name: str
    about: str
    kind: str
    sections: tuple[SectionRead, ...]

    def entries(self) -> list[Entry]:
        """The sections as templates have them."""
        names = ("kind", "title", "body", "why", "source", "horizon")
        return [{name: getattr(section, name) or "" for name in names} for section in self.sections]


@cache
def start(client_kind: str, language: str) -> Start:
    """The beginning for this kind of client in this language, Italian or English. Raises ``KeyError`` for any other."""
    if client_kind not in KINDS or language not in LANGUAGES:
        raise KeyError(client_kind, language)
    file = Path(__file__).with_name(f"{client_kind}.{language}.md")
    found = read(file.read_bytes(), file.name, known=lambda _digests: {})
    about, *sections = found.sections
    return Start(
        client_kind=client_kind,
        language=language,
        name=found.title,
        about=about.body,
        kind=found.kind or "year",
        sections=tuple(sections),
    )


def starts() -> list[Start]:
    """All of them."""
    return [start(kind, language) for language in LANGUAGES for kind in KINDS]
