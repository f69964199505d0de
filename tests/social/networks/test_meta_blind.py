"""Meta says "no such object" of what is live: for weeks of 2026 of whatever was new, while its lists were right.

https://github.com/gitroomhq/postiz-app/issues/1562, https://github.com/geoff-maddock/events-tracker/issues/1900
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from social.networks.base import CannotTell, NotSent, Refused
from tests.servers.facebook import FacebookPages, refusal
from tests.servers.instagram import InstagramAccount
from tests.servers.threads import ThreadsProfile
from tests.servers.wire import Answer
from tests.social.networks.case import Try, WireCase
from tests.social.networks.test_facebook import FacebookCase
from tests.social.networks.test_instagram import InstagramCase
from tests.social.networks.test_threads import ThreadsCase

BLIND = refusal(100, 33)
MORE = {"cursors": {"after": "z"}, "next": "https://x.example"}
# The case, its richest kind, and the list that its posts stand in.
ALL: dict[str, tuple[Callable[[Any], WireCase], Callable[[], Any], str, str]] = {
    "facebook": (FacebookCase, FacebookPages, "pictures", "GET /{version}/{page}/published_posts"),
    "instagram": (InstagramCase, InstagramAccount, "comment", "GET /{version}/{user}/media"),
    "threads": (ThreadsCase, ThreadsProfile, "thread", "GET /v1.0/{user}/threads"),
}


@pytest.fixture(params=ALL)
def blind(request: pytest.FixtureRequest) -> Iterator[tuple[WireCase, str, str]]:
    case_of, server_of, kind, listed = ALL[request.param]
    with ExitStack() as stack:
        yield case_of(stack.enter_context(server_of())), kind, listed


def test_what_is_listed_is_neither_gone_nor_taken_down(blind: tuple[WireCase, str, str]) -> None:
    case, kind, listed = blind
    one = Try.of(case, case.content(kind, 1))
    live, network, account = one.publish(), case.network, case.account()
    for post in live.remote_id.split(","):
        for method in ("GET", "DELETE"):
            case.on(f"{method} /{{version}}/{post}", BLIND)
    shown = network.read_back(account, live)
    assert shown is not None
    assert (shown.remote_id, shown.permalink) == (live.remote_id, live.permalink)
    with pytest.raises(NotSent) as error:
        network.delete(account, live)
    assert (error.value.code, one.shown()) == ("still_there", case.shown(one.content))
    case.good_day()
    network.delete(account, live)
    assert (one.shown(), network.read_back(account, live)) == ([], None)
    network.delete(account, live)
    case.on(listed, Answer(200, {"data": [{"id": "1"}], "paging": MORE}))  # a list without an end
    with pytest.raises(CannotTell):
        network.read_back(account, live)
    with pytest.raises(Refused):
        network.delete(account, live)
