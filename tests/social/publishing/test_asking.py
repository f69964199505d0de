"""Questions whose answer is none: nothing is asked for ever in silence, and what lists show late is not sent twice."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import OperationalError, transaction
from django.utils import timezone, translation

from social.knowing import asks_person, what_we_know
from social.models import Channel, Publication
from social.networks.base import LeaseLost, NotSent, Published, Unknown
from social.services import asking, retire_channel, settling
from social.services.journal import PublicationJournal
from tests.social.publishing.stepwise import Stepwise, fails_once
from tests.social.test_publishing import outcomes, run, told, wake
from tests.world import World


@pytest.fixture
def listed(stepwise: Stepwise) -> Stepwise:
    """A network that is looked through by words."""
    stepwise.certain = False  # type: ignore[misc]  # of this one alone
    return stepwise


def cut(stepwise: Stepwise) -> None:
    """It is sent, and the answer gets lost before it arrived there."""
    stepwise.before = fails_once("publish", Unknown("No answer."))


def always(at: str, error: Exception) -> Callable[[str], None]:
    """Each call of this name goes wrong."""

    def act(call: str) -> None:
        if call == at:
            raise error

    return act


def test_a_question_that_breaks_on_our_side_counts_and_somebody_hears_of_it(
    world: World, channel: Channel, stepwise: Stepwise, caplog: pytest.LogCaptureFixture
) -> None:
    cut(stepwise)
    publication = run(world.due(channels=[channel]))

    def broken(call: str) -> None:
        raise KeyError(call)

    stepwise.before = broken
    for _question in settling.ASK_AFTER:
        assert told("publication_unknown") == []
        wake(publication)
        publication = run(publication)
    assert (publication.state, publication.wake_at, publication.asked) == ("unknown", None, 3)
    assert told("publication_unknown") == ["Marta Gallo", "Vito Serra"]
    assert [line.message for line in caplog.records if line.exc_info] == ["asking broke"] * 3


def test_an_answer_that_can_not_be_kept_is_none(
    world: World,
    channel: Channel,
    stepwise: Stepwise,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The network gives the number of another publication, of which there is one: somebody hears of it."""
    other = run(world.due(channels=[channel]))
    cut(stepwise)
    publication = run(world.due(channels=[channel]))
    monkeypatch.setattr(stepwise, "find", lambda *_asked: Published(other.remote_id, ""))
    for _question in settling.ASK_AFTER:
        wake(publication)
        publication = run(publication)
    assert (publication.state, publication.wake_at, publication.asked) == ("unknown", None, 3)
    assert told("publication_unknown") == ["Marta Gallo", "Vito Serra"]
    assert [line.message for line in caplog.records if line.exc_info] == ["asking broke"] * 3


def test_on_a_retired_channel_nobody_is_asked_but_a_person(world: World, channel: Channel, stepwise: Stepwise) -> None:
    cut(stepwise)
    publication = run(world.due(channels=[channel]))
    retire_channel(user=world.marta, channel=channel, keep_unknown=True)
    asked: list[str] = []
    stepwise.before = asked.append
    wake(publication)
    publication = run(publication)
    assert (publication.state, publication.wake_at, asked) == ("unknown", None, [])
    assert told("publication_unknown") == ["Marta Gallo", "Vito Serra"]


def test_what_a_list_does_not_show_yet_is_not_sent_again(world: World, channel: Channel, listed: Stepwise) -> None:
    hidden: list[tuple[str, str]] = []

    def lose(call: str) -> None:
        if call == "publish":
            hidden.extend(listed.live)
            listed.live.clear()  # it is there, and no list shows it yet
            listed.after = lambda _call: None
            raise Unknown("No answer.")

    listed.after = lose
    publication = run(world.due(channels=[channel]))
    for asked in (1, 2):
        wake(publication)
        publication = run(publication)
        assert (publication.state, publication.asked) == ("unknown", asked)
    listed.live.extend(hidden)
    wake(publication)
    publication = run(publication)
    assert (publication.state, len(listed.live), listed.calls.count("publish")) == ("published", 1, 1)


def test_what_a_list_does_not_show_after_all_questions_goes_out(
    world: World, channel: Channel, listed: Stepwise
) -> None:
    cut(listed)
    publication = run(world.due(channels=[channel]))
    for _question in settling.ASK_AFTER:
        assert publication.state == "unknown"
        wake(publication)
        publication = run(publication)
    assert publication.state == "scheduled"
    publication = run(publication)
    assert (publication.state, len(listed.live)) == ("published", 1)
    assert told("publication_unknown") == []


def test_a_database_that_is_away_is_no_question(world: World, channel: Channel, stepwise: Stepwise) -> None:
    cut(stepwise)
    publication = run(world.due(channels=[channel]))

    def away(_call: str) -> None:
        raise OperationalError("the connection is closed")

    stepwise.before = away
    wake(publication)
    with pytest.raises(OperationalError):
        asking.ask(publication_id=publication.pk)
    publication.refresh_from_db()
    assert (publication.state, publication.asked) == ("unknown", 0)
    stepwise.before = fails_once("find", NotSent("no"))
    asking.ask(publication_id=publication.pk)
    publication.refresh_from_db()
    assert publication.asked == 1


def test_what_breaks_on_our_side_before_anything_is_sent_has_an_end(
    world: World, channel: Channel, stepwise: Stepwise
) -> None:
    def broken(call: str) -> None:
        raise KeyError(call)

    stepwise.before = broken
    publication = run(world.due(channels=[channel]))
    while publication.state == "scheduled":
        wake(publication)
        publication = run(publication)
    assert (publication.state, stepwise.calls) == ("failed", [])
    assert outcomes(publication) == ["not_sent"] * settling.MOST_TRIES
    assert told("publication_failed") == ["Marta Gallo", "Vito Serra"]


def test_of_two_who_ask_at_once_neither_forgets_what_the_other_has_found(
    world: World, channel: Channel, stepwise: Stepwise
) -> None:
    """The slow one looked before the first post was listed; meanwhile the quick one has found it, and asks on."""
    stepwise.parts = 2
    cut(stepwise)
    publication = run(world.due(channels=[channel]))
    stepwise.before = lambda _call: None
    slow = Publication.objects.select_related("channel", "version", "client", "post", "target").get(pk=publication.pk)
    journal = PublicationJournal(slow, ["unknown"])
    quick = PublicationJournal(Publication.objects.get(pk=publication.pk), ["unknown"])
    quick.sent("publish", {})
    with pytest.raises(LeaseLost):
        journal.sent("publish", {})
    asking.send_again(publication=slow, stands=journal.stands)
    publication.refresh_from_db()
    assert (publication.state, "publish" in publication.progress["steps"]) == ("unknown", True)
    asking.send_again(publication=publication, stands=quick.stands)
    publication = run(publication)
    assert (publication.state, stepwise.calls.count("publish")) == ("published", 0)


def test_a_network_that_was_away_is_asked_on_beside_the_person(
    world: World, channel: Channel, listed: Stepwise
) -> None:
    listed.after = fails_once("publish", Unknown("No answer."))
    publication = run(world.due(channels=[channel]))
    listed.before = always("find", NotSent("Nobody there."))
    for _question in settling.ASK_AFTER:
        assert told("publication_unknown") == []
        wake(publication)
        publication = run(publication)
    for asked in range(3, 3 + asking.MORE):
        assert (publication.state, publication.asked, asks_person(publication)) == ("unknown", asked, True)
        assert publication.wake_at is not None
        assert publication.wake_at > timezone.now() + timedelta(minutes=59)
        with translation.override("en"):
            assert "Filo goes on asking it every hour, for a day." in what_we_know(publication)
        wake(publication)
        if asked == 5:
            listed.before, hung = lambda _call: None, listed.before
            with transaction.atomic():  # it is back, and has it
                assert run(publication).state == "published"
                transaction.set_rollback(True)
            publication.refresh_from_db()
            listed.before = hung
        publication = run(publication)
    assert (publication.state, publication.wake_at, asks_person(publication)) == ("unknown", None, True)
    assert told("publication_unknown") == ["Marta Gallo", "Vito Serra"]
    assert len(listed.live) == 1


def test_a_thread_goes_on_as_soon_as_its_post_in_doubt_is_found(
    world: World, channel: Channel, listed: Stepwise
) -> None:
    listed.parts = 3
    listed.after = fails_once("part:1", Unknown("No answer."))
    publication = run(world.due(channels=[channel]))
    wake(publication)
    publication = run(publication)
    assert (publication.state, listed.calls.count("find")) == ("scheduled", 1)
    publication = run(publication)
    assert (publication.state, [text[-2:] for _handle, text in listed.live]) == ("published", ["/0", "/1", "/2"])
