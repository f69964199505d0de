"""Two posts with the same words: whoever asks for the one never takes the other for it."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from social.models import Channel, Publication
from social.services import create_channel, resolve_publication, retire_channel
from social.services.taken import BEFORE, taken_by_others
from tests.servers.bad_days import AnswerLost, Cut, Fault
from tests.servers.mastodon import FakeMastodon
from tests.social.test_publishing import run, told, wake
from tests.world import World, sandbox

CREATE = "POST /api/v1/statuses"


def mastodon(world: World, server: FakeMastodon) -> Channel:
    return create_channel(
        user=world.marta,
        client=world.winery,
        network="mastodon",
        handle="roero",
        server=server.url,
        credentials={"access_token": server.token},
    )


def test_the_one_that_never_arrived_is_sent_and_both_are_out(world: World) -> None:
    with FakeMastodon(now=timezone.now()) as server:
        channel = mastodon(world, server)
        first = run(world.due(channels=[channel]))
        server.on(CREATE, Cut(), None)
        second = run(world.due(channels=[channel]))
        assert (first.state, second.state, len(server.statuses)) == ("published", "unknown", 1)
        for _turn in range(4):
            wake(second)
            second = run(second)
        assert (second.state, len(server.statuses)) == ("published", 2)
        assert {first.remote_id, second.remote_id} == {status.id for status in server.statuses}


def live(publication: Publication, **fields: Any) -> Publication:
    """As if it had gone out so."""
    Publication.objects.filter(pk=publication.pk).update(**fields)
    publication.refresh_from_db()
    return publication


def test_what_is_taken(world: World) -> None:
    world.page.identity = "the account"
    world.page.save(update_fields=["identity"])
    now = timezone.now()
    mine = world.due()
    assert taken_by_others(mine) == frozenset()
    assert taken_by_others(live(mine, remote_id="0", published_at=now, begun=True)) == frozenset()
    live(world.due(), remote_id="11,12", published_at=now)
    live(world.due(), remote_id="13", published_at=now - BEFORE - timedelta(minutes=1))
    steps = {
        "publish": {"given": {"id": "21"}, "until": None},
        "part:1": {"given": {"id": 22}, "until": None},
        "media:1": {"given": {"id": "23"}, "until": None},
        "tried:publish": {"given": {}, "until": None},
    }
    live(world.due(), begun=True, progress={"steps": steps})
    live(world.due(), begun=False, progress={"steps": {"publish": {"given": {"id": "24"}, "until": None}}})
    other = sandbox(world.marta, world.winery, "altro")
    live(world.due(channels=[other]), remote_id="31", published_at=now)
    assert taken_by_others(mine) == {"11,12", "11", "12", "21", "22"}


def test_a_channel_of_the_same_account_that_is_retired_counts(world: World) -> None:
    first = run(world.due())
    retire_channel(user=world.marta, channel=world.page)
    anew = sandbox(world.marta, world.winery, "cantina-roero")
    second = world.due(channels=[anew])
    assert taken_by_others(second) == frozenset()  # nobody knows yet that it is the same
    world.page.refresh_from_db()
    anew.identity = world.page.identity
    anew.save(update_fields=["identity"])
    second.refresh_from_db()
    assert first.remote_id in taken_by_others(Publication.objects.get(pk=second.pk))


def test_no_number_is_two_publications(world: World) -> None:
    first, second = run(world.due()), run(world.due())
    with pytest.raises(IntegrityError, match="uq_publication_remote"), transaction.atomic():
        live(second, remote_id=first.remote_id)
    live(first, remote_id="")
    live(second, remote_id="")


def both_uncertain(world: World, server: FakeMastodon, *days: Fault, **second: Any) -> list[Publication]:
    """Two publications, of which neither got an answer; each day is one of the server's."""
    channel = mastodon(world, server)
    ones = []
    for day, fields in zip(days, ({}, second), strict=True):
        server.on(CREATE, day, None)
        ones.append(run(world.due(channels=[channel], **fields)))
    server.good_day()
    assert [one.state for one in ones] == ["unknown", "unknown"]
    return ones


def test_of_two_in_doubt_a_person_tells_which_it_is(world: World) -> None:
    with FakeMastodon(now=timezone.now()) as server:
        first, second = both_uncertain(world, server, AnswerLost(), Cut())
        wake(first)
        first = run(first)
        assert (first.state, first.wake_at, first.begun, len(server.statuses)) == ("unknown", None, False, 1)
        assert told("publication_unknown") == ["Marta Gallo", "Vito Serra"]
        resolve_publication(user=world.vito, publication=first, outcome="published")
        wake(second)
        second = run(second)
        assert (second.state, second.wake_at) == ("unknown", None)  # nobody knows the number of the first one
        second = run(resolve_publication(user=world.vito, publication=second, outcome="not_published"))
        assert (second.state, len(server.statuses)) == ("published", 2)


def test_where_neither_arrived_both_are_sent(world: World) -> None:
    with FakeMastodon(now=timezone.now()) as server:
        ones = both_uncertain(world, server, Cut(), Cut())
        for _turn in range(4):
            for one in ones:
                wake(one)
                run(one)
        assert [run(one).state for one in ones] == ["published", "published"]
        assert len(server.statuses) == 2


def test_other_words_are_no_doubt(world: World) -> None:
    with FakeMastodon(now=timezone.now()) as server:
        first, _second = both_uncertain(world, server, AnswerLost(), Cut(), text="Domani no.")
        wake(first)
        assert run(first).state == "published"
