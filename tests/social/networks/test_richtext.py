"""What becomes alive in a text, and which bytes of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from social.networks.bluesky.richtext import byte_range, spans
from tests.computing import computing


def found(text: str) -> list[tuple[str, str, str]]:
    """Kind, the words in the text, and the target."""
    return [(span.kind, text[span.start : span.end], span.target) for span in spans(text)]


@pytest.mark.parametrize(
    ("text", "words", "target"),
    [
        ("https://a.example", "https://a.example", "https://a.example"),
        ("vedi https://a.example/b?c=d#e.", "https://a.example/b?c=d#e", "https://a.example/b?c=d#e"),
        ("(https://a.example/b)", "https://a.example/b", "https://a.example/b"),
        ("https://it.wikipedia.org/wiki/Roero_(vino)!", "https://it.wikipedia.org/wiki/Roero_(vino)", None),
        ("«https://a.example/b»", "https://a.example/b", None),
        ("見てhttps://a.example/b。次", "https://a.example/b", None),
        ("HTTPS://A.example/B", "HTTPS://A.example/B", None),
        ("https://città.example/è", "https://città.example/è", None),
        ("su cantina.it, da sabato", "cantina.it", "https://cantina.it"),
        ("(cantina.it/vini)", "cantina.it/vini", "https://cantina.it/vini"),
        ("www.cantina.wine: novità", "www.cantina.wine", "https://www.cantina.wine"),
    ],
)
def test_links(text: str, words: str, target: str | None) -> None:
    assert found(text) == [("link", words, target or words)]


@pytest.mark.parametrize(
    "text",
    [
        "https://", "http:// a", "ftp://a.example", "fine.Poi", "sig.ra", "info@cantina.it", "a.b@cantina.it",
        "ore 9.30", "3.14", "x@y", "mailto:x@cantina.it", "e.g.", "...", "cantina.it@altro",
    ],
)  # fmt: skip
def test_what_only_looks_like_a_link_is_words(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    ("text", "words", "target"),
    [
        ("@ada.test", "@ada.test", "ada.test"),
        ("con @Ada.Bsky.Social!", "@Ada.Bsky.Social", "ada.bsky.social"),
        ("(@ada.test)", "@ada.test", "ada.test"),
        ("@ada.test.", "@ada.test", "ada.test"),
        ("@ada.test's", "@ada.test", "ada.test"),
        ("👨‍👩‍👧‍👦 @ada.test", "@ada.test", "ada.test"),
    ],
)
def test_mentions(text: str, words: str, target: str) -> None:
    assert found(text) == [("mention", words, target)]


@pytest.mark.parametrize(
    "text", ["@ada", "a@ada.test", "@ada..test", "@-ada.test", "@ada.test@altro", "@.test", "@ ada.test"]
)
def test_what_only_looks_like_a_mention_is_words(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    ("text", "words", "target"),
    [
        ("#Barolo", "#Barolo", "Barolo"),
        ("#Barolo!", "#Barolo", "Barolo"),
        ("#perché, no", "#perché", "perché"),
        ("＃ワイン です", "＃ワイン", "ワイン"),
        ("#יין", "#יין", "יין"),
        ("#2026vini", "#2026vini", "2026vini"),
        ("#🍷", "#🍷", "🍷"),
        ("#a_b", "#a_b", "a_b"),
        ("##doppio", "##doppio", "#doppio"),
        ("#" + "è" * 64, "#" + "è" * 64, "è" * 64),
    ],
)
def test_hashtags(text: str, words: str, target: str) -> None:
    assert found(text) == [("tag", words, target)]


@pytest.mark.parametrize(
    "text", ["#", "#1", "# Barolo", "a#b", "#️⃣", "#...", "#2026!", "(#Barolo)", "#" + "è" * 65, "#e" + "\u0301" * 330]
)
def test_what_only_looks_like_a_hashtag_is_words(text: str) -> None:
    assert found(text) == []


def test_several_in_the_order_of_the_text() -> None:
    text = "#Roero con @ada.test su cantina.it/#vini e https://a.example #due"
    assert found(text) == [
        ("tag", "#Roero", "Roero"),
        ("mention", "@ada.test", "ada.test"),
        ("link", "cantina.it/#vini", "https://cantina.it/#vini"),
        ("link", "https://a.example", "https://a.example"),
        ("tag", "#due", "due"),
    ]


words = st.sampled_from(
    [
        "#Barolo",
        "@ada.test",
        "https://a.example/è?",
        "cantina.it",
        "👨‍👩‍👧‍👦",
        "e\u0301",
        "שלום",
        " ",
        "\n",
        "(",
        ")",
        ".",
        "x",
        "#",
        "@",
        "\ud800",
    ]
)


@given(st.lists(words, max_size=40).map("".join))
def test_bytes_are_those_of_the_words_and_nothing_overlaps(text: str) -> None:
    raw, end = text.encode("utf-8", "surrogatepass"), 0
    for span in spans(text):
        first, after = byte_range(text, span)
        assert raw[first:after].decode("utf-8", "surrogatepass") == text[span.start : span.end]
        assert end <= first < after
        end = after


@pytest.mark.parametrize(
    "text", ["https://a" + ")" * 200_000, "https://a" + "." * 200_000, "a." * 100_000, "#a" + ".a" * 100_000]
)
def test_hostile_text_takes_no_longer_than_its_length(text: str) -> None:
    with computing() as seconds:
        spans(text)
        assert seconds() < 5
