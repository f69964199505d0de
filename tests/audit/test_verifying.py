"""The evidence: whole it is green, and whatever a superuser of the database does to it shows."""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction

from accounts.models import User
from audit.models import Event, Head
from audit.services import content_hash, record
from tests.world import World

pytestmark = pytest.mark.django_db
A, B = 71, 72  # two clients; the evidence needs no more of them than their numbers


@pytest.fixture
def ada() -> User:
    return User.objects.create_user("ada@filo.example", name="Ada")


@pytest.fixture
def chains(ada: User) -> None:
    """Ten events of A, two of B, one of no client."""
    for number in range(10):
        record(
            client_id=A, actor=ada, verb="post.edited", subject_type="post", subject_id=number, words="già", n=number
        )
    for number in range(2):
        record(client_id=B, actor=None, verb="post.late", subject_type="post", subject_id=number)
    record(client_id=None, actor=ada, verb="chain.created", subject_type="chain", subject_id=1)


@contextmanager
def superuser() -> Iterator[Callable[..., None]]:
    """Statements as a superuser of the database runs them: no trigger stops these."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        yield cursor.execute
        cursor.execute("SET session_replication_role = origin")


def row(client: int | None, seq: int) -> Event:
    return Event.objects.get(client_id=client, seq=seq)


def verify() -> tuple[int, list[str]]:
    """The command's exit status and its lines."""
    out, status = StringIO(), 0
    try:
        call_command("verify_audit", stdout=out)
    except SystemExit as stop:
        status = int(str(stop.code))
    return status, out.getvalue().splitlines()


def green(scope: int, events: int) -> str:
    whose = f"client {scope}" if scope else "the agency itself"
    return f"{whose}: {events} events, all fit; the last hash is {bytes(Head.objects.get(scope=scope).hash).hex()}"


def test_whole(chains: None) -> None:
    assert verify() == (0, [green(0, 1), green(A, 10), green(B, 2)])


def test_nothing_written_yet() -> None:
    assert verify() == (0, [])


def test_a_whole_agency_at_work(world: World) -> None:
    world.approved()
    status, lines = verify()
    assert status == 0
    assert len(lines) == 2


def test_changed_details(chains: None) -> None:
    event = row(A, 4)
    with superuser() as run:
        run("""UPDATE audit_event SET data = '{"n": 3, "words": "mai"}' WHERE id = %s""", [event.pk])
    red = f"client {A}: event 4 (id {event.pk}) does not fit: what it says was changed after it was written"
    assert verify() == (1, [green(0, 1), red, green(B, 2)])


@pytest.mark.parametrize(
    "change",
    [
        "actor_id = NULL",
        "verb = 'post.created'",
        "at = at + interval '1 microsecond'",
        "digest = repeat('0', 64)",
        "subject_id = 99",
        "subject_type = 'review'",
    ],
)
def test_changed_fields(chains: None, change: str) -> None:
    event = row(A, 1)
    with superuser() as run:
        run(f"UPDATE audit_event SET {change} WHERE id = %s", [event.pk])  # noqa: S608 - ours, from above
    red = f"client {A}: event 1 (id {event.pk}) does not fit: what it says was changed after it was written"
    assert verify() == (1, [green(0, 1), red, green(B, 2)])


def test_another_persons_name(chains: None) -> None:
    event, vito = row(A, 10), User.objects.create_user("vito@filo.example", name="Vito")
    with superuser() as run:
        run("UPDATE audit_event SET actor_id = %s WHERE id = %s", [vito.pk, event.pk])
    red = f"client {A}: event 10 (id {event.pk}) does not fit: what it says was changed after it was written"
    assert verify() == (1, [green(0, 1), red, green(B, 2)])


def test_moved_to_another_client(chains: None) -> None:
    event = row(None, 1)
    with superuser() as run:
        run("UPDATE audit_event SET client_id = %s, seq = 3 WHERE id = %s", [B, event.pk])
    status, lines = verify()
    assert status == 1
    assert lines == [
        "the agency itself: event 1 does not fit: it is missing; the head of the chain tells of 1 events, there are 0",
        green(A, 10),
        f"client {B}: event 3 (id {event.pk}) does not fit: what it says was changed after it was written",
    ]


def test_changed_with_its_own_hash(chains: None) -> None:
    event = row(A, 4)
    said = content_hash(
        client_id=A, at=event.at, actor_id=None, verb=event.verb, subject_type="post", subject_id=3, digest="", data={}
    )
    with superuser() as run:
        run(
            "UPDATE audit_event SET data = '{}', actor_id = NULL, content_hash = %s WHERE id = %s",
            [said, event.pk],
        )
    status, lines = verify()
    assert status == 1
    assert lines[1] == (
        f"client {A}: event 4 (id {event.pk}) does not fit: "
        "it does not follow from the event before it: it was put in, moved or written anew"
    )


def test_changed_with_both_hashes_breaks_at_the_next(chains: None) -> None:
    event, following = row(A, 4), row(A, 5)
    said = content_hash(
        client_id=A, at=event.at, actor_id=None, verb=event.verb, subject_type="post", subject_id=3, digest="", data={}
    )
    link = hashlib.sha256(bytes(row(A, 3).hash) + said).digest()
    with superuser() as run:
        run(
            "UPDATE audit_event SET data = '{}', actor_id = NULL, content_hash = %s, hash = %s WHERE id = %s",
            [said, link, event.pk],
        )
    status, lines = verify()
    assert status == 1
    assert lines[1].startswith(f"client {A}: event 5 (id {following.pk}) does not fit: it does not follow")


def test_deleted_in_the_middle(chains: None) -> None:
    following = row(A, 6)
    with superuser() as run:
        run("DELETE FROM audit_event WHERE client_id = %s AND seq IN (4, 5)", [A])
    red = f"client {A}: event 6 (id {following.pk}) does not fit: events 4 to 5 are missing before it"
    assert verify() == (1, [green(0, 1), red, green(B, 2)])


def test_deleted_in_the_middle_and_renumbered(chains: None) -> None:
    following = row(A, 5)
    with superuser() as run:
        run("DELETE FROM audit_event WHERE client_id = %s AND seq = 4", [A])
        for seq in range(5, 11):
            run("UPDATE audit_event SET seq = seq - 1 WHERE client_id = %s AND seq = %s", [A, seq])
    status, lines = verify()
    assert status == 1
    assert lines[1].startswith(f"client {A}: event 4 (id {following.pk}) does not fit: it does not follow")


def test_deleted_at_the_end(chains: None) -> None:
    with superuser() as run:
        run("DELETE FROM audit_event WHERE client_id = %s AND seq > 8", [A])
    red = f"client {A}: event 9 does not fit: it is missing; the head of the chain tells of 10 events, there are 8"
    assert verify() == (1, [green(0, 1), red, green(B, 2)])


def test_all_of_a_chain_deleted(chains: None) -> None:
    with superuser() as run:
        run("DELETE FROM audit_event WHERE client_id = %s", [B])
    red = f"client {B}: event 1 does not fit: it is missing; the head of the chain tells of 2 events, there are 0"
    assert verify() == (1, [green(0, 1), green(A, 10), red])


def test_deleted_at_the_end_with_the_head_set_back(chains: None) -> None:
    with superuser() as run:
        run("DELETE FROM audit_event WHERE client_id = %s AND seq > 8", [A])
        run("UPDATE audit_head SET seq = 8 WHERE scope = %s", [A])
    red = f"client {A}: event 8 (id {row(A, 8).pk}) does not fit: the head of the chain has another hash"
    assert verify() == (1, [green(0, 1), red, green(B, 2)])


def test_the_head_deleted(chains: None) -> None:
    with superuser() as run:
        run("DELETE FROM audit_head WHERE scope = %s", [A])
    red = f"client {A}: event 10 (id {row(A, 10).pk}) does not fit: the head of the chain is missing"
    assert verify() == (1, [green(0, 1), red, green(B, 2)])


def test_put_in_at_the_end(chains: None) -> None:
    with superuser() as run:
        run(
            "INSERT INTO audit_event (client_id, seq, at, actor_id, verb, subject_type, subject_id, digest, data, content_hash, hash)"
            " SELECT client_id, 11, at, actor_id, verb, subject_type, subject_id, digest, data, content_hash,"
            " sha256(hash || content_hash) FROM audit_event WHERE client_id = %s AND seq = 10",
            [A],
        )
    event = row(A, 11)
    red = f"client {A}: event 11 (id {event.pk}) does not fit: the head of the chain knows only 10 events"
    assert verify() == (1, [green(0, 1), red, green(B, 2)])


def test_put_in_in_the_middle(chains: None) -> None:
    with superuser() as run:
        for seq in range(10, 3, -1):
            run("UPDATE audit_event SET seq = seq + 1 WHERE client_id = %s AND seq = %s", [A, seq])
        run(
            "INSERT INTO audit_event (client_id, seq, at, actor_id, verb, subject_type, subject_id, digest, data, content_hash, hash)"
            " SELECT client_id, 4, at, actor_id, verb, subject_type, subject_id, digest, data, content_hash, hash"
            " FROM audit_event WHERE client_id = %s AND seq = 3",
            [A],
        )
    status, lines = verify()
    assert status == 1
    assert lines[1].startswith(f"client {A}: event 4 (id {row(A, 4).pk}) does not fit: it does not follow")


def test_reordered(chains: None) -> None:
    first, second = row(A, 7), row(A, 8)
    with superuser() as run:
        run("UPDATE audit_event SET seq = 1000 WHERE id = %s", [first.pk])
        run("UPDATE audit_event SET seq = 7 WHERE id = %s", [second.pk])
        run("UPDATE audit_event SET seq = 8 WHERE id = %s", [first.pk])
    status, lines = verify()
    assert status == 1
    assert lines[1].startswith(f"client {A}: event 7 (id {second.pk}) does not fit: it does not follow")


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE audit_event SET verb = 'x'", "Cannot update or delete rows from audit_event table"),
        ("DELETE FROM audit_event", "Cannot update or delete rows from audit_event table"),
        ("TRUNCATE audit_event", "this table is evidence: it is never emptied"),
        ("DELETE FROM audit_head", "Cannot delete rows from audit_head table"),
        ("TRUNCATE audit_head", "this table is evidence: it is never emptied"),
    ],
)
def test_the_application_can_only_append(chains: None, statement: str, said: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # as in a transaction of its own
        with pytest.raises(DatabaseError, match=said), transaction.atomic():
            cursor.execute(statement)
    assert verify()[0] == 0


def test_a_number_and_a_hash_of_ones_own_are_ignored(chains: None) -> None:
    before = bytes(Head.objects.get(scope=A).hash)
    said = content_hash(
        client_id=A, at=row(A, 1).at, actor_id=None, verb="v", subject_type="s", subject_id=1, digest="", data={}
    )
    Event.objects.bulk_create(
        [
            Event(
                client_id=A,
                at=row(A, 1).at,
                verb="v",
                subject_type="s",
                subject_id=1,
                data={},
                content_hash=said,
                seq=500,
                hash=b"mine",
            )
        ]
    )
    assert bytes(row(A, 11).hash) == hashlib.sha256(before + said).digest()
    assert verify()[0] == 0
