"""What the composer, the API, the approver's page and the worker are told before anything is sent."""

import dataclasses

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from social.networks import NETWORKS, get, rules
from social.networks.base import Content, Network
from social.networks.bluesky import text_out
from social.networks.text import count_bytes, count_graphemes, fitting, graphemes
from tests.servers.pds import Pds, Person
from tests.social.networks.conftest import item_of, picture

FAMILY = "👨‍👩‍👧‍👦"
FLAG = "🇮🇹"
ACCENT = "e\u0301"
HINDI = "क्षि"  # four code points and one conjunct, which a reader takes for one
TAMIL = "நி"
HANGUL = "\u1112\u1161\u11ab"
HEBREW = "שׁ"
KEYCAP = "1️⃣"
SKIN = "👍🏽"
ONE_EACH = [FAMILY, FLAG, ACCENT, HINDI, TAMIL, HANGUL, HEBREW, KEYCAP, SKIN]

pieces = st.sampled_from([*ONE_EACH, "a", " ", "\n", "\r\n", "\u200d", "\u0301", "🇮", "א", "漢", "\0", "\ud800", "्"])
texts = st.lists(pieces, max_size=500).map("".join)
links = st.sampled_from(["", "https://cantina.example/vini", "https://example.org/" + "à" * 200])


@pytest.fixture(scope="module")
def bluesky_rules() -> Network:
    return get("bluesky")


@pytest.mark.parametrize("one", ONE_EACH)
def test_bluesky_counts_what_a_reader_counts(bluesky_rules: Network, one: str) -> None:
    found = bluesky_rules.preflight(Content(one * 90 + "b"))
    assert (found.used, found.limit, found.unit) == (91, 300, "graphemes")


# The families weigh 25 bytes each: 300 of them are over the bytes, which is another test's matter.
@pytest.mark.parametrize("one", ["a", FLAG, ACCENT, TAMIL, HANGUL, HEBREW, KEYCAP, SKIN])
def test_the_real_server_takes_300_and_refuses_301_as_preflight_says(
    pds: Pds, person: Person, bluesky_rules: Network, one: str
) -> None:
    fits, over = one * 300, one * 301
    assert [bluesky_rules.preflight(Content(text)).ok for text in (fits, over)] == [True, False]
    assert [pds.takes(person, text) for text in (fits, over)] == [True, False]


def test_the_real_server_counts_conjuncts_as_preflight_does(pds: Pds, person: Person, bluesky_rules: Network) -> None:
    fits = HINDI * 240 + "a" * 60
    assert (bluesky_rules.preflight(Content(fits)).used, len(fits)) == (300, 1020)
    assert [pds.takes(person, text) for text in (fits, fits + "a")] == [True, False]


def test_the_real_server_takes_3000_bytes_and_refuses_3001_as_preflight_says(
    pds: Pds, person: Person, bluesky_rules: Network
) -> None:
    fits = FAMILY * 120
    assert (len(fits.encode()), count_graphemes(fits)) == (3000, 120)
    assert [bluesky_rules.preflight(Content(text)).ok for text in (fits, fits + "a")] == [True, False]
    assert [pds.takes(person, text) for text in (fits, fits + "a")] == [True, False]


def test_too_long_says_by_how_many_and_where_it_is_cut(bluesky_rules: Network) -> None:
    text = "a" * 299 + FAMILY + FLAG * 12
    found = bluesky_rules.preflight(Content(text))
    assert (found.ok, found.used, found.cut_at) == (False, 312, len("a" * 299 + FAMILY))
    with translation.override("en"):
        assert [(p.code, p.level, p.detail) for p in found.problems] == [
            ("text_too_long", "error", "Too long for Bluesky: 312 of 300. This is where it is cut.")
        ]


def test_too_heavy_is_said_in_bytes(bluesky_rules: Network) -> None:
    found = bluesky_rules.preflight(Content(FAMILY * 121))
    assert (found.ok, found.used, found.limit, found.unit) == (False, 3025, 3000, "bytes")
    assert found.cut_at == len(FAMILY * 120)
    assert [problem.code for problem in found.problems] == ["text_too_heavy"]


def test_a_link_beside_pictures_counts_because_it_goes_out(bluesky_rules: Network) -> None:
    link = "https://cantina.example/"
    content = Content("a" * 280, link, (picture(),))
    found = bluesky_rules.preflight(content)
    assert text_out(content) == "a" * 280 + "\n\n" + link
    assert (found.ok, found.used, found.cut_at) == (False, 280 + 2 + len(link), 300 - 2 - len(link))


@pytest.mark.parametrize(
    ("text", "out"),
    [
        ("See https://a.example/vini.", "See https://a.example/vini."),
        ("See https://a.example/vini/", "See https://a.example/vini/"),
        ("See https://a.example/vini/rossi", "See https://a.example/vini/rossi\n\nhttps://a.example/vini"),
        ("", "https://a.example/vini"),
    ],
)
def test_a_link_that_the_text_holds_is_not_said_twice(text: str, out: str) -> None:
    assert text_out(Content(text, "https://a.example/vini", (picture(),))) == out


def test_a_link_without_pictures_is_a_card_and_costs_no_text(bluesky_rules: Network) -> None:
    assert bluesky_rules.preflight(Content("a" * 300, "https://a.example/")).ok


@pytest.mark.parametrize("slug", ["bluesky", "sandbox"])  # four pictures, and none needed
@pytest.mark.parametrize(
    ("content", "problems"),
    [
        (Content(""), [("nothing_to_publish", "error")]),
        (Content(" \n"), [("nothing_to_publish", "error")]),
        (Content("", "https://a.example/"), []),
        (Content("a\0b"), [("text_not_valid", "error")]),
        (Content("a\ud800b"), [("text_not_valid", "error")]),
        (Content("a", media=(picture(alt_text="\udfff"),)), [("text_not_valid", "error")]),
        (Content("a", "ftp://a.example/"), [("link_not_valid", "error")]),
        (Content("a", "https://"), [("link_not_valid", "error")]),
        (Content("a", "http://["), [("link_not_valid", "error")]),
        (Content("a", "https://a.example:99999/"), [("link_not_valid", "error")]),
        (Content("a", "https://a.example/a b"), [("link_not_valid", "error")]),
        (Content("a", media=(picture(),) * 4), []),
        (Content("a", media=(picture(),) * 5), [("media_too_many", "error")]),
        (Content("a", media=(picture(alt_text=" "),)), [("alt_text_missing", "warning")]),
        (Content("a", media=(item_of(b"<svg/>", "image/svg+xml", (1, 1)),)), [("media_kind", "error")]),
    ],
)
def test_what_is_not_taken_is_said_in_the_same_words(
    slug: str, content: Content, problems: list[tuple[str, str]]
) -> None:
    found = get(slug).preflight(content)
    assert [(problem.code, problem.level) for problem in found.problems] == problems
    assert found.ok == all(level == "warning" for _, level in problems)
    assert all(problem.detail for problem in found.problems)


def test_a_picture_that_will_go_out_smaller_is_a_warning(bluesky_rules: Network) -> None:
    large = item_of(b"x" * 2_000_001, "image/jpeg", (9000, 9000))
    found = bluesky_rules.preflight(Content("a", media=(large,)))
    assert (found.ok, [problem.code for problem in found.problems]) == (True, ["picture_shrunk"])


@given(texts)
def test_graphemes_are_the_text(text: str) -> None:
    assert "".join(graphemes(text)) == text
    assert len(list(graphemes(text))) == count_graphemes(text)


@given(texts, st.integers(0, 60), st.integers(0, 400))
def test_what_fits_ends_between_graphemes_and_one_more_would_not_fit(text: str, most: int, heaviest: int) -> None:
    end = fitting(text, max_graphemes=most, max_bytes=heaviest)
    parts = list(graphemes(text))
    kept = next(n for n in range(len(parts) + 1) if len("".join(parts[:n])) == end)
    assert kept <= most
    assert count_bytes(text[:end]) <= heaviest
    if kept < len(parts):
        assert kept + 1 > most or count_bytes("".join(parts[: kept + 1])) > heaviest


@pytest.mark.parametrize("slug", sorted(NETWORKS))
@given(text=texts, link=links, pictures=st.integers(0, 2))
def test_what_is_cut_where_it_says_is_no_longer_too_long(slug: str, text: str, link: str, pictures: int) -> None:
    network, media = get(slug), (picture(),) * pictures
    found = network.preflight(Content(text, link, media))
    assert (found.cut_at is None) == (found.used <= found.limit)
    if found.cut_at is not None:
        shorter = network.preflight(Content(text[: found.cut_at], link, media))
        assert shorter.cut_at is None
        assert "text_too_long" not in [problem.code for problem in shorter.problems]


@pytest.mark.parametrize("slug", sorted(NETWORKS))
def test_where_subtitles_stay_away_it_is_said_and_nothing_is_refused_for_that(slug: str) -> None:
    plain = item_of(b"film", "video/mp4", (1280, 720))
    told = [
        [
            (problem.code, problem.level)
            for problem in rules.checked(get(slug), Content("Vendemmia", media=(item,))).problems
        ]
        for item in (plain, dataclasses.replace(plain, captions="1\n"))
    ]
    more = [one for one in told[1] if one not in told[0]]
    assert more == ([("field_missing", "error")] if slug == "youtube" else [("captions_left_out", "warning")])


@pytest.mark.parametrize(
    ("slug", "said"),
    [
        ("newsletter", "Newsletter takes no videos in posts: put in a picture."),
        ("sandbox", "Video 1 has no alternative text: people who can't see it won't know what it shows."),
        ("wordpress", "WordPress takes no videos in posts: put in a picture."),
    ],
)
def test_a_video_is_not_called_a_picture(slug: str, said: str) -> None:
    film = dataclasses.replace(item_of(b"film", "video/mp4", (1280, 720)), alt_text="", seconds=1, codec="h264")
    found = get(slug).preflight(Content("Vendemmia", media=(film,)))
    assert [p.detail % p.params for p in found.problems if p.code in {"media_kind", "alt_text_missing"}] == [said]


@pytest.mark.parametrize(
    ("tags", "said"),
    [
        (5, []),
        (6, [("hashtags_many", "warning")]),
        (30, [("hashtags_many", "warning")]),
        (31, [("hashtags_too_many", "error")]),
    ],
)
def test_more_hashtags_than_people_may_write_on_instagram(tags: int, said: list[tuple[str, str]]) -> None:
    text = " ".join(f"#roero{number}" for number in range(tags))
    found = get("instagram").preflight(Content(text, media=(picture(),)))
    assert [(p.code, p.level) for p in found.problems if p.code.startswith("hashtags")] == said


# Whose API has a place for a video's cover, and for its alternative text.
COVERS = {"facebook", "instagram", "pinterest", "sandbox", "youtube"}
DESCRIBES = {"bluesky", "mastodon", "sandbox", "threads"}


@pytest.mark.parametrize("slug", sorted(NETWORKS))
def test_where_a_cover_or_a_video_s_alternative_text_stays_away_it_is_said(slug: str) -> None:
    plain = dataclasses.replace(item_of(b"film", "video/mp4", (1280, 720)), alt_text="")
    dressed = dataclasses.replace(plain, alt_text="La vendemmia", cover=picture())
    before, after = (
        {
            problem.code: problem.level
            for problem in rules.checked(get(slug), Content("Vendemmia", media=(item,))).problems
        }
        for item in (plain, dressed)
    )
    lost = {code for code, level in after.items() if code not in before and level == "warning"}
    assert ("cover_lost" in lost, "video_alt_text_lost" in lost) == (slug not in COVERS, slug not in DESCRIBES)


def test_a_carousel_of_instagram_s_has_no_covers() -> None:
    film = dataclasses.replace(item_of(b"film", "video/mp4", (1280, 720)), cover=picture())
    told = rules.checked(get("instagram"), Content("Vendemmia", media=(film, picture()))).problems
    assert "cover_lost" in {problem.code for problem in told}
