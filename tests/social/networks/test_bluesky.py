"""Publishing on a real Bluesky server, which is asked what it holds."""

import dataclasses
import datetime as dt
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from social.networks.base import (
    Account,
    Content,
    CredentialsRefused,
    Identity,
    Keys,
    MediaItem,
    Network,
    NotSent,
    Part,
    Published,
    Refused,
    Throttled,
    Unknown,
)
from social.networks.bluesky.pictures import MAX_BYTES
from social.networks.bluesky.publishing import sessions
from tests.servers.faults import Answer, Cut, Faults
from tests.servers.pds import Pds, Person, running
from tests.social.networks.conftest import NOW, POST, account_of, film, item_of, noise, picture
from tests.social.notebook import Notebook


def features(post: dict[str, Any]) -> list[tuple[str, str, str]]:
    """What the server holds as facets: the bytes they cover, as text; their kind; their target."""
    value = post["value"]
    raw = value["text"].encode()
    return [
        (
            raw[facet["index"]["byteStart"] : facet["index"]["byteEnd"]].decode(),
            feature["$type"].rpartition("#")[2],
            feature.get("uri") or feature.get("did") or feature["tag"],
        )
        for facet in value.get("facets", [])
        for feature in facet["features"]
    ]


def test_a_text_goes_out_as_it_was_written(
    pds: Pds, bluesky: Network, person: Person, account: Account, keys: Keys
) -> None:
    text = "Sabato 👨‍👩‍👧‍👦 la cantina è aperta.\n\n  שלום e\u0301 "
    live = bluesky.publish(account, Content(text), keys, Notebook())
    [post] = pds.posts(person)
    assert post["value"] == {"$type": "app.bsky.feed.post", "text": text, "createdAt": keys["created_at"]}
    assert post["uri"] == live.remote_id == f"at://{person.did}/app.bsky.feed.post/{keys['rkey']}"
    assert live.permalink == f"https://bsky.app/profile/{person.handle}/post/{keys['rkey']}"


def test_links_mentions_and_hashtags_cover_their_own_bytes(
    pds: Pds, bluesky: Network, person: Person, account: Account, keys: Keys, new_person: Callable[[], Person]
) -> None:
    ada = new_person()
    text = (
        f"👨‍👩‍👧‍👦 e\u0301 שלום https://città.example/è?a=1. Con @{ada.handle} (@{ada.handle.upper()}) e @nobody.test, "
        "#perché! #ワイン su cantina.it/🍷"
    )
    bluesky.publish(account, Content(text), keys, Notebook())
    [post] = pds.posts(person)
    assert features(post) == [
        ("https://città.example/è?a=1", "link", "https://città.example/è?a=1"),
        (f"@{ada.handle}", "mention", ada.did),
        (f"@{ada.handle.upper()}", "mention", ada.did),
        ("#perché", "tag", "perché"),
        ("#ワイン", "tag", "ワイン"),
        ("cantina.it/🍷", "link", "https://cantina.it/🍷"),
    ]


def test_pictures_go_out_with_their_words_and_the_link_in_the_text(
    pds: Pds, bluesky: Network, person: Person, account: Account, keys: Keys
) -> None:
    media = (picture((30, 20), "maroon", "Filari d'autunno 🍇"), picture((10, 40), "navy", ""))
    bluesky.publish(account, Content("Vendemmia", "https://cantina.example/vini", media), keys, Notebook())
    [post] = pds.posts(person)
    assert post["value"]["text"] == "Vendemmia\n\nhttps://cantina.example/vini"
    link = "https://cantina.example/vini"
    assert features(post) == [(link, "link", link)]
    images = post["value"]["embed"]["images"]
    assert [image["alt"] for image in images] == ["Filari d'autunno 🍇", ""]
    ratios = [(image["aspectRatio"]["width"], image["aspectRatio"]["height"]) for image in images]
    assert ratios == [(30, 20), (10, 40)]
    held = [pds.blob(person, image["image"]["ref"]["$link"]) for image in images]
    assert held == [item.open().read() for item in media]


def test_a_video_goes_out_whole_with_its_words(
    pds: Pds, bluesky: Network, person: Person, account: Account, keys: Keys
) -> None:
    item = film("Grapes are cut")
    content = Content("La vendemmia", media=(item,), parts=(Part("Ancora", (film("", 1),)),))
    assert [problem.code for problem in bluesky.preflight(content).problems] == []
    notebook = Notebook()
    bluesky.publish(account, content, bluesky.new_keys(NOW, content), notebook)
    below, first = pds.posts(person)
    embed = first["value"]["embed"]
    with item.open() as stream:
        assert pds.blob(person, embed["video"]["ref"]["$link"]) == stream.read()
    assert (embed["$type"], embed["alt"], embed["video"]["mimeType"]) == (
        "app.bsky.embed.video",
        "Grapes are cut",
        "video/mp4",
    )
    assert (embed["aspectRatio"]["width"], embed["aspectRatio"]["height"]) == (64, 36)
    assert (below["value"]["embed"]["$type"], below["value"]["embed"].get("alt")) == ("app.bsky.embed.video", None)


def test_what_the_server_has_lost_is_sent_again(
    pds: Pds, bluesky: Network, person: Person, account: Account, new_person: Any
) -> None:
    """As after a move: what was uploaded is on another server, or has been swept away."""
    content, elsewhere = Content("Uno", media=(picture((3, 3)), picture((3, 4)))), Notebook()
    bluesky.publish(account_of(new_person(), pds.url), content, bluesky.new_keys(NOW, content), elsewhere)
    notebook, keys = Notebook(), bluesky.new_keys(NOW, content)
    notebook.steps = {step: given for step, given in elsewhere.steps.items() if step.startswith("media:")}
    with pytest.raises(NotSent) as lost:
        bluesky.publish(account, content, keys, notebook)
    assert (lost.value.code, pds.posts(person)) == ("media_gone", [])
    bluesky.publish(account, content, keys, notebook)
    [post] = pds.posts(person)
    assert len(post["value"]["embed"]["images"]) == 2
    clip = Content("Due", media=(film("Grapes"),))
    bluesky.publish(account_of(new_person(), pds.url), clip, bluesky.new_keys(NOW, clip), elsewhere)
    notebook.steps = {step: given for step, given in elsewhere.steps.items() if step.startswith("media:")}
    with pytest.raises(NotSent):
        bluesky.publish(account, clip, bluesky.new_keys(NOW, clip), notebook)
    bluesky.publish(account, clip, bluesky.new_keys(NOW, clip), notebook)
    assert len(pds.posts(person)) == 2


def test_what_else_goes_with_a_video(bluesky: Network) -> None:
    def codes(*media: MediaItem) -> list[str]:
        found = bluesky.preflight(Content("x", media=media)).problems
        return [problem.code for problem in found if problem.level == "error"]

    assert codes(film()) == []
    assert codes(film(), picture()) == ["media_mixed"]
    assert codes(film(), film()) == ["media_too_many_videos"]
    assert codes(dataclasses.replace(film(), seconds=181.0)) == ["media_length"]
    assert codes(dataclasses.replace(film(), size=300_000_001)) == ["media_too_heavy"]
    assert codes(dataclasses.replace(film(), mime="video/webm")) == ["media_kind"]


def test_a_server_that_takes_no_video_of_that_weight_says_so(
    pds: Pds, bluesky: Network, person: Person, account: Account, keys: Keys
) -> None:
    data = film().open().read() + bytes(6_000_000)  # the server takes 5 MB
    heavy = dataclasses.replace(item_of(data, "video/mp4", (64, 36)), seconds=2.0)
    with pytest.raises(Refused) as refused:
        bluesky.publish(account, Content("x", media=(heavy,)), keys, Notebook())
    assert (refused.value.code, pds.posts(person)) == ("media_too_heavy", [])


def test_a_picture_that_is_too_large_arrives_smaller(
    pds: Pds, bluesky: Network, person: Person, account: Account, keys: Keys
) -> None:
    bluesky.publish(account, Content("", media=(noise((1400, 1000)),)), keys, Notebook())
    [post] = pds.posts(person)
    [image] = post["value"]["embed"]["images"]
    assert image["image"]["mimeType"] == "image/jpeg"
    assert image["image"]["size"] == len(pds.blob(person, image["image"]["ref"]["$link"])) <= MAX_BYTES


def test_a_link_without_pictures_is_a_card_of_its_host(
    pds: Pds, bluesky: Network, person: Person, account: Account, keys: Keys
) -> None:
    bluesky.publish(account, Content("Novità", "https://www.cantina.example/vini?a=1"), keys, Notebook())
    [post] = pds.posts(person)
    card = post["value"]["embed"]["external"]
    assert post["value"]["text"] == "Novità"
    assert (card["uri"], card["title"], card["description"]) == (
        "https://www.cantina.example/vini?a=1",
        "www.cantina.example",
        "",
    )


def test_a_second_try_with_the_same_keys_is_the_same_post(
    pds: Pds, bluesky: Network, person: Person, account: Account, keys: Keys
) -> None:
    content = Content("Novità #Roero", "https://cantina.example/", (picture(),))
    first = bluesky.publish(account, content, keys, Notebook())
    [before] = pds.posts(person)
    assert bluesky.publish(account, content, keys, Notebook()) == first
    assert pds.posts(person) == [before]


def test_other_keys_are_another_post(pds: Pds, bluesky: Network, person: Person, account: Account) -> None:
    for _ in range(2):
        bluesky.publish(account, POST, bluesky.new_keys(NOW, Content("x")), Notebook())
    assert len(pds.posts(person)) == 2


def test_find_says_what_is_live_and_what_is_not(pds: Pds, bluesky: Network, account: Account, keys: Keys) -> None:
    assert bluesky.find(account, POST, keys, Notebook()) is None
    live = bluesky.publish(account, POST, keys, Notebook())
    assert bluesky.find(account, POST, keys, Notebook()) == live
    assert bluesky.find(account, POST, bluesky.new_keys(NOW, Content("x")), Notebook()) is None


THREAD = Content("Uno", parts=(Part("Due"), Part("Tre")), comment="Quattro")


def texts(pds: Pds, person: Person) -> list[str]:
    return [post["value"]["text"] for post in reversed(pds.posts(person))]


def test_a_thread_is_deleted_from_its_end_and_a_break_is_gone_on_from(
    pds: Pds, bluesky: Network, person: Person
) -> None:
    with Faults(pds.url) as between:
        account = account_of(person, between.url)
        live = bluesky.publish(account, THREAD, bluesky.new_keys(NOW, THREAD), Notebook())
        between.on("com.atproto.repo.deleteRecord", None, None, Cut(), None)
        with pytest.raises(Unknown):
            bluesky.delete(account, live)
        assert texts(pds, person) == ["Uno", "Due"]
        shown = bluesky.read_back(account, live)
        assert shown is not None
        assert (shown.remote_id, shown.permalink) == (",".join(live.remote_id.split(",")[:2]), live.permalink)
        bluesky.delete(account, live)
        assert (texts(pds, person), bluesky.read_back(account, live)) == ([], None)


def test_nothing_is_deleted_in_another_one_s_repository(
    pds: Pds, bluesky: Network, person: Person, account: Account, keys: Keys, new_person: Callable[[], Person]
) -> None:
    other = new_person()
    live = bluesky.publish(account, POST, keys, Notebook())
    theirs = bluesky.publish(account_of(other, pds.url), POST, keys, Notebook())  # by the same key
    with pytest.raises(Refused) as refused:
        bluesky.delete(account_of(other, pds.url), live)
    assert refused.value.code == "wrong_account"
    assert [post["uri"] for who in (person, other) for post in pds.posts(who)] == [live.remote_id, theirs.remote_id]


def test_where_a_post_can_not_be_read_it_is_not_answered_and_nothing_is_uncertain(
    pds: Pds, bluesky: Network, person: Person, account: Account, keys: Keys
) -> None:
    live = bluesky.publish(account, POST, keys, Notebook())
    both = dataclasses.replace(POST, parts=(Part("Una risposta."),))
    journal = Notebook()
    journal.sent("publish", {"id": live.remote_id})
    with Faults(pds.url) as between:
        between.on("com.atproto.repo.getRecord", Answer(400, {"error": "InvalidRequest"}), None)
        there = account_of(person, between.url)
        with pytest.raises(Refused) as refused:
            bluesky.publish(there, both, bluesky.new_keys(NOW, both), journal)
        assert (refused.value.code, journal.in_flight(), len(pds.posts(person))) == ("cannot_reply", "", 1)
        bluesky.publish(there, both, bluesky.new_keys(NOW, both), journal)
    assert texts(pds, person) == [POST.text, "Una risposta."]


def test_a_new_handle_has_a_new_address(
    pds: Pds, bluesky: Network, person: Person, account: Account, keys: Keys
) -> None:
    live = bluesky.publish(account, POST, keys, Notebook())
    handle = f"altro-{person.handle}"
    pds.ask("POST", "identity.updateHandle", json={"handle": handle}, headers=pds.token(person))
    bluesky.identity(dataclasses.replace(account, handle=handle))
    shown = bluesky.read_back(dataclasses.replace(account, handle=handle), live)
    assert shown == Published(live.remote_id, f"https://bsky.app/profile/{handle}/post/{keys['rkey']}")


def test_identity_is_the_did_and_the_name_readers_see(
    pds: Pds, bluesky: Network, person: Person, account: Account
) -> None:
    assert bluesky.identity(account) == Identity(person.did, person.handle, person.handle)
    pds.ask(
        "POST",
        "repo.putRecord",
        headers=pds.token(person),
        json={
            "repo": person.did,
            "collection": "app.bsky.actor.profile",
            "rkey": "self",
            "record": {"$type": "app.bsky.actor.profile", "displayName": "Cantina Roero"},
        },
    )
    assert bluesky.identity(account).name == "Cantina Roero"


def test_a_handle_may_be_written_with_its_sign(bluesky: Network, person: Person, account: Account) -> None:
    signed = dataclasses.replace(account, handle=f"@{person.handle}")
    assert bluesky.identity(signed).id == person.did


def test_a_wrong_password_needs_a_new_connection(
    pds: Pds, bluesky: Network, person: Person, account: Account, keys: Keys
) -> None:
    wrong = dataclasses.replace(account, credentials={"app_password": "not it"})
    calls: list[Callable[[], object]] = [
        lambda: bluesky.publish(wrong, POST, keys, Notebook()),
        lambda: bluesky.find(wrong, POST, keys, Notebook()),
        lambda: bluesky.identity(wrong),
        lambda: bluesky.identity(dataclasses.replace(account, credentials={})),
    ]
    for call in calls:
        with pytest.raises(CredentialsRefused) as refused:
            call()
        assert refused.value.code == "credentials_refused"
        assert "not it" not in str(refused.value)
    assert pds.posts(person) == []


def test_a_password_that_was_taken_back_is_noticed(
    pds: Pds, bluesky: Network, person: Person, account: Account
) -> None:
    assert bluesky.identity(account).id == person.did
    pds.revoke_app_password(person)
    with pytest.raises(CredentialsRefused):
        bluesky.identity(account)


def test_a_new_password_is_used_at_once(pds: Pds, bluesky: Network, person: Person, account: Account) -> None:
    bluesky.publish(account, POST, bluesky.new_keys(NOW, Content("x")), Notebook())
    changed = dataclasses.replace(account, credentials={"app_password": "not it"})
    with pytest.raises(CredentialsRefused):
        bluesky.publish(changed, POST, bluesky.new_keys(NOW, Content("x")), Notebook())
    bluesky.publish(account, POST, bluesky.new_keys(NOW, Content("x")), Notebook())
    assert len(pds.posts(person)) == 2


def test_nothing_is_published_as_somebody_else(
    pds: Pds, bluesky: Network, person: Person, keys: Keys, new_person: Callable[[], Person]
) -> None:
    other = new_person()
    with Faults(pds.url) as between:
        mistaken = account_of(other, between.url, identity=person.did)
        for content in (POST, Content("", media=(picture(),))):
            with pytest.raises(Refused) as refused:
                bluesky.publish(mistaken, content, keys, Notebook())
            assert (refused.value.code, refused.value.params) == ("wrong_account", {"handle": other.handle})
        assert set(between.calls) == {"com.atproto.server.createSession"}
    right = account_of(other, pds.url, identity=other.did)
    bluesky.publish(right, POST, keys, Notebook())
    assert (pds.posts(person), len(pds.posts(other))) == ([], 1)


def test_an_account_that_sleeps_or_moved_needs_its_owner(
    pds: Pds, bluesky: Network, person: Person, account: Account, keys: Keys
) -> None:
    bluesky.publish(account, POST, keys, Notebook())
    pds.deactivate(person)
    calls: list[Callable[[], object]] = [
        lambda: bluesky.publish(account, POST, bluesky.new_keys(NOW, Content("x")), Notebook()),
        lambda: bluesky.identity(account),
    ]
    for call in calls:
        with pytest.raises(CredentialsRefused) as refused:
            call()
        assert refused.value.code == "account_deactivated"


def test_what_preflight_forbids_is_refused_before_anything_is_sent(
    pds: Pds, bluesky: Network, person: Person, keys: Keys
) -> None:
    with Faults(pds.url) as between:
        for content in (Content("a" * 301), Content("a\0"), Content("\ud800"), Content("")):
            with pytest.raises(Refused):
                bluesky.publish(account_of(person, between.url), content, keys, Notebook())
        assert between.calls == []


@pytest.mark.parametrize(
    "keys", [{}, {"rkey": "../../x", "created_at": "2026-11-21T09:00:00.000Z"}, {"rkey": "3n2rtsvmjmmib"}]
)
def test_without_keys_nothing_is_sent(bluesky: Network, account: Account, keys: Keys) -> None:
    calls: list[Callable[[], object]] = [
        lambda: bluesky.publish(account, POST, keys, Notebook()),
        lambda: bluesky.find(account, POST, keys, Notebook()),
    ]
    for call in calls:
        with pytest.raises(Refused) as refused:
            call()
        assert refused.value.code == "keys_not_valid"


def test_threads_of_one_account_share_one_session(pds: Pds, bluesky: Network, person: Person) -> None:
    with Faults(pds.url) as between:
        account = account_of(person, between.url)
        with ThreadPoolExecutor(6) as threads:
            made = list(
                threads.map(
                    lambda n: bluesky.publish(
                        account, Content(f"{n}"), bluesky.new_keys(NOW, Content("x")), Notebook()
                    ),
                    range(6),
                )
            )
        assert between.count("com.atproto.server.createSession") == 1
    held = {post["uri"] for post in pds.posts(person)}
    assert held == {live.remote_id for live in made}
    assert len(held) == 6


@pytest.mark.slow
def test_a_server_that_limits_sign_ins_says_when_to_come_back(bluesky: Network) -> None:
    with running(PDS_RATE_LIMITS_ENABLED="true") as limited:
        person = limited.create_person("often")
        account = account_of(person, limited.url)
        for _ in range(40):  # a new session each, of which one alone was signed in for
            bluesky.identity(account)
        for _ in range(29):
            sessions.forget()
            bluesky.identity(account)
        sessions.forget()
        with pytest.raises(Throttled) as throttled:
            bluesky.identity(account)
    wait = throttled.value.retry_at - dt.datetime.now(dt.UTC)
    assert dt.timedelta(0) < wait <= dt.timedelta(minutes=5)
