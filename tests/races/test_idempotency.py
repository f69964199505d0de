"""One key twice at once, and whoever does the first one killed on the way: done once, or not at all, and never in silence."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import ApiToken, User
from agency.home import Home
from approvals.models import Decision
from rest.models import KeptAnswer
from rest.services import PATIENCE
from social.models import Post
from tests.processes import environment, wait_until
from tests.races.meeting import Runner
from tests.rest.caller import BASE
from tests.world import World, review_of, token

pytestmark = pytest.mark.django_db(transaction=True)
PROGRAM = """
import json, sys
import django
django.setup()
from rest_framework.test import APIClient
key, path, body = sys.argv[1:]
client = APIClient(HTTP_AUTHORIZATION=f"Token {key}", HTTP_HOST="localhost")
print(client.post(path, json.loads(body), format="json", headers={"Idempotency-Key": "k"}).status_code)
"""


def somebody_waits() -> bool:
    """Whether anybody waits for what this connection holds."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid)))"
        )
        return bool(cursor.fetchone()[0])


@contextmanager
def nobody_remembers() -> Iterator[None]:
    """Whoever has done all that was asked has to wait before they can remember it."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("LOCK TABLE rest_keptanswer IN EXCLUSIVE MODE")
        yield


def killed_while_it_waits(home: Path, key: str, path: str, body: Any) -> None:
    """Another process posts this, and is killed as soon as it waits for a lock."""
    arguments = [sys.executable, "-c", PROGRAM, key, BASE + path, json.dumps(body)]
    for folder in Home(home).folders:
        folder.mkdir(parents=True, exist_ok=True)
    with subprocess.Popen(arguments, cwd=settings.BASE_DIR, env=environment(home)) as process:
        try:
            wait_until(lambda: somebody_waits() or process.poll() is not None, "the other process")
            assert process.poll() is None
        finally:
            process.send_signal(signal.SIGKILL)


def ask(user: User, path: str, body: Any) -> Any:
    """The same request once more, by the same token."""
    caller = APIClient()
    caller.force_authenticate(user, ApiToken.objects.get(user=user))  # type: ignore[arg-type]  # ours, not DRF's
    return caller.post(BASE + path, body, headers={"Idempotency-Key": "k"})


def test_two_at_once_with_one_key(transactional_db: None) -> None:
    world = World()
    body = {"client": world.winery.pk, "text": "Ciao."}
    token(world.vito)
    runners = [Runner(), Runner()]
    try:
        with nobody_remembers():
            runners[0].do(lambda: ask(world.vito, "posts/", body))
            wait_until(somebody_waits, "the first")
            runners[1].do(lambda: ask(world.vito, "posts/", body))
            second = runners[1].result()
            assert (second.status_code, second.json()["code"], second["Retry-After"]) == (409, "in_progress", "1")
        first = runners[0].result()
    finally:
        for runner in runners:
            runner.acts.put(None)
            runner.join()
    again = ask(world.vito, "posts/", body)
    assert (first.status_code, again.status_code, again.content) == (201, 201, first.content)
    assert Post.objects.count() == 1


def test_the_connection_breaks_before_it_is_remembered(transactional_db: None) -> None:
    world = World()
    body = {"client": world.winery.pk, "text": "Ciao."}
    token(world.vito)
    runner = Runner()
    try:
        with nobody_remembers():
            runner.do(lambda: ask(world.vito, "posts/", body))
            wait_until(somebody_waits, "the first")
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_terminate_backend(%s)", [runner.pid])
            broken = runner.result()
        assert (broken.status_code, broken.json()["code"], Post.objects.count()) == (503, "unavailable", 0)
        runner.do(lambda: ask(world.vito, "posts/", body))
        assert runner.result().status_code == 201
    finally:
        runner.acts.put(None)
        runner.join()
    assert Post.objects.count() == 1


def test_killed_between_doing_and_remembering(transactional_db: None, tmp_path: Path) -> None:
    world = World()
    body = {"client": world.winery.pk, "text": "Ciao."}
    key = token(world.vito)
    with nobody_remembers():
        killed_while_it_waits(tmp_path, key, "posts/", body)
    assert (Post.objects.count(), KeptAnswer.objects.count()) == (0, 0)
    # PostgreSQL sees within moments that nobody is there any more, and lets go of the key.
    wait_until(lambda: ask(world.vito, "posts/", body).status_code == 201, "the dead one's key")
    assert ask(world.vito, "posts/", body)["Idempotency-Replayed"] == "true"
    assert Post.objects.count() == 1


def test_killed_in_the_middle_of_what_commits_more_than_once(transactional_db: None, tmp_path: Path) -> None:
    world = World()
    posts = [world.submitted(), world.submitted(text="Domani no.")]
    reviews = [review_of(post) for post in posts]
    body = {"reviews": [{"id": review.pk, "digest": review.digest} for review in reviews]}
    key = token(world.elena)
    with transaction.atomic():
        Post.objects.select_for_update().get(pk=posts[1].pk)
        killed_while_it_waits(tmp_path, key, "reviews/approve/", body)
    assert [one.seat.step.review_id for one in Decision.objects.all()] == [reviews[0].pk]
    assert ask(world.elena, "reviews/approve/", body).json()["code"] == "in_progress"
    KeptAnswer.objects.update(began_at=timezone.now() - PATIENCE)
    assert ask(world.elena, "reviews/approve/", body).json()["code"] == "broken_off"
    assert Decision.objects.count() == 1
