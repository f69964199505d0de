"""Lists: walked by cursor, ordered, filtered, and for the same number of queries however long they are."""

from datetime import time, timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from approvals.services import add_comment, save_chain
from approvals.services.chains import StepPlan
from clients.models import Role
from clients.services import add_person, create_client
from social.models import Post
from social.services import add_media, create_label, create_recurrence, create_slot, edit_post
from strategy.services import create_pillar
from tests.rest.caller import Caller, fields
from tests.rest.test_the_way import picture
from tests.world import World, review_of, sandbox


def walk(caller: Caller, path: str, **query: Any) -> tuple[list[int], list[int]]:
    """All ids forwards by ``next``, then backwards by ``previous``."""
    there, back = [], []
    page = caller.get(path, **query)
    while True:
        there.append([row["id"] for row in page["results"]])
        if page["next"] is None:
            break
        page = caller.get(page["next"].removeprefix("http://testserver"))
    while True:
        back.append([row["id"] for row in page["results"]])
        if page["previous"] is None:
            break
        page = caller.get(page["previous"].removeprefix("http://testserver"))
    assert back == there[::-1]
    return [pk for rows in there for pk in rows], [len(rows) for rows in there]


@pytest.mark.parametrize("ordering", ["id", "-id", "updated_at", "-updated_at"])
def test_a_walk_meets_each_row_once_ties_included(world: World, ordering: str) -> None:
    posts = [world.draft(title=str(number)) for number in range(7)]
    # Three rows with the very same time, over the border of a page.
    Post.objects.filter(pk__in=[post.pk for post in posts[1:4]]).update(updated_at=posts[0].updated_at)
    found, sizes = walk(Caller(world.vito), "posts/", ordering=ordering, page_size=2)
    ids = [post.pk for post in posts]
    assert found == (ids[::-1] if ordering.startswith("-") else ids)
    assert sizes == [2, 2, 2, 1]


def test_rows_added_during_a_walk_neither_double_nor_hide_any(world: World) -> None:
    first = [world.draft().pk for _number in range(3)]
    caller = Caller(world.vito)
    page = caller.get("posts/", page_size=2)
    later = world.draft().pk
    rest = caller.get(page["next"].removeprefix("http://testserver"))
    assert [row["id"] for row in page["results"] + rest["results"]] == [*first, later]


def test_what_changed_since(world: World) -> None:
    world.draft()
    changed = world.draft()
    moment = (timezone.now() + timedelta(days=1)).replace(hour=9)  # no clock shows it twice
    Post.objects.filter(pk=changed.pk).update(updated_at=moment)
    caller = Caller(world.vito)
    assert [row["id"] for row in caller.get("posts/", updated_since=moment.isoformat())["results"]] == [changed.pk]
    # An offset that PostgreSQL does not know is still a moment, and so is a plus sign that became a space.
    for asked in ("2020-01-01T00:00:00+20:00", "2020-01-01T00:00:00 01:00"):
        assert len(caller.get("posts/", updated_since=asked)["results"]) == 2
    # Without an offset: on the clock of the client that is asked for. Rome is ahead of UTC.
    wall = moment.astimezone(world.winery.zone).replace(tzinfo=None).isoformat()
    query: dict[str, Any] = {"updated_since": wall, "client": world.winery.pk}
    assert [row["id"] for row in caller.get("posts/", **query)["results"]] == [changed.pk]


def test_filters_by_field_name(world: World) -> None:
    soon = timezone.now() + timedelta(days=1)
    scheduled, draft = world.approved(publish_at=soon), world.draft()
    vito = Caller(world.vito)

    def ids(path: str, **query: Any) -> list[int]:
        return [row["id"] for row in vito.get(path, **query)["results"]]

    assert ids("posts/", state="draft") == [draft.pk]
    assert ids("posts/", state=["draft", "scheduled"]) == [scheduled.pk, draft.pk]
    assert ids("posts/", channel=world.page.pk, network="sandbox", author="VITO@filo.example") == [
        scheduled.pk,
        draft.pk,
    ]
    assert ids("posts/", network="bluesky") == []
    assert ids("posts/", publish_at_after=soon.isoformat()) == [scheduled.pk]
    assert ids("posts/", publish_at_before=soon.isoformat()) == []
    assert ids("posts/", review=scheduled.review_id) == [scheduled.pk]
    prices = create_label(user=world.elena, client=world.winery, name="Prezzi")
    vines = create_pillar(user=world.elena, client=world.winery, name="Vigna")
    edit_post(user=world.vito, post=draft, labels=[prices], pillar=vines)
    assert ids("posts/", label="prezzi") == ids("posts/", pillar=vines.pk) == [draft.pk]
    assert ids("posts/", label="Prezz") == []
    assert ids("labels/", client=world.winery.pk, retired="false", name="PREZZI") == [prices.pk]
    assert ids("pillars/", retired="true") == []
    publication = scheduled.publications.get().pk
    assert ids("publications/", post=scheduled.pk, state="scheduled", channel=world.page.pk) == [publication]
    assert ids("publications/", due_at_after=(soon + timedelta(seconds=1)).isoformat()) == []
    assert ids("publications/", ordering="-due_at") == [publication]
    assert ids("channels/", network="sandbox", status="connected", client=world.winery.pk) == [world.page.pk]
    assert ids("reviews/", subject_type="post", subject_id=scheduled.pk, state="approved") == [scheduled.review_id]
    assert ids("reviews/", subject_type="strategy") == []
    assert ids("clients/", frozen="false", slug="cantina-roero") == [world.winery.pk]
    assert ids("events/", verb="post.scheduled", subject_type="post", subject_id=scheduled.pk) != []


@pytest.mark.parametrize(
    ("path", "query", "field"),
    [
        ("posts/", {"state": "exploded"}, "state"),
        ("posts/", {"client": "winery"}, "client"),
        ("posts/", {"client": "99999999999999999999999"}, "client"),
        ("posts/", {"clinet": "1"}, "clinet"),
        ("posts/", {"publish_at_after": "yesterday"}, "publish_at_after"),
        ("posts/", {"updated_since": "9999-12-31T23:59:59-23:59"}, "updated_since"),
        ("posts/", {"network": "friendster"}, "network"),
        ("posts/", {"ordering": "publish_at"}, "ordering"),
        ("posts/", {"page_size": "0"}, "page_size"),
        ("posts/", {"page_size": "many"}, "page_size"),
        ("posts/", {"cursor": "nonsense"}, "cursor"),
        ("posts/", {"cursor": "W10"}, "cursor"),
        ("posts/", {"author": "vi\x00to"}, "author"),
        ("reviews/", {"waiting_for": "you"}, "waiting_for"),
        ("events/", {"subject_id": "-1"}, "subject_id"),
    ],
)
def test_what_cannot_be_understood_names_its_parameter(world: World, path: str, query: Any, field: str) -> None:
    assert [name for name, _code in fields(Caller(world.vito).get(path, expect=400, **query))] == [field]


def test_a_filter_by_another_clients_thing_is_one_by_nothing(world: World) -> None:
    vito, foreign = Caller(world.vito), world.town_post()
    for query in ({"client": world.town.pk}, {"channel": world.town_page.pk}, {"review": foreign.review_id}):
        [name] = query
        problem = vito.get("posts/", expect=400, **query)
        nowhere = vito.get("posts/", expect=400, **{name: 999999999})
        assert problem == nowhere
        assert fields(problem) == [(name, "invalid_choice")]


def test_a_cursor_is_of_its_own_order(world: World) -> None:
    world.draft(), world.draft()
    caller = Caller(world.vito)
    cursor = caller.get("posts/", page_size=1)["next"].partition("cursor=")[2].partition("&")[0]
    problem = caller.get("posts/", expect=400, cursor=cursor, ordering="-id")
    assert fields(problem) == [("cursor", "invalid")]


def test_a_page_is_never_longer_than_two_hundred(world: World) -> None:
    caller = Caller(world.vito)
    for _number in range(201):
        Post.objects.create(client=world.winery, author=world.vito, written_by=world.vito)
    assert len(caller.get("posts/")["results"]) == 50
    assert len(caller.get("posts/", page_size=200)["results"]) == 200
    assert len(caller.get("posts/", page_size=1000)["results"]) == 200


def _another_client(world: World, number: int) -> None:
    create_client(user=world.ada, name=f"C{number}", slug=f"c{number}")


def _another_post(world: World, number: int) -> None:
    media = add_media(user=world.vito, client=world.winery, file=picture((40, 30 + number)), alt_text="x")
    plan = [{"channel": world.page.pk, "text": "Diverso"}]
    label = create_label(user=world.elena, client=world.winery, name=f"Etichetta {number}").name
    pillar = create_pillar(user=world.elena, client=world.winery, name=f"Filone {number}").pk
    body = {"client": world.winery.pk, "text": f"{number}", "channels": [world.page.pk], "variants": plan}
    Caller(world.vito).post("posts/", {**body, "media": [media.pk], "labels": [label], "pillar": pillar})


def _another_review(world: World, number: int) -> None:
    review = review_of(world.approved(text=f"{number}"))
    add_comment(review=review, user=world.marta, text="Bene", audience="client")


def _another_publication(world: World, number: int) -> None:
    world.due(text=f"{number}")


def _another_series(world: World, number: int) -> None:
    starts = (timezone.now() + timedelta(days=1)).replace(second=0, microsecond=0)
    pattern = world.draft(text=f"{number}")
    create_recurrence(user=world.vito, pattern=pattern, rule="FREQ=DAILY;COUNT=3", starts_at=starts)


MAKES: dict[str, tuple[int, Any]] = {
    "clients/": (5, _another_client),
    "memberships/": (
        2,
        lambda world, number: add_person(
            user=world.marta, client=world.winery, email=f"{number}@x.example", name="X", role=Role.VIEWER
        ),
    ),
    "channels/": (2, lambda world, number: sandbox(world.marta, world.winery, f"pagina-{number}")),
    "media/": (
        2,
        lambda world, number: add_media(user=world.vito, client=world.winery, file=picture((40, 30 + number))),
    ),
    "chains/": (
        6,
        lambda world, number: save_chain(
            user=world.marta, client=world.winery, name=str(number), steps=[StepPlan(name="1", users=[world.elena])]
        ),
    ),
    "labels/": (2, lambda world, number: create_label(user=world.marta, client=world.winery, name=f"E{number}")),
    "slots/": (
        2,
        lambda world, number: create_slot(user=world.marta, channel=world.page, weekday=number, at=time(9)),
    ),
    "recurrences/": (2, _another_series),
    "pillars/": (2, lambda world, number: create_pillar(user=world.marta, client=world.winery, name=f"F{number}")),
    "posts/": (5, _another_post),
    "reviews/": (5, _another_review),
    "publications/": (5, _another_publication),
    "events/": (2, _another_client),
}


@pytest.mark.parametrize("path", MAKES)
@pytest.mark.parametrize("many", [1, 3])
def test_a_list_costs_the_same_however_long_it_is(
    world: World, django_assert_num_queries: DjangoAssertNumQueries, path: str, many: int
) -> None:
    queries, make = MAKES[path]
    for number in range(many):
        make(world, number)
    caller = Caller(world.ada)
    caller.get(path)
    with django_assert_num_queries(queries):
        assert len(caller.get(path)["results"]) >= many
