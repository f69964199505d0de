"""The sweep, and the lists that people look at, over a million publications."""

import json
import time
import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from agency.bench import million
from agency.bench.figures import Figure, Part, Progress, high, middle
from approvals import selectors as approvals
from audit import verifying
from clients import selectors as clients
from clients.months import month_at
from social import calendars, selectors
from social.services import claiming, scheduling

TITLE = "The sweep over a million publications"
ABOUT = (
    "A million publications of 250,000 posts of fifty clients, of which 200 are due and 20,000 are scheduled; and 300,000 "
    "events. The sweep is the one query that beat asks for twice a second. Below it, whether any of the queries behind the sweep "
    "and the lists that people look at reads one of the large tables from end to end (a sequential scan in its plan)."
)
PAGE = 50
WARM = 3  # sweeps before those that count
LARGE = {"social_publication", "social_post", "social_postversion", "approvals_review", "audit_event"}


@dataclass(frozen=True, kw_only=True)
class Size:
    """How many of what."""

    clients: int
    posts: int  # with four publications each
    scheduled: int
    due: int
    events: int
    rounds: int

    @property
    def steps(self) -> int:
        """How often a full run says that it has come further."""
        return million.STATEMENTS + self.clients + self.rounds + WARM + 3


FULL = Size(clients=50, posts=250_000, scheduled=20_000, due=200, events=300_000, rounds=100)
SMALL = Size(clients=3, posts=300, scheduled=40, due=20, events=60, rounds=3)


def measure(progress: Progress, size: Size = FULL) -> Part:
    """Fill, sweep, explain, walk."""
    people = million.fill(size, progress)
    now = timezone.now()
    taken, handed = [], 0
    for _round in range(size.rounds + WARM):
        with transaction.atomic():
            began = time.perf_counter()
            handed = len(claiming.hand_out(now))
            taken.append(time.perf_counter() - began)
            transaction.set_rollback(True)
        progress(1)
    figures = [
        Figure(what="handed out by one sweep", value=handed, note=f"{size.due} are due"),
        Figure(what="the sweep, median", value=middle(taken[WARM:]), unit="ms", target=20),
        Figure(what="the sweep, p99", value=high(taken[WARM:], 0.99) * 1000, unit="ms"),
    ]
    figures += _months(people, size, now)
    progress(1)
    scans = dict(_scans(people, now))
    bad = {name: found for name, found in scans.items() if found}
    note = "; ".join(f"{name}: {', '.join(sorted(found))}" for name, found in bad.items())
    figures.append(Figure(what="queries looked at", value=len(scans)))
    figures.append(Figure(what="of these, with a sequential scan", value=len(bad), target=0, note=note))
    return Part("sweep", TITLE, ABOUT, [*figures, *_walk(progress)])


def _months(people: million.People, size: Size, now: datetime) -> list[Figure]:
    """How long a month of one client takes, waits and prices and all, and how much is in it."""
    month = month_at(people.client, now)
    taken, entries = [], 0
    for _round in range(size.rounds + WARM):
        began = time.perf_counter()
        entries = len(calendars.calendar(people.manager, people.client, month))
        taken.append(time.perf_counter() - began)
    with CaptureQueriesContext(connection) as queries:
        calendars.calendar(people.manager, people.client, month)
    return [
        Figure(what="a month's calendar of one client, median", value=middle(taken[WARM:]), unit="ms", target=60),
        Figure(what="the same, p99", value=high(taken[WARM:], 0.99) * 1000, unit="ms"),
        Figure(what="entries in it", value=entries, note="publications, and posts that are none yet"),
        Figure(what="queries of it", value=len(queries), target=11),
    ]


def _scans(people: million.People, now: datetime) -> Iterator[tuple[str, set[str]]]:
    """Each query by name, with the large tables that it reads from end to end."""
    for name, ask in _questions(people, now).items():
        with transaction.atomic():
            with CaptureQueriesContext(connection) as queries:
                ask()
            yield name, set().union(*(_read_through(query["sql"]) for query in queries))
            transaction.set_rollback(True)


def _questions(people: million.People, now: datetime) -> dict[str, Callable[[], object]]:
    client = people.client
    found: dict[str, Callable[[], object]] = {
        "the sweep": lambda: claiming.hand_out(now),
        "posts past their hour in review": scheduling.mark_late,
        "age of the oldest due": lambda: selectors.oldest_due_age(now),
        "a month's calendar": lambda: calendars.calendar(people.manager, client, month_at(client, now)),
    }
    for who, user in (("admin", people.admin), ("manager", people.manager), ("approver", people.approver)):
        for name, rows in _lists(user, client.pk).items():
            found[f"{name} ({who})"] = lambda rows=rows: list(rows[:PAGE])  # type: ignore[misc]
    return found


def _lists(user: User, client: int) -> dict[str, QuerySet[Any]]:
    """What the admin, the portal and the API list, in their orders."""
    publications, posts, events = selectors.publications(user), selectors.posts(user), clients.events(user)
    return {
        "publications by time": publications.order_by("due_at", "id"),
        "a client's publications by time": publications.filter(client=client).order_by("due_at", "id"),
        "publications last changed": publications.order_by("-updated_at", "-id"),
        "posts last changed": posts.order_by("-updated_at", "-id"),
        "a client's scheduled posts": posts.filter(client=client, state="scheduled").order_by("publish_at", "id"),
        "reviews by opening": approvals.reviews(user).order_by("-opened_at", "-id"),
        "reviews that wait": approvals.waiting_for(user),
        "events": events.order_by("-id"),
        "a client's events": events.filter(client_id=client).order_by("-id"),
    }


def _read_through(sql: str) -> set[str]:
    if not sql.lstrip().upper().startswith(("SELECT", "UPDATE")):
        return set()
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) {sql.replace('%', '%%')}", [])
        plan = cursor.fetchone()[0]
    plan = json.loads(plan) if isinstance(plan, str) else plan
    return {node["Relation Name"] for node in _nodes(plan[0]["Plan"]) if node["Node Type"] == "Seq Scan"} & LARGE


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for inner in plan.get("Plans", ()):
        yield from _nodes(inner)


def _walk(progress: Progress) -> Sequence[Figure]:
    """verify_audit over all events: how fast, in how much memory."""
    began, most = time.perf_counter(), 0
    verdicts = list(verifying.verify(passed=lambda: None))
    took = time.perf_counter() - began
    tracemalloc.start()
    try:
        next(verifying.verify(passed=lambda: None))
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    events = sum(verdict.events for verdict in verdicts)
    progress(1)
    return [
        Figure(what="events that verify_audit walks a second", value=events / took),
        Figure(what="events that do not fit", value=len([v for v in verdicts if v.misfit]), target=0),
        Figure(what="memory of that walk, at most", value=most / 2**20, unit="MB", target=32),
    ]
