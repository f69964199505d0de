"""A worker dies by SIGKILL in the middle of a publication: afterwards it is published once, or found out and resolved."""

import signal
from pathlib import Path

import pytest
from django.utils import timezone

from social import networks
from social.models import Attempt, Publication, PublicationState, SandboxPost
from social.services import claiming, edit_channel
from social.services.connections import account_of
from tests.processes import beat, wait_until, worker
from tests.social.notebook import Notebook
from tests.world import World, sandbox

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def town(transactional_db: None) -> World:
    """The agency, in a database that real workers can see."""
    return World()


def state(publication: Publication) -> str:
    publication.refresh_from_db()
    return publication.state


def end_the_lease(publication: Publication) -> None:
    """As if the clock had gone on to the end of the dead worker's lease."""
    Publication.objects.filter(pk=publication.pk).update(wake_at=timezone.now())


def test_killed_before_the_network_answered_and_published_by_the_next_worker(town: World, tmp_path: Path) -> None:
    slow = sandbox(town.marta, town.winery, "lenta", behaviour="ok", latency_ms=30_000)
    publication = town.due(channels=[slow])
    with beat(tmp_path):
        with worker(tmp_path) as first:
            wait_until(lambda: state(publication) == PublicationState.PUBLISHING, "the claim")
            first.send_signal(signal.SIGKILL)
            first.wait()
        assert [(attempt.number, attempt.ended_at) for attempt in publication.attempts.all()] == [(1, None)]
        edit_channel(user=town.marta, channel=slow, credentials={})
        end_the_lease(publication)
        with worker(tmp_path):
            wait_until(lambda: state(publication) == PublicationState.PUBLISHED, "the second try")
    assert [attempt.outcome for attempt in publication.attempts.all()] == ["unknown", "published"]
    assert SandboxPost.objects.filter(key=publication.keys["key"]).count() == 1


def test_killed_after_the_network_accepted_and_found_there_by_the_next_worker(town: World, tmp_path: Path) -> None:
    publication = town.due()
    with beat(tmp_path), worker(tmp_path):
        wait_until(lambda: state(publication) == PublicationState.PUBLISHED, "the publication")
    # The same moment, had the worker died between the network's answer and writing it down.
    lost = town.due(text="Un altro post")
    claimed = claiming.claim(publication_id=lost.pk, now=timezone.now())
    assert claimed is not None
    keys = claimed.publication.keys
    networks.get("sandbox").publish(account_of(town.page), claimed.content, keys, Notebook())
    end_the_lease(lost)
    with beat(tmp_path), worker(tmp_path):
        wait_until(lambda: state(lost) == PublicationState.PUBLISHED, "the question to the network")
    assert Attempt.objects.filter(publication=lost).count() == 1
    assert SandboxPost.objects.filter(key=claimed.publication.keys["key"]).count() == 1
