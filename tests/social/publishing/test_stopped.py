"""A stop, or the end, that comes while a worker is at it: nothing more is shown, and people read how far it got."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from clients.models import Client, Status
from clients.services import freeze, unfreeze
from notifications.models import Notification
from social import networks
from social.mails import _post_late
from social.models import Channel, Publication
from social.networks.base import LeaseLost, Stopped
from social.services import (
    correct_publication,
    edit_channel,
    retire_channel,
    retry_publication,
    submit_post,
    take_down,
)
from social.services.content_rows import PartPlan
from social.services.journal import PublicationJournal
from tests.social.publishing.machine.net import OneByOne, Page
from tests.social.publishing.stepwise import Stepwise
from tests.social.test_publishing import outcomes, run, told, wake
from tests.world import World, approve, short_chain_for_corrections

STOPPED = "Per questo cliente è tutto fermo. Quel che non è ancora uscito aspetta."


def stops(world: World, after: str) -> Callable[[str], None]:
    """Somebody stops everything once this call is made."""

    def act(call: str) -> None:
        if call == after:
            freeze(user=world.vito, client=world.winery, reason="Fermi tutti")

    return act


def test_what_was_only_being_uploaded_is_not_shown(world: World, channel: Channel, stepwise: Stepwise) -> None:
    stepwise.after = stops(world, "upload")
    publication = run(world.due(channels=[channel]))
    assert (publication.state, publication.post.state, stepwise.live) == ("scheduled", "scheduled", [])
    assert (publication.detail, publication.begun, publication.expected_at) == (STOPPED, False, None)
    assert "in_flight" not in publication.progress
    (attempt,) = publication.attempts.all()
    assert (attempt.outcome, attempt.sent_at, attempt.detail) == ("stopped", None, STOPPED)
    assert run(publication).state == "scheduled"
    unfreeze(user=world.marta, client=world.winery)
    publication = run(publication)
    assert (publication.state, told("post_late")) == ("late", ["Marta Gallo", "Vito Serra"])
    retry_publication(user=world.marta, publication=publication)
    publication = run(publication)
    assert (publication.state, stepwise.calls) == ("published", ["upload", "publish"])


def test_a_thread_stops_after_the_post_that_was_being_sent_and_says_how_far_it_got(
    world: World, channel: Channel, stepwise: Stepwise
) -> None:
    stepwise.parts = 3
    stepwise.after = stops(world, "part:1")
    publication = run(world.due(text="Uno", channels=[channel], parts=[PartPlan(text="Due"), PartPlan(text="Tre")]))
    assert (publication.state, publication.begun, publication.post.state) == ("scheduled", True, "publishing")
    assert ([words for _, words in stepwise.live], outcomes(publication)) == (["Uno/0", "Uno/1"], ["stopped"])
    assert publication.detail == f"Sono online 2 dei suoi 3 post. {STOPPED}"
    unfreeze(user=world.marta, client=world.winery)
    publication = run(publication)
    assert (publication.state, publication.post.state) == ("late", "partly_published")
    assert publication.detail.startswith("Sono online 2 dei suoi 3 post.")
    letter = _post_late(Notification.objects.filter(kind="post_late").latest("pk"))
    assert letter is not None
    assert [line for line in letter.paragraphs if "solo in parte" in line]
    retry_publication(user=world.marta, publication=publication)
    publication = run(publication)
    assert (publication.state, publication.post.state) == ("published", "published")
    assert [words for _, words in stepwise.live] == ["Uno/0", "Uno/1", "Uno/2"]


def test_a_comment_waits_for_the_end_of_a_stop(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    said = PublicationJournal.sent

    def stop(journal: PublicationJournal, *given: object) -> None:
        said(journal, *given)  # type: ignore[arg-type]
        monkeypatch.setattr(PublicationJournal, "sent", said)
        freeze(user=world.vito, client=world.winery, reason="Fermi tutti")

    monkeypatch.setattr(PublicationJournal, "sent", stop)
    publication = run(world.due(text="Uno", comment="Fine"))
    assert (publication.state, publication.begun) == ("scheduled", True)
    assert publication.detail == f"È online, il suo primo commento no. {STOPPED}"


def test_what_broke_off_in_the_middle_says_how_far_it_got(world: World) -> None:
    edit_channel(user=world.marta, channel=world.page, credentials={"behaviour": "break_thread"})
    publication = run(world.due(text="Uno", parts=[PartPlan(text="Due")]))
    edit_channel(user=world.marta, channel=world.page, credentials={"behaviour": "refuse"})
    wake(publication)
    publication = run(publication)
    assert (publication.state, publication.post.state) == ("failed", "partly_published")
    assert publication.detail.startswith("È online 1 dei suoi 2 post. ")


@pytest.mark.parametrize("end", ["left", "retired"])
def test_the_end_of_client_or_channel_holds_too(world: World, channel: Channel, stepwise: Stepwise, end: str) -> None:
    def ends(call: str) -> None:
        if call == "upload" and end == "left":
            Client.objects.filter(pk=world.winery.pk).update(status=Status.ENDED)
        elif call == "upload":
            retire_channel(user=world.marta, channel=channel)

    stepwise.after = ends
    publication = run(world.due(channels=[channel]))
    assert (publication.state, outcomes(publication), stepwise.live) == ("scheduled", ["stopped"], [])
    publication = run(publication)
    why = "Il lavoro con Cantina Roero è finito." if end == "left" else "Roero è dismesso."
    assert (publication.state, publication.detail, stepwise.live) == ("cancelled", why, [])


def test_the_last_look_is_one_query_and_knows_whose_it_is(world: World, channel: Channel) -> None:
    publication = world.due(channels=[channel])
    Publication.objects.filter(pk=publication.pk).update(state="publishing", tries=1)
    publication.refresh_from_db()
    attempt = publication.attempts.create(client=world.winery, number=1)
    journal = PublicationJournal(publication)
    with CaptureQueriesContext(connection) as asked:
        journal.sending()
    assert len(asked) == 2  # what the time is, and the look
    publication.refresh_from_db()
    attempt.refresh_from_db()
    assert publication.progress == {"in_flight": "publish", "steps": {}}
    assert publication.wake_at is not None
    assert publication.wake_at > timezone.now()
    first = attempt.sent_at
    assert first is not None
    journal.sending("part:1")
    attempt.refresh_from_db()
    assert attempt.sent_at == first
    Client.objects.filter(pk=world.winery.pk).update(frozen_at=timezone.now())
    with pytest.raises(Stopped), translation.override("it"):
        journal.sending("part:2")
    publication.refresh_from_db()
    assert publication.progress["in_flight"] == "part:1"
    Publication.objects.filter(pk=publication.pk).update(tries=2)
    with pytest.raises(LeaseLost):  # whose it is comes first: another worker says how it ended
        journal.sending("part:2")


@pytest.fixture
def wall(world: World, monkeypatch: pytest.MonkeyPatch) -> Page:
    """A network where each post is changed and taken down by itself, and on which Vito may stop everything."""
    network = OneByOne()
    monkeypatch.setitem(networks.NETWORKS, "sandbox", network)
    short_chain_for_corrections(world)

    def freezes() -> None:
        freeze(user=world.vito, client=world.winery, reason="Fermi tutti")

    network.page.freezes = freezes
    return network.page


@pytest.fixture
def thread(world: World, wall: Page) -> Publication:
    live = run(world.due(text="Uno", parts=[PartPlan(text="Due"), PartPlan(text="Tre")]))
    assert live.state == "published"
    return live


@pytest.mark.parametrize("act", ["edit", "take_down"])
def test_what_is_done_to_several_posts_stops_between_two_of_them(
    world: World, wall: Page, thread: Publication, act: str
) -> None:
    if act == "edit":
        said = {"text": "Uno.", "parts": [PartPlan(text="Due."), PartPlan(text="Tre.")]}
        post = correct_publication(user=world.vito, publication=thread, act=act, because="Refuso.", **said)
        submit_post(user=world.vito, post=post)
        stops_in, becomes = (["Uno.", "Due.", "Tre"], ["Uno.", "Due.", "Tre."])
        so_far = "Potrebbe essere già modificato, o esserlo in parte."
    else:
        post = take_down(user=world.vito, publication=thread, because="Basta.")
        stops_in, becomes = (["Uno"], [])
        so_far = "Potrebbe essere già stato tolto, o esserlo in parte."
    approve(post, world.marta)
    wall.day = ["ok", "frozen_after"]
    change = run(post.publications.get())
    assert [row.text for row in wall.rows] == stops_in
    assert (change.state, change.begun, outcomes(change)) == ("scheduled", True, ["stopped"])
    assert change.detail == f"{so_far} {STOPPED}"
    assert (run(change).state, [row.text for row in wall.rows]) == ("scheduled", stops_in)
    unfreeze(user=world.marta, client=world.winery)
    change = run(change)
    assert (change.state, [row.text for row in wall.rows]) == ("late", stops_in)  # a person decides after a stop
    assert change.detail.startswith(so_far)
    retry_publication(user=world.marta, publication=change)
    assert (run(change).state, [row.text for row in wall.rows]) == ("published", becomes)


def test_a_stop_after_the_last_of_several_posts_leaves_nothing_to_do(
    world: World, wall: Page, thread: Publication
) -> None:
    post = take_down(user=world.vito, publication=thread, because="Basta.")
    approve(post, world.marta)
    wall.day = ["ok", "ok", "frozen_after"]
    assert (run(post.publications.get()).state, wall.rows) == ("published", [])
