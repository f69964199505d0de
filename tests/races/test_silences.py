"""Silences at the same instant: two sweeps, a sweep that is killed, two people who fill the same one."""

import signal
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.db import connection, transaction

from accounts.errors import Conflict
from social.models import Channel, Post, Silence
from social.services.silences import foresee, take_up
from tests.approvals.clock import rome
from tests.processes import environment, wait_until
from tests.races.meeting import meeting
from tests.social.quiet import BEGUN, agree_on
from tests.world import World, sandbox

pytestmark = pytest.mark.django_db(transaction=True)
TIMES = 40
SWEEP = """
import django
from datetime import datetime
django.setup()
from social.services.silences import foresee
print(foresee(now=datetime.fromisoformat("{now}")))
"""


@pytest.fixture
def town(transactional_db: None) -> World:
    """The agency, in a database that others can see, with four channels that are going to fall silent."""
    world = World()
    agree_on(world)
    for number in range(3):
        page = sandbox(world.marta, world.winery, f"altra-{number}")
        Channel.objects.filter(pk=page.pk).update(cadence_per_week=1, created_at=BEGUN)
    return world


def forget() -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("DELETE FROM social_silence")


def test_two_sweeps_claim_each_stage_once(town: World) -> None:
    with meeting() as two:
        for _round in range(TIMES):
            forget()
            first = two.together(lambda: foresee(now=BEGUN), lambda: foresee(now=BEGUN))
            nearer = two.together(lambda: foresee(now=rome(2027, 3, 4)), lambda: foresee(now=rome(2027, 3, 4)))
            assert (sum(first), sum(nearer)) == (4, 4)
            assert set(Silence.objects.values_list("stage", "state")) == {(3, "foreseen")}


def test_a_sweep_that_is_killed_has_claimed_nothing_and_the_next_one_does(town: World, tmp_path: Path) -> None:
    def begun() -> subprocess.Popen[str]:
        code = SWEEP.format(now=BEGUN.isoformat())
        command = [sys.executable, "-c", code]
        return subprocess.Popen(
            command, cwd=settings.BASE_DIR, env=environment(tmp_path), stdout=subprocess.PIPE, text=True
        )

    def stuck() -> bool:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_stat_clear_snapshot()")
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
            return bool(cursor.fetchone()[0])

    (tmp_path / "log").mkdir()
    last = Channel.objects.latest("pk")
    with transaction.atomic():
        # Somebody claims the last one and does not come to an end: the sweep waits, with three claimed.
        days = {"after": BEGUN.date(), "falls_on": rome(2027, 3, 9).date()}
        Silence.objects.create(client=town.winery, channel=last, per_week=1, stage=7, **days)
        with begun() as process:
            wait_until(stuck, "the sweep in the middle")
            process.send_signal(signal.SIGKILL)
        transaction.set_rollback(True)
    assert not Silence.objects.exists()
    with begun() as again:
        assert again.stdout is not None
        assert again.stdout.read() == "4\n"
    assert Silence.objects.filter(state="foreseen", stage=7).count() == 4


def test_two_people_fill_it_once(town: World) -> None:
    with time_machine.travel(BEGUN, tick=True), meeting() as two:
        for _round in range(TIMES // 4):
            forget()
            Post.objects.update(publish_at=None)
            foresee(now=BEGUN)
            found = Silence.objects.get(channel=town.page)
            chosen: dict[str, Any] = {"silence": found, "proposal": "return:0"}
            results = two.together(*(partial(take_up, user=user, **chosen) for user in (town.vito, town.elena)))
            made = [result for result in results if isinstance(result, Post)]
            refused = [result.code for result in results if isinstance(result, Conflict)]
            assert (len(made), refused) == (1, ["over"])
            found.refresh_from_db()
            assert (found.state, found.filled_by) == ("filled", made[0])
