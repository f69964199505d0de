"""What is out on Bluesky's own server is answered and taken down, whatever was kept of it when it went out."""

from collections.abc import Callable
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps

from social.models import Channel, Publication
from social.services import correct_publication, create_channel, submit_post, take_down
from social.services.content_rows import PartPlan
from tests.servers.pds import Pds, Person
from tests.social.networks.conftest import new_person, pds
from tests.social.pictures import stored
from tests.social.test_publishing import outcomes, run
from tests.world import World, approve

__all__ = ["new_person", "pds"]
pytestmark = pytest.mark.django_db
THREAD = [PartPlan(text="Le mani sono viola."), PartPlan(text="Domani si pigia.")]


@pytest.fixture
def person(new_person: Callable[[], Person]) -> Person:
    return new_person()


@pytest.fixture
def sky(world: World, pds: Pds, person: Person) -> Channel:
    fields: dict[str, Any] = {"credentials": {"app_password": person.app_password}, "server": pds.url}
    return create_channel(
        user=world.marta, client=world.winery, network="bluesky", handle=person.handle, name="R", **fields
    )


def answered(world: World, live: Publication, text: str = "Era il 2026.") -> Publication:
    draft = correct_publication(user=world.vito, publication=live, act="reply", text=text)
    post = submit_post(user=world.vito, post=draft)
    approve(post, world.elena)
    approve(post, world.marta)
    approve(post, world.cliente)
    return run(post.publications.get())


def taken_down(world: World, live: Publication) -> Publication:
    post = take_down(user=world.vito, publication=live, because="L'anno è sbagliato.")
    approve(post, world.elena)
    approve(post, world.marta)
    approve(post, world.cliente)
    return run(post.publications.get())


def texts(pds: Pds, person: Person) -> list[str]:
    return [post["value"]["text"] for post in reversed(pds.posts(person))]


def test_a_post_that_stood_alone_is_answered_and_goes_with_its_answer(
    world: World, pds: Pds, person: Person, sky: Channel
) -> None:
    live = run(world.due(channels=[sky], media=[stored(world.vito, world.winery)]))
    assert set(live.progress["steps"]) & {"publish", "comment"} == set()
    answer = answered(world, live)
    assert (answer.state, outcomes(answer)) == ("published", ["published"])
    below, root = pds.posts(person)
    reply = below["value"]["reply"]
    at = [(reply[name]["uri"], reply[name]["cid"]) for name in ("root", "parent")]
    assert (below["value"]["text"], at) == ("Era il 2026.", [(root["uri"], root["cid"])] * 2)
    assert answer.remote_id == below["uri"]
    assert (taken_down(world, live).state, texts(pds, person)) == ("published", [])


def test_a_thread_that_was_out_before_is_answered_below_its_end_and_taken_down_whole(
    world: World, pds: Pds, person: Person, sky: Channel
) -> None:
    live = run(world.due(channels=[sky], parts=THREAD, comment="Si prenota."))
    first, *below = live.remote_id.split(",")
    assert (len(below), texts(pds, person)) == (
        3,
        ["Oggi si vendemmia.", "Le mani sono viola.", "Domani si pigia.", "Si prenota."],
    )
    # As they were kept until the numbers of all posts were.
    Publication.objects.filter(pk=live.pk).update(remote_id=first)
    name_all = import_module("social.migrations.0015_numbers_of_all_posts").name_all
    for _ in range(2):
        name_all(apps, None)
        live.refresh_from_db()
        assert live.remote_id == ",".join([first, *below])
    answer = answered(world, live)
    found = {post["value"]["text"]: post for post in pds.posts(person)}
    parent = found["Era il 2026."]["value"]["reply"]["parent"]["uri"]
    assert (answer.state, parent) == ("published", found["Domani si pigia."]["uri"])
    assert (taken_down(world, live).state, texts(pds, person)) == ("published", [])


def test_what_is_gone_is_not_answered(world: World, pds: Pds, person: Person, sky: Channel) -> None:
    live = run(world.due(channels=[sky]))
    record = {"repo": person.did, "collection": "app.bsky.feed.post", "rkey": live.remote_id.rpartition("/")[2]}
    pds.ask("POST", "repo.deleteRecord", json=record, headers=pds.token(person))
    answer = answered(world, live)
    assert (answer.state, outcomes(answer), texts(pds, person)) == ("failed", ["refused"], [])
    assert answer.detail == "Ciò a cui risponde su Bluesky non c’è più."
