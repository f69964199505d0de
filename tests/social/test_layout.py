"""What a site makes of a text, drawn in the preview before: the same blocks, and no character lost by which words are found."""

import re
from html import unescape

import pytest
from django.template.loader import render_to_string
from hypothesis import given
from hypothesis import strategies as st

from social.digest import content_of
from social.models import Channel
from social.networks.wordpress.blocks import blocks, layout, titled
from social.previews import previews
from social.services import create_channel
from social.services.content_rows import VariantPlan
from tests.world import World

TEXT = "Vendemmia\n\n## Le mani\nSono viola:\nhttps://roero.example/foto?a=1&b=2.\n\n\n### A mezzogiorno\n\nSi mangia <b>tra</b> i filari."
PIECE = st.sampled_from(
    ["# Uno", "## Due", "tre quattro", "https://a.example/x", "", " ", "\t", "#", "<i>", "&", "[x]"]
)


@pytest.fixture
def site(world: World) -> Channel:
    """The winery's own."""
    return create_channel(
        user=world.marta,
        client=world.winery,
        network="wordpress",
        handle="cantina",
        name="Sito",
        server="https://roero.example",
        credentials={"app_password": "abcd efgh"},
    )


def shown(made: str) -> list[tuple[str, str]]:
    """The headings and paragraphs of markup, as readers see them."""
    found = re.findall(r"<(h[2-4]|p)>(.*?)</\1>", made, re.DOTALL)
    return [(tag, unescape(re.sub(r"<[^>]*>", "", words.replace("<br>", "\n")))) for tag, words in found]


def drawn(text: str, title: str = "") -> list[tuple[str, str]]:
    """The same of the preview."""
    rows = [
        ("p" if not block.level else f"h{block.level}", "".join(run.words for run in block.runs if not run.hidden))
        for block in layout(text, title).blocks
    ]
    return [row for row in rows if row[1]]


@given(st.lists(PIECE, max_size=8), st.sampled_from(["", "Titolo"]))
def test_the_preview_draws_the_blocks_that_go_out(pieces: list[str], title: str) -> None:
    text = "\n".join(pieces)
    heading, rest = titled(text, title)
    found = drawn(text, title)
    if heading and not title:
        assert found.pop(0) == ("h1", heading)
    assert found == shown(blocks(rest))
    made = layout(text, title)
    assert "".join(run.words for block in made.blocks for run in block.runs) == text  # where people point by counting


def test_it_is_drawn_and_does_nothing(world: World, site: Channel) -> None:
    (preview,) = previews(world.winery.pk, content_of(world.draft(text=TEXT, channels=[site])))
    page = render_to_string("social/preview.html", {"preview": preview})
    assert re.findall(r'preview-level-(\d)"', page) == ["1", "2", "0", "3", "0"]
    assert (
        '<a href="https://roero.example/foto?a=1&amp;b=2" target="_blank" rel="noopener noreferrer nofollow">'
        "https://roero.example/foto?a=1&amp;b=2</a>" in page
    )
    assert "&lt;b&gt;tra&lt;/b&gt;" in page
    assert "<b>" not in page
    (words,) = re.findall(r"<span data-words>(.*)</span></div>", page, re.DOTALL)
    assert unescape(re.sub(r"<[^>]*>", "", words)) == TEXT


def test_a_title_given_apart_stands_above_and_is_none_of_the_words(world: World, site: Channel) -> None:
    own = VariantPlan(channel=site, fields={"title": "La vendemmia <2026>"})
    (preview,) = previews(world.winery.pk, content_of(world.draft(text=TEXT, channels=[site], variants=[own])))
    page = render_to_string("social/preview.html", {"preview": preview})
    assert 'aria-level="4">La vendemmia &lt;2026&gt;</span><span data-words>' in page
    assert 'preview-level-0">Vendemmia</span>' in page


def test_where_lines_stay_lines_nothing_is_drawn(world: World) -> None:
    (preview,) = previews(world.winery.pk, content_of(world.draft(text="## Le mani\n\nSono viola.")))
    page = render_to_string("social/preview.html", {"preview": preview})
    assert "<span data-words>## Le mani\n\nSono viola.</span>" in page
