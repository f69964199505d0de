"""A long strategy: its difference to the version before, and what people take away of it."""

import hashlib
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from agency.bench.figures import Figure, Part, Progress, middle
from strategy.content import canonical
from strategy.differences import differences
from strategy.papers.archive import archive
from strategy.papers.docx import docx
from strategy.papers.paper import Paper
from strategy.papers.pdf import pdf
from strategy.reading import read

TITLE = "A strategy on paper"
ABOUT = (
    "A strategy of 40 sections and 60,000 words with headings, lists, tables and links: what is new since the version before, "
    "in which every 25th word of every section is another, one section was moved, one came and one went; then its pages as "
    "PDF/A and PDF/UA, as DOCX and as Markdown, and the DOCX read back. Each time another text, so that no engine remembers "
    "pages that it has set. Medians."
)
WORDS = [
    "vigna",
    "vino",
    "città",
    "post",
    "perché",
    "cliente",
    "mare",
    "Roero",
    "stagione",
    "parola",
    "terra",
    "mani",
    "tempo",
    "ospite",
    "strada",
    "luce",
    "casa",
    "pane",
    "cantina",
    "collina",
    "nebbia",
    "racconto",
    "fiducia",
    "prezzo",
    "bottiglia",
    "viaggio",
    "domanda",
    "risposta",
    "e",
    "di",
    "il",
    "una",
    "per",
    "che",
    "non",
]
EACH = 25  # one word in so many is another in the next version


@dataclass(frozen=True)
class Size:
    """How much of it."""

    sections: int
    words: int  # of each section
    rounds: int

    @property
    def steps(self) -> int:
        """Of the progress bar."""
        return 5 * self.rounds


FULL = Size(sections=40, words=1500, rounds=5)
SMALL = Size(sections=3, words=200, rounds=1)


def measure(progress: Progress, size: Size = FULL) -> Part:
    """All of it."""
    took: dict[str, list[float]] = {name: [] for name in ("difference", "pdf", "docx", "zip", "back")}
    new: list[int] = []
    for seed in range(size.rounds):
        old = long_content(size, seed)
        now = changed(old, seed)
        paper = _paper(now)
        new.append(len(_timed(took["difference"], lambda old=old, now=now: differences(old, now)).sections))  # type: ignore[misc]
        progress(1)
        for name, form in (("pdf", pdf), ("docx", docx), ("zip", archive)):
            data = _timed(took[name], lambda form=form, paper=paper: form(paper))  # type: ignore[misc]
            progress(1)
            if name == "docx":
                _timed(took["back"], lambda data=data: read(data, "strategy.docx", known=lambda _digests: {}))  # type: ignore[misc]
                progress(1)
    sections = long_content(size, 0)["sections"]
    note = f"{len(sections)} sections, {sum(len(section['body'].split()) for section in sections):,} words"
    return Part(
        "papers",
        TITLE,
        ABOUT,
        [
            Figure(
                what="difference of two versions", value=middle(took["difference"]), unit="ms", target=300, note=note
            ),
            Figure(what="sections with something new", value=min(new), target=size.sections, bound="at least"),
            Figure(what="PDF", value=middle(took["pdf"]) / 1000, unit="s", target=3),
            Figure(what="DOCX", value=middle(took["docx"]) / 1000, unit="s"),
            Figure(what="Markdown in a ZIP", value=middle(took["zip"]), unit="ms"),
            Figure(what="the DOCX read back", value=middle(took["back"]) / 1000, unit="s"),
        ],
    )


def _timed(into: list[float], work: Callable[[], Any]) -> Any:
    began = time.perf_counter()
    found = work()
    into.append(time.perf_counter() - began)
    return found


def _paper(content: dict[str, Any]) -> Paper:
    exact = canonical(content)
    return Paper(
        content=content,
        exact=exact,
        client="Cantina Roero",
        colour="#7a1f2b",
        agency="Studio Filo",
        made_at=datetime(2026, 11, 20, 9, 15, tzinfo=UTC),
        zone="Europe/Rome",
        version=2,
        digest=hashlib.sha256(exact).hexdigest(),
    )


def long_content(size: Size, seed: int) -> dict[str, Any]:
    """A strategy as versions have it."""
    chance = random.Random(seed)  # noqa: S311 - words, no secrets
    return {
        "filo": 1,
        "title": f"L'anno della vigna {seed}",
        "kind": "year",
        "language": "it",
        "starts_on": "2026-01-01",
        "ends_on": "2026-12-31",
        "sections": [_section(pk, chance, size.words) for pk in range(1, size.sections + 1)],
        "pillars": [{"id": 1, "name": "Vigna", "why": "", "share": 100}],
        "media": [],
    }


def _section(pk: int, chance: random.Random, words: int) -> dict[str, Any]:
    rows = [f"| {_words(chance, 2)} | {_words(chance, 1)} | {_words(chance, 4)} |" for _row in range(6)]
    parts = [
        f"# {_words(chance, 4)}",
        "\n".join(["| Canale | Quando | Perché |", "|---|---|--:|", *rows]),
        "\n".join(f"- {_words(chance, 12)}" for _point in range(6)),
    ]
    for _paragraph in range(max(1, (words - 130) // 80)):
        link = f"[{_words(chance, 3)}](https://filo.example/)"
        parts.append(f"**{_words(chance, 3)}** {_words(chance, 72)} *{_words(chance, 2)}* {link}")
    return {
        "id": pk,
        "kind": "free",
        "title": _words(chance, 4),
        "body": "\n\n".join(parts),
        "why": _words(chance, 20),
        "source": "",
        "horizon": "evergreen",
        "review_by": None,
        "owner": None,
    }


def _words(chance: random.Random, number: int) -> str:
    return " ".join(chance.choice(WORDS) for _word in range(number))


def changed(content: dict[str, Any], seed: int) -> dict[str, Any]:
    """The next version of it."""
    chance = random.Random(-seed - 1)  # noqa: S311 - words, no secrets
    sections = [{**section, "body": _reworded(section["body"], chance)} for section in content["sections"]]
    sections = [*sections[1:-1], sections[0], {**sections[-1], "id": len(sections) + 1}]
    return {**content, "sections": sections}


def _reworded(body: str, chance: random.Random) -> str:
    words = body.split(" ")
    for at in range(chance.randrange(EACH), len(words), EACH):
        if words[at] in WORDS:
            words[at] = chance.choice(WORDS)
    return " ".join(words)
