"""What the probes see. That a stopped worker turns it red is in test_run.py, with a real worker."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from agency import heartbeats
from agency.models import Heartbeat
from tests.servers.keeping import free_port

pytestmark = pytest.mark.django_db


@pytest.fixture
def alive() -> None:
    """Beat and worker just spoke."""
    heartbeats.note(heartbeats.BEAT)
    heartbeats.note(heartbeats.WORKER)


def readiness(client: Client) -> tuple[int, dict[str, Any]]:
    answer = client.get("/readyz")
    return answer.status_code, answer.json()


@pytest.mark.usefixtures("alive")
def test_all_is_there(client: Client) -> None:
    status, parts = readiness(client)
    assert (status, parts["ok"]) == (200, True)
    assert parts["migrations"] == {"ok": True, "missing": 0}
    assert parts["oldest_due"] == {"ok": True, "seconds": 0}


def test_nobody_ever_started(client: Client) -> None:
    status, parts = readiness(client)
    assert (status, parts["worker"], parts["beat"]) == (
        503,
        {"ok": False, "seconds": None},
        {"ok": False, "seconds": None},
    )


@pytest.mark.usefixtures("alive")
@pytest.mark.parametrize("silent", [heartbeats.WORKER, heartbeats.BEAT])
def test_one_is_silent(client: Client, silent: str) -> None:
    Heartbeat.objects.filter(name=silent).update(at=timezone.now() - timedelta(seconds=11))
    status, parts = readiness(client)
    assert (status, parts[silent]["ok"]) == (503, False)
    assert [part for part in ("worker", "beat") if parts[part]["ok"]] == [
        name for name in ("worker", "beat") if name != silent
    ]


@pytest.mark.usefixtures("alive")
def test_a_migration_is_missing(client: Client) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'agency' AND name = '0001_initial'")
    status, parts = readiness(client)
    assert (status, parts["migrations"]) == (503, {"ok": False, "missing": 1})


@pytest.mark.usefixtures("alive")
def test_the_broker_is_away(client: Client, settings: Settings) -> None:
    settings.CELERY_BROKER_URL = f"redis://127.0.0.1:{free_port()}/0"
    settings.CELERY_BROKER_TRANSPORT_OPTIONS = {}
    status, parts = readiness(client)
    assert (status, parts["broker"]) == (503, {"ok": False})


def test_probes_change_nothing_and_take_no_posts(client: Client) -> None:
    assert [client.post(path).status_code for path in ("/healthz", "/readyz", "/metrics")] == [405, 405, 405]


class TestMetrics:
    def test_this_machine_may_read_them(self, client: Client) -> None:
        assert client.get("/metrics").status_code == 200

    def test_nobody_else(self, client: Client) -> None:
        assert client.get("/metrics", REMOTE_ADDR="203.0.113.7").status_code == 404

    def test_nobody_sent_on_by_a_proxy(self, client: Client) -> None:
        assert client.get("/metrics", headers={"X-Forwarded-For": "203.0.113.7"}).status_code == 404

    def test_a_token_opens_and_its_lack_closes(self, client: Client, settings: Settings) -> None:
        settings.METRICS_TOKEN = "open sesame"
        opened = client.get("/metrics", headers={"Authorization": "Bearer open sesame"}, REMOTE_ADDR="203.0.113.7")
        assert [opened.status_code, client.get("/metrics").status_code] == [200, 404]
