"""WordPress keeps the contract, on a real one; its bad days are a fake's, which answers as the real one does."""

import datetime as dt
import html
import itertools
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import replace
from typing import Any, ClassVar

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from social.networks import get
from social.networks.base import (
    Account,
    CannotTell,
    Content,
    CredentialsRefused,
    Keys,
    MediaItem,
    NetworkError,
    NotSent,
    Numbers,
    Part,
    Published,
    Refused,
    Unknown,
)
from social.networks.wordpress.blocks import Picture, blocks, titled
from tests.servers.blog import FakeWordPress
from tests.servers.faults import HTML, After, Answer, AnswerLost, Fault, Faults
from tests.servers.fixtures import wordpress
from tests.servers.wordpress import Author, WordPress
from tests.social.networks.case import Case, WireCase, patiently
from tests.social.networks.conftest import NOW, item_of, picture
from tests.social.networks.contract import Contract, WireContract
from tests.social.networks.test_contract_x import video
from tests.social.notebook import Notebook

__all__ = ["wordpress"]

network = get("wordpress")
HERE = "/wp-json/wp/v2"
ME = f"GET {HERE}/users/me"
LOOK = f"GET {HERE}/posts"
MEDIA = f"POST {HERE}/media"
DRAFT = f"POST {HERE}/posts"
WRITE = f"POST {HERE}/posts/{{post}}"
ONE = f"GET {HERE}/posts/{{post}}"
DELETE = f"DELETE {HERE}/posts/{{post}}"
LINK = "https://cantina.example/visite?a=1&b=2"
_names = (f"penna{number}" for number in itertools.count(1))


def content_of(kind: str, number: int, pictures: tuple[MediaItem, ...]) -> Content:
    text = f"Novità {number} [gallery] <b>&amp;</b>\nSeconda riga\n\nTerza: {LINK}&n={number}"
    fields = {"title": f"Vendemmia {number}"}
    return Content(text, media=pictures if kind == "pictures" else (), fields=fields)


def words(raw: str) -> str:
    """The words of a post's blocks, as they were typed."""
    parts = re.findall(r"<(?:p|h\d)[^>]*>(.*?)</(?:p|h\d)>", raw, re.DOTALL)
    shown = (re.sub(r"<[^>]*>", "", part.replace("<br>", "\n").replace("<br />", "\n")) for part in parts)
    return html.unescape("\n\n".join(shown))


class SiteCase(WireCase):
    """An author on the site, reached by way of the faults."""

    network = network

    def __init__(self, site: WordPress, author: Author, between: Faults) -> None:
        self.site, self.author, self.between = site, author, between

    def account(self) -> Account:
        return account_of(self.author, self.between.url)

    def live(self) -> list[str]:
        return [words(post["content"]["raw"]) for post in self.site.posts(self.author, status="publish")]

    def uploads(self) -> int:
        return len(self.site.media(self.author))

    def content(self, kind: str, number: int) -> Content:
        content = content_of(kind, number, (named(self.author, number, "Uno"), named(self.author, number, "Due")))
        if kind != "whole":
            return content
        beside = {"excerpt": "In breve", "tags": ["Barbera & C.", f"n{number}"], "categories": ["Uncategorized"]}
        slug = f"{self.author.name}-{number}"
        return replace(content, fields={**content.fields, **beside, "slug": slug})

    def edges(self) -> list[tuple[Content, bool]]:
        return [
            (Content("a", media=(video(3.0, 400),)), False),
            (Content("b", media=(item_of(b"<svg/>", "image/svg+xml", (1, 1)),)), False),
            (Content("c", parts=(Part("d"),)), False),
            (Content("e", comment="f"), False),
            (Content("g", link="nowhere"), False),
            (Content("h", fields={"title": "x" * 300}), True),
            (Content("i", fields={"title": "x" * 301}), False),
            (Content("l", fields={"date": "domani"}), False),
            (Content("m", fields={"status": "private"}), False),
            (Content("n", fields={"tags": [f"t{n}" for n in range(31)]}), False),
            (Content("o", media=(picture(),) * 51), False),
            (Content("p", fields={"slug": f"vino-{self.author.name}"}), True),
            (Content("q", fields={"slug": "feed"}), False),
            (Content("r", fields={"slug": "Vino & pane"}), False),
            (Content("s", fields={"tags": ["x" * 200, "Barbera & C."]}), True),
            (Content("t", fields={"tags": ["x" * 201]}), False),
            (Content("u", fields={"tags": ["<b>vino</b>"]}), False),
            (Content("v", fields={"date": "2026-01-02T09:00:00"}), True),
            (Content("z", fields={"date": "2026-01-02T09:00:00+05:00"}), False),
            (Content("🍷 𠮷", fields={"title": "🍷", "excerpt": "🍷" * 1_000}), True),
            (Content("x", fields={"excerpt": "x" * 1_001}), False),
            (Content(""), False),
        ]

    def takes(self, content: Content) -> bool | None:
        """Whether the site keeps a draft with just this; None where pictures would have to be there, or our own limits are narrower."""
        asked = content.fields
        ours = len(content.text) > 100_000 or asked.get("status") or len(asked.get("tags", ())) > 30
        ours = ours or len(asked.get("title", "")) > 300 or len(asked.get("excerpt", "")) > 1_000
        if ours or content.media or content.parts or content.comment or content.link:
            return None
        beside = {name: value for name, value in asked.items() if name != "tags"}
        body: dict[str, Any] = {"status": "draft", "content": content.text, **beside}
        given = self._asked("posts", body)
        if given is None:
            return False
        self.site.ask("DELETE", f"posts/{given['id']}", params={"force": "true"})
        kept: dict[str, Any] = {name: given[name]["raw"] for name in ("content", "title", "excerpt") if name in body}
        kept |= {name: given[name] for name in ("slug", "date") if name in body}
        tags = [(self._asked("tags", {"name": tag}) or {}).get("name", "") for tag in asked.get("tags", ())]
        same = [html.unescape(tag) for tag in tags] == list(asked.get("tags", ()))
        return same and kept == {name: body[name] for name in kept}

    def _asked(self, path: str, body: dict[str, Any]) -> dict[str, Any] | None:
        """What the site makes of it, as the author; None where it takes none. A tag that is there already is found."""
        url = f"{self.site.url}{HERE}/{path}"
        answer = httpx.post(url, json=body, params={"context": "edit"}, auth=self.author.auth, timeout=30)
        given: dict[str, Any] = answer.json()
        if given.get("code") == "term_exists":
            given = self.site.ask("GET", f"tags/{given['data']['term_id']}")
        return given if "id" in given else None

    def on(self, name: str, *faults: Fault | None) -> None:
        self.between.on(name, *faults)

    def good_day(self) -> None:
        self.between.good_day()

    def calls(self) -> list[str]:
        return list(self.between.calls)

    def secrets(self) -> Collection[str]:
        return [self.author.app_password, self.author.app_password.replace(" ", "")]


class TestWordPress(Contract):
    """The real one."""

    kinds = ("words", "whole", "pictures")

    @pytest.fixture
    def case(self, wordpress: WordPress, author: Author) -> Iterator[Case]:
        with Faults(wordpress.url) as between:
            yield SiteCase(wordpress, author, between)


class BlogCase(WireCase):
    """The author of the fake."""

    network = network

    def __init__(self, server: FakeWordPress) -> None:
        self.server = server

    def account(self) -> Account:
        return Account("roero", self.server.url, {"app_password": self.server.password})

    def live(self) -> list[str]:
        return [words(post["content"]) for post in self.server.posts.values() if post["status"] == "publish"]

    def uploads(self) -> int:
        return len(self.server.media)

    def content(self, kind: str, number: int) -> Content:
        return content_of(kind, number, (picture((number, 1)), picture((1, number + 1))))

    def on(self, name: str, *faults: Fault | None) -> None:
        """What DELETE meets, meets its way round, too: this is not about hosts that bar the one alone."""
        for call in (name, WRITE) if name == DELETE else (name,):
            self.server.on(call, *faults)

    def good_day(self) -> None:
        self.server.good_day()

    def calls(self) -> list[str]:
        return list(self.server.calls)

    def secrets(self) -> Collection[str]:
        return [self.server.password]


class TestBadDays(WireContract):
    kinds = ("words", "pictures")
    quiet = (ME, LOOK, MEDIA, DRAFT)
    visible = WRITE
    edits = (WRITE,)
    deletes = (DELETE,)
    asked = (ME, ONE)
    # What is read goes another way then, which the site has open as well.
    but: ClassVar[Mapping[tuple[str, str], type[NetworkError] | None]] = {
        (call, day): None for call in (ME, LOOK) for day in ("html", "redirect")
    }

    @pytest.fixture
    def case(self) -> Iterator[WireCase]:
        with FakeWordPress() as server:
            yield BlogCase(server)


@pytest.fixture
def server() -> Iterator[FakeWordPress]:
    with FakeWordPress() as fake:
        yield fake


@pytest.fixture
def author(wordpress: WordPress) -> Author:
    return wordpress.create_author(next(_names))


@pytest.fixture
def case(wordpress: WordPress, author: Author) -> Iterator[SiteCase]:
    with Faults(wordpress.url) as between:
        yield SiteCase(wordpress, author, between)


def named(author: Author, number: int, alt_text: str) -> MediaItem:
    """A picture that no other test has: the site keeps each only once."""
    return picture((author.id % 90 + 1, number % 90 + 1), f"#{author.id:03x}{number % 4096:03x}", alt_text)


def account_of(author: Author, server: str) -> Account:
    return Account(author.name, server, {"app_password": author.app_password})


def publish(case: SiteCase, content: Content, notebook: Notebook | None = None) -> Published:
    keys, notebook = network.new_keys(NOW, content), notebook or Notebook()
    return patiently(lambda: network.publish(case.account(), content, keys, notebook))


def page(url: str) -> str:
    return httpx.get(url, timeout=20, follow_redirects=True).text


def test_readers_see_blocks_a_featured_picture_and_no_more_than_was_typed(case: SiteCase) -> None:
    text = (
        f"# Si parte\nOggi [gallery] si vendemmia. <script>alert(1)</script>\nPasso & chiudo\n\n## Dove\n{LINK}, qui."
    )
    first, second = named(case.author, 1, "Grappoli"), named(case.author, 2, 'Due "botti" [caption]')
    fields = {"title": "Vendemmia <i>2026</i> & oltre", "excerpt": "In breve"}
    live = publish(case, Content(text, link="https://roero.example/", media=(first, second), fields=fields))
    [post] = case.site.posts(case.author)
    assert (str(post["id"]), post["link"], post["status"]) == (live.remote_id, live.permalink, "publish")
    featured, shown = case.site.media(case.author)
    assert (post["featured_media"], featured["alt_text"], shown["alt_text"]) == (
        featured["id"],
        "Grappoli",
        second.alt_text,
    )
    assert post["content"]["raw"].count("<!-- wp:") == 6
    seen = page(live.permalink)
    assert "<h2>Si parte</h2>" in seen
    assert f'<a href="{html.escape(LINK)}">{html.escape(LINK)}</a>, qui.' in seen
    assert (
        "<p>Oggi &#091;gallery] si vendemmia. &lt;script&gt;alert(1)&lt;/script&gt;<br>Passo &amp; chiudo</p>" in seen
    )
    assert f"wp-image-{shown['id']}" in seen
    assert '<a href="https://roero.example/">' in seen
    assert "<i>2026</i>" not in seen
    assert "Vendemmia <i>2026</i> & oltre" in html.unescape(seen)
    assert "vendemmia" in live.permalink
    assert "filo-" not in live.permalink


def test_what_is_asked_beside_the_text_goes_along(case: SiteCase) -> None:
    category = case.site.ask("POST", "categories", json={"name": f"Vini & altro {case.author.id}"})
    slug = f"la-nostra-vendemmia-{case.author.id}"  # titles alone make "vendemmia-2" and on
    fields: dict[str, Any] = {
        "title": "Vendemmia",
        "slug": slug,
        "categories": [f" vini & altro {case.author.id}"],
        "tags": [f"barbera {case.author.id}", f"Roero {case.author.id}"],
        "date": "2026-01-02 09:00",
    }
    live = publish(case, Content("Oggi.", fields=fields))
    [post] = case.site.posts(case.author)
    assert (post["slug"], post["date"], post["categories"]) == (slug, "2026-01-02T09:00:00", [category["id"]])
    tags = {tag["name"] for tag in case.site.ask("GET", "tags", params={"post": live.remote_id})}
    assert tags == set(fields["tags"])
    again = publish(case, Content("Domani.", fields={"tags": fields["tags"]}))
    assert len(case.site.ask("GET", "tags", params={"post": again.remote_id})) == 2
    with pytest.raises(Refused) as taken:
        publish(case, Content("Dopo.", fields={"slug": slug}))
    with pytest.raises(Refused) as unknown:
        publish(case, Content("Dopo.", fields={"categories": "Birra, vini"}))
    assert (taken.value.code, unknown.value.code) == ("slug_taken", "category_unknown")
    assert len(case.site.posts(case.author)) == 2, "no draft stays behind"


def test_a_day_to_come_and_drafts_wait_on_the_site(case: SiteCase) -> None:
    for fields, status in [({"date": "2999-12-24 09:00"}, "future"), ({"status": "draft"}, "draft")]:
        content, notebook = Content(f"Per {status}", fields=fields), Notebook()
        case.on(WRITE, AnswerLost(), None)
        with pytest.raises(Unknown):
            publish(case, content, notebook)
        found = network.find(case.account(), content, {}, notebook)
        post = case.site.posts(case.author)[-1]
        assert found == Published(str(post["id"]), post["link"])
        assert (post["status"], words(post["content"]["raw"])) == (status, f"Per {status}")


def test_a_lost_draft_is_found_and_not_made_again(case: SiteCase) -> None:
    content, notebook = Content("Oggi."), Notebook()
    keys = network.new_keys(NOW, content)
    case.on(DRAFT, AnswerLost(), None)
    with pytest.raises(NotSent):
        network.publish(case.account(), content, keys, notebook)
    assert [post["slug"] for post in case.site.posts(case.author)] == [keys["mark"]]
    network.publish(case.account(), content, keys, notebook)
    [post] = case.site.posts(case.author)
    assert (post["status"], post["slug"] != keys["mark"]) == ("publish", True)


def test_a_draft_that_somebody_took_away_is_made_again(case: SiteCase) -> None:
    content, notebook = Content("Oggi."), Notebook()
    keys = network.new_keys(NOW, content)
    case.on(WRITE, Answer(500), None)
    with pytest.raises(Unknown):
        network.publish(case.account(), content, keys, notebook)
    assert network.find(case.account(), content, keys, notebook) is None
    [draft] = case.site.posts(case.author)
    case.site.ask("DELETE", f"posts/{draft['id']}", params={"force": "true"})
    with pytest.raises(NotSent) as gone:
        network.publish(case.account(), content, keys, notebook)
    assert gone.value.code == "draft_gone"
    network.publish(case.account(), content, keys, notebook)
    assert case.live() == ["Oggi."]


def test_a_refused_post_leaves_no_draft(case: SiteCase) -> None:
    case.on(WRITE, Answer(400, {"code": "rest_invalid_param", "message": "No."}), None)
    with pytest.raises(Refused) as refused:
        publish(case, Content("Oggi."))
    assert (refused.value.code, case.site.posts(case.author)) == ("not_taken", [])


@pytest.mark.parametrize(
    ("fields", "status"),
    [({"status": "draft"}, "draft"), ({"status": "pending"}, "pending"), ({"date": "2999-12-24 09:00"}, "future")],
)
def test_what_waits_on_the_site_says_so_until_it_is_shown(
    server: FakeWordPress, fields: dict[str, str], status: str
) -> None:
    account, content, notebook = BlogCase(server).account(), Content("Oggi.", fields=fields), Notebook()
    live = network.publish(account, content, network.new_keys(NOW, content), notebook)
    assert (live.hidden, "readers don't see it yet" in str(live.detail)) == (True, True)
    post = server.posts[int(live.remote_id)]
    assert post["status"] == status
    found = network.find(account, content, {}, notebook)
    assert found is not None
    assert (found.hidden, str(found.detail)) == (True, str(live.detail))
    there = network.read_back(account, live)
    assert there is not None
    assert (there, there.hidden, str(there.detail)) == (live, True, str(live.detail))
    post["status"] = "publish"
    there = network.read_back(account, live)
    assert there is not None
    assert (there, there.hidden, str(there.detail)) == (live, False, "")


@pytest.mark.parametrize("status", ["draft", "pending", "future", "private", "trash"])
def test_what_readers_do_not_see_any_more_is_not_there(server: FakeWordPress, status: str) -> None:
    account, content = BlogCase(server).account(), Content("Oggi.")
    live = network.publish(account, content, network.new_keys(NOW, content), Notebook())
    assert (live.hidden, network.read_back(account, live)) == (False, live)
    server.posts[int(live.remote_id)]["status"] = status
    assert network.read_back(account, live) is None


def test_a_picture_that_was_deleted_on_the_site_is_sent_anew(server: FakeWordPress) -> None:
    account, content, notebook = BlogCase(server).account(), Content("Oggi.", media=(picture(),)), Notebook()
    keys = network.new_keys(NOW, content)
    server.on(WRITE, Answer(503), Answer(400, {"code": "rest_invalid_featured_media", "message": "No."}), None)
    with pytest.raises(Unknown):
        network.publish(account, content, keys, notebook)
    [sent] = server.media
    server.media.clear()
    with pytest.raises(Refused):
        network.publish(account, content, keys, notebook)
    network.publish(account, content, keys, notebook)
    assert [again["slug"] for again in server.media] == [sent["slug"]]
    assert BlogCase(server).live() == ["Oggi."]


def test_what_an_earlier_try_has_published_is_published(server: FakeWordPress) -> None:
    account, content, notebook = BlogCase(server).account(), Content("Oggi."), Notebook()
    keys = network.new_keys(NOW, content)
    server.on(WRITE, AnswerLost(), Answer(403, {"code": "rest_forbidden"}))
    with pytest.raises(Unknown):
        network.publish(account, content, keys, notebook)
    live = network.publish(account, content, keys, notebook)
    [number] = server.posts
    assert (live.remote_id, live.hidden, str(live.detail)) == (str(number), False, "")
    assert (notebook.in_flight(), notebook.given("publish")) == (
        "",
        {**(notebook.given("publish") or {}), "id": number},
    )
    server.posts[number]["status"] = "trash"
    notebook.flying = "publish"
    with pytest.raises(CannotTell):
        network.find(account, content, keys, notebook)
    with pytest.raises(Unknown) as unknown:
        network.publish(account, content, keys, notebook)
    assert (unknown.value.code, list(server.posts)) == ("in_the_trash", [number])


ENDINGS = {
    "forbidden": "wp_die('No.', '', ['response' => 403]);",
    "not valid": "wp_die('No.', '', ['response' => 400]);",
    "trouble": "wp_die('No.');",
    "a page": "status_header(403); header('Content-Type: text/html'); echo '<h1>Forbidden</h1>'; exit;",
    "led on": "wp_redirect(home_url('/grazie/')); exit;",
}


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({}, "publish"),
        ({"date": "2999-12-24 09:00"}, "future"),
        ({"status": "draft"}, "draft"),
        ({"status": "pending"}, "pending"),
    ],
)
@pytest.mark.parametrize("ending", list(ENDINGS))
def test_a_plugin_that_breaks_off_after_the_writing_hides_nothing(
    case: SiteCase, ending: str, fields: dict[str, str], status: str
) -> None:
    content, notebook = Content("Oggi.", fields=fields), Notebook()
    keys = network.new_keys(NOW, content)
    with case.site.plugin(after_saving(ENDINGS[ending])):
        live = published_in_the_end(case, content, keys, notebook)
    [post] = case.site.posts(case.author)
    assert (post["status"], words(post["content"]["raw"])) == (status, "Oggi.")
    assert (live.remote_id, live.permalink, live.hidden) == (str(post["id"]), post["link"], status != "publish")
    notebook.flying = "publish"
    assert network.find(case.account(), content, keys, notebook) == live


def after_saving(ending: str) -> str:
    """A plugin that breaks off each call of the API which has written a post, but for our empty draft."""
    hook = "function ($id, $post) { if (defined('REST_REQUEST') && trim($post->post_content) !== '') { %s } }"
    return f"add_action('save_post_post', {hook % ending}, 10, 2);"


def published_in_the_end(case: SiteCase, content: Content, keys: Keys, notebook: Notebook) -> Published:
    """As the engine does it: what is uncertain is looked for."""
    try:
        return network.publish(case.account(), content, keys, notebook)
    except Unknown:
        found = network.find(case.account(), content, keys, notebook)
    assert found is not None
    return found


def test_what_is_live_without_all_of_it_says_so(case: SiteCase) -> None:
    """WordPress writes the words first, then the featured picture, categories and tags."""
    content = Content("Oggi.", fields={"tags": [f"roero {case.author.id}"]})
    notebook = Notebook()
    with case.site.plugin(after_saving(ENDINGS["forbidden"])):
        live = publish(case, content, notebook)
        notebook.flying = "publish"
        found = network.find(case.account(), content, {}, notebook)
        assert found is not None
        assert (found, str(found.detail)) == (live, str(live.detail))
        [post] = case.site.posts(case.author)
        assert (post["tags"], "whether all of it is there" in str(live.detail)) == ([], True)
        with pytest.raises(Refused) as refused:
            network.edit(case.account(), live, replace(content, text="Domani."))
    assert (case.live(), refused.value.partly) == (["Domani."], True)
    network.edit(case.account(), live, replace(content, text="Domani."))
    [post] = case.site.posts(case.author)
    assert len(post["tags"]) == 1


def test_what_a_plugin_refuses_before_the_writing_is_refused_and_no_role_is_blamed(case: SiteCase) -> None:
    before = "add_filter('wp_insert_post_data', function ($data) { if ($data['post_status'] === 'publish') { wp_die('No.', '', ['response' => 403]); } return $data; });"
    with case.site.plugin(before), pytest.raises(Refused) as refused:
        publish(case, Content("Oggi."))
    assert (refused.value.code, case.site.posts(case.author)) == ("not_taken", [])


def test_what_a_plugin_holds_back_is_not_called_published(case: SiteCase) -> None:
    held = "add_filter('wp_insert_post_data', function ($data) { if ($data['post_status'] === 'publish') { $data['post_status'] = 'pending'; } return $data; });"
    with case.site.plugin(held):
        live = publish(case, Content("Oggi."))
        with case.site.plugin(after_saving(ENDINGS["forbidden"])), pytest.raises(Refused) as refused:
            publish(case, Content("Domani."))
    assert (live.hidden, refused.value.code) == (True, "not_taken")
    assert [post["status"] for post in case.site.posts(case.author)] == ["pending", "pending"]
    assert case.live() == []


def test_where_a_refusal_can_not_be_looked_into_it_is_uncertain(server: FakeWordPress) -> None:
    account, content = BlogCase(server).account(), Content("Oggi.")
    no = Answer(403, {"code": "rest_forbidden", "message": "No."})
    server.on(WRITE, After(no))
    server.on(ONE, no)
    with pytest.raises(Unknown) as unknown:
        network.publish(account, content, network.new_keys(NOW, content), Notebook())
    assert unknown.value.code == "refusal_unclear"
    assert BlogCase(server).live() == ["Oggi."]


@pytest.mark.parametrize("ending", ["forbidden", "not valid"])
def test_a_plugin_that_breaks_off_after_a_change_undoes_nothing(case: SiteCase, ending: str) -> None:
    live, account = publish(case, Content("Sabbato.", fields={"title": "Uno"})), case.account()
    changed = Content("Sabato.", fields={"title": "Due"})
    with case.site.plugin(after_saving(ENDINGS[ending])):
        assert network.edit(account, live, changed) == live
    assert case.live() == ["Sabato."]
    with case.site.plugin(f"add_action('trashed_post', function () {{ {ENDINGS[ending]} }});"):
        network.delete(account, live)
    assert case.live() == []


def test_a_change_that_a_plugin_refuses_beforehand_is_refused(case: SiteCase) -> None:
    live, account = publish(case, Content("Sabbato.")), case.account()
    with case.site.plugin(f"add_action('pre_post_update', function () {{ {ENDINGS['forbidden']} }});"):
        with pytest.raises(Refused) as refused:
            network.edit(account, live, Content("Sabato."))
        assert (refused.value.code, refused.value.partly, case.live()) == ("not_taken", False, ["Sabbato."])
    before = f"add_action('wp_trash_post', function () {{ {ENDINGS['forbidden']} }});"
    with case.site.plugin(before), pytest.raises(Refused) as refused:
        network.delete(account, live)
    assert (refused.value.code, case.live()) == ("not_taken", ["Sabbato."])


def test_a_change_that_can_not_be_looked_into_is_uncertain(server: FakeWordPress) -> None:
    account, content = BlogCase(server).account(), Content("Sabbato.")
    live = network.publish(account, content, network.new_keys(NOW, content), Notebook())
    no = Answer(403, {"code": "rest_forbidden", "message": "No."})
    changes: dict[str, Callable[[], object]] = {
        WRITE: lambda: network.edit(account, live, Content("Sabato.")),
        DELETE: lambda: network.delete(account, live),
    }
    for call, change in changes.items():
        server.on(call, After(no))
        server.on(ONE, None, no)
        with pytest.raises(Unknown) as unknown:
            change()
        assert unknown.value.code == "refusal_unclear"
        server.good_day()


def test_the_same_picture_is_sent_to_a_site_once(case: SiteCase) -> None:
    one = named(case.author, 7, "Grappoli")
    for text, alt_text in [("Uno", "Grappoli"), ("Due", "Grappoli"), ("Tre", "Filari")]:
        publish(case, Content(text, media=(replace(one, alt_text=alt_text),)))
    assert [item["alt_text"] for item in case.site.media(case.author)] == ["Grappoli", "Filari"]


def test_an_edit_changes_words_and_pictures_and_keeps_the_rest(case: SiteCase) -> None:
    fields = {"title": "Vendemmia", "slug": f"uva-{case.author.id}", "date": "2026-01-02 09:00"}
    live = publish(case, Content("Sabbato", media=(named(case.author, 8, "Uno"),), fields=fields))
    changed = Content("Sabato", media=(named(case.author, 9, "Due"),), fields={**fields, "title": "La vendemmia"})
    assert network.edit(case.account(), live, changed) == live
    [post] = case.site.posts(case.author)
    kept = (post["title"]["raw"], post["slug"], post["date"], post["status"])
    assert kept == ("La vendemmia", fields["slug"], "2026-01-02T09:00:00", "publish")
    assert post["featured_media"] == case.site.media(case.author)[-1]["id"]


def test_what_was_deleted_is_in_the_trash(case: SiteCase) -> None:
    live = publish(case, Content("Oggi."))
    network.delete(case.account(), live)
    assert [post["status"] for post in case.site.posts(case.author, status="trash")] == ["trash"]
    with pytest.raises(Refused) as gone:
        network.edit(case.account(), replace(live, remote_id="999999"), Content("x"))
    assert gone.value.code == "gone"


@pytest.mark.parametrize("status", [403, 405, 501])
def test_a_host_that_lets_no_delete_through_keeps_nothing_live(case: SiteCase, status: int) -> None:
    live = publish(case, Content("Oggi."))
    case.on(DELETE, Answer(status, HTML.body, HTML.headers))
    network.delete(case.account(), live)
    assert [post["status"] for post in case.site.posts(case.author, status="trash")] == ["trash"]
    case.on(WRITE, Answer(400, {"code": "rest_invalid_param", "message": "No."}), None)
    with pytest.raises(Refused):
        publish(case, Content("Domani."))
    assert case.site.posts(case.author) == [], "no draft stays behind"


def test_what_the_site_itself_forbids_is_not_tried_another_way(server: FakeWordPress) -> None:
    account, content = BlogCase(server).account(), Content("Oggi.")
    live = network.publish(account, content, network.new_keys(NOW, content), Notebook())
    server.on(DELETE, Answer(403, {"code": "rest_cannot_delete", "message": "No."}))
    written = server.count(WRITE)
    with pytest.raises(Refused) as refused:
        network.delete(account, live)
    assert (refused.value.code, server.count(WRITE), BlogCase(server).live()) == (
        "permission_missing",
        written,
        ["Oggi."],
    )


def test_comments_are_counted(case: SiteCase) -> None:
    live = publish(case, Content("Oggi."))
    assert network.numbers(case.account(), live) == Numbers(comments=0)
    said = {"post": int(live.remote_id), "content": "Bravi", "author_name": "Ada", "author_email": "ada@filo.example"}
    case.site.ask("POST", "comments", json={**said, "status": "approved"})
    assert network.numbers(case.account(), live) == Numbers(comments=1)


def test_who_it_is_and_what_they_may(case: SiteCase) -> None:
    found = network.identity(case.account())
    expected = (str(case.author.id), case.author.name, "Cantina Roero", {"publish": True})
    assert (found.id, found.handle, found.name, found.allows) == expected
    helper = case.site.create_author(next(_names), "contributor")
    allows = network.identity(account_of(helper, case.site.url)).allows
    assert allows == {"publish": False}
    refused = network.preflight(Content("Oggi.", allows=allows))
    assert [problem.code for problem in refused.problems if problem.level == "error"] == ["may_not_publish"]
    handed_in = Content("Oggi.", fields={"status": "pending"}, allows=allows)
    assert network.preflight(handed_in).ok
    network.publish(account_of(helper, case.site.url), handed_in, network.new_keys(NOW, handed_in), Notebook())
    assert [post["status"] for post in case.site.posts(helper)] == ["pending"]


def test_another_name_than_the_handle_and_a_password_that_was_taken_back(case: SiteCase) -> None:
    account = replace(case.account(), handle="cantina-roero")
    with pytest.raises(CredentialsRefused):
        network.identity(account)
    named = replace(account, credentials={**account.credentials, "username": case.author.name})
    assert network.identity(named).handle == case.author.name
    case.site.revoke_app_passwords(case.author)
    with pytest.raises(CredentialsRefused):
        network.identity(named)


PAGES = {
    "missing": Answer(404, b"<h1>Not Found</h1>", {"Content-Type": "text/html"}),
    "home": HTML,
    "led on": Answer(301, b"", {"Location": "/"}),
}


@pytest.mark.parametrize("elsewhere", list(PAGES))
@pytest.mark.parametrize("way", ["/index.php", "/"])
def test_a_site_with_plain_permalinks_is_connected_and_published_on(
    server: FakeWordPress, way: str, elsewhere: str
) -> None:
    server.ways, server.elsewhere = {way}, PAGES[elsewhere]
    found = network.identity(BlogCase(server).account())
    assert (found.id, found.name, found.allows["publish"]) == ("3", "Cantina Roero", True)
    account = replace(BlogCase(server).account(), allows=found.allows)
    asked = len(server.calls)
    content = Content("Oggi.", media=(picture(),))
    live = network.publish(account, content, network.new_keys(NOW, content), Notebook())
    assert network.edit(account, live, Content("Domani.")) == live
    assert (BlogCase(server).live(), network.read_back(account, live)) == (["Domani."], live)
    network.delete(account, live)
    assert network.read_back(account, live) is None
    assert set(server.calls[asked:]) <= {f"GET {way}", f"POST {way}", f"DELETE {way}"}, (
        "what is known is not tried again"
    )


def test_a_real_site_with_plain_permalinks(case: SiteCase) -> None:
    plain = "foreach (['permalink_structure', 'rewrite_rules'] as $o) { add_filter(\"pre_option_$o\", fn () => ''); }"
    with case.site.plugin(plain):
        found = network.identity(case.account())
        assert found.allows == {"publish": True, "route": "index"}
        account = replace(case.account(), allows=found.allows)
        content = Content("Oggi.", media=(named(case.author, 3, "Uno"),))
        live = network.publish(account, content, network.new_keys(NOW, content), Notebook())
        assert network.edit(account, live, replace(content, text="Domani.")) == live
        assert "?p=" in live.permalink
        assert "Domani." in page(live.permalink)
        network.delete(account, live)
        assert network.read_back(account, live) is None


def test_a_site_that_changes_its_permalinks_in_between_loses_nothing(server: FakeWordPress) -> None:
    account, content, notebook = BlogCase(server).account(), Content("Oggi."), Notebook()
    keys = network.new_keys(NOW, content)
    server.on(WRITE, Answer(503))
    with pytest.raises(Unknown):
        network.publish(account, content, keys, notebook)
    server.good_day()
    server.ways = {"/index.php"}
    assert network.find(account, content, keys, notebook) is None
    notebook.flying = ""
    live = network.publish(account, content, keys, notebook)
    assert BlogCase(server).live() == ["Oggi."]
    server.ways = {"/wp-json"}
    network.delete(replace(account, allows={"route": "index"}), live)
    assert BlogCase(server).live() == []


def test_where_no_wordpress_is_its_permalinks_are_named(server: FakeWordPress) -> None:
    for nothing in (PAGES["missing"], HTML):
        server.ways, server.elsewhere = set(), nothing
        with pytest.raises(NetworkError) as nowhere:
            network.identity(BlogCase(server).account())
        assert (nowhere.value.code, "permalinks" in nowhere.value.detail) == ("no_api", True)


def test_what_a_cache_keeps_is_never_taken_for_an_answer(server: FakeWordPress) -> None:
    """Some keep what was read with a password, for everybody and for days."""
    account, content, notebook = BlogCase(server).account(), Content("Oggi.", media=(picture(),)), Notebook()
    keys = network.new_keys(NOW, content)
    server.cache = {}
    server.on(DRAFT, AnswerLost(), None)
    with pytest.raises(NotSent):
        network.publish(account, content, keys, notebook)
    live = network.publish(account, content, keys, notebook)
    assert (len(server.posts), len(server.media)) == (1, 1), "the draft and the picture are seen"
    assert network.read_back(account, live) == live
    network.delete(account, live)
    assert network.read_back(account, live) is None
    asked = [request for request in server.requests if request.method == "GET"]
    assert {request.headers["cache-control"] for request in asked} == {"no-cache"}
    assert len({request.call.target for request in asked}) == len(asked)


@pytest.mark.parametrize(
    ("text", "title", "found"),
    [
        ("Uno\nDue", "", ("Uno", "Due")),
        ("# Uno\n\nDue", "", ("Uno", "Due")),
        ("Uno", "", ("", "Uno")),
        ("Uno\nDue", " Tre ", ("Tre", "Uno\nDue")),
        ("x" * 121 + "\nDue", "", ("", "x" * 121 + "\nDue")),
    ],
)
def test_a_short_first_line_is_a_title(text: str, title: str, found: tuple[str, str]) -> None:
    assert titled(text, title) == found


@given(st.text(alphabet=st.sampled_from("ab#[]<>&\"'-!\n \\/*wp:{}é"), max_size=60))
def test_nothing_that_is_typed_is_more_than_words(text: str) -> None:
    made = blocks(text, [Picture(1, "https://a.it/x[1].png", text.replace("\n", " "))])
    inside = re.sub(
        r"</?(?:p|h\d|br|figure|img|a)\b(?:\"[^\"]*\"|[^>])*>|<!-- /?wp:(?:paragraph|heading|image)[^>]*-->", "", made
    )
    assert not re.search(r"[<\[]|-->", inside)
    assert "[" not in made
    assert made.count("<!-- wp:") == made.count("<!-- /wp:")


def test_a_day_is_read_as_it_is_written() -> None:
    for said, fits in [("2026-12-24 09:00", True), ("2026-12-24T09:00", True), ("2026-12-24", True), ("24.12.", False)]:
        assert network.preflight(Content("x", fields={"date": said})).ok is fits
    assert dt.datetime.fromisoformat("2026-12-24") == dt.datetime(2026, 12, 24)  # noqa: DTZ001 - the site's own time
