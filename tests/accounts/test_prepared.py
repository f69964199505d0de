"""Reads, updates and new rows whose SQL is written once: the same as Django's own, for each value, in each thread."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.contrib.postgres.expressions import ArraySubquery
from django.db import IntegrityError, connection
from django.db.models import F, OuterRef, QuerySet
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from accounts.prepared import MOST, Prepared, PreparedInsert, PreparedUpdate
from clients.models import Membership
from social.models import Attempt, Publication, Watch
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


def leaving(person: int, at: dt.datetime | None, name: str) -> tuple[QuerySet[User], dict[str, Any]]:
    return User.objects.filter(pk=person, is_active=True), {"name": name, "last_login": at, "language": "en"}


def test_an_update_writes_what_django_would(world: World) -> None:
    update = PreparedUpdate(leaving)
    others = list(User.objects.exclude(pk=world.vito.pk).order_by("pk").values())
    for at in (LONG_AGO, None, dt.datetime(2026, 2, 3, 4, 5, 6, 789, tzinfo=dt.UTC)):
        for name in ("Vito", "", "quel che c'è; %s"):
            with CaptureQueriesContext(connection) as queries:
                assert update(person=world.vito.pk, at=at, name=name) == 1
            assert len(queries) == 1
            world.vito.refresh_from_db()
            assert (world.vito.name, world.vito.last_login) == (name, at)
    assert list(User.objects.exclude(pk=world.vito.pk).order_by("pk").values()) == others
    User.objects.filter(pk=world.vito.pk).update(is_active=False)
    assert update(person=world.vito.pk, at=None, name="gone") == 0
    world.vito.refresh_from_db()
    assert world.vito.name != "gone"


def test_a_day_is_no_moment(world: World) -> None:
    fields = PreparedUpdate(
        lambda pk, day, now: (
            type(world.winery).objects.filter(pk=pk),
            {"tacit_consent_agreed_on": day, "created_at": now},
        )
    )
    for day in (dt.date(2024, 2, 29), None, dt.date.max - dt.timedelta(days=1)):
        assert fields(pk=world.winery.pk, day=day, now=LONG_AGO) == 1
        world.winery.refresh_from_db()
        assert (world.winery.tacit_consent_agreed_on, world.winery.created_at) == (day, LONG_AGO)


def test_an_update_refuses_what_becomes_part_of_the_sql(world: World) -> None:
    update = PreparedUpdate(lambda person, name: (User.objects.filter(pk=person), {"name": f"~{name}"}))
    with pytest.raises(ValueError, match="part of the SQL"):
        update(person=world.vito.pk, name="Vito")


def test_json_is_kept_as_it_was_given(world: World) -> None:
    publication = world.due()
    write = PreparedUpdate(lambda publication, **fields: (Publication.objects.filter(pk=publication), fields))
    for keys in ({"key": "1"}, {}, {"è": ["\u2028", None, 1.5, {"a": "%s"}], "\x1f": True}):
        for progress in ({"steps": {"part:1": {"given": {"id": "7"}}}}, {}):
            assert write(publication=publication.pk, keys=keys, progress=progress) == 1
            publication.refresh_from_db()
            assert (publication.keys, publication.progress) == (keys, progress)


def test_a_new_row_is_what_django_would_make(world: World) -> None:
    publication = world.due()
    insert = PreparedInsert(Attempt)
    for number, sent_at in enumerate([None, LONG_AGO, None], start=1):
        with CaptureQueriesContext(connection) as queries:
            made = insert(
                publication_id=publication.pk,
                client_id=publication.client_id,
                number=number,
                started_at=LONG_AGO,
                sent_at=sent_at,
            )
        assert len(queries) == 1
        assert made
        own = Attempt(
            publication=publication,
            client_id=publication.client_id,
            number=number,
            started_at=LONG_AGO,
            sent_at=sent_at,
        )
        assert Attempt.objects.filter(pk=made).values().get() == {
            field.attname: getattr(own, field.attname) for field in Attempt._meta.concrete_fields
        } | {"id": made}


def test_once_is_once(world: World) -> None:
    publication = world.due()
    insert = PreparedInsert(Watch, once=True)
    first = insert(publication_id=publication.pk, client_id=publication.client_id, detail="the first")
    assert insert(publication_id=publication.pk, client_id=publication.client_id, detail="another") is None
    assert Watch.objects.values_list("pk", "detail").get() == (first, "the first")
    with pytest.raises(IntegrityError):
        PreparedInsert(Watch)(publication_id=publication.pk, client_id=publication.client_id)


def test_one_row_or_none(world: World) -> None:
    person = Prepared(lambda pk: User.objects.filter(pk=pk).values_list("name", flat=True))
    assert person.get(pk=world.vito.pk) == world.vito.name
    with pytest.raises(User.DoesNotExist):
        person.get(pk=0)
