"""The morning's sweep and the list of what waits for one person, over many reviews; beside each the same rows in bare SQL."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from agency.bench.figures import Figure, Part, Progress, middle
from agency.bench.reviewing import Office, office
from approvals.models import Chain, Reminder
from approvals.selectors import waiting_for, with_steps
from approvals.services.reminding import remind
from approvals.waiting import all_blocked, waiting_seats
from clients.models import Membership, Role
from notifications.models import Notification
from social.models import Post

TITLE = "Reminders, and what waits for whom"
ABOUT = (
    "A hundred thousand reviews of three steps for a thousand people, of which ten thousand are open and a thousand due for a "
    "reminder this morning: the sweep claims them and puts the mails into the outbox. Beside it the same rows, inserted by a "
    "psycopg cursor that knows them before. Then the first page of what waits for one of these people, with its steps, and "
    "the join behind it in bare SQL; and the page of who waits for whom. Medians."
)
NOW = datetime(2027, 3, 2, 8, 0, tzinfo=UTC)  # a Tuesday morning in Rome
PAGE = 50
STEPS = 3
WARM = 2


@dataclass(frozen=True, kw_only=True)
class Size:
    """How many of what."""

    clients: int
    people: int
    reviews: int
    open: int
    due: int
    rounds: int

    @property
    def steps(self) -> int:
        """How often a full run says that it has come further."""
        return len(FILLED) + 2 * (self.rounds + WARM)


REVIEWS = """
INSERT INTO approvals_review (id, client_id, subject_type_id, subject_id, title, version, digest, author_id, chain_id, chain_name,
    round, state, asked_by_id, opened_at, closed_at, updated_at, goes_out_at)
SELECT n, o.client, %(type)s, n, 'Bench ' || n, 1, encode(sha256(n::text::bytea), 'hex'), o.author, o.chain, 'three', 1,
    CASE WHEN n <= %(open)s THEN 'open' ELSE 'approved' END, o.author, %(now)s - n * interval '1 minute',
    CASE WHEN n <= %(open)s THEN NULL ELSE %(now)s END, %(now)s, %(now)s + interval '9 days'
FROM generate_series(1, %(reviews)s) n JOIN bench_client o ON o.number = n %% %(clients)s
"""
STEP_ROWS = """
INSERT INTO approvals_reviewstep (id, review_id, client_id, position, name, rule, needed, state, activated_at, on_deadline,
    escalate_to, never_tacit, four_eyes, part, recipe)
SELECT (r.id - 1) * 3 + p, r.id, r.client_id, p, p::text, 'any', 1,
    CASE WHEN r.state <> 'open' THEN 'passed' WHEN p = 1 THEN 'active' ELSE 'waiting' END,
    CASE WHEN r.state <> 'open' OR p = 1 THEN %(now)s - CASE WHEN r.id <= %(due)s THEN interval '1 day' ELSE interval '1 hour' END
    END, 'remind', '{}', false, false, '', ''
FROM approvals_review r CROSS JOIN generate_series(1, 3) p
"""
SEATS = """
INSERT INTO approvals_seat (id, step_id, client_id, user_id, source, created_at, ended_why, reason)
SELECT s.id, s.id, s.client_id, w.people[1 + (s.review_id / %(clients)s + s.position) %% cardinality(w.people)], 'chain',
    %(now)s - interval '2 days', '', ''
FROM approvals_reviewstep s JOIN bench_client w ON w.client = s.client_id
"""
DECISIONS = """
INSERT INTO approvals_decision (seat_id, client_id, actor_id, verdict, comment, digest, via, at)
SELECT s.id, s.client_id, s.user_id, 'approve', '', encode(sha256(s.id::text::bytea), 'hex'), 'admin', %(now)s
FROM approvals_seat s JOIN approvals_reviewstep t ON t.id = s.step_id WHERE t.state = 'passed'
"""
FILLED = (REVIEWS, STEP_ROWS, SEATS, DECISIONS)

FULL = Size(clients=50, people=1000, reviews=100_000, open=10_000, due=1000, rounds=20)
SMALL = Size(clients=2, people=6, reviews=120, open=40, due=12, rounds=1)

BARE_REMINDERS = """
INSERT INTO approvals_reminder (seat_id, client_id, kind, number, at)
SELECT seat, client, 'morning', 1, now() FROM unnest(%s::bigint[], %s::bigint[]) AS known (seat, client)
"""
BARE_MAILS = """
INSERT INTO notifications_notification
    (user_id, client_id, kind, key, context, state, wake_at, created_at, tries, subject, error)
SELECT person, NULL, 'morning', 'bench', '{}', 'queued', now(), now(), 0, '', '' FROM unnest(%s::bigint[]) AS known (person)
"""
BARE_WAITING = """
SELECT r.* FROM approvals_seat s
JOIN approvals_reviewstep t ON t.id = s.step_id AND t.state = 'active'
JOIN approvals_review r ON r.id = t.review_id AND r.state = 'open'
WHERE s.user_id = %s AND s.ended_at IS NULL AND NOT EXISTS (SELECT FROM approvals_decision d WHERE d.seat_id = s.id)
ORDER BY r.opened_at, r.id LIMIT %s
"""


def measure(progress: Progress, size: Size = FULL) -> Part:
    """Fill, sweep, list."""
    reader = _fill(size, progress)
    return Part("remind", TITLE, ABOUT, [*_sweep(size, progress), *_lists(size, reader, progress)])


def _fill(size: Size, progress: Progress) -> User:
    """Write all the rows, without triggers and foreign keys (we know what we write); somebody who is waited for."""
    offices = [office() for _ in range(size.clients)]
    people = _people(offices, size.people)
    values: dict[str, Any] = {
        "type": ContentType.objects.get_for_model(Post).pk,
        "now": NOW,
        "reviews": size.reviews,
        "open": size.open,
        "due": size.due,
        "clients": size.clients,
    }
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(
            "CREATE TEMPORARY TABLE bench_client (number int, client bigint, author bigint, chain bigint, people bigint[]) "
            "ON COMMIT DROP"
        )
        for number, at in enumerate(offices):
            chain = Chain.objects.get(client=at.client).pk
            row: list[Any] = [number, at.client.pk, at.author.pk, chain, people[number]]
            cursor.execute("INSERT INTO bench_client VALUES (%s, %s, %s, %s, %s)", row)
        for statement in FILLED:
            cursor.execute(statement, values)
            progress(1)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE)")
    return User.objects.get(pk=people[0][0])


def _people(offices: Sequence[Office], number: int) -> list[list[int]]:
    """As many people as that, shared out among the clients, as editors."""
    made = User.objects.bulk_create(
        User(email=f"bench-{n}@bench.example", name=f"Bench {n}", timezone="Europe/Rome", password="!")  # noqa: S106
        for n in range(number)
    )
    shares = [made[place :: len(offices)] for place in range(len(offices))]
    Membership.objects.bulk_create(
        Membership(client=at.client, user=user, role=Role.EDITOR)
        for at, share in zip(offices, shares, strict=True)
        for user in share
    )
    return [[user.pk for user in share] for share in shares]


def _sweep(size: Size, progress: Progress) -> list[Figure]:
    """By our sweep and in bare SQL, in turns; each is taken back."""
    seats, clients, readers = _known()
    ours, bare, queries, done, mails = [], [], 0, 0, 0
    for _round in range(size.rounds + WARM):
        with transaction.atomic(), CaptureQueriesContext(connection) as asked:
            ours.append(_timed(lambda: remind(now=NOW)))
            done, mails = Reminder.objects.count(), Notification.objects.filter(kind="morning").count()
            transaction.set_rollback(True)
        queries = len(asked) - 2  # these two counts
        with transaction.atomic(), connection.cursor() as cursor:
            bare.append(_timed(lambda: _bare(cursor, seats, clients, readers)))
            transaction.set_rollback(True)
        progress(1)
    sweep, sql = middle(ours[WARM:]), middle(bare[WARM:])
    return [
        Figure(what="due seats claimed by one sweep", value=done, note=f"{size.due} are due; {mails} mails"),
        Figure(what="the sweep", value=sweep, unit="ms", target=5000),
        Figure(what="the same rows in bare SQL", value=sql, unit="ms"),
        Figure(what="the sweep, ratio", value=sweep / sql, unit="×"),
        Figure(what="its queries", value=queries, note="savepoints included; two more for each further 500"),
    ]


def _known() -> tuple[list[int], list[int], list[int]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT s.id, s.client_id, s.user_id FROM approvals_seat s JOIN approvals_reviewstep t ON t.id = s.step_id "
            "WHERE t.state = 'active' AND t.activated_at < %s ORDER BY s.id",
            [NOW - timedelta(hours=12)],
        )
        rows = cursor.fetchall()
    return [row[0] for row in rows], [row[1] for row in rows], sorted({row[2] for row in rows})


def _bare(cursor: Any, seats: list[int], clients: list[int], readers: list[int]) -> None:
    cursor.execute(BARE_REMINDERS, [seats, clients])
    cursor.execute(BARE_MAILS, [readers])


def _lists(size: Size, reader: User, progress: Progress) -> list[Figure]:
    manager = User.objects.create_user("all@bench.example", name="all", is_agency_admin=True)
    ours, bare, page, stuck = [], [], [], []
    with CaptureQueriesContext(connection) as asked:
        found = list(with_steps(waiting_for(reader))[:PAGE])
    for _round in range(size.rounds + WARM):
        ours.append(_timed(lambda: list(with_steps(waiting_for(reader))[:PAGE])))
        with connection.cursor() as cursor:
            bare.append(_timed(lambda: cursor.execute(BARE_WAITING, [reader.pk, PAGE]).fetchall()))
        page.append(_timed(lambda: list(waiting_seats(manager).order_by("step__activated_at", "pk")[:PAGE])))
        stuck.append(_timed(lambda: list(all_blocked())))
        progress(1)
    ours_ms, bare_ms = middle(ours[WARM:]), middle(bare[WARM:])
    return [
        Figure(what="what waits for me: queries", value=len(asked), target=6, note=f"{len(found)} reviews shown"),
        Figure(what="what waits for me", value=ours_ms, unit="ms", target=30),
        Figure(what="its join in bare SQL", value=bare_ms, unit="ms"),
        Figure(what="what waits for me, ratio", value=ours_ms / bare_ms, unit="×"),
        Figure(what="who waits for whom, a page of all clients", value=middle(page[WARM:]), unit="ms"),
        Figure(what="what is blocked, of all clients", value=middle(stuck[WARM:]), unit="ms"),
    ]


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
