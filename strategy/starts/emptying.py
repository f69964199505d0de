"""From an older strategy of another client: how it was built, and not one of its facts."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from strategy.markdown.blocks import Block, Paragraph, Points, words_of
from strategy.markdown.parsing import parsed
from strategy.markdown.writing import escaped

Entry = dict[str, str]
SENTENCE = re.compile(r"(?<=[.!?…])\s+")
FACT = re.compile(r"\d|@|https?:|www\.|#\w")  # numbers, dates, prices, addresses, labels
SHORTEST = 3  # letters of a name that tell anything


def emptied(content: Mapping[str, Any], *, names: Collection[str]) -> list[Entry]:
    """The sections of this content as another client's strategy may begin: kinds, titles, whys, horizons, and the questions
    of their texts. Bodies, numbers, sources, owners, channels, occasions and pictures stay behind.

    A sentence goes too where it has a figure, an address, or one of ``names`` in it: the client's own, its people's and
    brands'; those of its channels, pillars, objectives and occasions are known from the content. A title with one is
    left empty, so that the section gets the usual one.
    """
    told = _names(content, names)
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
    """Any of the names, and any of their longer words that begin with a capital letter."""
    found = set(names)
    for section in content["sections"]:
        for row in (*section.get("objectives", ()), *section.get("channels", ()), *section.get("occasions", ())):
            found |= {row["name"], row.get("handle", "")}
            found |= {row["owner"]["name"]} if row.get("owner") else set()
        found |= {section["owner"]["name"]} if section["owner"] else set()
    found |= {pillar["name"] for pillar in content["pillars"]}
    words = {word for name in names for word in re.findall(r"\w+", name) if word[0].isupper()}
    telling = sorted((name for name in found | words if len(name) >= SHORTEST), key=len, reverse=True)
    if not telling:
        return re.compile(r"(?!)")
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, telling))})(?!\w)", re.IGNORECASE)


def _without(text: str, told: re.Pattern[str]) -> str:
    """The sentences that tell nothing of a client."""
    kept = [
        sentence for sentence in SENTENCE.split(text.strip()) if not (FACT.search(sentence) or told.search(sentence))
    ]
    return " ".join(kept)


def _questions(body: str, told: re.Pattern[str]) -> list[str]:
    """What the text asks, each once."""
    asked = [
        sentence
        for line in _lines(parsed(body))
        for sentence in SENTENCE.split(line)
        if sentence.endswith("?") and not (FACT.search(sentence) or told.search(sentence))
    ]
    return list(dict.fromkeys(asked))


def _lines(blocks: Sequence[Block]) -> Iterable[str]:
    for block in blocks:
        if isinstance(block, Paragraph):
            yield from words_of(block.inlines).split("\n")
        elif isinstance(block, Points):
            for item in block.items:
                yield from _lines(item)
