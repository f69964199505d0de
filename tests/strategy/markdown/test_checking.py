"""What a section's text may not hold, and how that is said."""

from collections.abc import Collection

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given

from strategy.markdown import check
from strategy.markdown.checking import LONGEST, MOST_COLUMNS, MOST_ROWS
from strategy.markdown.parsing import DEEPEST
from tests.strategy.markdown.test_rendering import NASTY, SNIPPETS, tags

GOOD = """# Chi siamo

Il 5 < 7 & <3, a*b, [nota] e 1. e |: è tutto testo. ![La vigna](media:1) [sito](https://cantina.example)

| a | b |
|---|---|
| 1 | 2 |
"""


def mine(names: Collection[str]) -> set[str]:
    return {"1"} & set(names)


def refusals(text: str) -> list[tuple[str, str]]:
    with pytest.raises(ValidationError) as caught:
        check(text, mine=mine)
    return [(error.code or "", str(error.messages[0])) for error in caught.value.error_list]


def table(rows: int, columns: int = 2) -> str:
    return "|a" * columns + "|\n" + "|-" * columns + "|\n" + ("|1" * columns + "|\n") * rows


def test_good_text_is_taken() -> None:
    check(GOOD, mine=mine)
    check("", mine=mine)
    check(table(MOST_ROWS, MOST_COLUMNS), mine=mine)
    check("a" * LONGEST, mine=mine)
    check("> " * 8 + "detto", mine=mine)


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        ("Ciao <script>alert(1)</script>", "html", "“<script>” is HTML"),
        ("<div>\n\nCiao\n\n</div>", "html", "“<div>” is HTML"),
        ("<!-- nota -->", "html", "“<!-- nota -->” is HTML"),
        ("[x](javascript:alert(1))", "link", "“javascript:alert(1)” can't be a link"),
        ("[x](JAVASCRIPT&colon;alert(1))", "link", "“JAVASCRIPT:alert(1)” can't be a link"),
        ("<javascript:alert(1)>", "link", "“javascript:alert(1)” can't be a link"),
        ("[x](/qui)", "link", "“/qui” can't be a link"),
        ("[x](media:1)", "link", "“media:1” can't be a link"),
        ("![x](media:7)", "picture", "There is no picture 7 among this client's media."),
        (
            "![x](media:11111111111111111111)",
            "picture",
            "“media:11111111111111111111” is no picture of this client's media.",
        ),
        ("![x](media:abc)", "picture", "“media:abc” is no picture of this client's media."),
        ("![x](javascript:1)", "picture", "“javascript:1” is no picture of this client's media."),
        ("![x](https://x.example/l.png)", "picture", "“https://x.example/l.png” is no picture of this client's media"),
        (table(5_000), "rows", "A table of 5000 rows: at most 200."),
        ("> - " + table(MOST_ROWS + 1).replace("\n", "\n>   "), "rows", "A table of 201 rows"),
        (table(1, MOST_COLUMNS + 1), "columns", "A table of 21 columns: at most 20."),
        ("a" * (LONGEST + 1), "max_length", "Too long: 100001 of 100000 characters."),
        ("é" * 1_000_000, "max_length", "Too long: 1000000 of 100000 characters."),
        ("a\x00b", "not_a_character", "no character"),
        ("a\ud800b", "not_a_character", "no character"),
        ("##### Giù", "headings", "more than 4 number signs"),
        ("> " * (DEEPEST + 3) + "detto", "depth", "too deep"),
    ],
)
def test_each_refusal_says_what_it_is_about(text: str, code: str, said: str) -> None:
    ((found, message),) = refusals(text)
    assert found == code
    assert said in message


def test_all_reasons_are_said_at_once() -> None:
    text = "<b>a</b> [x](javascript:1) ![x](media:7) ![y](data:image/png,1)\n\n" + table(MOST_ROWS + 1)
    assert [code for code, _said in refusals(text)] == ["html", "link", "picture", "picture", "rows"]


@given(NASTY | SNIPPETS)
def test_what_is_taken_loses_nothing_on_the_page(text: str) -> None:
    """Whoever checked a text finds its pictures and links on the page, and no tag of theirs as words."""
    try:
        check(text, mine=mine)
    except ValidationError:
        return
    assert "<script" not in text.lower() or "\\<script" in text.lower() or not tags(text)
    for tag, attributes in tags(text):
        assert tag not in {"a", "img"} or attributes.get("href") or attributes.get("src")
