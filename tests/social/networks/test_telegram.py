"""Telegram keeps the contract, on a fake at the wire; nobody but a person can tell what a lost answer was."""

import dataclasses
import datetime as dt
import logging
from collections.abc import Collection, Iterator

import pytest

from social.networks import get
from social.networks.base import (
    Account,
    CannotTell,
    Content,
    CredentialsRefused,
    NetworkError,
    Part,
    Published,
    Refused,
    Throttled,
    Unknown,
)
from tests.servers.telegram import FakeTelegram
from tests.servers.wire import Answer, AnswerLost, Echo, Fault
from tests.social.networks.case import WireCase, said_by
from tests.social.networks.conftest import NOW, item_of, picture
from tests.social.networks.contract import WireContract
from tests.social.networks.test_contract_x import gif, video
from tests.social.notebook import Notebook

network = get("telegram")
ME = "POST /bot{token}/getMe"
CHAT = "POST /bot{token}/getChat"
MEMBER = "POST /bot{token}/getChatMember"
SEND = "POST /bot{token}/sendMessage"
GROUP = "POST /bot{token}/sendMediaGroup"
EDIT = "POST /bot{token}/editMessageText"
DELETE = "POST /bot{token}/deleteMessage"
LINK = "https://cantina.example/visite?a=1&b=2"


class TelegramCase(WireCase):
    """The winery's channel."""

    network = network
    finds = False

    def __init__(self, server: FakeTelegram) -> None:
        self.server = server

    def account(self) -> Account:
        return account_of(self.server)

    def live(self) -> list[str]:
        return self.server.texts()

    def uploads(self) -> int:
        return self.server.received

    def content(self, kind: str, number: int) -> Content:
        text = f"Novità {number}: <b>*_[vino]_*</b> & #roero @cantina"
        match kind:
            case "picture":
                return Content(text, media=(picture((number, 2)),))
            case "video":
                return Content(text, media=(video(20.0, size=1_000 + number),))
            case "gif":
                return Content(text, media=(gif(number),))
            case "album":
                return Content(text, link=LINK, media=(picture((number, 1)), video(9.0, size=1_000 + number)))
        return Content(text, link=LINK)

    def shown(self, content: Content) -> list[str]:
        return [f"{content.text}\n\n{content.link}" if content.link else content.text]

    def edges(self) -> list[tuple[Content, bool]]:
        pictures = tuple(picture((n + 1, 2)) for n in range(11))
        return [
            (Content("a", media=pictures[:10]), True),
            (Content("b", media=pictures), False),
            (Content("c", media=(*pictures[:10], video(9.0, 900))), False),
            (Content("d", media=(gif(1),)), True),
            (Content("e", media=(gif(1), pictures[0])), False),
            (Content("f" * 1_024, media=pictures[:1]), True),
            (Content("g" * 1_025, media=pictures[:1]), False),
            (Content("h", media=(dataclasses.replace(video(9.0, 900), size=50_000_001),)), False),
            (Content("i", media=tuple(dataclasses.replace(one, size=26_000_000) for one in pictures[:2])), False),
            (Content("l", media=(item_of(b"%PDF", "application/pdf", (1, 1)),)), False),
            (Content("m", parts=(Part("n"),)), False),
            (Content("o", comment="p"), False),
            (Content(" "), False),
        ]

    def on(self, name: str, *faults: Fault | None) -> None:
        self.server.on(name, *faults)

    def good_day(self) -> None:
        self.server.good_day()

    def calls(self) -> list[str]:
        return list(self.server.calls)

    def secrets(self) -> Collection[str]:
        return [FakeTelegram.token, FakeTelegram.token.partition(":")[2]]


class TestTelegram(WireContract):
    kinds = ("words", "picture", "video", "gif", "album")
    quiet = (ME, CHAT, MEMBER)
    visible = GROUP
    edits = (EDIT,)
    deletes = (DELETE,)

    @pytest.fixture
    def case(self) -> Iterator[WireCase]:
        with FakeTelegram() as server:
            yield TelegramCase(server)

    @classmethod
    def without(cls) -> list[str]:
        """It can't be asked at all what was there when."""
        return [*super().without(), "test_a_clock_of_ours_that_is_an_hour_ahead_hides_nothing"]

    def test_what_was_accepted_and_dropped_is_found(self, case: WireCase) -> None:
        """Words alone go by another call."""
        case.on(SEND, AnswerLost())
        content = case.content("words", 1)
        with pytest.raises(Unknown):
            network.publish(case.account(), content, {}, Notebook())
        assert case.live() == case.shown(content)
        with pytest.raises(CannotTell):
            network.find(case.account(), content, {}, Notebook())


@pytest.fixture
def server() -> Iterator[FakeTelegram]:
    with FakeTelegram() as fake:
        yield fake


def account_of(server: FakeTelegram, **more: str) -> Account:
    return Account("@cantinaroero", server.url, {"bot_token": FakeTelegram.token, **more})


def publish(server: FakeTelegram, content: Content, **more: str) -> Published:
    return network.publish(account_of(server, **more), content, network.new_keys(NOW, content), Notebook())


def test_the_address_is_public_or_of_members(server: FakeTelegram) -> None:
    assert publish(server, Content("Uno")).permalink == "https://t.me/cantinaroero/101"
    server.username = ""
    private = publish(server, Content("Due"), chat_id="-1002233445566")
    assert private == Published("102", "https://t.me/c/2233445566/102")
    found = network.identity(account_of(server, chat_id="-1002233445566"))
    assert (found.id, found.handle, found.name) == ("-1002233445566", "Cantina Roero", "Cantina Roero")


def test_words_go_as_they_are_with_what_was_asked(server: FakeTelegram) -> None:
    fields = {"silent": True, "protected": True}
    publish(server, Content("*Uno* & <b>", link=LINK, fields=fields))
    publish(server, Content(f"Qui: {LINK}", link=LINK))
    publish(server, Content("Foto", link=LINK, media=(picture(),), fields=fields))
    first, second, third = (message.options or {} for message in server.messages.values())
    options = {"disable_notification": True, "protect_content": True}
    shown = {"link_preview_options": {"url": LINK}}
    assert first == {"chat_id": "@cantinaroero", "text": f"*Uno* & <b>\n\n{LINK}", **shown, **options}
    assert second == {"chat_id": "@cantinaroero", "text": f"Qui: {LINK}", **shown}
    assert (third["caption"], third["protect_content"]) == (f"Foto\n\n{LINK}", "true")


def test_pictures_and_videos_arrive_whole(server: FakeTelegram) -> None:
    film, photo = video(20.4, size=100_000), picture()
    live = publish(server, Content("Due", media=(film, photo)))
    publish(server, Content("Uno", media=(film,)))
    assert [message.file for message in server.messages.values()] == [one.open().read() for one in (film, photo, film)]
    options = list(server.messages.values())[2].options or {}
    assert {name: options[name] for name in ("duration", "width", "height", "supports_streaming")} == {
        "duration": "20",
        "width": "1280",
        "height": "720",
        "supports_streaming": "true",
    }
    assert live.remote_id == f"102.{film.sha256[:8]},103.{photo.sha256[:8]}"
    network.delete(account_of(server), live)
    assert len(server.messages) == 1


def test_units_are_counted_as_telegram_counts_its_entities() -> None:
    assert network.preflight(Content("🍷" * 2_048)).ok
    over = network.preflight(Content("🍷" * 2_049))
    assert (over.ok, over.used, over.cut_at) == (False, 4_098, 2_048)
    caption = network.preflight(Content("a" * 1_025, media=(picture(),)))
    assert (caption.ok, caption.limit, caption.cut_at) == (False, 1_024, 1_024)
    assert [problem.code for problem in network.preflight(Content("a", media=(picture(),))).problems] == [
        "alt_text_lost"
    ]


def test_an_edit_sends_only_what_has_changed(server: FakeTelegram) -> None:
    one, two, other = picture((1, 1)), picture((2, 2)), picture((3, 3))
    live = publish(server, Content("Prima", media=(one, two)))
    account, sent = account_of(server), len(server.requests)
    edited = network.edit(account, live, Content("Dopo", media=(one, two)))
    assert (edited, server.texts(), server.calls[sent:]) == (live, ["Dopo"], ["POST /bot{token}/editMessageCaption"])
    edited = network.edit(account, edited, Content("Dopo", media=(one, other)))
    assert [message.file for message in server.messages.values()] == [item.open().read() for item in (one, other)]
    assert (edited.remote_id.endswith(other.sha256[:8]), edited.permalink) == (True, live.permalink)
    for content in (Content("Meno", media=(one,)), Content("Niente")):
        with pytest.raises(Refused) as refused:
            network.edit(account, edited, content)
        assert refused.value.code == "edit_same_media"


def test_after_48_hours_a_person_has_to_do_it(server: FakeTelegram) -> None:
    live = publish(server, Content("x"))
    server.late = True
    for change in (lambda: network.delete(account_of(server), live), lambda: edited(server, live)):
        with pytest.raises(Refused) as refused:
            change()
        assert refused.value.code == "too_late"
    server.late = False
    network.delete(account_of(server), live)
    with pytest.raises(Refused) as refused:
        edited(server, live)
    assert refused.value.code == "gone"


def edited(server: FakeTelegram, live: Published) -> Published:
    return network.edit(account_of(server), live, Content("y"))


@pytest.mark.parametrize(
    ("rights", "kind", "code"),
    [
        ({"status": "left"}, "channel", "rights_missing"),
        ({"status": "kicked"}, "channel", "rights_missing"),
        ({"status": "administrator", "can_post_messages": False}, "channel", "rights_missing"),
        ({"status": "administrator", "can_post_messages": True}, "supergroup", "not_a_channel"),
    ],
)
def test_the_bot_has_to_be_administrator_of_a_channel(
    server: FakeTelegram, rights: dict[str, object], kind: str, code: str
) -> None:
    server.rights, server.kind = rights, kind
    for call in (lambda: network.identity(account_of(server)), lambda: publish(server, Content("x"))):
        with pytest.raises(Refused) as refused:
            call()
        assert refused.value.code == code
        assert isinstance(refused.value, CredentialsRefused) == (code == "rights_missing")
    assert server.texts() == []


@pytest.mark.parametrize(
    ("answer", "kind", "code"),
    [
        ((403, "Forbidden: bot was kicked from the channel chat"), CredentialsRefused, "rights_missing"),
        ((400, "Bad Request: need administrator rights in the channel chat"), CredentialsRefused, "rights_missing"),
        ((400, "Bad Request: CHAT_WRITE_FORBIDDEN"), CredentialsRefused, "rights_missing"),
        ((400, "Bad Request: chat not found"), Refused, "chat_not_found"),
        ((400, "Bad Request: PHOTO_INVALID_DIMENSIONS"), Refused, "media_failed"),
        ((400, "Bad Request: something new"), Refused, "refused"),
        ((413, "Request Entity Too Large"), Refused, "media_too_heavy"),
        ((404, "Not Found"), CredentialsRefused, "credentials_refused"),
        ((502, "Bad Gateway"), Unknown, "server_error"),
    ],
)
def test_what_telegram_says_becomes_an_outcome(
    server: FakeTelegram, answer: tuple[int, str], kind: type[NetworkError], code: str
) -> None:
    status, description = answer
    server.on(SEND, Answer(status, {"ok": False, "error_code": status, "description": description}))
    with pytest.raises(NetworkError) as error:
        publish(server, Content("x"))
    assert (type(error.value), error.value.code) == (kind, code)


@pytest.mark.parametrize(
    "said",
    [
        "group send failed",
        'failed to send message #2 with the error message "Too Many Requests: retry after 8"',
        'failed to send message #2 with the error message "PHOTO_INVALID_DIMENSIONS"',
        'failed to send message #1 with the error message "CHAT_WRITE_FORBIDDEN"',
    ],
)
def test_an_album_of_which_a_part_may_be_out_is_uncertain_whatever_is_said_of_the_rest(
    server: FakeTelegram, said: str
) -> None:
    content, notebook = Content("Tre", media=tuple(picture((n, 1)) for n in (1, 2, 3))), Notebook()
    server.keeps = (1, said)
    with pytest.raises(NetworkError) as error:
        network.publish(account_of(server), content, {}, notebook)
    assert (type(error.value), error.value.code) == (Unknown, "album_in_parts")
    assert (server.texts(), len(server.messages)) == (["Tre"], 1)
    with pytest.raises(CannotTell):
        network.find(account_of(server), content, {}, notebook)


@pytest.mark.parametrize(("seconds", "waits"), [(17, 18), (0, 1), (10**9, 86_400), (-1, 300), ("soon", 300)])
def test_it_waits_as_long_as_telegram_says(server: FakeTelegram, seconds: object, waits: int) -> None:
    body = {"ok": False, "error_code": 429, "description": "Too Many Requests", "parameters": {"retry_after": seconds}}
    server.on(SEND, Answer(429, body))
    with pytest.raises(Throttled) as throttled:
        publish(server, Content("x"))
    left = (throttled.value.retry_at - dt.datetime.now(dt.UTC)).total_seconds()
    assert waits - 2 < left <= waits


def test_the_token_is_in_no_log_and_no_error(server: FakeTelegram, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    said = []
    for fault in (None, Echo(), Echo(404), Echo(500), AnswerLost(), Answer(302, b"", {"Location": server.url + "/x"})):
        server.on(SEND, fault)
        try:
            publish(server, Content("x"))
        except NetworkError as error:
            said.append(said_by(error))
    refused = f"/bot{FakeTelegram.token}/sendMessage"
    server.on(SEND, Answer(302, b"", {"Location": server.url + refused}))
    with pytest.raises(Unknown) as moved:
        publish(server, Content("x"))
    words = "\n".join([*said, said_by(moved.value), caplog.text, repr(account_of(server)), server.url])
    assert len(said) == 5
    assert FakeTelegram.token not in words
    assert FakeTelegram.token.partition(":")[2] not in words


@pytest.mark.parametrize("token", ["", "x", "1:../../getMe?", "7700123456:AAFq3/Zk9pXw_7vR2mLd5TgY1uJhB8sCeNo"])
def test_what_is_no_token_is_never_put_into_an_address(server: FakeTelegram, token: str) -> None:
    with pytest.raises(CredentialsRefused):
        publish(server, Content("x"), bot_token=token)
    assert server.calls == []


def test_what_is_no_channel_is_never_asked_for(server: FakeTelegram) -> None:
    with pytest.raises(Refused) as refused:
        publish(server, Content("x"), chat_id="cantina roero")
    assert (refused.value.code, server.calls) == ("chat_not_found", [])


def test_an_album_counts_as_many_messages() -> None:
    account = Account("cantinaroero")
    limits = network.budgets(account, Content("x", media=(picture(), picture((1, 1)))))
    assert [(one.name, one.most, one.window.total_seconds(), one.scope, one.cost) for one in limits] == [
        ("posts", 1, 1.0, "channel", 1),
        ("minute", 20, 60.0, "channel", 2),
        ("app", 30, 1.0, "app", 2),
    ]
