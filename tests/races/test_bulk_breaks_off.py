"""The database breaks off in the middle of approving many: a line for each all the same, and what was told is so."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client as Browser

from approvals.models import Decision
from approvals.services.bulk import approve_many
from social.models import Post
from tests.processes import wait_until
from tests.races.meeting import Act, Runner
from tests.rest.caller import Caller
from tests.world import World, review_of

pytestmark = pytest.mark.django_db(transaction=True)


def waits(pid: int) -> bool:
    """Whether this connection waits for somebody's lock."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_locks WHERE NOT granted AND pid = %s", [pid])
        return cursor.fetchone() is not None


def broken_off(act: Act, at: Post) -> Any:
    """What comes of the act when its connection is ended while it is at this post."""
    runner = Runner()
    try:
        with transaction.atomic():
            Post.objects.select_for_update(no_key=True).get(pk=at.pk)
            runner.do(act)
            wait_until(lambda: waits(runner.pid), "somebody at the lock")
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_terminate_backend(%s, 10000)", [runner.pid])
        return runner.result()
    finally:
        runner.acts.put(None)
        runner.join()


def by_service(world: World, seen: list[tuple[int, str]]) -> tuple[Act, Callable[[Any], list[str]]]:
    return (
        lambda: approve_many(user=world.elena, seen=seen, via="admin"),
        lambda lines: [line.code for line in lines],
    )


def by_program(world: World, seen: list[tuple[int, str]]) -> tuple[Act, Callable[[Any], list[str]]]:
    caller = Caller(world.elena)
    body = {"reviews": [{"id": number, "digest": digest} for number, digest in seen]}
    return (
        lambda: caller.post("reviews/approve/", body, 200),
        lambda told: [line["code"] for line in told["results"]],
    )


def by_page(world: World, seen: list[tuple[int, str]]) -> tuple[Act, Callable[[Any], list[str]]]:
    browser = Browser()
    browser.force_login(world.elena)
    chosen = [f"{number}:{digest}" for number, digest in seen]

    def codes(answer: Any) -> list[str]:
        html = answer.content.decode()
        assert answer.status_code == 200
        assert html.count("Qualcosa si è interrotto da parte nostra.") == 1
        lines = html.split("<li>")[1:]
        return ["" if "tone-good" in line else "failed" for line in lines]

    return lambda: browser.post("/approve/", {"seen": chosen}), codes


@pytest.mark.parametrize("face", [by_service, by_program, by_page])
def test_the_others_are_approved_and_the_broken_one_says_so(world: World, face: Callable[..., Any]) -> None:
    posts = [world.submitted(title=title) for title in ("Uno", "Due", "Tre")]
    seen = [(review_of(post).pk, review_of(post).digest) for post in posts]
    act, codes = face(world, seen)
    assert codes(broken_off(act, posts[1])) == ["", "failed", ""]
    decided = Decision.objects.order_by("pk").values_list("seat__step__review", flat=True)
    assert list(decided) == [seen[0][0], seen[2][0]]
    again = approve_many(user=world.elena, seen=[seen[1]], via="admin")
    assert [line.code for line in again] == [""]
