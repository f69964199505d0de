"""What the preflight of WordPress takes arrives on a real one as it was typed; what that would change is said beforehand."""

import io
import secrets
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import unquote

import httpx
import pytest
from PIL import Image

from social.networks.base import Content, Published
from social.networks.wordpress import MAX_IMAGE_BYTES
from social.networks.wordpress.fields import listed, moment_of, slug_kept, tag_kept
from social.networks.wordpress.publishing import _written_down
from tests.servers.faults import Faults
from tests.servers.fixtures import wordpress
from tests.servers.wordpress import Author, WordPress
from tests.social.networks.conftest import NOW, item_of
from tests.social.networks.test_wordpress import SiteCase, _names, account_of, named, network, page, words
from tests.social.notebook import Notebook

__all__ = ["wordpress"]

TEXTS = {
    "emoji": "🍷🍇 👩‍👩‍👧 🇮🇹 𝕏 𠮷 e\u0301",
    "html": "<script>alert(1)</script> <b>x</b> <br> </p> \" ' ` \\ \\\\ \\n $1 {{x}} %s",
    "entities": "& &amp; &lt;b&gt; &nbsp; &#91;gallery] &#x5b;gallery] &#091; &bogus; &#",
    "comments": "<!-- wp:html --><b>x</b><!-- /wp:html --> <!--more--> --> <!--",
    "shortcodes": "[gallery] [[x]] ]",
    "marks": "a\u00a0b\u200bc\u200dd\ufeffe\u2028f\u2029g\u202eh\ufffei\x7fj",
    "percent": "100%ab %c3%a8 50%25",
    "links": "https://a.it/x?a=1&b=2#c, https://b.it/l'uva/a[1] e https://c.it/caffè/🍷\nhttps://a.it/",
    "dashes": "-- --- ... (c) \"x\" 'y' 1x2 `` ''",
    "spaces": "  uno   due\tt \nriga",
    "long word": "x" * 5_000,
}


@pytest.fixture
def author(wordpress: WordPress) -> Author:
    return wordpress.create_author(f"orlo-{next(_names)}")


@pytest.fixture
def case(wordpress: WordPress, author: Author) -> Iterator[SiteCase]:
    with Faults(wordpress.url) as between:
        yield SiteCase(wordpress, author, between)


def publish(case: SiteCase, content: Content, notebook: Notebook | None = None) -> Published:
    assert network.preflight(content).ok, network.preflight(content).problems
    return network.publish(case.account(), content, network.new_keys(NOW, content), notebook or Notebook())


def post_of(case: SiteCase, live: Published) -> dict[str, object]:
    found: dict[str, object] = case.site.ask("GET", f"posts/{live.remote_id}", params={"context": "edit"})
    return found


@pytest.mark.parametrize("kind", list(TEXTS))
def test_what_is_typed_arrives_and_is_kept_as_it_was_sent(case: SiteCase, kind: str) -> None:
    text = TEXTS[kind]
    content, notebook = Content(text, fields={"title": text[:300], "excerpt": text[:1_000]}), Notebook()
    post = post_of(case, publish(case, content, notebook))
    sent = _written_down(content, notebook)
    assert sent is not None
    kept = {name: post[name]["raw"] for name in ("title", "content", "excerpt")}  # type: ignore[index]
    assert kept == {name: sent[name] for name in kept}
    assert words(kept["content"]) == text


def test_whoever_may_write_html_gets_the_same(wordpress: WordPress) -> None:
    """WordPress cleans what an author sends, not what an administrator does."""
    text = "\n\n".join(TEXTS[kind] for kind in ("html", "entities", "comments", "shortcodes"))
    content = Content(text, fields={"title": "Tutto"})
    live = network.publish(
        account_of(wordpress.admin, wordpress.url), content, network.new_keys(NOW, content), Notebook()
    )
    raw = wordpress.ask("GET", f"posts/{live.remote_id}", params={"context": "edit"})["content"]["raw"]
    assert words(raw) == content.text
    shown = page(live.permalink)
    assert "gallery-" not in shown
    assert "<b>x</b>" not in shown


def test_what_nobody_sees_of_a_text_is_left_out_and_parts_no_words(case: SiteCase) -> None:
    """A break as office programs have it is a break; the rest of the control characters is nothing."""
    post = post_of(
        case, publish(case, Content("Uno\x0bdue\x0ctre\x01\x07quattro\x1f", fields={"title": "A\x0bb\x02c"}))
    )
    shown = (post["title"]["raw"], words(post["content"]["raw"]))  # type: ignore[index]
    assert shown == ("A bc", "Uno\ndue\ntrequattro")


def test_a_text_at_the_limit_in_the_widest_characters_arrives_whole(case: SiteCase) -> None:
    for sign in ("🍷", "[", "<"):
        content = Content(sign * network.limits["text"]["max"], fields={"title": f"Lungo {ord(sign)}"})
        assert words(post_of(case, publish(case, content))["content"]["raw"]) == content.text  # type: ignore[index]


def test_pictures_arrive_with_what_they_show(case: SiteCase) -> None:
    alt_text = "Due \"<b>botti</b>\" [x] & 'più' < 3\n🍷 \\"
    pictures = (named(case.author, 1, alt_text), replace(named(case.author, 2, alt_text)), named(case.author, 3, ""))
    content, notebook = Content("Foto", link="https://a.it/?a=1&b=[2]", media=pictures), Notebook()
    live = publish(case, content, notebook)
    post, sent = post_of(case, live), _written_down(content, notebook)
    assert sent is not None
    assert (post["content"]["raw"], post["featured_media"]) == (sent["content"], sent["featured_media"])  # type: ignore[index]
    shown = page(live.permalink)
    read = "Due &quot;&lt;b&gt;botti&lt;/b&gt;&quot; "
    assert shown.count(f'alt="{read}') == 2, "the featured one, and the one below the words"


SLUGS = {
    "la-nostra-vendemmia": True,
    "a_b-2026": True,
    "50-anni": True,
    "葡萄酒": True,
    "вино-и-хлеб": True,
    "κρασί": True,
    "x" * 180: True,
    "日" * 22: True,
    "日" * 23: False,
    "La nostra vendemmia": False,
    "perché": False,
    "a--b": False,
    "-a-": False,
    "a/b": False,
    "a.b": False,
    "vino&pane": False,
    "100%": False,
    "[x]": False,
    "!!!": False,
    "🍷": False,
    "2026": False,
    "0": False,
    "feed": False,
    "embed": False,
    "ß": False,
    "Вино": False,
}


@pytest.mark.parametrize(("slug", "kept"), list(SLUGS.items()))
def test_an_address_is_kept_or_said_not_to_be(case: SiteCase, slug: str, kept: bool) -> None:  # noqa: FBT001
    assert slug_kept(slug) is kept
    content = Content("Oggi.", fields={"title": "Oggi", "slug": slug})
    assert network.preflight(content).ok is kept
    given = case.site.ask("POST", "posts", json={"title": "Oggi", "status": "publish", "slug": slug})
    assert unquote(given["slug"]) == slug or not kept
    case.site.ask("DELETE", f"posts/{given['id']}", params={"force": "true"})
    if kept:
        assert unquote(str(post_of(case, publish(case, content))["slug"])) == slug


def test_how_an_address_could_be_is_said() -> None:
    for typed, proposed in [
        ("Perché l'uva è buona?", "perche-l-uva-e-buona"),
        ("a--b", "a-b"),
        ("feed", ""),
        ("日" * 23, ""),
    ]:
        [problem] = network.preflight(Content("Oggi.", fields={"title": "x", "slug": typed})).problems
        assert (problem.code, problem.level) == ("slug_not_valid", "error")
        assert problem.params.get("slug", "") == proposed


TAGS = {
    "Barbera & C.": True,
    "a<b": True,
    "<3": True,
    'l\'uva "buona"': True,
    "a\\b": True,
    "a, b": True,
    "0": True,
    "🍷" * 200: True,
    "[x]": True,
    "日本": True,
    "&" * 40: True,
    "x" * 200: True,
    "x" * 201: False,
    "&" * 41: False,
    "<script>": False,
    "<b>x</b>": False,
    "50%ad": False,
    "&amp;": False,
    "&#91;": False,
    "a\x01b": False,
}


@pytest.mark.parametrize(("tag", "kept"), list(TAGS.items()))
def test_a_tag_is_kept_or_said_not_to_be(case: SiteCase, tag: str, kept: bool) -> None:  # noqa: FBT001
    assert tag_kept(tag) is kept
    content = Content("Oggi.", fields={"title": "Oggi", "tags": [tag]})
    assert [one.code for one in network.preflight(content).problems] == ([] if kept else ["tag_not_valid"])
    if kept:
        live = publish(case, content)
        [found] = case.site.ask("GET", "tags", params={"post": live.remote_id, "context": "edit"})
        again = publish(case, content)
        assert [one["id"] for one in case.site.ask("GET", "tags", params={"post": again.remote_id})] == [found["id"]]


@pytest.mark.parametrize(
    ("day", "kept"),
    [
        ("2026-12-24 09:00", "2026-12-24T09:00:00"),
        ("2026-12-24", "2026-12-24T00:00:00"),
        ("20261224", "2026-12-24T00:00:00"),
        ("1969-12-31 23:59", "1969-12-31T23:59:00"),
        ("1970-01-01 00:01", "1970-01-01T00:01:00"),
        ("9999-12-31 23:59", "9999-12-31T23:59:00"),
        ("1970-01-01", None),
        ("2026-12-24T09:00:00+05:00", None),
        ("2026-12-24T09:00Z", None),
    ],
)
def test_a_day_is_kept_or_said_not_to_be(case: SiteCase, day: str, kept: str | None) -> None:
    content = Content("Oggi.", fields={"title": "Oggi", "date": day})
    assert network.preflight(content).ok is (kept is not None)
    if kept:
        assert post_of(case, publish(case, content))["date"] == kept
    else:
        with pytest.raises(ValueError, match=r"."):
            moment_of(content.fields)


def test_words_of_a_list_are_parted_by_single_spaces() -> None:
    assert listed([" a  b ", "a\tb", "c\n", ""]) == ["a b", "c"]


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP"])
@pytest.mark.parametrize("size", [(1, 1), (2_560, 32), (32, 2_560)])
def test_a_picture_of_each_kind_at_the_edges_is_shown_as_it_was_sent(
    case: SiteCase, kind: str, size: tuple[int, int]
) -> None:
    data = io.BytesIO()
    Image.new("RGB", size, f"#{case.author.id:06x}").save(data, kind)
    item = item_of(data.getvalue(), f"image/{kind.lower()}", size)
    live = publish(case, Content("Foto", media=(item,), fields={"title": "Foto"}))
    [media] = case.site.media(case.author)
    assert post_of(case, live)["featured_media"] == media["id"]
    assert httpx.get(media["source_url"], timeout=20).content == data.getvalue()


def test_a_picture_of_the_greatest_weight_arrives(case: SiteCase) -> None:
    data = io.BytesIO()
    Image.frombytes("L", (1_200, 1_650), secrets.token_bytes(1_980_000)).save(data, "PNG", compress_level=0)
    heavy = data.getvalue() + bytes(MAX_IMAGE_BYTES - len(data.getvalue()))
    publish(case, Content("Foto", media=(item_of(heavy, "image/png", (1_200, 1_650)),), fields={"title": "Foto"}))
    [media] = case.site.media(case.author)
    assert httpx.get(media["source_url"], timeout=20).content == heavy
