"""What Bluesky's app counts and shows, asked through a real PDS, which passes it on to an AppView at the wire."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from social.networks.base import (
    Account,
    Content,
    Network,
    NetworkError,
    NotReady,
    NotSent,
    Numbers,
    Part,
    Published,
)
from social.networks.bluesky.publishing import sessions
from tests.servers.appview import DID, AppView
from tests.servers.pds import Pds, running
from tests.servers.wire import Answer, Cut
from tests.social.networks.conftest import NOW, account_of, film
from tests.social.notebook import Notebook

MINUTE, HOUR, DAY = dt.timedelta(minutes=1), dt.timedelta(hours=1), dt.timedelta(days=1)


@pytest.fixture(scope="module")
def appview() -> Iterator[AppView]:
    with AppView() as found:
        yield found


@pytest.fixture(scope="module")
def asking(appview: AppView) -> Iterator[Pds]:
    with running(PDS_BSKY_APP_VIEW_URL=appview.url, PDS_BSKY_APP_VIEW_DID=DID) as server:
        yield server


@pytest.fixture
def account(asking: Pds, appview: AppView, request: Any) -> Account:
    sessions.forget()
    appview.good_day()
    return account_of(asking.create_person(f"p{abs(hash(request.node.name)) % 10**9}"), asking.url)


def published(network: Network, account: Account, content: Content) -> Published:
    return network.publish(account, content, network.new_keys(NOW, content), Notebook())


def test_likes_answers_reposts_and_quotes_of_the_first_post(
    bluesky: Network, appview: AppView, account: Account
) -> None:
    live = published(bluesky, account, Content("Uno", parts=(Part("Due"),)))
    first, _below = live.remote_id.split(",")
    appview.posts[first] = {"uri": first, "likeCount": 7, "replyCount": 3, "repostCount": 2, "quoteCount": 1}
    assert bluesky.numbers(account, live) == Numbers(reactions=7, comments=3, shares=3)
    assert appview.asked_by[-1] == first.removeprefix("at://").partition("/")[0]
    appview.posts[first] = {"uri": first, "likeCount": "many", "replyCount": -1}
    assert bluesky.numbers(account, live) == Numbers()


def test_what_the_app_does_not_show_is_unknown(bluesky: Network, account: Account) -> None:
    live = published(bluesky, account, Content("Nascosto"))
    assert bluesky.numbers(account, live) == Numbers()


def test_an_app_that_has_trouble_is_asked_again(bluesky: Network, appview: AppView, account: Account) -> None:
    live = published(bluesky, account, Content("Uno"))
    appview.on("GET /xrpc/app.bsky.feed.getPosts", Answer(503, b"{}", {"Content-Type": "application/json"}))
    with pytest.raises(NetworkError) as error:
        bluesky.numbers(account, live)
    assert type(error.value) is NotSent


def test_a_server_without_an_app_tells_nothing(bluesky: Network, pds: Pds, new_person: Any) -> None:
    sessions.forget()
    account = account_of(new_person(), pds.url)
    live = published(bluesky, account, Content("Uno"))
    assert bluesky.numbers(account, live) == Numbers()


def out_for(live: Published, since: dt.timedelta) -> Published:
    """As if it had gone out so long ago."""
    return replace(live, since=dt.datetime.now(dt.UTC) - since)


def test_a_video_that_the_app_can_not_play_is_said_until_it_can(
    bluesky: Network, appview: AppView, account: Account
) -> None:
    content = Content("La vendemmia", parts=(Part("Il video", (film("Grapes"),)),))
    live = published(bluesky, account, content)
    first, below = live.remote_id.split(",")
    video = f"{first.rpartition('/')[0]}/{below}"
    appview.posts[first] = {"uri": first}
    for since in (MINUTE, HOUR):  # not even the post is there yet
        with pytest.raises(NotReady) as working:
            bluesky.read_back(account, out_for(live, since))
        wait = working.value.retry_at - dt.datetime.now(dt.UTC)
        assert (working.value.code, round(wait / MINUTE)) == ("video_working", 10 if since == MINUTE else 60)
    appview.show_video(video, "bafkvideo")
    with pytest.raises(NotReady):
        bluesky.read_back(account, out_for(live, MINUTE))
    shown = bluesky.read_back(account, out_for(live, HOUR))
    assert shown == live
    assert "Video not found" in str(shown.lacks)
    appview.prepared.add("bafkvideo")
    for since in (MINUTE, HOUR, DAY):
        shown = bluesky.read_back(account, out_for(live, since))
        assert shown is not None
        assert shown.lacks == ""


@pytest.mark.parametrize("day", [Answer(403, b"<html>"), Answer(500, b""), Cut()], ids=str)
def test_a_video_that_nobody_can_ask_for_is_neither_played_nor_missed(
    bluesky: Network, appview: AppView, account: Account, day: Any
) -> None:
    live = published(bluesky, account, Content("La vendemmia", media=(film("Grapes"),)))
    appview.show_video(live.remote_id, "bafkasked")
    appview.on("HEAD /watch/{cid}/playlist.m3u8", day)
    with pytest.raises(NetworkError) as error:
        bluesky.read_back(account, out_for(live, DAY))
    assert type(error.value) is NotSent


def test_a_post_that_the_app_never_gets_is_said_after_a_day(
    bluesky: Network, appview: AppView, account: Account
) -> None:
    live = published(bluesky, account, Content("Uno", parts=(Part("Due"),)))
    first, below = live.remote_id.split(",")
    asked = len(appview.asked_by)
    shown = bluesky.read_back(account, out_for(live, HOUR))
    assert shown is not None
    assert (shown.lacks, len(appview.asked_by)) == ("", asked)
    appview.posts[first] = {"uri": first}
    shown = bluesky.read_back(account, out_for(live, DAY))
    assert shown == live
    assert "does not show it" in str(shown.lacks)
    second = f"{first.rpartition('/')[0]}/{below}"
    appview.posts[second] = {"uri": second}
    shown = bluesky.read_back(account, out_for(live, DAY))
    assert shown is not None
    assert shown.lacks == ""


def test_where_there_is_no_app_the_record_is_what_counts(bluesky: Network, pds: Pds, new_person: Any) -> None:
    sessions.forget()
    account = account_of(new_person(), pds.url)
    live = published(bluesky, account, Content("Uno", media=(film("Grapes"),)))
    shown = bluesky.read_back(account, out_for(live, DAY))
    assert shown is not None
    assert (shown, shown.lacks) == (live, "")
