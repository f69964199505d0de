"""Reads whose SQL is written once: the same rows as Django's own, for each value, in each thread."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.contrib.postgres.expressions import ArraySubquery
from django.db import connection
from django.db.models import F, OuterRef, QuerySet
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from accounts.prepared import MOST, Prepared
from clients.models import Membership
from tests.world import World


def working_for(client: int, people: list[int], language: str, since: dt.datetime) -> QuerySet[Membership]:
    mine = Membership.objects.filter(user=OuterRef("user")).order_by("client").values("client")
    return (
        Membership.objects.filter(client=client, user__in=people, user__language=language, user__joined_at__gt=since)
        .select_related("user", "client")
        .annotate(clients=ArraySubquery(mine), slug=F("client__slug"))
        .order_by("pk")
    )


LONG_AGO = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)


def test_rows_are_as_django_makes_them(world: World) -> None:
    prepared = Prepared(working_for)
    people = sorted(User.objects.values_list("pk", flat=True))
    found = 0
    for client in (world.winery.pk, world.town.pk):
        for some in (people, people[:1], people[1:], []):
            for language in ("it", "en"):
                for since in (LONG_AGO, dt.datetime.now(dt.UTC) + dt.timedelta(days=1)):
                    values: dict[str, Any] = {"client": client, "people": some, "language": language, "since": since}
                    ours, own = prepared(**values), list(working_for(**values))
                    assert [row.__dict__.keys() for row in ours] == [row.__dict__.keys() for row in own]
                    assert [(row, row.role, row.user.email, row.client.name) for row in ours] == [
                        (row, row.role, row.user.email, row.client.name) for row in own
                    ]
                    assert [(vars(row)["clients"], vars(row)["slug"]) for row in ours] == [
                        (vars(row)["clients"], vars(row)["slug"]) for row in own
                    ]
                    found += len(ours)
    assert found > 4


def test_it_asks_once_and_what_came_along_is_there(world: World) -> None:
    people = sorted(User.objects.values_list("pk", flat=True))
    prepared = Prepared(working_for)
    with CaptureQueriesContext(connection) as queries:
        rows = prepared(client=world.winery.pk, people=people, language="it", since=LONG_AGO)
        assert {row.client.slug for row in rows} == {world.winery.slug}
        assert all(row.user.email for row in rows)
    assert len(queries) == 1


def test_tuples_and_long_lists(world: World) -> None:
    prepared = Prepared(lambda people: User.objects.filter(pk__in=people).order_by("pk").values_list("pk", "email"))
    people = list(User.objects.order_by("pk").values_list("pk", "email"))
    ids = [pk for pk, _email in people]
    assert prepared(people=ids) == people
    assert prepared(people=[*ids, *range(10**6, 10**6 + MOST)]) == people
    assert prepared(people=[]) == []


def test_an_empty_list_finds_nothing_unless_something_else_is_asked(world: World) -> None:
    prepared = Prepared(
        lambda people, email: (User.objects.filter(pk__in=people) | User.objects.filter(email=email)).order_by("pk")
    )
    vito = world.vito
    assert prepared(people=[], email=vito.email) == [vito]
    assert prepared(people=[world.elena.pk], email=vito.email) == sorted([vito, world.elena], key=lambda user: user.pk)


def test_what_changes_the_sql_is_refused() -> None:
    prepared = Prepared(lambda some, most: User.objects.filter(pk__gt=some)[:most])
    with pytest.raises(ValueError, match="part of the SQL"):
        prepared(some=1, most=2)


@pytest.mark.django_db(transaction=True)
def test_each_thread_asks_by_its_own_connection() -> None:
    world = World()
    prepared = Prepared(lambda pk: User.objects.filter(pk=pk))
    people = [world.vito, world.elena, world.marta] * 20

    def ask(user: User) -> list[User]:
        try:
            return prepared(pk=user.pk)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(ask, people)) == [[user] for user in people]
