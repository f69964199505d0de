"""From an older strategy of another client: how it was built, and not one of its facts."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from strategy.markdown.blocks import Block, Paragraph, Points, words_of
from strategy.markdown.parsing import parsed
from strategy.markdown.writing import escaped
from strategy.starts.library import starts

Entry = dict[str, str]
SENTENCE = re.compile(r"(?<=[.!?…])\s+")
FACT = re.compile(r"\d|@|https?:|\w\.\w|#\w")  # numbers, dates, prices, addresses, labels
WORD = re.compile(r"[^\W\d_]+")
SHORTEST = 3  # letters of a name that tell anything
# Words of our own beginnings by which people and firms are called, too: at the head of a sentence either may be meant.
CALLED = frozenset({
    "agosto", "basso", "board", "booking", "brand", "care", "case", "close", "conti", "cool", "costa", "day",
    "dell", "domenica", "don", "fast", "festa", "giorno", "giusti", "grande", "hard", "head", "hide", "hope", "job",
    "kind", "law", "link", "long", "love", "mark", "massa", "massimo", "may", "meet", "park", "piccolo", "poll",
    "ponti", "porta", "press", "price", "primo", "row", "sabato", "sale", "secondo", "share", "small", "sole",
    "story", "summer", "terzo", "time", "times", "true", "turn", "vento", "vero", "vita", "wait", "wave", "whole",
    "will", "win", "wind", "winter",
})  # fmt: skip


def emptied(content: Mapping[str, Any], *, names: Collection[str]) -> list[Entry]:
    """The sections of this content as another client's strategy may begin: kinds, titles, whys, horizons, and the questions
    of their texts. Bodies, numbers, sources, owners, channels, occasions and pictures stay behind.

    A sentence goes too where it has a figure, an address, or one of ``names`` in it: the client's own, its people's and
    brands'; those of its channels, pillars, objectives and occasions are known from the content. What nobody named here is
    known by its capital letter: within a sentence, and at its head where it is no word of our own beginnings, or one by which
    somebody may be called. Rather a sentence too many goes than a name comes along. A title with one is left empty, so that the section gets the usual one.
    """
    told = _Telling(_names(content, names))
    return [
        {
            "kind": section["kind"],
            "title": _without(section["title"], told),
            "body": "\n".join(f"- {escaped(question)}" for question in _questions(section["body"], told)),
            "why": "\n".join(filter(None, (_without(line, told) for line in section["why"].split("\n")))),
            "source": "",
            "horizon": section["horizon"],
        }
        for section in content["sections"]
    ]


def _names(content: Mapping[str, Any], names: Iterable[str]) -> re.Pattern[str]:
    """Any of the names, and any of their longer words that are no word of everybody's."""
    found = set(names)
    for section in content["sections"]:
        for row in (*section.get("objectives", ()), *section.get("channels", ()), *section.get("occasions", ())):
            found |= {row["name"], row.get("handle", "")}
            found |= {row["owner"]["name"]} if row.get("owner") else set()
        found |= {section["owner"]["name"]} if section["owner"] else set()
    found |= {pillar["name"] for pillar in content["pillars"]}
    words = {
        word for name in names for word in re.findall(r"\w+", name) if word[0].isupper() or word.lower() not in _usual()
    }
    telling = sorted((name for name in found | words if len(name) >= SHORTEST), key=len, reverse=True)
    if not telling:
        return re.compile(r"(?!)")
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, telling))})(?!\w)", re.IGNORECASE)


@dataclass(frozen=True)
class _Telling:
    """Whether a sentence tells something of a client."""

    names: re.Pattern[str]

    def __contains__(self, sentence: str) -> bool:
        if FACT.search(sentence) or self.names.search(sentence):
            return True
        if sentence in _ours():
            return False
        first, *rest = WORD.findall(sentence) or [""]
        if first.lower() in CALLED:
            return True
        return first.lower() not in _usual() or any(word[0].isupper() and word != "I" for word in rest)


@cache
def _usual() -> frozenset[str]:
    """The words that our own beginnings write small: whoever is called so is called like anybody."""
    said = (f"{section.why} {section.body}" for start in starts() for section in start.sections)
    return frozenset(word for text in said for word in WORD.findall(text) if word.islower())


@cache
def _ours() -> frozenset[str]:
    """The sentences of our own beginnings, which tell nothing of anybody."""
    said = (
        line
        for start in starts()
        for section in start.sections
        for line in [*section.why.split("\n"), *_lines(parsed(section.body))]
    )
    return frozenset(sentence for line in said for sentence in SENTENCE.split(line.strip()))


def _without(text: str, told: _Telling) -> str:
    """The sentences that tell nothing of a client."""
    return " ".join(sentence for sentence in SENTENCE.split(text.strip()) if sentence not in told)


def _questions(body: str, told: _Telling) -> list[str]:
    """What the text asks, each once."""
    asked = [
        sentence
        for line in _lines(parsed(body))
        for sentence in SENTENCE.split(line)
        if sentence.endswith("?") and sentence not in told
    ]
    return list(dict.fromkeys(asked))


def _lines(blocks: Sequence[Block]) -> Iterable[str]:
    for block in blocks:
        if isinstance(block, Paragraph):
            yield from words_of(block.inlines).split("\n")
        elif isinstance(block, Points):
            for item in block.items:
                yield from _lines(item)
