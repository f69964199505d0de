"""A channel comes to an end: by a manager, with its network, with its client. What went out stays, and can be taken away."""

import csv
import io
import json
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.errors import Conflict
from clients.services import edit_client
from social import networks
from social.models import Channel, Post, Publication, Reading
from social.networks.base import Content
from social.services import (
    claiming,
    create_channel,
    edit_channel,
    resolve_publication,
    retire_channel,
    retiring,
    submit_post,
    take_down,
    watching,
)
from social.services.content_rows import PartPlan
from social.services.locks import lock_post
from tests.rest.caller import Caller
from tests.social.test_publishing import run
from tests.world import World, approve, review_of


def whole(answer: Any) -> bytes:
    """All of a file that came in pieces."""
    return b"".join(answer.streaming_content)


def test_a_channel_is_retired_with_a_reason(world: World) -> None:
    waiting = world.due()
    channel = retire_channel(user=world.marta, channel=world.page, because="Il profilo è stato venduto.")
    assert (channel.status, channel.credentials, channel.retired_because) == (
        "retired",
        "",
        "Il profilo è stato venduto.",
    )
    waiting.refresh_from_db()
    assert (waiting.state, waiting.detail) == (
        "cancelled",
        "Cantina Roero (prova) è dismesso. Il profilo è stato venduto.",
    )


def test_what_is_uncertain_is_settled_first_or_stays_so(world: World) -> None:
    edit_channel(user=world.marta, channel=world.page, credentials={"behaviour": "drop_after_accept"})
    publication = run(world.due())
    with pytest.raises(Conflict) as unsettled:
        retire_channel(user=world.marta, channel=world.page)
    assert unsettled.value.code == "unsettled"
    retire_channel(user=world.marta, channel=world.page, keep_unknown=True)
    publication.refresh_from_db()
    assert publication.state == "unknown"
    found = resolve_publication(user=world.marta, publication=publication, outcome="not_published")
    assert found.state == "cancelled"  # nobody sends it any more


def test_what_comes_back_to_a_retired_channel_is_cancelled(world: World) -> None:
    publication = world.due()
    Channel.objects.filter(pk=world.page.pk).update(status="retired")
    assert run(publication).state == "cancelled"


def half_a_thread(world: World, state: str, *others: Channel) -> Publication:
    """Its first post is live, the rest stands like this."""
    edit_channel(user=world.marta, channel=world.page, credentials={"behaviour": "break_thread"})
    post = world.approved(
        text="Uno",
        parts=[PartPlan(text="Due"), PartPlan(text="Tre")],
        channels=[world.page, *others],
        publish_at=timezone.now() + timedelta(hours=1),
    )
    post.publications.update(due_at=timezone.now(), wake_at=timezone.now())
    publication = run(post.publications.get(channel=world.page))
    assert (publication.state, publication.begun) == ("scheduled", True)
    if state != "scheduled":
        edit_channel(user=world.marta, channel=world.page, credentials={"behaviour": "refuse"})
        Publication.objects.filter(pk=publication.pk).update(
            wake_at=timezone.now(), due_at=timezone.now() - timedelta(days=state == "late")
        )
        publication = run(publication)
        assert (publication.state, publication.post.state) == (state, "partly_published")
    return publication


@pytest.mark.parametrize("state", ["scheduled", "failed", "late"])
@pytest.mark.parametrize("end", ["retired", "left", "claimed"])
def test_what_is_half_live_is_never_called_cancelled(world: World, state: str, end: str) -> None:
    half, other = half_a_thread(world, state), world.due(text="Un altro post")
    if end == "retired":
        retire_channel(user=world.marta, channel=world.page)
    elif end == "left":
        type(world.winery).objects.filter(pk=world.winery.pk).update(status="ended")
        assert retiring.client_left(client_id=world.winery.pk) == (1 if state == "failed" else 2)
        assert retiring.client_left(client_id=world.winery.pk) == 0
    else:
        Channel.objects.filter(pk=world.page.pk).update(status="retired")
        for one in (half, other):
            Publication.objects.filter(pk=one.pk, state="scheduled").update(wake_at=timezone.now())
        run(half)
    for one in (half, other):
        one.refresh_from_db()
    half.post.refresh_from_db()
    ended = "late" if (state, end) == ("late", "claimed") else "failed"
    assert (half.state, half.post.state, other.state) == (ended, "partly_published", "cancelled")
    if state != "late":
        assert half.detail.startswith("È online 1 dei suoi 3 post.")
    text = whole(Caller(world.elena).http.get(f"/api/v1/channels/{world.page.pk}/history.json"))
    assert [row["id"] for row in json.loads(text)] == [half.pk]


def test_half_a_thread_whose_end_nobody_knows_is_not_cancelled_either(world: World) -> None:
    half = half_a_thread(world, "scheduled")
    Publication.objects.filter(pk=half.pk).update(state="publishing")
    Publication.objects.filter(pk=half.pk).update(state="unknown")
    retire_channel(user=world.marta, channel=world.page, keep_unknown=True)
    found = resolve_publication(user=world.marta, publication=half, outcome="not_published")
    assert (found.state, found.detail) == (
        "failed",
        "È online 1 dei suoi 3 post. Cantina Roero (prova) è dismesso.",
    )


def test_one_post_that_can_not_be_cancelled_keeps_no_other(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    first, second = world.due(), world.due()

    def breaks(pk: int) -> Post:
        if pk == first.post_id:
            raise RuntimeError("whatever it is")
        return lock_post(pk)

    monkeypatch.setattr("social.services.retiring.lock_post", breaks)
    type(world.winery).objects.filter(pk=world.winery.pk).update(status="ended")
    assert retiring.client_left(client_id=world.winery.pk) == 1
    for one, state in ((first, "scheduled"), (second, "cancelled")):
        one.refresh_from_db()
        assert one.state == state
    assert [line.message for line in caplog.records if line.exc_info] == ["cancelling broke"]


class TestGooglePlus:
    """The network that is no more."""

    def test_nothing_is_connected_there(self, world: World) -> None:
        with pytest.raises(ValidationError) as ended:
            create_channel(user=world.marta, client=world.winery, network="googleplus", handle="+roero")
        assert ended.value.error_dict["network"][0].code == "retired"

    def test_nothing_goes_out_there(self) -> None:
        found = networks.get("googleplus")
        assert [problem.code for problem in found.preflight(Content("Ciao")).problems] == ["network_ended"]
        assert networks.has_ended("googleplus")

    def test_a_network_that_dies_takes_its_channels_along_and_leaves_their_history(self, world: World) -> None:
        live, waiting = run(world.due()), world.due()
        Channel.objects.filter(pk=world.page.pk).update(network="googleplus")
        assert run(waiting).state == "cancelled"
        with pytest.raises(Conflict):
            take_down(user=world.vito, publication=live, because="Basta.")
        assert (retiring.retire_ended_networks(), retiring.retire_ended_networks()) == (1, 0)
        world.page.refresh_from_db()
        assert (world.page.status, world.page.retired_because) == ("retired", "Google+ ha chiuso: 2019-04-02.")
        text = whole(Caller(world.nonna).http.get(f"/api/v1/channels/{world.page.pk}/history.json"))
        assert [row["id"] for row in json.loads(text)] == [live.pk]


def test_what_was_scheduled_of_a_client_that_leaves_is_cancelled(
    world: World, django_capture_on_commit_callbacks: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    due = world.due()
    later = world.approved(publish_at=timezone.now() + timedelta(days=2)).publications.get()
    other = world.town_post(publish_at=timezone.now() + timedelta(hours=1))
    approve(other, world.sindaco)
    told: list[int] = []
    monkeypatch.setattr("clients.leaving._doors", [told.append])
    with django_capture_on_commit_callbacks(execute=True):
        edit_client(user=world.marta, client=world.winery, status="ended")
    assert told == [world.winery.pk]
    assert run(due).state == "cancelled"  # also where nobody was told
    assert retiring.client_left(client_id=world.winery.pk) == 1
    later.refresh_from_db()
    assert (later.state, later.detail, later.post.state) == (
        "cancelled",
        "Il lavoro con Cantina Roero è finito.",
        "cancelled",
    )
    assert Publication.objects.get(post=other).state == "scheduled"
    assert retiring.client_left(client_id=world.town.pk) == 0


def test_the_history_is_taken_away_whole(world: World, django_assert_num_queries: Any) -> None:
    live = run(world.due(text="=1+1; con una frase."))
    watching.look(publication_id=live.pk)
    Reading.objects.create(publication=live, client=world.winery, mark=0, views=5)
    asked = submit_post(user=world.vito, post=world.draft(text="Ancora no."))
    assert review_of(asked).state == "open"
    nonna, path = Caller(world.nonna), f"/api/v1/channels/{world.page.pk}/history"
    with django_assert_num_queries(10):
        answer = nonna.http.get(f"{path}.json")
        (row,) = json.loads(whole(answer))
    assert (row["text"], row["state"], row["digest"]) == ("=1+1; con una frase.", "published", live.version.digest)
    assert [one["by"] for one in row["approved"]] == ["Elena Riva", "Marta Gallo", "Piero Roero"]
    assert [(one["views"], one["reach"]) for one in row["numbers"]] == [(5, None)]
    assert (row["found"], row["taken_down"]) == ("there", None)
    answer = nonna.http.get(f"{path}.csv")
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    text = whole(answer).decode("utf-8-sig")
    (table,) = csv.DictReader(io.StringIO(text))
    assert (table["text"], table["views"], table["reach"]) == ("'=1+1; con una frase.", "5", "")
    for other in (world.bruno, world.carlo):
        assert Caller(other).http.get(f"{path}.csv").status_code == 404


def test_more_than_one_piece_is_told_once_each(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("social.history.PIECE", 2)
    live = [run(world.due()).pk for _number in range(3)]
    answer = Caller(world.elena).http.get(f"/api/v1/channels/{world.page.pk}/history.json")
    assert [row["id"] for row in json.loads(whole(answer))] == live
    assert claiming.hand_out(timezone.now()) == []
