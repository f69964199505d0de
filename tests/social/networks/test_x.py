"""What is X's own: beside the contract, which it keeps in `test_contract_x`."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from social.networks import get, rules
from social.networks.base import (
    Account,
    CannotTell,
    Content,
    CredentialsRefused,
    MediaItem,
    NotReady,
    NotSent,
    Numbers,
    Part,
    Published,
    Refused,
    Throttled,
    Unknown,
    Unpaid,
)
from tests.servers.wire import NOW, Answer, AnswerLost, Cut
from tests.servers.x import FakeX, Post
from tests.social.networks.case import patiently
from tests.social.networks.conftest import picture
from tests.social.networks.test_contract_x import END, PIECE, POST, TIMELINE, account_of, gif, video
from tests.social.notebook import Killed, Notebook

SUBTITLES = "POST /2/media/subtitles"
network = get("x")
LINK = "https://cantinaroero.it/visite"


@pytest.fixture
def server() -> Iterator[FakeX]:
    with FakeX() as fake:
        yield fake


def publish(server: FakeX, content: Content, notebook: Notebook | None = None) -> Published:
    keys, notebook = network.new_keys(NOW, content), notebook or Notebook()
    return patiently(lambda: network.publish(account_of(server), content, keys, notebook))


def find(server: FakeX, content: Content, notebook: Notebook | None = None) -> Published | None:
    notebook = notebook or Notebook()
    notebook.sending()
    return network.find(account_of(server), content, network.new_keys(NOW, content), notebook)


@pytest.mark.parametrize("beside", [True, False])
@pytest.mark.parametrize("kind", ["not-authorized-for-resource", "client-disconnected", ""])
def test_a_post_that_x_does_not_show_is_not_taken_for_gone(server: FakeX, kind: str, beside: bool) -> None:  # noqa: FBT001
    live = publish(server, Content("Uno", parts=(Part("Due"),)))
    shown = [{"id": live.remote_id.split(",")[1], "text": "Due"}] if beside else []
    error = {"type": f"https://api.x.com/2/problems/{kind}", "title": "Authorization Error"}
    server.on("GET /2/tweets", *[Answer(200, {"errors": [error]} | ({"data": shown} if shown else {}))] * 2)
    with pytest.raises(NotSent):
        network.read_back(account_of(server), live)
    with pytest.raises(NotSent):
        network.numbers(account_of(server), live)


def test_a_link_goes_out_as_last_paragraph_and_counts() -> None:
    checked = network.preflight(Content("a" * 255, link=LINK))
    assert (checked.ok, checked.used) == (True, 280)
    over = network.preflight(Content("a" * 256, link=LINK))
    assert (over.ok, over.used, over.cut_at) == (False, 281, 255)
    assert network.preflight(Content(f"Ecco: {LINK}", link=LINK)).used == 29


def test_what_goes_out_is_what_was_approved(server: FakeX) -> None:
    asked = {"replies": "following", "paid_partnership": True, "made_with_ai": False, "unknown": "x"}
    content = Content("Sabato aperti", link=LINK, media=(picture(alt_text="Il vigneto"),), fields=asked)
    live = publish(server, content)
    [post] = server.posts
    assert post.text == f"Sabato aperti\n\n{LINK}"
    assert post.options == {"reply_settings": "following", "paid_partnership": True}
    assert [(media.alt_text, media.category) for media in server.media.values()] == [("Il vigneto", "tweet_image")]
    assert live == Published(post.ids[0], f"https://x.com/cantinaroero/status/{post.ids[0]}")


def test_a_thread_is_a_chain_and_the_comment_answers_its_beginning(server: FakeX) -> None:
    live = publish(server, Content("Uno", parts=(Part("Due"), Part("Tre")), comment="Quattro"))
    first, second, third, fourth = server.posts
    assert [post.answers for post in server.posts] == ["", first.ids[0], second.ids[0], first.ids[0]]
    assert live.remote_id == ",".join(post.ids[0] for post in (first, second, third, fourth))
    network.delete(account_of(server), live)
    assert server.posts == []


def test_a_thread_has_an_end() -> None:
    parts = tuple(Part(f"{number}") for number in range(24))
    assert network.preflight(Content("x", parts=parts)).ok
    problems = network.preflight(Content("x", parts=parts, comment="y")).problems
    assert [problem.detail for problem in problems] == ["A thread here has at most 25 posts: this one has 26."]


def test_each_part_is_checked() -> None:
    parts = (Part("日" * 141), Part(" "), Part("", (picture(alt_text=""),)))
    problems = network.preflight(Content("x", parts=parts, comment="a" * 281)).problems
    assert [problem.code for problem in problems] == [
        "part_too_long",
        "part_empty",
        "comment_too_long",
        "alt_text_missing",
    ]


def test_a_video_goes_in_pieces_and_on_from_the_piece_where_it_stopped(server: FakeX) -> None:
    content = Content("Il film", media=(video(30.0, size=9_000_001),))
    notebook = Notebook(kill_at=4)  # account, upload, first piece, second piece
    with pytest.raises(Killed):
        publish(server, content, notebook)
    notebook.kill_at = None
    publish(server, content, notebook)
    [media] = server.media.values()
    assert (media.data, media.category) == (content.media[0].open().read(), "tweet_video")
    assert server.count(PIECE) == 4  # the second one twice: its answer was lost with the worker
    assert server.count(END) == 1


SRT = "1\n00:00:00,000 --> 00:00:02,000\nSi vendemmia.\n"
SUBTITLED = Content("Il film", media=(replace(video(30.0), captions=SRT),), fields={"captions_language": "it"})


def test_a_video_has_its_subtitles_before_anybody_sees_it(server: FakeX) -> None:
    server.on(SUBTITLES, Answer(400, {"title": "Invalid Request", "detail": "No"}), Cut(), None)
    notebook = Notebook()
    for error in (Refused, NotSent):
        with pytest.raises(error):
            publish(server, SUBTITLED, notebook)
        assert server.posts == []
    publish(server, SUBTITLED, notebook)
    [film] = [media for media in server.media.values() if media.category == "tweet_video"]
    assert (server.texts(), film.subtitles) == (["Il film"], {"IT": ("Italiano", SRT.encode())})
    calls = len(server.calls)
    publish(server, SUBTITLED, notebook)
    assert server.calls[calls:] == []


def test_without_a_language_subtitles_stay_away_and_it_is_said(server: FakeX) -> None:
    silent = replace(SUBTITLED, fields={})
    told = {(problem.code, problem.level) for problem in rules.checked(network, silent).problems}
    assert told == {("captions_left_out", "warning"), ("video_alt_text_lost", "warning")}
    assert [problem.code for problem in rules.checked(network, SUBTITLED).problems] == ["video_alt_text_lost"]
    publish(server, silent)
    assert [media.category for media in server.media.values()] == ["tweet_video"]


def test_x_says_when_to_ask_again(server: FakeX) -> None:
    before = dt.datetime.now(dt.UTC)
    with pytest.raises(NotReady) as waits:
        network.publish(
            account_of(server), Content("x", media=(gif(1),)), network.new_keys(NOW, Content("x")), Notebook()
        )
    assert dt.timedelta(0) < waits.value.retry_at - before < dt.timedelta(seconds=5)
    assert server.posts == []


def test_what_x_cannot_use_is_refused_and_begun_again_the_next_time(server: FakeX) -> None:
    notebook, content = Notebook(), Content("x", media=(gif(1),))
    server.fails = True
    with pytest.raises(Refused) as refused:
        publish(server, content, notebook)
    assert refused.value.code == "media_failed"
    server.fails = False
    publish(server, content, notebook)
    assert (server.texts(), len(server.media)) == (["x"], 2)


def test_an_upload_that_x_has_forgotten_is_begun_again(server: FakeX) -> None:
    notebook, content = Notebook(kill_at=3), Content("x", media=(picture(),))
    with pytest.raises(Killed):
        publish(server, content, notebook)
    notebook.kill_at = None
    server.media.clear()
    publish(server, content, notebook)
    assert (server.texts(), server.uploads()) == (["x"], 1)


@pytest.mark.parametrize("item", [gif(1), picture()], ids=["worked on", "ready"])
def test_what_x_has_lost_is_sent_again(server: FakeX, item: MediaItem) -> None:
    """Which it says where it is asked how far it is, or where the post goes out (“Your media IDs are invalid.”)."""
    notebook, content = Notebook(), Content("x", media=(item,))
    server.on(POST, Answer(503), None)
    with pytest.raises((NotReady, Unknown)):
        network.publish(account_of(server), content, network.new_keys(NOW, content), notebook)
    server.media.clear()
    server.on(POST, None)
    with pytest.raises(NotSent) as gone:
        publish(server, content, notebook)
    assert gone.value.code == "media_gone"
    publish(server, content, notebook)
    assert (server.texts(), server.uploads()) == (["x"], 1)


def test_the_same_words_are_refused_unless_they_are_our_own(server: FakeX) -> None:
    content = Content("Aperti sabato")
    server.on(POST, AnswerLost(), None)
    notebook = Notebook()
    with pytest.raises(Unknown):
        publish(server, content, notebook)
    first = server.posts[0].ids[0]
    assert publish(server, content, notebook).remote_id == first
    server.posts[0].at = NOW - dt.timedelta(hours=5)
    with pytest.raises(Refused) as refused:
        publish(server, content)
    assert (refused.value.code, server.texts()) == ("duplicate", ["Aperti sabato"])


def test_where_x_has_it_and_cannot_say_whose_it_is_it_stays_uncertain(server: FakeX) -> None:
    publish(server, Content("Aperti sabato"))
    server.on(TIMELINE, Cut())
    with pytest.raises(Unknown) as unknown:
        publish(server, Content("Aperti sabato"))
    assert unknown.value.code == "duplicate_unclear"


@pytest.mark.parametrize(
    "text",
    [
        "Vino & pane <3 > 2: https://Cantina.example/A?b=1&c=2 e http://cantinaroero.it/",
        "  spazi   e\n\na capo \n",
        "perche\u0301 no",
        "x" * 280,
    ],
)
def test_a_post_is_found_as_x_keeps_it(server: FakeX, text: str) -> None:
    server.posts.append(Post(["5"], text, NOW + dt.timedelta(seconds=3), thread="5"))
    assert find(server, Content(text)) == Published("5", "https://x.com/cantinaroero/status/5")


def test_a_post_of_before_is_not_ours(server: FakeX) -> None:
    server.posts.append(Post(["5"], "Aperti", NOW - dt.timedelta(hours=1), thread="5"))
    assert find(server, Content("Aperti")) is None


def test_another_number_of_pictures_is_for_a_person_to_tell(server: FakeX) -> None:
    server.posts.append(Post(["5"], "Aperti", NOW, media=["7"], thread="5"))
    with pytest.raises(CannotTell):
        find(server, Content("Aperti"))


def test_an_answer_in_another_thread_is_not_ours(server: FakeX) -> None:
    server.posts.append(Post(["5"], "Grazie", NOW, thread="3"))
    assert find(server, Content("Grazie")) is None


def test_nearly_the_same_is_for_a_person_to_tell(server: FakeX) -> None:
    server.posts.append(Post(["5"], "Aperti sabato 🎉", NOW, thread="5"))
    with pytest.raises(CannotTell):
        find(server, Content("Aperti sabato 🍷"))
    assert find(server, Content("Aperti domenica")) is None


def test_too_many_posts_to_look_through_are_for_a_person_to_tell(server: FakeX) -> None:
    server.posts += [Post([str(n)], f"post {n}", NOW, thread=str(n)) for n in range(1, 302)]
    with pytest.raises(CannotTell):
        find(server, Content("post 1"))
    assert find(server, Content("post 2")) is not None
    assert server.count(TIMELINE) == 6


def test_a_picture_without_words_is_found_by_the_pictures(server: FakeX) -> None:
    content, notebook = Content("", media=(picture(), picture((3, 3)))), Notebook()
    live = publish(server, content, notebook)
    assert find(server, content, notebook) == live
    assert find(server, replace(content, media=(picture(),)), notebook) is None


def test_an_edit_keeps_the_pictures_and_gives_a_new_id(server: FakeX) -> None:
    content = Content("Aperto sabbato", media=(picture(),))
    live = publish(server, content)
    media = list(server.posts[0].media)
    edited = network.edit(account_of(server), live, replace(content, text="Aperto sabato"))
    assert edited.remote_id == server.posts[0].ids[1] != live.remote_id
    assert edited.permalink == f"https://x.com/cantinaroero/status/{edited.remote_id}"
    assert (server.posts[0].text, server.posts[0].media) == ("Aperto sabato", media)
    # Whoever does not know of the new id changes nothing twice, and reads it back.
    assert network.edit(account_of(server), live, replace(content, text="Aperto sabato")) == edited
    assert network.read_back(account_of(server), live) == edited
    assert len(server.posts[0].ids) == 2


def test_after_its_time_nothing_is_edited(server: FakeX) -> None:
    live = publish(server, Content("Aperto sabbato"))
    server.posts[0].edits = False
    with pytest.raises(Refused) as refused:
        network.edit(account_of(server), live, Content("Aperto sabato"))
    assert (refused.value.code, server.texts()) == ("edit_over", ["Aperto sabbato"])


def test_only_words_are_edited(server: FakeX) -> None:
    live = publish(server, Content("Aperto"))
    for other in (Content("Chiuso", media=(picture(),)), Content("Chiuso", parts=(Part("Due"),))):
        with pytest.raises(Refused) as refused:
            network.edit(account_of(server), live, other)
        assert refused.value.code == "edit_words_only"


def test_what_is_gone_can_not_be_edited(server: FakeX) -> None:
    live = publish(server, Content("Aperto"))
    server.posts.clear()
    with pytest.raises(Refused) as refused:
        network.edit(account_of(server), live, Content("Chiuso"))
    assert refused.value.code == "gone"


def test_numbers_are_those_of_the_first_post(server: FakeX) -> None:
    live = publish(server, Content("Uno", parts=(Part("Due"),)))
    assert network.numbers(account_of(server), live) == Numbers(views=2, reactions=3, comments=5, shares=10, clicks=7)


def test_each_post_has_its_price(settings: Any) -> None:
    price = network.price(Content("Uno", parts=(Part("cantinaroero.it"), Part("Tre")), comment="Info: cantina.it"))
    assert price is not None
    assert price.dollars == Decimal("0.430")
    assert price.source == "https://docs.x.com/x-api/getting-started/pricing (2026-11-21)"
    settings.FILO_X_LINK_POST_DOLLARS, settings.FILO_X_POST_DOLLARS = "0.5", "0.1"
    assert network.price(Content("Uno", link=LINK)) == replace(price, dollars=Decimal("0.5"))


def test_taking_down_a_thread_takes_a_deletion_for_each_post() -> None:
    [limit] = network.delete_budgets(Account("roero"), Content("Uno", parts=(Part("Due"), Part("Tre")), comment="Poi"))
    assert (limit.name, limit.most, limit.window, limit.cost) == ("deletions", 50, dt.timedelta(minutes=15), 4)


def test_a_thread_takes_its_share_of_the_limits(server: FakeX) -> None:
    limits = network.budgets(account_of(server), Content("Uno", parts=(Part("Due"),), comment="Tre"))
    assert [(limit.name, limit.most, limit.scope, limit.cost) for limit in limits] == [
        ("posts", 100, "channel", 3),
        ("app_posts", 10_000, "app", 3),
    ]


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (
            Answer(403, {"detail": "Your account is suspended and is not permitted to access this."}),
            "account_not_active",
        ),
        (Answer(403, {"type": "https://api.twitter.com/2/problems/client-forbidden"}), "app_refused"),
        (Answer(403, {"detail": "Your account is temporarily locked."}), "account_not_active"),
        (Answer(403, {"detail": "You have been blocked from the author of this post."}), "refused"),
        (Answer(403, {"detail": "You are not permitted to perform this action."}), "no_reason"),
        (Answer(403, {"detail": "Something else."}), "refused"),
    ],
)
def test_a_no_says_what_has_to_be_done(server: FakeX, answer: Answer, code: str) -> None:
    server.on(POST, answer)
    with pytest.raises(Refused) as refused:
        publish(server, Content("x"))
    assert (refused.value.code, type(refused.value) is CredentialsRefused) == (code, False)


CAPPED = {
    "title": "UsageCapExceeded",
    "detail": "Usage cap exceeded: Monthly product cap",
    "type": "https://api.twitter.com/2/problems/usage-capped",
}


@pytest.mark.parametrize(
    "answer",
    [
        Answer(402, {"title": "CreditsDepleted", "type": "https://api.x.com/2/problems/credits"}),
        Answer(429, CAPPED, {"x-rate-limit-limit": "40000", "x-rate-limit-remaining": "39999"}),
    ],
)
@pytest.mark.parametrize("call", [POST, "GET /2/users/me"])
def test_where_who_runs_filo_has_to_pay_it_waits(server: FakeX, answer: Answer, call: str) -> None:
    server.on(call, answer, None)
    notebook = Notebook()
    with pytest.raises(Unpaid) as unpaid:
        publish(server, Content("x"), notebook)
    wait = unpaid.value.retry_at - dt.datetime.now(dt.UTC)
    assert unpaid.value.code == "credits_used_up"
    assert dt.timedelta(minutes=9) < wait <= dt.timedelta(minutes=10)
    publish(server, Content("x"), notebook)
    assert server.texts() == ["x"]


def test_a_token_that_x_does_not_know_is_refused_as_one(server: FakeX) -> None:
    said = "Authenticating with Unknown is forbidden for this endpoint."
    kind = "https://api.twitter.com/2/problems/unsupported-authentication"
    for call in (POST, "GET /2/users/me"):
        server.on(call, Answer(403, {"title": "Unsupported Authentication", "detail": said, "type": kind}), None)
        with pytest.raises(CredentialsRefused) as refused:
            publish(server, Content("x"))
        assert refused.value.code == "credentials_refused"


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("Comprate $ENI e $ENEL", {"cashtags"}),
        ("$ENI $ENI", {"cashtags"}),
        ("$BRK.B, $aapl!", {"cashtags"}),
        ("Solo $ENI", set()),
        ("$ENI a 25$", set()),
        ("Da $25 a $1.000,50 per $ENI", set()),
        ("$ENI raccoglie $25K", {"cashtags_perhaps"}),
        ("($ENI) e ($ENEL)", {"cashtags_perhaps"}),
        ("Con @roero", {"mentions"}),
        ("Scrivi a info@roero.it o su https://medium.com/@roero", set()),
    ],
)
def test_what_x_keeps_from_programs_is_said_before(text: str, codes: set[str]) -> None:
    for content in (Content(text), Content("x", parts=(Part(text),)), Content("x", comment=text)):
        checked = network.preflight(content)
        assert ({problem.code for problem in checked.problems}, checked.ok) == (codes, codes != {"cashtags"})
    apart = network.preflight(Content("$ENI", parts=(Part("$ENEL"),), comment="$SPM"))
    assert apart.problems == ()


def test_from_programs_of_enterprise_x_keeps_nothing(settings: Any) -> None:
    settings.FILO_X_ENTERPRISE = True
    assert network.preflight(Content("Comprate $ENI e $ENEL con @roero", comment="$ENI, $25K")).problems == ()


def test_x_is_asked_again_when_the_limit_that_is_used_up_begins_anew(server: FakeX) -> None:
    now = dt.datetime.now(dt.UTC).replace(microsecond=0)
    soon, late = now + dt.timedelta(minutes=9), now + dt.timedelta(hours=7)
    both = {
        "x-rate-limit-remaining": "97",
        "x-rate-limit-reset": f"{soon.timestamp():.0f}",
        "x-app-limit-24hour-remaining": "0",
        "x-app-limit-24hour-reset": f"{late.timestamp():.0f}",
    }
    for headers, at in ((both, late), ({"x-rate-limit-reset": f"{soon.timestamp():.0f}"}, soon)):
        server.on(POST, Answer(429, {"title": "Too Many Requests"}, headers))
        with pytest.raises(Throttled) as throttled:
            publish(server, Content("x"))
        assert throttled.value.retry_at == at


def test_a_token_is_renewed_and_its_refresh_token_with_it(server: FakeX) -> None:
    account = replace(account_of(server), credentials={**account_of(server).credentials, "kept": "too"})
    before = dt.datetime.now(dt.UTC)
    given = network.refresh(account)
    assert given == {
        "access_token": server.token,
        "refresh_token": server.refresh,
        "expires_at": given["expires_at"],
        "kept": "too",
    }
    ends = dt.datetime.fromisoformat(given["expires_at"])
    assert dt.timedelta(minutes=119) < ends - before < dt.timedelta(minutes=121)
    assert server.requests[-1].headers["authorization"].startswith("Basic ")
    assert network.identity(replace(account, credentials=given)).handle == "cantinaroero"
    with pytest.raises(CredentialsRefused):
        network.identity(account)
    with pytest.raises(CredentialsRefused) as refused:  # a refresh token is good once
        network.refresh(account)
    assert refused.value.code == "refresh_refused"


def test_a_renewal_that_breaks_may_be_tried_again(server: FakeX) -> None:
    server.on("POST /2/oauth2/token", Answer(503), Answer(401, {"error": "invalid_client"}))
    with pytest.raises(NotSent):
        network.refresh(account_of(server))
    with pytest.raises(Refused) as refused:
        network.refresh(account_of(server))
    assert refused.value.code == "app_refused"
    with pytest.raises(Refused) as missing:
        network.refresh(replace(account_of(server), app={}))
    assert missing.value.code == "app_missing"


def test_a_renewal_is_kept_whatever_is_said_of_its_end(server: FakeX) -> None:
    """The old refresh token is over by then: what came with the new one must not be lost for a number that is none."""
    for number, said in enumerate((-(10**18), -1, 0, 10**18, 2**62)):
        given = {"access_token": f"token {number}", "refresh_token": "anew", "expires_in": said}
        server.on("POST /2/oauth2/token", Answer(200, {**given, "refresh_token_expires_in": said}))
        kept = network.refresh(account_of(server))
        assert (kept["access_token"], kept["refresh_token"]) == (f"token {number}", "anew")
        ends = dt.datetime.fromisoformat(kept["expires_at"]) - dt.datetime.now(dt.UTC)
        assert dt.timedelta(minutes=-1) < ends < dt.timedelta(days=12_000)


def test_how_it_is_connected() -> None:
    assert network.oauth is not None
    assert (network.oauth.pkce, network.oauth.rotates, network.oauth.lasts) == (True, True, dt.timedelta(hours=2))
    assert "offline.access" in network.oauth.scopes
