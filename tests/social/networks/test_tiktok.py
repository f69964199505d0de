"""TikTok keeps the contract, on a fake at the wire: with videos, and with pictures, of which nobody can tell without an id."""

import dataclasses
import datetime as dt
from collections.abc import Collection, Iterator
from typing import Any

import pytest

from social.networks import get
from social.networks.base import (
    Account,
    CannotTell,
    Content,
    CredentialsRefused,
    MediaItem,
    NetworkError,
    NotSent,
    Part,
    Published,
    Refused,
    Throttled,
    Unknown,
)
from tests.servers.tiktok import SIGNATURE, FakeTikTok
from tests.servers.wire import Answer, AnswerLost, Cut, Fault
from tests.social.networks.case import Try, WireCase, patiently
from tests.social.networks.conftest import NOW, item_of
from tests.social.networks.contract import WireContract, was_killed
from tests.social.networks.test_contract_x import video
from tests.social.notebook import Notebook

network = get("tiktok")
USER = "GET /v2/user/info/"
CREATOR = "POST /v2/post/publish/creator_info/query/"
BEGIN = "POST /v2/post/publish/video/init/"
PIECE = "PUT /upload/{publish}"
PICTURES = "POST /v2/post/publish/content/init/"
STATUS = "POST /v2/post/publish/status/fetch/"
LINK = "https://cantina.example/visite"
PUBLIC = {"privacy": "PUBLIC_TO_EVERYONE"}


class VideoCase(WireCase):
    """The winery's account, with videos."""

    network = network

    def __init__(self, server: FakeTikTok) -> None:
        self.server = server

    def account(self) -> Account:
        return account_of(self.server)

    def live(self) -> list[str]:
        return self.server.texts()

    def uploads(self) -> int:
        return len(self.server.out()) + len(self.server.fetched)

    def content(self, kind: str, number: int) -> Content:
        return Content(f"Novità {number} #vino @roero", link=LINK, media=(film(number),), fields=PUBLIC)

    def shown(self, content: Content) -> list[str]:
        return [f"{content.text}\n\n{content.link}" if content.link else content.text]

    def of_length(self, length: int) -> Content:
        return Content("a" * length, media=(film(length),), fields=PUBLIC)

    def lying(self, item: MediaItem) -> MediaItem:
        """The same, with a public address."""
        with item.open() as stream:
            self.server.files[item.sha256] = stream.read()
        return dataclasses.replace(item, address=lambda: self.server.address(item.sha256))

    def photo(self, number: int) -> MediaItem:
        return self.lying(item_of(f"JPEG {number}".encode(), "image/jpeg", (1080, 1920), ""))

    def edges(self) -> list[tuple[Content, bool]]:
        photos = tuple(self.photo(number) for number in range(36))
        one = film(1)

        def of(*media: MediaItem, **fields: Any) -> Content:
            return Content("a", media=media, fields={**PUBLIC, **fields})

        return [
            (of(dataclasses.replace(one, seconds=3.0)), True),
            (of(dataclasses.replace(one, seconds=2.9)), False),
            (of(dataclasses.replace(one, seconds=600.0)), True),
            (of(dataclasses.replace(one, seconds=600.1)), False),
            (of(dataclasses.replace(one, rate=23.0, width=360)), True),
            (of(dataclasses.replace(one, rate=22.9)), False),
            (of(dataclasses.replace(one, rate=60.1)), False),
            (of(dataclasses.replace(one, height=359)), False),
            (of(dataclasses.replace(one, size=4_000_000_001)), False),
            (of(one, film(2)), False),
            (of(one, photos[0]), False),
            (of(*photos[:35], title="x" * 90), True),
            (of(*photos), False),
            (of(photos[0], title="x" * 91), False),
            (of(dataclasses.replace(photos[0], address=None)), False),
            (of(item_of(b"%PDF", "application/pdf", (500, 500))), False),
            (of(one, privacy=""), False),
            (of(one, privacy="NOBODY"), False),
            (of(one, privacy="SELF_ONLY", paid_partnership=True), False),
            (of(), False),
            (dataclasses.replace(of(one), parts=(Part("p"),)), False),
            (dataclasses.replace(of(one), comment="c"), False),
            (Content("d" * 4_000, media=photos[:1], fields=PUBLIC), True),
            (Content("d" * 4_001, media=photos[:1], fields=PUBLIC), False),
        ]

    def on(self, name: str, *faults: Fault | None) -> None:
        self.server.on(name, *faults)

    def good_day(self) -> None:
        self.server.good_day()

    def calls(self) -> list[str]:
        return list(self.server.calls)

    def secrets(self) -> Collection[str]:
        return [self.server.token, "rft.refresh-token-of-the-winery", self.server.key, SIGNATURE, "secret of the app"]


class PicturesCase(VideoCase):
    """The same, with pictures."""

    finds = False

    def content(self, kind: str, number: int) -> Content:
        photos = tuple(self.photo(number + place) for place in range(2))
        return Content(f"Novità {number}", link=LINK, media=photos, fields={**PUBLIC, "title": f"Titolo {number}"})


class TestVideo(WireContract):
    kinds = ("video",)
    quiet = (USER, CREATOR, BEGIN)
    visible = PIECE
    asked = (USER, CREATOR, STATUS)
    but = {(PIECE, "page"): None}  # of an upload that is over: it begins anew

    @pytest.fixture
    def case(self) -> Iterator[WireCase]:
        with FakeTikTok() as server:
            yield VideoCase(server)


class TestPictures(WireContract):
    kinds = ("pictures",)
    quiet = (USER, CREATOR)
    visible = PICTURES

    @pytest.fixture
    def case(self) -> Iterator[WireCase]:
        with FakeTikTok() as server:
            yield PicturesCase(server)


@pytest.fixture
def server() -> Iterator[FakeTikTok]:
    with FakeTikTok() as fake:
        yield fake


def account_of(server: FakeTikTok) -> Account:
    credentials = {"access_token": server.token, "refresh_token": "rft.refresh-token-of-the-winery"}
    app = {"client_id": "the app", "client_secret": "secret of the app"}
    return Account("cantinaroero", server.url, credentials, app=app)


def film(number: int) -> MediaItem:
    return video(20.0, size=1_000 + number)


def publish(server: FakeTikTok, content: Content, notebook: Notebook | None = None) -> Published:
    keys, notebook = network.new_keys(NOW, content), notebook or Notebook()
    return patiently(lambda: network.publish(account_of(server), content, keys, notebook))


def find(server: FakeTikTok, content: Content, notebook: Notebook) -> Published | None:
    return network.find(account_of(server), content, network.new_keys(NOW, content), notebook)


def refusal(code: str, status: int = 200) -> Answer:
    return Answer(status, {"data": {}, "error": {"code": code, "message": "no", "log_id": "1"}})


CONTENT = Content("Vendemmia", media=(film(1),), fields=PUBLIC)


def test_nothing_is_allowed_that_was_not_asked_for(server: FakeTikTok) -> None:
    publish(server, CONTENT)
    [found] = server.out()
    assert found.info == {
        "privacy_level": "PUBLIC_TO_EVERYONE",
        "title": "Vendemmia",
        "disable_comment": True,
        "disable_duet": True,
        "disable_stitch": True,
        "brand_content_toggle": False,
        "brand_organic_toggle": False,
        "is_aigc": False,
    }
    assert found.data == CONTENT.media[0].open().read()


def test_what_was_asked_for_goes_with_it_within_what_the_account_allows(server: FakeTikTok) -> None:
    asked = dict.fromkeys(("comments", "duets", "stitches", "own_brand", "paid_partnership", "made_with_ai"), True)
    server.switched_off = {"duet_disabled": True}
    publish(server, dataclasses.replace(CONTENT, fields={**PUBLIC, **asked}))
    [found] = server.out()
    off = [found.info[f"disable_{name}"] for name in ("comment", "duet", "stitch")]
    assert off == [False, True, False]
    assert [found.info[name] for name in ("brand_organic_toggle", "brand_content_toggle", "is_aigc")] == [True] * 3


def test_pictures_go_with_a_title_and_are_fetched(server: FakeTikTok) -> None:
    content = PicturesCase(server).content("pictures", 1)
    live = publish(server, dataclasses.replace(content, fields={**content.fields, "music": True, "comments": True}))
    [found] = server.out()
    assert found.info == {
        "privacy_level": "PUBLIC_TO_EVERYONE",
        "title": "Titolo 1",
        "description": f"Novità 1\n\n{LINK}",
        "disable_comment": False,
        "auto_add_music": True,
        "brand_content_toggle": False,
        "brand_organic_toggle": False,
    }
    assert found.source["photo_images"] == [server.address(item.sha256) for item in content.media]
    assert live == Published("7312345678901234001", "https://www.tiktok.com/@cantinaroero/photo/7312345678901234001")


def test_who_can_see_it_is_what_tiktok_allows_at_that_moment(server: FakeTikTok) -> None:
    server.options, server.longest = ["SELF_ONLY"], 15
    with pytest.raises(Refused) as refused:
        publish(server, CONTENT)
    assert (refused.value.code, server.count(BEGIN)) == ("privacy_not_allowed", 0)
    alone = dataclasses.replace(CONTENT, fields={"privacy": "SELF_ONLY"})
    with pytest.raises(Refused) as refused:
        publish(server, alone)
    assert (refused.value.code, refused.value.params, server.count(BEGIN)) == ("media_length", {"longest": 15}, 0)
    server.longest = 20
    publish(server, alone)
    assert server.texts() == ["Vendemmia"]


def test_what_is_out_is_not_judged_anew(server: FakeTikTok) -> None:
    notebook = Notebook()
    server.works_for = 2
    with pytest.raises(Unknown) as working:
        publish(server, CONTENT, notebook)
    assert working.value.code == "still_working"
    server.options = ["SELF_ONLY"]
    notebook.forget("account")
    assert publish(server, CONTENT, notebook).remote_id == "7312345678901234001"
    assert server.count(PIECE) == 1


def test_the_address_comes_later_where_tiktok_is_still_looking(server: FakeTikTok) -> None:
    server.shown_after = 2
    live = publish(server, CONTENT)
    assert live == Published("v_pub_file~v2-1.7312345678901234001", "https://www.tiktok.com/@cantinaroero")
    assert network.read_back(account_of(server), live) == live
    now = network.read_back(account_of(server), live)
    assert now == Published("7312345678901234001", "https://www.tiktok.com/@cantinaroero/video/7312345678901234001")
    with pytest.raises(CannotTell):
        network.read_back(account_of(server), now)
    server.publishings.clear()
    with pytest.raises(CannotTell):
        network.read_back(account_of(server), live)


@pytest.mark.parametrize("size", [20_000_000, 64_000_000])
def test_a_video_that_may_go_whole_does(server: FakeTikTok, size: int) -> None:
    publish(server, dataclasses.replace(CONTENT, media=(video(20.0, size=size),)))
    [found] = server.out()
    assert (found.pieces, found.source["chunk_size"], len(found.data)) == (1, size, size)


def test_a_large_video_goes_in_pieces_and_on_from_what_has_arrived(server: FakeTikTok) -> None:
    content = dataclasses.replace(CONTENT, media=(video(20.0, size=64_000_001),))
    case = VideoCase(server)
    one = Try.of(case, content, kill_at=1)
    while was_killed(one):
        one.go_on()
        assert (one.shown(), one.uploads()) == (["Vendemmia"], 1), one.notebook.heard
        one = Try.of(case, content, kill_at=one.kill_at + 1)
    assert one.notebook.heard[1:5] == ["once begun", "once piece:0", "once piece:1", "once last"]
    assert {found.pieces for found in server.out()} == {3}
    assert server.out()[-1].data == content.media[0].open().read()


def test_an_upload_s_address_is_kept_sealed_and_done_without_where_its_key_is_gone(server: FakeTikTok) -> None:
    notebook = Notebook()
    server.on(PIECE, Cut())
    with pytest.raises(Unknown):
        publish(server, CONTENT, notebook)
    assert (set(notebook.sealed["begun"]), set(notebook.steps["begun"])) == ({"address"}, {"publish", "chunk"})
    server.good_day()
    notebook.sealed.clear()
    assert find(server, CONTENT, notebook) is None
    long_ago(notebook)
    publish(server, CONTENT, notebook)
    assert (server.texts(), server.count(BEGIN)) == (["Vendemmia"], 2)


def long_ago(notebook: Notebook) -> None:
    """The last piece was sent so long ago that TikTok surely says whether it has arrived."""
    notebook.steps["last"] = {"at": (dt.datetime.now(dt.UTC) - dt.timedelta(minutes=10)).isoformat()}


def test_an_upload_whose_time_is_over_begins_anew(server: FakeTikTok) -> None:
    notebook = Notebook()
    server.on(PIECE, Cut())
    with pytest.raises(Unknown):
        publish(server, CONTENT, notebook)
    server.good_day()
    assert find(server, CONTENT, notebook) is None
    server.on(PIECE, Answer(403), None)
    with pytest.raises(Unknown) as unclear:  # the piece may have arrived, and TikTok not have counted it yet
        publish(server, CONTENT, notebook)
    assert (unclear.value.code, server.count(BEGIN)) == ("standing_unclear", 1)
    server.on(PIECE, Answer(403), None)
    long_ago(notebook)
    publish(server, CONTENT, notebook)
    assert (server.texts(), server.count(BEGIN)) == (["Vendemmia"], 2)
    server.upload_over = True
    with pytest.raises(NotSent) as over:
        publish(server, dataclasses.replace(CONTENT, text="Altro"))
    assert over.value.code == "upload_expired"


def test_a_last_piece_that_is_refused_asks_before_anything_is_forgotten(server: FakeTikTok) -> None:
    """It has arrived, its answer got lost, and TikTok's count of it is late: its address is over by then."""
    notebook = Notebook()
    server.on(PIECE, AnswerLost())
    with pytest.raises(Unknown):
        publish(server, CONTENT, notebook)
    late = Answer(200, {"data": {"status": "PROCESSING_UPLOAD", "uploaded_bytes": 0}, "error": {"code": "ok"}})
    server.on(STATUS, late, None)
    server.on(PIECE, Answer(403))
    live = publish(server, CONTENT, notebook)
    assert (server.texts(), server.count(BEGIN), live.remote_id != "") == (["Vendemmia"], 1, True)
    # Where nobody had sent the last piece before, the refusal is an answer: nothing of it is there.
    server.on(PIECE, Answer(410), None)
    publish(server, dataclasses.replace(CONTENT, text="Altro"))
    assert (server.texts(), server.count(BEGIN)) == (["Vendemmia", "Altro"], 3)


def test_a_video_whose_last_answer_was_lost_is_asked_for(server: FakeTikTok) -> None:
    notebook = Notebook()
    server.works_for = 2
    server.on(PIECE, AnswerLost())
    with pytest.raises(Unknown):
        publish(server, CONTENT, notebook)
    with pytest.raises(NotSent) as working:
        find(server, CONTENT, notebook)
    assert working.value.code == "still_working"
    assert find(server, CONTENT, notebook) is not None
    server.publishings.clear()
    with pytest.raises(CannotTell):
        find(server, CONTENT, notebook)


def test_where_all_was_sent_and_tiktok_does_not_say_it_is_uncertain(server: FakeTikTok) -> None:
    notebook = Notebook()
    over = refusal("access_token_invalid", 401)
    for fault in (
        Answer(500, {}),
        refusal("rate_limit_exceeded", 429),
        refusal("invalid_publish_id", 400),
        Cut(),
        over,
    ):
        server.on(STATUS, fault)
        with pytest.raises(Unknown) as unclear:
            publish(server, CONTENT, notebook)
        assert (unclear.value.code, notebook.in_flight()) == ("standing_unclear", "publish")
    server.good_day()
    server.on(STATUS, over, None)
    with pytest.raises(CredentialsRefused):  # whoever asks waits for a new connection
        find(server, CONTENT, notebook)
    assert find(server, CONTENT, notebook) is not None
    assert server.count(PIECE) == 1


def test_where_a_part_is_still_missing_a_refused_token_is_one(server: FakeTikTok) -> None:
    content, notebook = dataclasses.replace(CONTENT, media=(video(20.0, size=64_000_001),)), Notebook()
    server.on(PIECE, None, Cut(), None)
    with pytest.raises(NotSent):
        publish(server, content, notebook)
    server.on(STATUS, refusal("access_token_invalid", 401), None)
    with pytest.raises(CredentialsRefused):
        publish(server, content, notebook)
    publish(server, content, notebook)
    assert (server.texts(), server.count(BEGIN)) == (["Vendemmia"], 1)


def test_where_a_part_is_still_missing_nothing_is_uncertain(server: FakeTikTok) -> None:
    content, notebook = dataclasses.replace(CONTENT, media=(video(20.0, size=64_000_001),)), Notebook()
    server.on(PIECE, None, Cut(), None)
    with pytest.raises(NotSent):
        publish(server, content, notebook)
    for fault, kind in ((Answer(500, {}), NotSent), (refusal("rate_limit_exceeded", 429), Throttled), (Cut(), NotSent)):
        server.on(STATUS, fault, None)
        with pytest.raises(kind):
            publish(server, content, notebook)
        assert not notebook.in_flight()
    server.publishings.clear()
    assert find(server, content, notebook) is None
    publish(server, content, notebook)
    assert (server.texts(), server.count(BEGIN)) == (["Vendemmia"], 2)


def test_pictures_that_tiktok_is_working_on_are_not_published_again(server: FakeTikTok) -> None:
    content, notebook = PicturesCase(server).content("pictures", 1), Notebook()
    server.works_for = 2
    with pytest.raises(Unknown):
        publish(server, content, notebook)
    assert publish(server, content, notebook).remote_id == "7312345678901234001"
    assert (len(server.texts()), server.count(PICTURES)) == (1, 1)


def test_pictures_whose_answer_was_lost_are_for_a_person_to_tell(server: FakeTikTok) -> None:
    content, notebook = PicturesCase(server).content("pictures", 1), Notebook()
    server.on(PICTURES, AnswerLost())
    with pytest.raises(Unknown):
        publish(server, content, notebook)
    with pytest.raises(CannotTell):
        find(server, content, notebook)


@pytest.mark.parametrize(
    ("why", "kind", "code"),
    [
        ("duration_check_failed", Refused, "media_failed"),
        ("something_new", Refused, "media_failed"),
        ("internal", NotSent, "failed_there"),
        ("photo_pull_failed", NotSent, "media_not_fetched"),
        ("auth_removed", CredentialsRefused, "credentials_refused"),
        ("publish_cancelled", Refused, "cancelled_there"),
        ("spam_risk_text", Refused, "blocked_by_policy"),
        ("spam_risk_too_many_posts", Throttled, "too_many_posts"),
    ],
)
def test_why_a_publishing_failed_becomes_an_outcome(
    server: FakeTikTok, why: str, kind: type[NetworkError], code: str
) -> None:
    server.fails = why
    notebook = Notebook()
    with pytest.raises(NetworkError) as error:
        publish(server, CONTENT, notebook)
    assert (type(error.value), error.value.code, error.value.said) == (kind, code, why)
    assert find(server, CONTENT, notebook) is None
    publishings = len(server.publishings)
    server.fails = ""
    server.publishings.clear()
    publish(server, CONTENT, notebook)
    assert (server.texts(), publishings) == (["Vendemmia"], 1)


@pytest.mark.parametrize("why", ["internal", "photo_pull_failed"])
def test_what_has_failed_there_for_now_is_asked_for_once_more_before_it_begins_anew(
    server: FakeTikTok, why: str
) -> None:
    notebook = Notebook()
    server.fails = why
    for begun in (1, 2):  # at the second try the first has still failed
        with pytest.raises(NotSent):
            publish(server, CONTENT, notebook)
        assert server.count(BEGIN) == begun
    server.fails = ""  # and then it has turned
    assert publish(server, CONTENT, notebook).remote_id.isdigit()
    assert server.count(BEGIN) == 2


def test_what_keeps_tiktok_busy_is_told(server: FakeTikTok) -> None:
    notebook = Notebook()
    server.works_for, server.fails = 3, "something_is_slow"
    with pytest.raises(Unknown) as working:
        publish(server, CONTENT, notebook)
    assert working.value.said == "something_is_slow"
    with pytest.raises(NotSent) as still:
        find(server, CONTENT, notebook)
    assert (still.value.code, still.value.said) == ("still_working", "something_is_slow")


def test_several_numbers_for_one_post_are_told(server: FakeTikTok) -> None:
    server.posts = 2
    live = publish(server, CONTENT)
    assert live.remote_id == "7312345678901234001"
    assert str(live.detail) == "TikTok names 2 posts for this one. Look there whether it is live more than once."


def test_what_tiktok_took_down_while_it_looked_is_gone(server: FakeTikTok) -> None:
    server.shown_after = 9
    live = publish(server, CONTENT)
    server.fails = "spam_risk"
    assert network.read_back(account_of(server), live) is None


def test_a_post_whose_own_number_never_comes_can_not_be_read_after_a_day(server: FakeTikTok) -> None:
    server.shown_after = 9
    live = publish(server, CONTENT)
    now = dt.datetime.now(dt.UTC)
    young = dataclasses.replace(live, since=now - dt.timedelta(hours=23))
    assert network.read_back(account_of(server), young) == live
    with pytest.raises(CannotTell) as silent:
        network.read_back(account_of(server), dataclasses.replace(live, since=now - dt.timedelta(days=1)))
    assert silent.value.code == "no_number"


@pytest.mark.parametrize(
    ("call", "answer", "kind", "code"),
    [
        (BEGIN, refusal("spam_risk_too_many_posts"), Throttled, "too_many_posts"),
        (BEGIN, refusal("spam_risk_too_many_posts", 403), Throttled, "too_many_posts"),
        (BEGIN, refusal("reached_active_user_cap", 403), Throttled, "user_cap"),
        (BEGIN, refusal("spam_risk_user_banned_from_posting", 403), Refused, "account_not_active"),
        (BEGIN, refusal("unaudited_client_can_only_post_to_private_accounts", 403), Refused, "unaudited"),
        (BEGIN, refusal("privacy_level_option_mismatch", 403), Refused, "privacy_not_allowed"),
        (BEGIN, refusal("url_ownership_unverified", 403), Refused, "address_not_verified"),
        (BEGIN, refusal("invalid_params", 400), Refused, "refused"),
        (BEGIN, refusal("something_new"), NotSent, "answer_not_readable"),
        (USER, refusal("scope_not_authorized", 401), CredentialsRefused, "permission_missing"),
        (USER, refusal("access_token_invalid", 401), CredentialsRefused, "credentials_refused"),
        (CREATOR, refusal("rate_limit_exceeded", 429), Throttled, "throttled"),
        (CREATOR, refusal("internal_error", 500), NotSent, "server_error"),
        (PIECE, Answer(416), NotSent, "upload_out_of_step"),
        (PIECE, Answer(206, b""), Unknown, "answer_not_readable"),
        (STATUS, refusal("invalid_publish_id", 400), Unknown, "standing_unclear"),
    ],
)
def test_what_tiktok_says_becomes_an_outcome(
    server: FakeTikTok, call: str, answer: Answer, kind: type[NetworkError], code: str
) -> None:
    server.on(call, answer)
    with pytest.raises(NetworkError) as error:
        publish(server, CONTENT)
    assert (type(error.value), error.value.code) == (kind, code)


def test_pieces_go_nowhere_else(server: FakeTikTok) -> None:
    data = {"publish_id": "v_pub_file~v2-1.1", "upload_url": "https://evil.example/upload?upload_token=x"}
    server.on(BEGIN, Answer(200, {"data": data, "error": {"code": "ok"}}))
    with pytest.raises(NotSent) as error:
        publish(server, CONTENT)
    assert error.value.code == "answer_not_readable"


def test_a_refresh_token_is_good_once(server: FakeTikTok) -> None:
    given = network.refresh(account_of(server))
    assert (given["access_token"], given["refresh_token"]) == ("act.new", "rft.the-next")
    with pytest.raises(CredentialsRefused):  # which TikTok says with 200
        network.refresh(account_of(server))


def test_units_are_counted_and_limits_taken() -> None:
    assert network.preflight(Content("🍷" * 1_100, media=(film(1),), fields=PUBLIC)).ok
    over = network.preflight(Content("🍷" * 1_101, media=(film(1),), fields=PUBLIC))
    assert (over.ok, over.used, over.cut_at) == (False, 2_202, 1_100)
    limits = network.budgets(Account("x"), CONTENT)
    assert [(one.name, one.most, one.window, one.scope) for one in limits] == [
        ("begun", 6, dt.timedelta(minutes=1), "channel"),
        ("posts", 15, dt.timedelta(days=1), "channel"),
    ]
