"""Mastodon keeps the contract: on an emulator that is not ours, and on a fake at the wire that can do what that can't."""

import datetime as dt
import hashlib
from collections.abc import Collection, Iterator
from dataclasses import replace
from typing import Any

import pytest

from social.networks import get
from social.networks.base import (
    Account,
    CannotTell,
    Content,
    CredentialsRefused,
    NotReady,
    NotSent,
    Numbers,
    Part,
    Published,
    Refused,
    Throttled,
    Unknown,
)
from social.networks.mastodon import LANGUAGES
from social.networks.mastodon.counting import Way, fitting, measure
from tests.servers.emulators import Mastodon, Tooter
from tests.servers.fixtures import mastodon
from tests.servers.mastodon import Compatible, FakeMastodon, Friendica, OldServer, Pleroma, Status
from tests.servers.wire import NOW, Answer, AnswerLost, Fault
from tests.social.networks.case import Case, WireCase, patiently
from tests.social.networks.conftest import item_of, picture
from tests.social.networks.contract import Contract, WireContract
from tests.social.networks.test_contract_x import gif, video
from tests.social.notebook import Notebook

__all__ = ["mastodon"]

network = get("mastodon")
ME = "GET /api/v1/accounts/verify_credentials"
INSTANCE = "GET /api/v2/instance"
UPLOAD = "POST /api/v2/media"
STATE = "GET /api/v1/media/{media}"
CREATE = "POST /api/v1/statuses"
LIST = "GET /api/v1/accounts/{account}/statuses"
ONE = "GET /api/v1/statuses/{status}"
CHANGE = "PUT /api/v1/statuses/{status}"
DELETE = "DELETE /api/v1/statuses/{status}"
LINK = "https://cantina.example.org/visite/guidate?dal=sabato&a=1"


def content_of(kind: str, number: int) -> Content:
    text = f"Novità {number}: @ada@altrove.example < & > #vino\nSeconda riga\n\nTerza {LINK}&n={number}"
    pictures = (picture((number, 1)), picture((1, number + 1)))
    if kind == "pictures":
        return Content(text, media=pictures, fields={"content_warning": "Vino", "language": "it"})
    if kind == "film":
        return Content(text, media=(video(9.0, 400 + number),))
    if kind == "thread":
        parts = (Part(f"Seconda {number}", (picture((number, 1)),)), Part(f"Terza {number}"))
        return Content(text, media=pictures, parts=parts, comment=f"Info {number}: {LINK}")
    return Content(text)


class FakeCase(WireCase):
    """The winery's account, on a server that is ours."""

    network = network

    def __init__(self, server: FakeMastodon) -> None:
        self.server = server

    def account(self) -> Account:
        return account_of(self.server)

    def live(self) -> list[str]:
        return self.server.texts()

    def uploads(self) -> int:
        return len(self.server.media)

    def content(self, kind: str, number: int) -> Content:
        return content_of(kind, number)

    def of_length(self, length: int) -> Content:
        return Content("a" * (length - 24) + " " + LINK if length > 24 else "a" * length)

    def edges(self) -> list[tuple[Content, bool]]:
        pictures = tuple(picture((n + 1, 2)) for n in range(5))
        heavy = replace(picture((7, 7)), size=16_777_217)
        return [
            (Content("a", media=pictures[:4]), True),
            (Content("b", media=pictures), False),
            (Content("c", media=(video(9_000.0, 400),)), True),
            (Content("d", media=(replace(video(9.0, 400), size=103_809_025),)), False),
            (Content("e", media=(video(9.0, 400), pictures[0])), False),
            (Content("f", media=(heavy,)), False),
            (Content("g", media=(replace(picture(), width=8_000, height=8_000),)), False),
            (Content("h", media=(item_of(b"%PDF", "application/pdf", (1, 1)),)), False),
            (Content("i", media=(picture(alt_text="x" * 1_500),)), True),
            (Content("l", media=(picture(alt_text="x" * 1_501),)), False),
            (Content("m", media=(gif(1), gif(2))), True),
            (Content("n", comment="x" * 500), True),
            (Content("o", comment="x" * 501), False),
            (Content("p", parts=(Part("x" * 500),)), True),
            (Content("q", parts=(Part("x" * 501),)), False),
            (Content("r", parts=(Part("x" * 490),), fields={"content_warning": "y" * 11}), False),
            (Content("s", fields={"visibility": "direct"}), False),
            (Content("t", parts=tuple(Part(f"t{n}") for n in range(24))), True),
            (Content("u", parts=tuple(Part(f"u{n}") for n in range(25))), False),
            (Content(""), False),
        ]

    def takes(self, content: Content) -> bool | None:
        if content.media or content.parts or content.comment or content.fields:
            return None
        return bool(content.text) and self.server.length(content.text, "") <= self.server.max_text

    def on(self, name: str, *faults: Fault | None) -> None:
        self.server.on(name, *faults)

    def good_day(self) -> None:
        self.server.good_day()

    def calls(self) -> list[str]:
        return list(self.server.calls)

    def secrets(self) -> Collection[str]:
        return [self.server.token, "secret of the app"]


class TestMastodon(WireContract):
    kinds = ("words", "pictures", "film", "thread")
    threads = ("thread",)
    quiet = (ME, INSTANCE, UPLOAD, STATE)
    visible = CREATE
    edits = (CHANGE,)
    deletes = (DELETE,)
    asked = (ME, LIST)

    @pytest.fixture
    def case(self) -> Iterator[WireCase]:
        with FakeMastodon() as server:
            yield FakeCase(server)


class TestCompatible(Contract):
    """A server that ignores the key, counts in full and allows more."""

    kinds = ("words", "thread")

    @pytest.fixture
    def case(self) -> Iterator[Case]:
        with Compatible() as server:
            yield CompatibleCase(server)


class CompatibleCase(FakeCase):
    """The channel was checked: it knows what its server takes."""

    def of_length(self, length: int) -> Content:
        text = "a" * (length - len(LINK) - 1) + " " + LINK if length > len(LINK) else "a" * length
        return Content(text, allows=network.identity(self.account()).allows)

    def edges(self) -> list[tuple[Content, bool]]:
        return []


class TestEmulator(Contract):
    """Somebody else's idea of Mastodon."""

    kinds = ("words", "pictures", "thread")

    @pytest.fixture
    def case(self, mastodon: Mastodon) -> Case:
        return EmulatorCase(mastodon, mastodon.person())


class EmulatorCase(Case):
    """Somebody on the emulator."""

    network = network

    def __init__(self, server: Mastodon, person: Tooter) -> None:
        self.server, self.person = server, person

    def account(self) -> Account:
        return Account(self.person.name, self.server.url, {"access_token": self.person.token})

    def live(self) -> list[str]:
        ids = [status["id"] for status in self.server.statuses(self.person)]
        return [str(self.server.ask("GET", f"statuses/{one}/source", self.person.token)["text"]) for one in ids]

    def content(self, kind: str, number: int) -> Content:
        return content_of(kind, number)

    def takes(self, content: Content) -> bool | None:
        return len(content.text) <= 500


@pytest.fixture
def server() -> Iterator[FakeMastodon]:
    with FakeMastodon() as fake:
        yield fake


def account_of(server: FakeMastodon) -> Account:
    return Account("roero", server.url, {"access_token": server.token}, app={"client_secret": "secret of the app"})


def publish(server: FakeMastodon, content: Content, notebook: Notebook | None = None) -> Published:
    keys, notebook = network.new_keys(NOW, content), notebook or Notebook()
    return patiently(lambda: network.publish(account_of(server), content, keys, notebook))


def find(server: FakeMastodon, content: Content, notebook: Notebook | None = None) -> Published | None:
    return network.find(account_of(server), content, network.new_keys(NOW, content), notebook or Notebook())


def status(server: FakeMastodon, number: int, text: str, at: dt.datetime = NOW, **more: Any) -> Status:
    return Status(str(number), server.account, {"status": text, **more}, at)


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("Ciao", 4),
        ("👨‍👩‍👧‍👦 e\u0301", 3),
        (f"Vedi {LINK}.", 29),
        (f"({LINK})", 25),
        ("https://it.wikipedia.org/wiki/Roero_(territorio)", 23),
        ("http://a.it", 23),
        ("https://nessuno.nondominio/x", 28),
        ("xhttps://a.it/1234567890123", 27),
        ("a.it/percorso", 13),
        ("@ada@altrove.example ciao", 9),
        ("ada@altrove.example", 19),
        ("@ada@altrove", 12),
    ],
)
def test_a_text_is_counted_as_mastodon_counts(text: str, length: int) -> None:
    assert measure(text, Way(23)) == length
    assert measure(text, Way(0, points=True)) == len(text)


def test_a_cut_is_never_inside_what_belongs_together() -> None:
    text = f"ab {LINK} 👨‍👩‍👧‍👦 @ada@altrove.example"
    cuts = {fitting(text, most, Way(23)) for most in range(measure(text, Way(23)) + 1)}
    end = 3 + len(LINK)
    assert cuts == {0, 1, 2, 3, end, end + 1, end + 8, end + 9, len(text)}


def test_what_the_server_says_of_itself_is_what_counts(server: FakeMastodon) -> None:
    server.max_text = 1_000
    found = network.identity(account_of(server))
    assert (found.id, found.handle, found.name) == (server.account, "roero", "Cantina Roero")
    long = Content("a" * 1_000)
    assert not network.preflight(long).ok
    assert network.preflight(replace(long, allows=found.allows)).ok
    assert network.preflight(replace(long, allows={"max_text": "many", "kinds": [], "per_url": -1})).limit == 500
    server.max_text = 400
    with pytest.raises(Refused) as refused:
        publish(server, Content("a" * 401, media=(picture(),)))
    assert (refused.value.code, server.texts(), server.media) == ("text_too_long", [], {})


@pytest.mark.parametrize("kind", [FakeMastodon, Friendica, Pleroma])
def test_a_dead_token_is_known_as_one_however_its_server_says_so(kind: type[FakeMastodon]) -> None:
    with kind() as server:
        dead = replace(account_of(server), credentials={"access_token": "of yesterday"})
        content, notebook = Content("Aperti sabato"), Notebook()
        for ask in (
            lambda: network.identity(dead),
            lambda: network.publish(dead, content, network.new_keys(NOW, content), notebook),
        ):
            with pytest.raises(CredentialsRefused):
                ask()
        assert server.texts() == []


def test_kinds_that_a_server_does_not_take_are_refused_beforehand() -> None:
    webp = item_of(b"RIFF", "image/webp", (3, 3))
    assert network.preflight(Content("x", media=(webp,))).ok
    assert not network.preflight(Content("x", media=(webp,), allows={"kinds": ["image/png"]})).ok


def test_what_is_asked_beside_the_text_goes_along(server: FakeMastodon) -> None:
    fields = {"visibility": "unlisted", "content_warning": " Vino ", "language": "it"}
    publish(
        server, Content("Uno", link=LINK, media=(picture(alt_text="Grappoli"),), parts=(Part("due"),), fields=fields)
    )
    publish(server, Content("Tre", fields={"sensitive": True}))
    first, second, third = (one.given for one in server.statuses)
    assert first["status"] == f"Uno\n\n{LINK}"
    asked = {"visibility": "unlisted", "spoiler_text": "Vino", "sensitive": True, "language": "it"}
    assert asked.items() <= first.items()
    assert asked.items() <= second.items()
    assert second["in_reply_to_id"] == server.statuses[0].id
    assert third == {"status": "Tre", "visibility": "public", "sensitive": True}
    [media] = server.media.values()
    assert (media.description, media.upload.mime) == ("Grappoli", "image/png")
    assert hashlib.sha256(media.upload.data).hexdigest() == picture(alt_text="Grappoli").sha256
    assert ("it", "italiano") in LANGUAGES


@pytest.mark.parametrize("shown", [True, False])
def test_what_is_refused_since_its_pictures_are_in_the_post_itself_is_not_sent_twice(shown: bool) -> None:  # noqa: FBT001
    """A busy server may show a post later than it is asked for three times; whether it is ours, it may not tell then, either."""
    content, notebook = Content("Aperti sabato", media=(picture(),)), Notebook()
    with Compatible() as server:
        keys = network.new_keys(NOW, content)
        server.on(CREATE, AnswerLost(), None)
        with pytest.raises(Unknown):
            network.publish(account_of(server), content, keys, notebook)
        server.on(LIST, Answer(200, []), None)
        assert network.find(account_of(server), content, keys, notebook) is None
        if shown:
            live = patiently(lambda: network.publish(account_of(server), content, keys, notebook))
            assert live.remote_id == server.statuses[0].id
        else:
            near = server.shown(replace(server.statuses[0], given={**server.statuses[0].given, "media_ids": []}))
            server.on(LIST, Answer(200, [near]), Answer(200, []), None)
            with pytest.raises(Unknown):
                patiently(lambda: network.publish(account_of(server), content, keys, notebook))
        assert server.texts() == ["Aperti sabato"]


def test_a_try_with_the_same_key_gives_the_same_post_where_the_server_honours_it(server: FakeMastodon) -> None:
    content, notebook = Content("Aperti sabato"), Notebook()
    keys = network.new_keys(NOW, content)
    server.on(CREATE, AnswerLost(), None)
    with pytest.raises(Unknown):
        network.publish(account_of(server), content, keys, notebook)
    live = network.publish(account_of(server), content, keys, notebook)
    assert (server.texts(), live.remote_id) == (["Aperti sabato"], server.statuses[0].id)
    assert live.permalink == f"{server.url}/@roero/{live.remote_id}"


def test_each_post_of_a_thread_has_a_picture_of_its_own_and_a_key(server: FakeMastodon) -> None:
    same = picture()
    publish(server, Content("Uno", media=(same,), parts=(Part("Due", (same,)),), comment="Tre"))
    assert [len(one.given.get("media_ids", [])) for one in server.statuses] == [1, 1, 0]
    assert (len(server.media), len(server.by_key)) == (2, 3)


def test_what_the_server_works_on_is_waited_for(server: FakeMastodon) -> None:
    server.works_for = 2
    content, notebook = Content("x", media=(picture(),)), Notebook()
    keys = network.new_keys(NOW, content)
    for _ in range(2):
        with pytest.raises(NotReady):
            network.publish(account_of(server), content, keys, notebook)
    network.publish(account_of(server), content, keys, notebook)
    assert (server.texts(), len(server.media)) == (["x"], 1)


def test_what_the_server_can_not_use_is_sent_again_the_next_time(server: FakeMastodon) -> None:
    notebook, content = Notebook(), Content("x", media=(picture(),))
    server.fails = True
    with pytest.raises(Refused) as refused:
        publish(server, content, notebook)
    assert refused.value.code == "media_failed"
    server.fails = False
    server.works_for = 9
    with pytest.raises(NotReady):
        network.publish(account_of(server), content, network.new_keys(NOW, content), notebook)
    server.media.clear()
    with pytest.raises(NotSent) as lost:
        publish(server, content, notebook)
    assert lost.value.code == "media_gone"
    server.works_for = 1
    publish(server, content, notebook)
    assert server.texts() == ["x"]


@pytest.mark.parametrize("locale", ["en", "it"])
def test_what_it_called_ready_too_early_is_waited_for(server: FakeMastodon, locale: str) -> None:
    server.hasty, server.works_for, server.locale = True, 2, locale
    content, notebook = Content("x", media=(picture(),), parts=(Part("y", (picture((2, 2)),)),)), Notebook()
    live = publish(server, content, notebook)
    assert (server.texts(), len(server.media), live.lacks) == (["x", "y"], 2, "")
    assert [len(one.given["media_ids"]) for one in server.statuses] == [1, 1]
    assert server.count(CREATE) == 4  # each a second time, once its picture was ready


@pytest.mark.parametrize("locale", ["en", "it"])
def test_media_that_were_swept_away_are_sent_again(server: FakeMastodon, locale: str) -> None:
    server.locale = locale
    content, notebook = Content("x", media=(picture(),)), Notebook()
    server.on(CREATE, Answer(503, {"error": "Service Unavailable"}), None)
    keys = network.new_keys(NOW, content)
    with pytest.raises(Unknown):
        patiently(lambda: network.publish(account_of(server), content, keys, notebook))
    server.media.clear()
    with pytest.raises(NotSent) as gone:
        network.publish(account_of(server), content, keys, notebook)
    assert (gone.value.code, server.texts()) == ("media_gone", [])
    patiently(lambda: network.publish(account_of(server), content, keys, notebook))
    assert (server.texts(), len(server.media)) == (["x"], 1)


def test_a_server_that_never_takes_the_pictures_says_no_in_the_end(server: FakeMastodon) -> None:
    content, notebook = Content("x", media=(picture(),)), Notebook()
    server.on(CREATE, *[Answer(422, {"error": "Validation failed: no"})] * 9)
    with pytest.raises(Refused) as refused:
        publish(server, content, notebook)
    assert (refused.value.code, server.count(CREATE), len(server.media)) == ("not_taken", 2, 1)
    server.good_day()
    publish(server, content, notebook)  # by hand: it is sent whole
    assert (server.texts(), len(server.media)) == (["x"], 2)
    sweeping, server.works_for = Notebook(), 0
    server.on(CREATE, Answer(422, {"error": "Media not found or already attached to another post"}))
    server.on(STATE, Answer(404, {"error": "Record not found"}))
    for _turn in range(2):
        with pytest.raises(NotSent):
            publish(server, content, sweeping)
    with pytest.raises(Refused):
        publish(server, content, sweeping)


def test_pictures_that_an_older_server_drops_are_missed(server: FakeMastodon) -> None:
    server.drops = True
    content, notebook = (
        Content("x", media=(picture(), picture((2, 2))), parts=(Part("y", (picture((3, 3)),)),)),
        Notebook(),
    )
    server.on(CREATE, Answer(503, {"error": "Service Unavailable"}), None)
    keys = network.new_keys(NOW, content)
    with pytest.raises(Unknown):
        patiently(lambda: network.publish(account_of(server), content, keys, notebook))
    for known in list(server.media)[1:]:
        del server.media[known]
    live = network.publish(account_of(server), content, keys, notebook)
    assert ([len(one.given["media_ids"]) for one in server.statuses], len(server.texts())) == ([1, 0], 2)
    assert "2" in str(live.lacks)


def test_a_server_that_breaks_at_a_key_it_knows_doubles_nothing(server: FakeMastodon) -> None:
    server.repeats_fail = True
    content, notebook = Content("Aperti sabato"), Notebook()
    keys = network.new_keys(NOW, content)
    server.on(CREATE, AnswerLost(), None)
    for _turn in range(2):
        with pytest.raises(Unknown):
            network.publish(account_of(server), content, keys, notebook)
    found = network.find(account_of(server), content, keys, notebook)
    assert (server.texts(), found is not None and found.remote_id) == (["Aperti sabato"], server.statuses[0].id)


def test_a_server_that_turns_no_page_is_not_asked_five_times(server: FakeMastodon) -> None:
    """Pixelfed before 0.12.6 knew no `max_id` (https://github.com/pixelfed/pixelfed/issues/5969)."""
    server.statuses = [status(server, number, f"Post {number}") for number in range(1, 42)]
    page = Answer(200, [server.shown(one) for one in reversed(server.statuses[1:])])
    server.on(LIST, *[page] * 9)
    with pytest.raises(CannotTell):
        find(server, Content("Post 1"))
    assert server.count(LIST) == 2


def test_a_post_is_found_by_its_words_since_the_first_try(server: FakeMastodon) -> None:
    text = f"Vino «rosso» & @ada@altrove.example #vino\n\n{LINK}"
    earlier = NOW - dt.timedelta(hours=1)
    server.statuses = [status(server, 1, text, earlier), status(server, 2, text), status(server, 3, "Altro")]
    assert find(server, Content(text)) == Published("2", f"{server.url}/@roero/2")
    assert find(server, Content(text, parts=(Part("poi"),))) is None, "the rest has still to go out"
    server.statuses[1].given["in_reply_to_id"] = "3"
    assert find(server, Content(text)) is None


@pytest.mark.parametrize("theirs", ["Sabato la cantina e aperta!", "SABATO la cantina e aperta", "Sabato la cantina"])
def test_what_is_nearly_the_same_is_for_a_person_to_tell(server: FakeMastodon, theirs: str) -> None:
    server.statuses = [status(server, 1, theirs)]
    if theirs.endswith("cantina"):
        assert find(server, Content("Sabato la cantina e aperta")) is None
    else:
        with pytest.raises(CannotTell):
            find(server, Content("Sabato la cantina e aperta"))


def test_another_warning_is_not_the_same_post(server: FakeMastodon) -> None:
    server.statuses = [status(server, 1, "Uno", spoiler_text="Vino")]
    assert find(server, Content("Uno", fields={"content_warning": "Vino"})) is not None
    with pytest.raises(CannotTell):
        find(server, Content("Uno"))


def test_too_many_posts_to_look_through_are_for_a_person_to_tell(server: FakeMastodon) -> None:
    server.statuses = [status(server, number, f"Post {number}") for number in range(1, 202)]
    with pytest.raises(CannotTell):
        find(server, Content("Post 0"))
    assert server.count(LIST) == 5
    server.statuses[0].at = NOW - dt.timedelta(days=1)
    del server.statuses[1:3]
    assert find(server, Content("Post 0")) is None


def test_an_edit_keeps_what_it_does_not_change(server: FakeMastodon) -> None:
    content = Content("Sabbato", media=(picture(),), parts=(Part("due"),), fields={"content_warning": "Vino"})
    live = publish(server, content)
    before = [dict(one.given) for one in server.statuses]
    changed = replace(content, text="Sabato")
    for _ in range(2):
        assert network.edit(account_of(server), live, changed) == live
    after = [one.given for one in server.statuses]
    assert after[0] == {**before[0], "status": "Sabato", "language": "it", "in_reply_to_id": None}
    assert after[1] == before[1]
    assert server.count(CHANGE) == 1
    with pytest.raises(Refused) as refused:
        network.edit(account_of(server), live, replace(changed, media=()))
    assert refused.value.code == "edit_words_only"


def test_numbers_are_of_the_first_post(server: FakeMastodon) -> None:
    live = publish(server, Content("x", comment="y"))
    assert network.numbers(account_of(server), live) == Numbers(reactions=7, comments=1, shares=4)


def test_what_was_deleted_in_the_middle_is_not_read_back(server: FakeMastodon) -> None:
    live = publish(server, Content("x", parts=(Part("y"), Part("z"))))
    del server.statuses[1]
    shown = network.read_back(account_of(server), live)
    assert shown == Published(f"{server.statuses[0].id},{server.statuses[1].id}", live.permalink)
    network.delete(account_of(server), live)
    assert (server.texts(), network.read_back(account_of(server), live)) == ([], None)


def test_an_old_server_publishes_and_can_not_edit() -> None:
    with OldServer() as server:
        assert network.identity(account_of(server)).allows == {}
        live = publish(server, Content("Uno", media=(picture(),)))
        assert (server.texts(), len(server.media)) == (["Uno"], 1)
        with pytest.raises(Refused) as refused:
            network.edit(account_of(server), live, Content("Due", media=(picture(),)))
        assert (refused.value.code, server.texts()) == ("edit_not_here", ["Uno"])


def test_it_is_waited_until_the_limit_begins_anew(server: FakeMastodon) -> None:
    again = dt.datetime.now(dt.UTC).replace(microsecond=0) + dt.timedelta(minutes=3)
    server.on(CREATE, Answer(429, {"error": "Too many requests"}, {"X-RateLimit-Reset": again.isoformat()}))
    with pytest.raises(Throttled) as throttled:
        publish(server, Content("x"))
    assert throttled.value.retry_at == again


def test_uploads_and_requests_are_limited() -> None:
    content = Content("x", media=(picture(), picture()), parts=(Part("y", (picture(),)),), comment="z")
    limits = network.budgets(Account("roero"), content)
    assert [(limit.name, limit.most, limit.cost) for limit in limits] == [("requests", 300, 12), ("uploads", 30, 3)]
    assert [limit.name for limit in network.budgets(Account("roero"), Content("x"))] == ["requests"]
    deletions = network.delete_budgets(Account("roero"), content)
    assert [(limit.name, limit.most, limit.cost) for limit in deletions] == [("deletions", 30, 3)]


def test_a_channel_names_its_server(server: FakeMastodon) -> None:
    with pytest.raises(Refused) as refused:
        network.identity(replace(account_of(server), server=""))
    assert refused.value.code == "server_missing"


def test_an_app_is_registered_with_each_server(server: FakeMastodon, mastodon: Mastodon) -> None:
    back = ["https://filo.example/back", "https://filo.example/portal/back"]
    assert network.register_app(server.url, back) == {"client_id": "TWhM", "client_secret": "ZEaF"}
    asked = server.requests[-1].fields
    assert asked["scopes"] == "read:accounts read:statuses write:statuses write:media"
    assert asked["redirect_uris"].split("\n") == back
    given = network.register_app(mastodon.url, back)
    assert given["client_id"] != given["client_secret"]
    with pytest.raises(Refused):
        network.register_app(server.url, ["nowhere"])


def test_media_are_told_apart_by_their_number(server: FakeMastodon) -> None:
    one, two = picture((3, 3)), picture((3, 4))
    publish(server, Content("Uno", media=(one,)))
    assert find(server, Content("Uno", media=(one,))) is not None
    with pytest.raises(CannotTell):
        find(server, Content("Uno", media=(one, two)))
    publish(server, Content("", media=(one,)))
    with pytest.raises(CannotTell) as wordless:  # nobody knows any more what was uploaded for it
        find(server, Content("", media=(one,)))
    assert wordless.value.code == "wordless"
    assert find(server, Content("", media=(one, two))) is None


def test_a_busy_server_that_does_not_know_the_post_above_yet_is_asked_again(server: FakeMastodon) -> None:
    """https://github.com/mastodon/mastodon/issues/21932"""
    notebook, content = Notebook(), content_of("thread", 1)
    keys = network.new_keys(NOW, content)
    unknown = Answer(404, {"error": "The post you are trying to reply to does not appear to exist"})
    server.on(CREATE, None, unknown, None)
    with pytest.raises(NotSent) as error:
        patiently(lambda: network.publish(account_of(server), content, keys, notebook))
    assert (error.value.code, len(server.texts())) == ("not_there_yet", 1)
    patiently(lambda: network.publish(account_of(server), content, keys, notebook))
    assert len(server.texts()) == 4
