"""Reminders by real processes: two sweeps at once send nothing twice, and a worker that is killed in the middle loses nothing."""

import email
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import User
from approvals.models import Reminder, ReviewStep, Seat
from approvals.services import StepPlan
from clients.models import Role
from clients.services import set_working_time
from clients.working_time import Hours
from notifications.models import Notification
from social.models import Post
from social.services import withdraw_post
from tests.approvals.clock import ROME, at, chain
from tests.processes import beat, environment, running, wait_until, worker
from tests.world import World, person

pytestmark = pytest.mark.django_db(transaction=True)
TIMES = 200
SWEEPS = """
import sys, django
from datetime import datetime
django.setup()
from approvals.services.reminding import remind
from approvals.services.sweeping import sweep
from approvals.services.warning import warn
from notifications.services import send_due
print("ready", flush=True)
for line in sys.stdin:
    now = datetime.fromisoformat(line.strip())
    counts = remind(now=now), warn(now=now), sweep(now=now)
    while send_due():
        pass
    print(*counts, flush=True)
"""


@pytest.fixture
def town(transactional_db: None) -> World:
    """The agency, in a database that other processes can see."""
    return World()


def sweeper(home: Path) -> subprocess.Popen[str]:
    """A process that sweeps whenever it is told a time."""
    return subprocess.Popen(
        [sys.executable, "-c", SWEEPS],
        cwd=settings.BASE_DIR,
        env=environment(home),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def told(process: subprocess.Popen[str]) -> list[int]:
    """What it answered: reminders, warnings, deadlines."""
    assert process.stdout is not None
    return [int(word) for word in process.stdout.readline().split()]


@contextmanager
def claims_held() -> Iterator[None]:
    """Nobody claims a reminder in this block; whoever is about to waits for its end, and goes on beside the others."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"LOCK TABLE {Reminder._meta.db_table} IN SHARE MODE")
        yield


def waiting_to_claim() -> int:
    """How many processes stand before a claim now."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = %s::regclass", [Reminder._meta.db_table]
        )
        (number,) = cursor.fetchone()
        return int(number)


def mails(home: Path) -> Counter[tuple[str, str]]:
    """How often each mail went out, by its Message-ID and whom it went to."""
    found = [email.message_from_bytes(path.read_bytes()) for path in (home / "mail").glob("*.eml")]
    return Counter((message["To"], message["Message-ID"]) for message in found)


def mornings(first: date, number: int) -> list[date]:
    """So many weekdays from the first one on."""
    days = (first + timedelta(days=n) for n in range(number * 2))
    return [day for day in days if day.weekday() < 5][:number]


@pytest.mark.slow
def test_two_sweeps_in_two_processes_send_nothing_twice(town: World, tmp_path: Path) -> None:
    User.objects.update(morning_at=time(8, 30))
    type(town.winery).objects.update(holidays_country="")
    giulia = person("giulia", "Giulia Riva")
    town.winery.memberships.create(user=giulia, role=Role.EDITOR)
    chain(town, StepPlan(name="Due", users=[town.elena, giulia], rule="all", due_after_minutes=60))
    days = mornings(date(2027, 1, 4), TIMES + 1)
    for folder in ("mail", "log", "broker/queue", "broker/taken", "broker/control", "media", "static"):
        (tmp_path / folder).mkdir(parents=True)
    both = [sweeper(tmp_path), sweeper(tmp_path)]
    try:
        for process in both:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
        claimed = [[0, 0, 0], [0, 0, 0]]
        for number, (before, day) in enumerate(pairwise(days)):
            now = datetime.combine(day, time(8, 30), ROME)
            with at(datetime.combine(before, time(15), ROME)):
                post = town.submitted(title=f"{day}", publish_at=now + timedelta(minutes=40))
            Notification.objects.filter(kind__in=["turn", "withdrawn"], state="queued").update(state="dropped")
            with claims_held():
                for process in both if number % 2 else reversed(both):
                    assert process.stdin is not None
                    print(now.isoformat(), file=process.stdin, flush=True)
                wait_until(lambda: waiting_to_claim() == len(both), "both to stand before the same claim")
            for place, process in enumerate(both):
                claimed[place] = [total + more for total, more in zip(claimed[place], told(process), strict=True)]
            withdraw_post(user=town.vito, post=post)
    finally:
        for process in both:
            process.kill()
            process.communicate()
    by_kind = Counter(Reminder.objects.values_list("kind", flat=True))
    assert [sum(kinds) for kinds in zip(*claimed, strict=True)] == [by_kind["morning"], by_kind["hour_before"], TIMES]
    assert all(mornings_claimed for mornings_claimed, _warnings, _deadlines in claimed), "only one of them ever claimed"
    assert by_kind["hour_before"] == 2 * TIMES
    assert by_kind["deadline"] == 2 * TIMES
    per_morning = Counter(Notification.objects.filter(kind="morning").values_list("user__name", flat=True))
    assert per_morning == {"Elena Riva": TIMES, "Giulia Riva": TIMES}
    sent = mails(tmp_path)
    assert set(sent.values()) == {1}
    assert len(sent) == Notification.objects.filter(state="sent").count()
    assert not Notification.objects.filter(state__in=["sending", "failed"]).exists()


@pytest.fixture
def due(town: World) -> list[Post]:
    """Five posts that wait for Elena since the day before yesterday, her morning a minute ago, their deadlines over."""
    always = [Hours(day, time(0), time(0)) for day in range(7)]
    set_working_time(user=town.marta, client=town.winery, hours=always)
    type(town.winery).objects.update(holidays_country="")
    chain(town, StepPlan(name="Redazione", users=[town.elena], due_after_minutes=60))
    now = timezone.now()
    with at(now - timedelta(days=2)):
        posts = [town.submitted(title=f"{number}") for number in range(5)]
    Notification.objects.update(state="dropped")
    clock = (now.astimezone(ROME) - timedelta(minutes=1)).time().replace(second=0, microsecond=0)
    User.objects.filter(pk=town.elena.pk).update(morning_at=clock)
    return posts


def ask(home: Path, task: str) -> None:
    """What beat does at its next tick, now."""
    with running(home, "call", task) as process:
        assert process.wait(60) == 0


def is_stuck() -> bool:
    """Whether somebody waits for a lock that this test holds."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")  # a transaction sees others as they were when it first looked
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return bool(cursor.fetchone()[0])


def test_a_worker_killed_in_the_middle_of_the_morning(town: World, due: list[Post], tmp_path: Path) -> None:
    ReviewStep.objects.update(wake_at=None)
    last = Seat.objects.filter(step__state="active").latest("pk")
    with beat(tmp_path):
        with worker(tmp_path) as first, transaction.atomic():
            # The last of the five is being claimed by somebody who does not come to an end: the sweep waits, four claimed.
            Reminder.objects.create(seat=last, client=town.winery, kind="morning", number=2)
            ask(tmp_path, "approvals.tasks.remind")
            wait_until(is_stuck, "the sweep in the middle")
            first.send_signal(signal.SIGKILL)
            first.wait()
            transaction.set_rollback(True)
        assert not Reminder.objects.exists()
        assert not Notification.objects.filter(kind="morning").exists()
        with worker(tmp_path):
            ask(tmp_path, "approvals.tasks.remind")
            wait_until(lambda: mails(tmp_path), "the mail")
    assert Reminder.objects.filter(kind="morning", number=2).count() == len(due)
    assert Notification.objects.get(kind="morning").user == town.elena
    assert sorted(mails(tmp_path).values()) == [1]


def test_a_worker_killed_in_the_middle_of_the_deadlines(town: World, due: list[Post], tmp_path: Path) -> None:
    # Their quiet day: mails of deadlines wait, and so does the morning.
    Reminder.objects.bulk_create(
        Reminder(seat=seat, client=town.winery, kind="morning", number=2)
        for seat in Seat.objects.filter(step__state="active")
    )
    with beat(tmp_path):
        with worker(tmp_path) as first, transaction.atomic():
            Post.objects.select_for_update().get(pk=due[2].pk)
            ask(tmp_path, "approvals.tasks.time_up")
            wait_until(is_stuck, "the sweep in the middle")
            first.send_signal(signal.SIGKILL)
            first.wait()
        done = Reminder.objects.filter(kind="deadline").count()
        assert done in {0, 1, 2}
        with worker(tmp_path):
            ask(tmp_path, "approvals.tasks.time_up")
            wait_until(
                lambda: Notification.objects.filter(kind="time_up").exclude(state="queued").count() == len(due),
                "the rest",
            )
    assert Counter(Reminder.objects.filter(kind="deadline").values_list("seat", flat=True)) == {
        seat.pk: 1 for seat in Seat.objects.filter(step__state="active")
    }
    assert ReviewStep.objects.exclude(wake_at=None).count() == 0
