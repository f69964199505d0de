"""A text is cut into passages that stand in it to the letter; and what two people wrote on it comes together."""

import pytest

from strategy.passages import Passage, passages_of
from strategy.together import together

TEXT = """# Tono

Parliamo piano.
Diamo del tu. Mai «urla!» E poi?

- uno; due
12. **tre.** quattro
  continua

| a | b |
|---|---|
| 1 | 2 |

> citato.

---
Fine"""


def test_each_passage_stands_where_it_says() -> None:
    found = passages_of(TEXT)
    assert [TEXT[one.start : one.end] for one in found] == [one.text for one in found]
    assert [(one.text, one.first) for one in found] == [
        ("Tono", True),
        ("Parliamo piano.", True),
        ("Diamo del tu.", False),
        ("Mai «urla!»", False),
        ("E poi?", False),
        ("uno; due", True),
        ("**tre.**", True),
        ("quattro\n  continua", False),
        ("| a | b |", True),
        ("| 1 | 2 |", True),
        ("citato.", True),
        ("Fine", True),
    ]
    assert [one.plain for one in found if one.plain != one.text] == ["tre.", "a · b", "1 · 2"]
    assert passages_of("") == passages_of(" \n\n---\n") == []


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("![Filare al *sole*](media:12)", "Picture: Filare al sole"),
        ("![](media:12)", "Picture"),
        ("Vedi [il **sito**](https://roero.example), o \\*no\\*.", "Vedi il sito, o *no*."),
        ("- **nuovo** & 3 * 4", "- nuovo & 3 * 4"),
        ("| **a** | ![b](media:1) | |", "a · Picture: b"),
        ("**", "**"),
    ],
)
def test_a_passage_is_shown_as_it_is_read(text: str, plain: str) -> None:
    assert Passage(0, text).plain == plain


@pytest.mark.parametrize(
    ("base", "one", "other", "both"),
    [
        ("a\nb\nc\nd", "a\nB\nc\nd", "a\nb\nc\nD", "a\nB\nc\nD"),
        ("a\nb\nc", "a\nB\nc", "a\nZ\nc\nd", "a\nB\nZ\nc\nd"),
        ("a\nb\nc", "a\nc", "a\nb\nc\nd", "a\nc\nd"),
        ("", "uno", "due", "uno\ndue"),
        ("a", "a\nb", "a", "a\nb"),
        ("a", "a", "b", "b"),
        ("a", "b", "b", "b"),
    ],
)
def test_two_texts_come_together(base: str, one: str, other: str, both: str) -> None:
    assert together(base, one, other) == both


def test_texts_too_long_to_be_compared_stand_one_after_the_other() -> None:
    base, one, other = ("\n".join(f"{sign}{n}" for n in range(2100)) for sign in "abc")
    assert together(base, one, other) == f"{one}\n\n{other}"
