"""What Bluesky counts, asked through a real PDS, which passes it on to an AppView at the wire."""

from collections.abc import Iterator
from typing import Any

import pytest

from social.networks.base import Account, Content, Network, NetworkError, NotSent, Numbers, Part, Published
from social.networks.bluesky.publishing import sessions
from tests.servers.appview import DID, AppView
from tests.servers.pds import Pds, running
from tests.servers.wire import Answer
from tests.social.networks.conftest import NOW, account_of
from tests.social.notebook import Notebook


@pytest.fixture(scope="module")
def appview() -> Iterator[AppView]:
    with AppView() as found:
        yield found


@pytest.fixture(scope="module")
def asking(appview: AppView) -> Iterator[Pds]:
    with running(PDS_BSKY_APP_VIEW_URL=appview.url, PDS_BSKY_APP_VIEW_DID=DID) as server:
        yield server


@pytest.fixture
def account(asking: Pds, request: Any) -> Account:
    sessions.forget()
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
