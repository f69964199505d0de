"""“Not permitted” is said of one post or of a whole channel: the network is asked who we are before the channel is called broken."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.utils import timezone

from notifications.models import Notification
from social.models import Channel, Publication
from social.networks.base import CredentialsRefused, NetworkError, NotSent, Refused, Throttled
from social.services import asking, create_channel
from social.services.connections import wake_waiting
from social.services.content_rows import VariantPlan
from social.services.settling import MOST_TRIES
from tests.servers.mastodon import FakeMastodon
from tests.servers.pinterest import FakePinterest
from tests.servers.wire import Answer
from tests.social.checked import check_channel
from tests.social.pictures import stored
from tests.social.publishing.stepwise import Killed, Stepwise, fails_once
from tests.social.test_changing_half import channel_on
from tests.social.test_publishing import outcomes, run, wake
from tests.world import World

pytestmark = pytest.mark.django_db
NO = Refused("This board is somebody else's.", code="permission_missing", said="HTTP 403 board")


def raising(error: BaseException) -> Callable[..., None]:
    def act(*_call: str) -> None:
        raise error

    return act


@pytest.fixture
def refused(world: World, channel: Channel, stepwise: Stepwise) -> Publication:
    """A post whose very showing is not permitted, on a channel that has been asked who it is."""
    assert run(world.due(channels=[channel], text="Prima")).state == "published"
    publication = world.due(channels=[channel], text="Questa no")
    stepwise.before = fails_once("publish", NO)
    return publication


def status(channel: Channel) -> str:
    channel.refresh_from_db()
    return channel.status


def test_where_the_network_knows_us_one_post_was_refused(
    world: World, channel: Channel, stepwise: Stepwise, refused: Publication
) -> None:
    asked: list[str] = []
    stepwise.asked_who = lambda: asked.append("who")
    refused = run(refused)
    assert (refused.state, refused.detail, asked) == (
        "failed",
        "This board is somebody else's. (HTTP 403 board)",
        ["who"],
    )
    assert status(channel) == "connected"
    assert run(world.due(channels=[channel], text="Poi")).state == "published"
    assert not Notification.objects.filter(kind="channel_broken").exists()


@pytest.mark.parametrize("no", [Refused("no", code="permission_missing"), CredentialsRefused("no", code="gone")])
def test_where_it_refuses_that_too_the_channel_is_shut_out_and_what_waits_is_kept(
    world: World, channel: Channel, stepwise: Stepwise, refused: Publication, no: NetworkError
) -> None:
    stepwise.asked_who = raising(no)
    assert (run(refused).state, status(channel)) == ("scheduled", "broken")
    assert channel.status_detail == "This board is somebody else's. (HTTP 403 board)"
    after = run(world.due(channels=[channel], text="Poi"))
    assert (after.state, after.tries) == ("scheduled", 0)
    stepwise.asked_who = lambda: None
    Channel.objects.filter(pk=channel.pk).update(status="connected")
    wake_waiting(channel, timezone.now())
    assert [run(one).state for one in (refused, after)] == ["published", "published"]


@pytest.mark.parametrize(
    "silence", [NotSent("no answer"), Throttled("busy", retry_at=timezone.now()), OSError("broken")]
)
def test_where_nobody_answers_nothing_is_known_and_it_is_tried_again(
    channel: Channel, stepwise: Stepwise, refused: Publication, silence: Exception
) -> None:
    stepwise.asked_who = raising(silence)
    refused = run(refused)
    assert (refused.state, outcomes(refused), status(channel)) == ("scheduled", ["not_sent"], "connected")
    wake(refused)
    refused = run(refused)
    assert (refused.state, [text for _handle, text in stepwise.live]) == ("published", ["Prima/0", "Questa no/0"])


def test_of_what_nobody_answers_there_is_an_end(channel: Channel, stepwise: Stepwise, refused: Publication) -> None:
    stepwise.asked_who, stepwise.before = raising(NotSent("no answer")), raising(NO)
    for _try in range(MOST_TRIES):
        assert (refused.state, status(channel)) == ("scheduled", "connected")
        wake(refused)
        refused = run(refused)
    assert (refused.state, status(channel)) == ("failed", "connected")


def test_a_worker_that_dies_over_the_question_loses_and_doubles_nothing(
    channel: Channel, stepwise: Stepwise, refused: Publication
) -> None:
    stepwise.asked_who = raising(Killed())
    with pytest.raises(Killed):
        run(refused)
    stepwise.asked_who = lambda: None
    wake(refused)
    assert run(refused).state == "unknown"
    asking.ask(publication_id=refused.pk)
    assert run(refused).state == "published"
    assert [text for _handle, text in stepwise.live] == ["Prima/0", "Questa no/0"]
    assert status(channel) == "connected"


def test_the_second_in_a_row_is_kept_for_a_new_connection(
    world: World, channel: Channel, stepwise: Stepwise, refused: Publication
) -> None:
    """A permission may be missing for all posts of a token that still opens who we are."""
    stepwise.before = raising(NO)
    assert (run(refused).state, status(channel)) == ("failed", "connected")
    other, third = world.due(channels=[channel], text="E questa nemmeno"), world.due(channels=[channel], text="Poi")
    assert (run(other).state, status(channel)) == ("scheduled", "broken")
    assert (run(third).state, run(third).tries) == ("scheduled", 0)
    stepwise.before = lambda _call: None
    Channel.objects.filter(pk=channel.pk).update(status="connected")
    wake_waiting(channel, timezone.now())
    assert [run(one).state for one in (other, third)] == ["published", "published"]


def test_let_in_again_what_shut_it_out_has_failed_and_all_others_go_out(
    world: World, channel: Channel, stepwise: Stepwise, refused: Publication
) -> None:
    """Two for a board of somebody else's: else each new connection would end with the one that is tried again first."""
    assert run(refused).state == "failed"
    other, third = world.due(channels=[channel], text="E questa nemmeno"), world.due(channels=[channel], text="Poi")
    stepwise.before = fails_once("publish", NO)
    assert (run(other).state, status(channel)) == ("scheduled", "broken")
    check_channel(user=world.marta, channel=channel)
    stepwise.before = fails_once("publish", NO)
    assert ([run(one).state for one in (other, third)], status(channel)) == (["failed", "published"], "connected")


def test_two_that_are_refused_with_one_between_that_goes_out_are_two_that_failed(
    world: World, channel: Channel, stepwise: Stepwise, refused: Publication
) -> None:
    assert run(refused).state == "failed"
    assert run(world.due(channels=[channel], text="Poi")).state == "published"
    stepwise.before = raising(NO)
    assert run(world.due(channels=[channel], text="E questa nemmeno")).state == "failed"
    assert status(channel) == "connected"


def test_two_that_are_refused_for_different_reasons_are_two_that_failed(
    world: World, channel: Channel, stepwise: Stepwise, refused: Publication
) -> None:
    assert run(refused).state == "failed"
    stepwise.before = raising(Refused("Not on Sundays.", code="permission_missing"))
    assert (run(world.due(channels=[channel], text="Poi")).state, status(channel)) == ("failed", "connected")


# As networks say it


@pytest.fixture
def pinterest() -> Iterator[FakePinterest]:
    with FakePinterest() as server:
        yield server


def test_a_pin_that_is_not_permitted_stops_no_other(world: World, pinterest: FakePinterest) -> None:
    given = {"access_token": pinterest.token, "refresh_token": pinterest.refresh}
    channel = create_channel(
        user=world.marta,
        client=world.winery,
        network="pinterest",
        handle="cantinaroero",
        server=pinterest.url,
        credentials=given,
    )
    picture = stored(world.vito, world.winery, "Grappoli")

    def pin(text: str) -> Publication:
        asked: Any = [VariantPlan(channel=channel, fields={"board": "Vendemmia"})]
        return world.due(channels=[channel], variants=asked, text=text, media=[picture])

    first, second = pin("Questo no"), pin("Questo sì")
    not_ours = {"code": 7, "message": "This pin is not for you."}
    pinterest.on("POST /v5/pins", Answer(403, not_ours), None)
    first, second = run(first), run(second)
    assert sorted([first.state, second.state]) == ["failed", "published"]
    assert (status(channel), len(pinterest.pins)) == ("connected", 1)
    failed = first if first.state == "failed" else second
    assert "This pin is not for you." in failed.detail


PAGE = b"<!doctype html><title>Attention Required! | Cloudflare</title>"


@pytest.mark.parametrize("no", [401, 403, 406])
@pytest.mark.parametrize("call", ["GET /api/v1/accounts/verify_credentials", "POST /api/v1/statuses"])
def test_the_page_of_somebody_between_stops_nothing_for_good(world: World, call: str, no: int) -> None:
    """As where a server is attacked, and lets nobody but browsers in."""
    with FakeMastodon() as server:
        channel = channel_on(world, server, "mastodon")
        publication = world.due(channels=[channel], text="Oggi si vendemmia.")
        server.on(call, Answer(no, PAGE, {"Content-Type": "text/html"}), None)
        publication = run(publication)
        visible = call.startswith("POST")
        assert (publication.state, status(channel)) == ("unknown" if visible else "scheduled", "connected")
        server.good_day()
        for _question in range(5):
            if publication.state == "published":
                break
            wake(publication)
            publication = run(publication)
        assert (publication.state, server.texts(), status(channel)) == (
            "published",
            ["Oggi si vendemmia."],
            "connected",
        )
