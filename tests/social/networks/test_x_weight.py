"""X's weights: the published rules, and text that is made to be slow.

The rules were compared with twitter-text 3.1.0 itself over 240,000 texts put together at random (docs/networks.md).
"""

import pytest

from social.networks.x.weight import fitting, has_url, urls, weigh
from tests.computing import computing

WEIGHTS = {
    "": 0,
    "Sabato la cantina è aperta": 26,
    "perche\u0301": 6,  # composed before it is counted
    "日本酒": 6,
    "\u10ff": 1,
    "\u1100": 2,
    "저찀쯿쿿": 8,
    "“Vino” – e pane…": 17,
    "€": 2,
    "🍷": 2,
    "👩🏽‍🌾": 2,
    "👨‍👩‍👧‍👦": 2,
    "🏳️‍🌈": 2,
    "🇮🇹": 2,
    "1️⃣": 2,
    "❤️": 2,
    "🏴󠁧󠁢󠁥󠁮󠁧󠁿": 2,
    "🍷🍷": 4,
    "👩‍🍕": 5,  # known to nobody as one: a woman, a joiner, a pizza
    "http://test.com": 23,
    "HTTPS://Test.COM/a?b=c#d": 23,
    "Test https://test.com test https://test.com test.com test": 86,
    "https://it.wikipedia.org/wiki/Barolo_(vino)": 23,
    "(https://test.com)": 25,
    "https://test.com.": 24,
    "https://test.com, e": 26,
    "test.com/a/b?c=d&e": 23,
    "www.cantina.it": 23,
    "www.cantina.example": 19,  # no top-level domain, no address
    "info@cantina.it": 15,
    "@cantina.it": 11,
    "#cantina.it": 11,
    "fine.poi": 8,
    "v1.2.3": 6,
    "日本example.com語": 29,
    "http://☃.net/": 23,
    "https://t.co/abcdefghijklmnop": 23,
    "https://t.co/abc_x": 25,
    "http://user:pass@cantina.it": 27,
    "www.domain4352-.com": 19,
    "http://\ncantina.it": 31,
    f"http://a.it/{'x' * 5_000}": 5_012,
}


@pytest.mark.parametrize(("text", "weight"), WEIGHTS.items(), ids=ascii)
def test_a_text_weighs_what_x_says(text: str, weight: int) -> None:
    assert weigh(text) == weight


def test_only_what_x_takes_for_an_address_costs_more() -> None:
    assert [has_url(text) for text in ("www.cantina.it", "a.b", "info@cantina.it", "http://cantina.it")] == [
        True,
        False,
        False,
        True,
    ]


@pytest.mark.parametrize(
    ("text", "limit", "fits"),
    [
        ("abc", 3, 3),
        ("abcd", 3, 3),
        ("ab👨‍👩‍👧‍👦", 3, 2),
        ("ab👨‍👩‍👧‍👦", 4, 9),
        ("a http://test.com/abc", 10, 2),
        ("a http://test.com/abc", 25, 21),
        ("日本", 3, 1),
        ("perche\u0301 no", 6, 7),
        ("perche\u0301 no", 5, 5),
        ("abc", 0, 0),
    ],
)
def test_a_text_is_cut_where_it_weighs_too_much(text: str, limit: int, fits: int) -> None:
    assert fitting(text, limit) == fits


HOSTILE = {
    "one long word": "日" * 100_000 + ".it",
    "dots": "a." * 50_000,
    "domains without end": "a.com_" * 16_000,
    "brackets": "http://a.com/" + "(" * 90_000,
    "marks": "a.com/" + "!" * 99_000,
    "accents": "e" + "\u0301" * 99_000,
    "joiners": "❤️\u200d" * 33_000,
    "addresses": "http://a.it " * 8_000,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_no_text_takes_long(text: str) -> None:
    with computing() as seconds:
        weigh(text)
        fitting(text, 280)
        assert seconds() < 1.5


def test_twenty_thousand_short_texts_are_counted_in_a_second() -> None:
    texts = [
        "Sabato la cantina è aperta dalle dieci alle diciotto: assaggi, pane e salame",
        "Sabato la cantina è aperta. Venite a trovarci. Vi aspettiamo con la famiglia",
        "Sabato 🍷 la cantina è aperta 🎉 #vino 👩‍🌾",
        "Sabato la cantina è aperta: https://www.cantinaroero.it/vendemmia-2026?da=x #vino",
    ]
    with computing() as seconds:
        for _ in range(2_500):
            for text in texts:
                weigh(text)
        assert seconds() < 0.5


def test_addresses_are_looked_for_in_as_much_as_a_post_can_hold() -> None:
    assert len(urls("http://a.it " * 8_000)) == 10_000 // 12
