"""A section's text on a page: a small set of Markdown, and nothing else, whatever is typed."""

from html.parser import HTMLParser

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from strategy.markdown import parsed, rendered
from strategy.markdown.blocks import Break, Heading, Paragraph, Picture, Run, pictures_of
from tests.computing import computing

ALLOWED = {
    "p": set(), "h3": set(), "h4": set(), "h5": set(), "h6": set(), "ul": set(), "ol": {"start"}, "li": set(),
    "blockquote": set(), "table": set(), "thead": set(), "tbody": set(), "tr": set(), "th": {"scope", "class"},
    "td": {"class"}, "a": {"href", "target", "rel"}, "img": {"src", "alt", "loading"}, "em": set(), "strong": set(),
    "br": set(), "hr": set(),
}  # fmt: skip
NASTY = st.text(alphabet="*_[]()<>!#|-+.:\\`&;=\"' \n\tamx1\x00é", max_size=200)
SNIPPETS = st.lists(
    st.sampled_from(
        [
            "# ", "## ", "- ", "1. ", "> ", "\n", "\n\n", "    ", "**", "_", "[a](", "![b](", "media:1", "media:2", ")", "]",
            "https://filo.example/?a=1&b=2", "javascript:alert(1)", "JaVaScRiPt&colon;alert(1)", "data:text/html,x",
            "mailto:ada@filo.example", "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<a href='//x'>",
            "<!--", "-->", "<![CDATA[", "|a|b|\n|-|-|\n", "|", '"onmouseover="x', "' onclick='", "&lt;b&gt;", "\\<", "```\n",
            "[x]: javascript:1\n", "<https://filo.example>", "<javascript:alert(1)>", "\u202e", "é", "🍇",
        ]
    ),
    max_size=25,
).map("".join)  # fmt: skip


class Tags(HTMLParser):
    """What a browser would find."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []
        self.others: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, {name: value or "" for name, value in attrs}))

    def handle_comment(self, data: str) -> None:
        self.others.append(data)

    def handle_decl(self, decl: str) -> None:
        self.others.append(decl)

    def handle_pi(self, data: str) -> None:
        self.others.append(data)


def address(media: str) -> str | None:
    return "/media/vigna.jpg?a=1&b=2" if media == "1" else None


def tags(text: str) -> list[tuple[str, dict[str, str]]]:
    reader = Tags()
    reader.feed(rendered(text, address=address))
    reader.close()
    assert reader.others == []
    return reader.found


@settings(max_examples=400)
@given(NASTY | SNIPPETS | st.text(max_size=80))
@example("<script>alert(1)</script>")
@example("[x](javascript:alert(1)) ![x](data:image/svg+xml,<svg onload=alert(1)>)")
def test_nothing_but_the_set_whatever_is_typed(text: str) -> None:
    for tag, attributes in tags(text):
        assert tag in ALLOWED
        assert attributes.keys() <= ALLOWED[tag]
        if tag == "a":
            assert attributes["href"].lower().startswith(("http://", "https://", "mailto:"))
            assert (attributes["target"], attributes["rel"]) == ("_blank", "noopener noreferrer")
        if tag == "img":
            assert attributes["src"] == "/media/vigna.jpg?a=1&b=2"
        assert attributes.get("class", "filo-right") in {"filo-right", "filo-middle"}


@given(NASTY | SNIPPETS)
def test_the_outline_has_no_hole(text: str) -> None:
    above = 2
    for tag, _attributes in tags(text):
        if tag.startswith("h") and tag != "hr":
            assert int(tag[1]) <= above + 1
            above = int(tag[1])


N = 48_000
STORMS = {
    "asterisks": "*" * 100_000,
    "brackets": "[" * N,
    "brackets within each other": "[" * (N // 2) + "]" * (N // 2),
    "pictures": "![" * (N // 2),
    "half links": "[a](b" * (N // 5),
    "half links in brackets": "[a](<b" * (N // 6),
    "manners": "*a_ " * (N // 4),
    "more manners": "a**b" * (N // 4),
    "quotations": ">" * N,
    "quotations that go on": "> " * 20 + "a\n" + "a\n" * (N // 2),
    "lists": "".join(" " * depth + "- a\n" for depth in range(440)),
    "rows": "|a|b|\n|-|-|\n" + "|c|d|\n" * (N // 6),
    "columns": "|" + "a|" * 2000 + "\n|" + "-|" * 2000 + "\n" + "|x|\n" * 20_000,
    "less than": "<a" * (N // 2),
    "ampersands": "&" * N,
    "back slashes": "\\" * N,
    "empty lines": "\n" * N,
    "tabs": "\t" * N,
}


@pytest.mark.parametrize("storm", STORMS)
def test_time_grows_with_the_length_at_most(storm: str) -> None:
    """Four times the text: four times the time, with room for the machine's moods, and never minutes."""
    text = STORMS[storm]
    short, long = text[: len(text) // 4], text
    with computing() as seconds:
        rendered(short, address=address)
        of_short = seconds()
        rendered(long, address=address)
        of_long = seconds() - of_short
    assert of_long < max(10 * of_short, 1.0)
    assert of_long < 20


def test_what_is_in_the_set_is_shown() -> None:
    text = """# Chi siamo
Cantina *Roero*, dal **1921**.
Tre [vigne](https://cantina.example/vigne?a=1&b=2).

### Sotto

- uno
- due
  1. dentro

3. tre

> Il vino è luogo.

| Canale | Post |
|:-------|-----:|
| Blog   |    1 |

---

![La vigna](media:1) <ada@filo.example>"""
    assert rendered(text, address=address) == (
        "<h3>Chi siamo</h3>\n"
        "<p>Cantina <em>Roero</em>, dal <strong>1921</strong>.<br>\nTre "
        '<a href="https://cantina.example/vigne?a=1&amp;b=2" target="_blank" rel="noopener noreferrer">vigne</a>.</p>\n'
        "<h4>Sotto</h4>\n"
        "<ul>\n<li>uno</li>\n<li>due<ol>\n<li>dentro</li>\n</ol>\n</li>\n</ul>\n"
        '<ol start="3">\n<li>tre</li>\n</ol>\n'
        "<blockquote>\n<p>Il vino è luogo.</p>\n</blockquote>\n"
        '<table>\n<thead>\n<tr><th scope="col">Canale</th><th scope="col" class="filo-right">Post</th></tr>\n</thead>\n'
        '<tbody>\n<tr><td>Blog</td><td class="filo-right">1</td></tr>\n</tbody>\n</table>\n'
        "<hr>\n"
        '<p><img src="/media/vigna.jpg?a=1&amp;b=2" alt="La vigna" loading="lazy"> '
        '<a href="mailto:ada@filo.example" target="_blank" rel="noopener noreferrer">ada@filo.example</a></p>\n'
    )


def test_what_is_not_stays_as_it_was_typed_or_as_its_words() -> None:
    assert rendered("<b>a</b> `b`\n\n    c\n\n[d]: https://e", address=address) == (
        "<p>&lt;b&gt;a&lt;/b&gt; `b`</p>\n<p>c</p>\n<p>[d]: https://e</p>\n"
    )
    assert rendered("[x](javascript:alert(1)) [x](/qui)", address=address) == (
        "<p>[x](javascript:alert(1)) [x](/qui)</p>\n"
    )
    # A picture that is not the client's, one from elsewhere, and a link to a picture.
    assert rendered("![Il sindaco](media:2) ![logo](https://x.example/l.png) [qui](media:1)", address=address) == (
        "<p>Il sindaco logo qui</p>\n"
    )


def test_headings_come_below_the_page_s_own() -> None:
    assert rendered("## Uno\n\n#### Due\n\n# Tre", address=address, below=3) == (
        "<h4>Uno</h4>\n<h5>Due</h5>\n<h4>Tre</h4>\n"
    )
    assert rendered("# Uno\n\n## Due", address=address, below=6) == "<h6>Uno</h6>\n<h6>Due</h6>\n"
    assert rendered("> # Detto", address=address) == "<blockquote>\n<p><strong>Detto</strong></p>\n</blockquote>\n"


def test_blocks_are_what_other_faces_read() -> None:
    assert parsed("# Uno _due_\nriga **tre**\nriga ![La *vigna*](media:12)") == (
        Heading(1, (Run("Uno "), Run("due", emphasised=True))),
        Paragraph((Run("riga "), Run("tre", strong=True), Break(), Run("riga "), Picture("12", "La vigna"))),
    )
    assert pictures_of(parsed("- ![](media:3)\n\n|![](media:1)|\n|-|\n|![](media:3)|\n\n> ![](media:2)")) == (
        "3",
        "1",
        "2",
    )
    assert parsed("") == ()
