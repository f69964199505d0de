"""The outbox emptied by several processes at once, one of which may die: each mail goes out, and goes out once."""

import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone

from notifications import services
from notifications.models import Notification, State
from tests.notifications.mailserver import Server, server
from tests.processes import environment, wait_until
from tests.world import World

__all__ = ["server"]

pytestmark = pytest.mark.django_db(transaction=True)
EMPTY_IT = """
import sys
import django
django.setup()
from notifications.services import send_due
print("ready", flush=True)
sys.stdin.readline()
print(sum(send_due() for _round in range(10)))
"""


def sender(home: Path, server: Server) -> subprocess.Popen[str]:
    """Another process, ready to empty the outbox as soon as it is told."""
    found = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", EMPTY_IT],
        cwd=settings.BASE_DIR,
        env={**environment(home), "EMAIL_URL": f"smtp://127.0.0.1:{server.port}"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert found.stdout is not None
    assert found.stdout.readline() == "ready\n"
    return found


def start(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.write("\n")
    process.stdin.flush()


def test_two_processes_share_it(transactional_db: None, server: Server, tmp_path: Path) -> None:
    world, server.refusals = World(), 0
    world.submitted()
    seat = Notification.objects.get().context["seat"]
    for number in range(149):
        services.tell(users=[world.elena], client_id=None, kind="turn", key=str(number), seat=seat)
    both = [sender(tmp_path, server), sender(tmp_path, server)]
    for process in both:
        start(process)
    counts = [int(process.communicate(timeout=60)[0]) for process in both]
    assert sum(counts) == 150
    assert len(server.taken) == len({taken["Message-ID"] for taken in server.taken}) == 150
    assert set(Notification.objects.values_list("state", "tries")) == {(State.SENT, 1)}


def test_one_that_dies_in_between_is_followed_by_another(
    transactional_db: None, server: Server, tmp_path: Path
) -> None:
    world, server.refusals, server.hangs = World(), 0, True
    world.submitted()
    first = sender(tmp_path, server)
    start(first)
    wait_until(lambda: server.hung, "the mail to be on its way")
    first.send_signal(signal.SIGKILL)
    first.communicate()
    server.hangs = False
    assert services.send_due() == 0  # its lease runs on
    assert Notification.objects.get().state == State.SENDING
    Notification.objects.update(wake_at=timezone.now() - timedelta(seconds=1))
    assert services.send_due() == 1
    row = Notification.objects.get()
    assert (row.state, row.tries) == (State.SENT, 2)
    assert [taken["Message-ID"] for taken in server.taken] == [f"<turn.{row.pk}@127.0.0.1>"]


def test_a_slow_one_does_not_send_what_another_took_over(world: World) -> None:
    world.submitted()
    (slow,) = services.claim_due()
    Notification.objects.update(wake_at=timezone.now() - timedelta(seconds=1))  # its lease ran out over the mail before
    slow.wake_at = timezone.now() - timedelta(seconds=2)
    assert services.send_due() == 1
    assert services._send(slow) is False


def test_a_lease_is_renewed_halfway(world: World, monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    world.submitted()
    (taken,) = services.claim_due()
    half = timezone.now() + services.LEASE / 3
    Notification.objects.update(wake_at=half)
    taken.wake_at = half
    assert services._send(taken) is True
    assert Notification.objects.get().wake_at > half
