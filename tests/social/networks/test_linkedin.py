"""LinkedIn keeps the contract, on a fake at the wire: for an organisation, and for a person whose posts nobody may read."""

import datetime as dt
from collections.abc import Collection, Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from social.networks import get, linkedin, rules
from social.networks.base import (
    Account,
    CannotTell,
    Content,
    CredentialsRefused,
    MediaItem,
    NotSent,
    Numbers,
    Part,
    Published,
    Refused,
    Throttled,
    Unknown,
)
from social.networks.linkedin.api import Forbidden
from social.networks.linkedin.little import little, shown
from tests.servers.linkedin import FakeLinkedIn, Post, read
from tests.servers.wire import NOW, Answer, AnswerLost, Cut, Fault
from tests.social.networks.case import WireCase, patiently
from tests.social.networks.conftest import item_of, picture
from tests.social.networks.contract import WireContract
from tests.social.networks.test_contract_x import video
from tests.social.notebook import Killed, Notebook

network = get("linkedin")
ME = "GET /v2/userinfo"
ROLES = "GET /rest/organizationAcls"
ORGANIZATION = "GET /rest/organizations/{number}"
IMAGE = "POST /rest/images"
VIDEO = "POST /rest/videos"
PUT = "PUT /dms-uploads/{urn}/{at}"
IMAGE_STATE = "GET /rest/images/{urn}"
VIDEO_STATE = "GET /rest/videos/{urn}"
CREATE = "POST /rest/posts"
LIST = "GET /rest/posts"
LINK = "https://cantina.example/visite_(guidate)"


class OrganizationCase(WireCase):
    """The winery's page."""

    network = network
    organization: str = "5509810"

    def __init__(self, server: FakeLinkedIn) -> None:
        self.server = server

    def account(self) -> Account:
        return account_of(self.server, self.organization)

    def live(self) -> list[str]:
        return self.server.texts()

    def uploads(self) -> int:
        return self.server.uploads()

    def content(self, kind: str, number: int) -> Content:
        text = f"Novità {number} (e altro) @cantina #vino_rosso <3 [x] {{y}} *z* ~w~ a|b c\\d"
        if kind == "pictures":
            return Content(text, link=LINK, media=(picture((number, 1)), picture((1, number + 1))))
        if kind == "video":
            return Content(text, media=(clip(20.0, number),))
        if kind == "comment":
            return Content(text, link=LINK, media=(picture((number, 3)),), comment=f"Qui (tutto): {number} #vino")
        return Content(text, link=LINK)

    def shown(self, content: Content) -> list[str]:
        first = f"{content.text}\n\n{content.link}" if content.link and content.media else content.text
        return [first, content.comment] if content.comment else [first]

    def edges(self) -> list[tuple[Content, bool]]:
        pictures = tuple(picture((n + 1, 2)) for n in range(21))
        return [
            (Content("a", media=pictures[:20]), True),
            (Content("b", media=pictures), False),
            (Content("c", media=(clip(3.0, 1),)), True),
            (Content("d", media=(clip(2.9, 1),)), False),
            (Content("e", media=(clip(1_800.0, 1),)), True),
            (Content("f", media=(clip(1_800.1, 1),)), False),
            (Content("g", media=(clip(9.0, 1), pictures[0])), False),
            (Content("h", media=(item_of(b"%PDF", "application/pdf", (1, 1)),)), False),
            (Content("i", media=(picture(alt_text="x" * 4_086),)), True),
            (Content("l", media=(picture(alt_text="x" * 4_087),)), False),
            (Content("m", comment="x" * 1_250), True),
            (Content("n", comment="x" * 1_251), False),
            (Content("o", parts=(Part("p"),)), False),
            (Content("q", link=LINK, fields={"link_title": "x" * 401}), False),
            (Content(""), False),
        ]

    def on(self, name: str, *faults: Fault | None) -> None:
        self.server.on(name, *faults)

    def good_day(self) -> None:
        self.server.good_day()

    def calls(self) -> list[str]:
        return list(self.server.calls)

    def secrets(self) -> Collection[str]:
        return [FakeLinkedIn.token, FakeLinkedIn.refresh, FakeLinkedIn.signature, "secret of the app"]


class PersonCase(OrganizationCase):
    """The person herself, whose posts LinkedIn lets nobody read."""

    organization = ""
    finds = False

    def __init__(self, server: FakeLinkedIn) -> None:
        super().__init__(server)
        server.reads = False


class TestOrganization(WireContract):
    kinds = ("words", "pictures", "video", "comment")
    quiet = (ROLES, ORGANIZATION, IMAGE, PUT, IMAGE_STATE)
    visible = CREATE
    edits = ("POST /rest/posts/{urn}",)
    deletes = ("DELETE /rest/posts/{urn}",)
    asked = (ROLES, LIST)

    @pytest.fixture
    def case(self) -> Iterator[WireCase]:
        with FakeLinkedIn() as server:
            yield OrganizationCase(server)


class TestPerson(WireContract):
    kinds = ("words", "video")
    quiet = (ME, VIDEO, PUT, VIDEO_STATE)
    visible = CREATE
    edits = ("POST /rest/posts/{urn}",)
    deletes = ("DELETE /rest/posts/{urn}",)

    @pytest.fixture
    def case(self) -> Iterator[WireCase]:
        with FakeLinkedIn() as server:
            yield PersonCase(server)


@pytest.fixture
def server() -> Iterator[FakeLinkedIn]:
    with FakeLinkedIn() as fake:
        yield fake


def account_of(server: FakeLinkedIn, organization: str = "5509810") -> Account:
    credentials = {
        "access_token": FakeLinkedIn.token,
        "refresh_token": FakeLinkedIn.refresh,
        "organization": organization,
    }
    return Account(
        "cantina-roero", server.url, credentials, app={"client_id": "a", "client_secret": "secret of the app"}
    )


def clip(seconds: float, number: int) -> MediaItem:
    return video(seconds, size=1_000 + number)


def publish(server: FakeLinkedIn, content: Content, notebook: Notebook | None = None) -> Published:
    keys, notebook = network.new_keys(NOW, content), notebook or Notebook()
    return patiently(lambda: network.publish(account_of(server), content, keys, notebook))


def find(server: FakeLinkedIn, content: Content) -> Published | None:
    return network.find(account_of(server), content, network.new_keys(NOW, content), Notebook())


def post(urn: str, text: str, at: dt.datetime = NOW) -> Post:
    return Post(f"urn:li:share:{urn}", FakeLinkedIn.winery, {"commentary": little(text)}, at)


@pytest.mark.parametrize(
    ("text", "written", "tags"),
    [
        ("Ciao", "Ciao", []),
        ("#Vino e #vino_rosso.", "{hashtag|\\#|Vino} e {hashtag|\\#|vino\\_rosso}.", ["Vino", "vino_rosso"]),
        ("Siamo al #1 in C# (forse)", "Siamo al \\#1 in C\\# \\(forse\\)", []),
        ("https://a.it/b_c#sezione ##x", "https://a.it/b\\_c\\#sezione \\#\\#x", []),
        ("(#vino)", "\\({hashtag|\\#|vino}\\)", ["vino"]),
        ("#più_caffè☕", "{hashtag|\\#|più\\_caffè}☕", ["più_caffè"]),
        ("\\#vino", "\\\\{hashtag|\\#|vino}", ["vino"]),
        ("@ada {hashtag|\\#|x}", "\\@ada \\{hashtag\\|\\\\\\#\\|x\\}", []),
    ],
)
def test_a_text_is_written_so_that_nothing_of_it_is_cut(text: str, written: str, tags: list[str]) -> None:
    assert little(text) == written
    assert read(written) == (text, tags)
    assert shown(written) == text


@given(st.text(alphabet=st.sampled_from("ab1 #＃_\\|{}@[]()<>*~\n.é"), max_size=40))
def test_whatever_is_typed_is_what_is_read(text: str) -> None:
    assert read(little(text).replace("{hashtag|＃|", "{hashtag|#|"))[0].replace("＃", "#") == text.replace("＃", "#")
    assert shown(little(text)) == text


def test_the_fake_cuts_where_linkedin_does() -> None:
    assert read("Va al repo (durable) e oltre") == ("Va al repo ", [])


def test_a_mention_that_linkedin_gives_back_is_read() -> None:
    assert shown("Grazie @[Cantina \\(Roero\\)](urn:li:organization:1) \\o/") == "Grazie Cantina (Roero) o/"


def test_a_link_is_an_article_with_the_title_that_was_asked(server: FakeLinkedIn) -> None:
    publish(server, Content("Uno", link=LINK, fields={"link_title": "Le visite"}))
    publish(server, Content("Due", link=LINK))
    titles = [one.given["content"]["article"] for one in server.posts]
    assert titles == [{"source": LINK, "title": "Le visite"}, {"source": LINK, "title": "cantina.example"}]


def test_pictures_go_with_their_words(server: FakeLinkedIn) -> None:
    one, two = picture((3, 3), "red", "Grappoli"), picture((3, 3), "blue", "Botti")
    publish(server, Content("Uno", media=(one,)))
    publish(server, Content("Due", media=(two, replace(one, alt_text=""))))
    first, second = (sent.given["content"] for sent in server.posts)
    assert first["media"]["altText"] == "Grappoli"
    assert [image.get("altText") for image in second["multiImage"]["images"]] == ["Botti", None]
    assert [media.data for media in server.media.values()] == [item.open().read() for item in (one, two, one)]
    assert {media.owner for media in server.media.values()} == {server.winery}


def test_a_picture_that_linkedin_has_forgotten_is_sent_again(server: FakeLinkedIn) -> None:
    content, notebook = Content("x", media=(picture(),)), Notebook()
    for sent in (1, 2):
        server.on(IMAGE_STATE, Answer(404, {"status": 404, "code": "NOT_FOUND"}), None)
        with pytest.raises(NotSent) as gone:  # a try like others, of which there is an end
            publish(server, content, notebook)
        assert (gone.value.code, server.count(IMAGE)) == ("media_gone", sent)
    publish(server, content, notebook)
    assert (server.texts(), server.count(IMAGE)) == (["x"], 3)


def test_a_video_goes_in_the_pieces_that_linkedin_asks_for(server: FakeLinkedIn) -> None:
    film = video(20.0, size=9_000_000)
    publish(server, Content("Il film", media=(film,)))
    [media] = server.media.values()
    assert (len(media.pieces), media.data, media.ended) == (3, film.open().read(), True)


SRT = "1\n00:00:00,000 --> 00:00:02,000\nSi vendemmia.\n"
SUBTITLED = Content("Il film", media=(replace(video(20.0), captions=SRT),), fields={"captions_language": "it"})


def test_a_video_has_its_subtitles_before_anybody_sees_it(server: FakeLinkedIn) -> None:
    server.works_for = 0
    server.on("POST /dms-uploads/{urn}/captions", Answer(400, {"message": "No", "status": 400}), Cut(), None)
    notebook = Notebook()
    for error in (Refused, NotSent):
        with pytest.raises(error):
            publish(server, SUBTITLED, notebook)
        assert server.posts == []
    publish(server, SUBTITLED, notebook)
    [film] = [media for media in server.media.values() if media.ended]
    assert (server.texts(), film.captions) == (["Il film"], {"IT_IT": SRT.encode()})
    calls = len(server.calls)
    publish(server, SUBTITLED, notebook)
    assert server.calls[calls:] == []


def test_without_a_language_subtitles_stay_away_and_it_is_said(server: FakeLinkedIn) -> None:
    server.works_for = 0
    silent = replace(SUBTITLED, fields={})
    told = {(problem.code, problem.level) for problem in rules.checked(network, silent).problems}
    assert told == {("captions_left_out", "warning"), ("video_alt_text_lost", "warning")}
    assert [problem.code for problem in rules.checked(network, SUBTITLED).problems] == ["video_alt_text_lost"]
    publish(server, silent)
    [film] = server.media.values()
    assert (film.wants_captions, film.captions) == (False, {})


def test_what_linkedin_can_not_use_is_sent_again_the_next_time(server: FakeLinkedIn) -> None:
    notebook, content = Notebook(), Content("x", media=(picture(),))
    server.fails = True
    with pytest.raises(Refused) as refused:
        publish(server, content, notebook)
    assert refused.value.code == "media_failed"
    server.fails = False
    publish(server, content, notebook)
    assert (server.texts(), len(server.media)) == (["x"], 2)


def test_the_organisation_has_to_be_one_that_the_token_speaks_for(server: FakeLinkedIn) -> None:
    for organization in ("7", "99", "urn:li:person:1"):
        with pytest.raises(Refused) as refused:
            network.identity(account_of(server, organization))
        assert refused.value.code == "organization_not_ours"
    found = network.identity(account_of(server, "urn:li:organization:5509810"))
    assert (found.id, found.handle, found.name) == (server.winery, "cantina-roero", "Cantina Roero")
    person = network.identity(account_of(server, ""))
    assert (person.id, person.handle, person.name) == (server.person, "Ada Roero", "Ada Roero")


def test_the_first_comment_is_plain_words_below_the_post(server: FakeLinkedIn) -> None:
    live = publish(server, Content("Post", comment="Qui (tutto) #vino"))
    [comment] = server.posts[0].comments
    assert comment == {"actor": server.winery, "object": live.remote_id, "message": {"text": "Qui (tutto) #vino"}}
    assert live.permalink == f"https://www.linkedin.com/feed/update/{live.remote_id}/"


def test_a_comment_whose_answer_was_lost_is_found(server: FakeLinkedIn) -> None:
    content, notebook = Content("Post", comment="Commento"), Notebook()
    server.on("POST /rest/socialActions/{urn}/comments", AnswerLost(), None)
    with pytest.raises(Unknown):
        publish(server, content, notebook)
    assert notebook.in_flight() == "comment"
    keys = network.new_keys(NOW, content)
    found = network.find(account_of(server), content, keys, notebook)
    assert found == Published(server.posts[0].urn, f"https://www.linkedin.com/feed/update/{server.posts[0].urn}/")
    assert server.texts() == ["Post", "Commento"]


def test_a_duplicate_is_ours_only_if_it_was_tried_before(server: FakeLinkedIn) -> None:
    content, notebook = Content("Aperti sabato"), Notebook()
    server.on(CREATE, AnswerLost(), None)
    with pytest.raises(Unknown):
        publish(server, content, notebook)
    assert publish(server, content, notebook).remote_id == server.posts[0].urn
    with pytest.raises(Refused) as refused:
        publish(server, content)
    assert (refused.value.code, server.texts()) == ("duplicate", ["Aperti sabato"])


def test_where_nobody_may_read_a_duplicate_stays_uncertain(server: FakeLinkedIn) -> None:
    server.reads = False
    content, notebook = Content("Aperti sabato"), Notebook()
    server.on(CREATE, AnswerLost(), None)
    for _ in range(2):
        with pytest.raises(Unknown):
            publish(server, content, notebook)
    with pytest.raises(CannotTell):
        find(server, content)
    assert server.texts() == ["Aperti sabato"]


def test_a_post_is_found_by_its_words_since_the_first_try(server: FakeLinkedIn) -> None:
    text = "Vino (rosso) #vino\n\ne altro"
    server.posts = [post("1", text, NOW - dt.timedelta(hours=1)), post("2", text), post("3", "Altro")]
    assert find(server, Content(text)) == Published(
        "urn:li:share:2", "https://www.linkedin.com/feed/update/urn:li:share:2/"
    )
    del server.posts[1]
    assert find(server, Content(text)) is None


@pytest.mark.parametrize("theirs", ["Sabato la cantina e aperta 🎉", "Sabato la cantina", "sabato la cantina E APERTA"])
def test_what_may_have_been_cut_is_for_a_person_to_tell(server: FakeLinkedIn, theirs: str) -> None:
    server.posts = [post("1", theirs)]
    if theirs.startswith("s"):
        assert find(server, Content("Sabato la cantina e aperta")) is None
    else:
        with pytest.raises(CannotTell):
            find(server, Content("Sabato la cantina e aperta"))


def test_too_many_posts_to_look_through_are_for_a_person_to_tell(server: FakeLinkedIn) -> None:
    server.posts = [post(str(number), f"Post {number}") for number in range(301)]
    with pytest.raises(CannotTell):
        find(server, Content("Post 0"))
    assert server.count(LIST) == 3


def test_an_edit_changes_the_words(server: FakeLinkedIn) -> None:
    live = publish(server, Content("Sabbato (forse)"))
    assert network.edit(account_of(server), live, Content("Sabato (forse) #vino")) == live
    assert (server.texts(), server.posts[0].tags) == (["Sabato (forse) #vino"], ["vino"])


def test_numbers_are_told_of_an_organisation(server: FakeLinkedIn) -> None:
    live = publish(server, Content("x"))
    counted = Numbers(reach=30, views=44, reactions=6, comments=2, shares=1, clicks=5)
    assert network.numbers(account_of(server), live) == counted
    assert network.numbers(account_of(server, ""), live) == Numbers()


def test_a_retired_version_is_the_operators_affair(server: FakeLinkedIn, settings: Any) -> None:
    settings.FILO_LINKEDIN_VERSION = "202401"
    with pytest.raises(Throttled) as waits:
        publish(server, Content("x"))
    left = waits.value.retry_at - dt.datetime.now(dt.UTC)
    assert (waits.value.code, dt.timedelta(minutes=9) < left <= dt.timedelta(minutes=10)) == ("version_retired", True)
    settings.FILO_LINKEDIN_VERSION = "202607"
    publish(server, Content("x"))
    assert {request.headers["x-restli-protocol-version"] for request in server.requests} == {"2.0.0"}


def gated(call: str) -> Answer:
    said = f"Not enough permissions to access: {call}.20260701"
    return Answer(403, {"status": 403, "serviceErrorCode": 100, "code": "ACCESS_DENIED", "message": said})


def test_what_linkedin_gives_few_apps_is_said_plainly(server: FakeLinkedIn) -> None:
    """No new connection mends that, so none is asked for; a scope that is missing has the same number."""
    server.on("POST /rest/socialActions/{urn}/comments", gated("partnerApiSocialActions.CREATE"))
    notebook = Notebook()
    with pytest.raises(Refused) as refused:
        publish(server, Content("Post", comment="Commento"), notebook)
    assert (type(refused.value), refused.value.code) == (Forbidden, "app_not_allowed")
    assert (server.texts(), notebook.in_flight()) == (["Post"], "comment")
    server.on("POST /rest/videos", gated("partnerApiVideosExternal.ACTION-initializeUpload"))
    with pytest.raises(Refused) as refused:
        publish(server, Content("Video", media=(clip(20.0, 1),)))
    assert (refused.value.code, server.texts()) == ("app_not_allowed", ["Post"])
    live = Published(server.posts[0].urn, "")
    server.on("POST /rest/posts/{urn}", gated("partnerApiPostsExternal.PARTIAL_UPDATE"))
    with pytest.raises(Refused) as refused:
        network.edit(account_of(server), live, Content("Altro"))
    assert refused.value.code == "app_not_allowed"
    server.on(CREATE, gated("POST /rest/posts"))
    with pytest.raises(Refused) as refused:
        publish(server, Content("Ancora"))
    assert refused.value.code == "permission_missing"


def test_of_a_person_it_is_warned_of_beforehand(server: FakeLinkedIn) -> None:
    def warned(content: Content) -> list[tuple[str, str]]:
        return [(problem.code, problem.level) for problem in network.preflight(content).problems]

    person, winery = (network.identity(account_of(server, named)).allows for named in ("", "5509810"))
    assert (person, winery) == ({"person": True}, {})
    film, comment = Content("Video", media=(clip(20.0, 1),)), Content("Post", comment="Commento")
    for content, code in ((film, "video_perhaps_not"), (comment, "comment_perhaps_not")):
        assert warned(replace(content, allows=person)) == [(code, "warning")]
        assert warned(replace(content, allows=winery)) == []
        assert network.preflight(replace(content, allows=person)).ok
    assert warned(Content("Post", media=(picture(),), allows=person)) == []


def test_a_token_that_was_just_given_is_tried_once_more(server: FakeLinkedIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(linkedin, "JUST_GIVEN", 0.0)
    not_yet = Answer(401, {"status": 401, "serviceErrorCode": 65601, "code": "REVOKED_ACCESS_TOKEN"})
    for organization, way, call in (("", "", ME), ("5509810", "organization", ROLES)):
        server.on(call, not_yet, None)
        assert len(network.signed_in(account_of(server, organization), way)) == 1
        server.on(call, not_yet)
        with pytest.raises(CredentialsRefused):
            network.signed_in(account_of(server, organization), way)
    before = server.count(ME)
    server.on(ME, Answer(401, {"code": "INVALID_ACCESS_TOKEN"}))
    with pytest.raises(CredentialsRefused):
        network.signed_in(account_of(server, ""))
    assert server.count(ME) == before + 1


def test_what_readers_see_is_counted_not_what_is_written() -> None:
    content = Content("(" * 3_000)
    assert (network.preflight(content).ok, network.preflight(content).used) == (True, 3_000)
    assert network.preflight(Content("🍷" * 1_500)).used == 3_000
    over = network.preflight(Content("🍷" * 1_501))
    assert (over.ok, over.cut_at) == (False, 1_500)
    with_link = network.preflight(Content("a" * 3_000, link=LINK, media=(picture(),)))
    assert (with_link.used, with_link.cut_at) == (3_042, 2_958)


def test_the_token_goes_to_linkedin_only(server: FakeLinkedIn) -> None:
    elsewhere = {
        "value": {"image": "urn:li:image:1", "uploadUrl": server.url.replace("127.0.0.1", "localhost") + "/store"}
    }
    server.on(IMAGE, Answer(200, elsewhere))
    with pytest.raises(Refused):
        publish(server, Content("x", media=(picture(),)))
    assert "authorization" not in server.requests[-1].headers
    server.wrong.clear()


def test_a_comment_counts_too(server: FakeLinkedIn) -> None:
    [limit] = network.budgets(account_of(server), Content("x", comment="y"))
    assert (limit.most, limit.zone, limit.cost) == (150, "UTC", 2)


def test_a_token_is_renewed_where_linkedin_gave_a_refresh_token(server: FakeLinkedIn) -> None:
    given = network.refresh(account_of(server))
    assert (given["access_token"], given["refresh_token"]) == (server.token, FakeLinkedIn.refresh)
    with pytest.raises(CredentialsRefused):
        network.refresh(replace(account_of(server), credentials={"access_token": "x"}))


def test_a_kill_between_post_and_comment_goes_on_with_the_comment(server: FakeLinkedIn) -> None:
    content, notebook = Content("Post", comment="Commento"), Notebook(kill_at=4)  # account, tried, sending, sent
    with pytest.raises(Killed):
        publish(server, content, notebook)
    notebook.kill_at = None
    assert network.find(account_of(server), content, network.new_keys(NOW, content), notebook) is None
    assert publish(server, content, notebook).remote_id == server.posts[0].urn
    assert server.texts() == ["Post", "Commento"]
