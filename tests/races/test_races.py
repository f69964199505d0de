"""Two people, or two workers, at the same instant: exactly one wins, fifty times out of fifty, and nothing is torn.

Real threads on real connections; a barrier lets them go together.
"""

import threading
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import connection, connections
from django.utils import timezone

from accounts.errors import Conflict
from approvals.models import Decision, Review, ReviewState, Verdict
from approvals.services import StepPlan, decide, save_chain
from clients.models import Client
from clients.services import freeze
from social.models import Attempt, Post, Publication, SandboxPost
from social.networks.base import Stopped
from social.services import claiming, edit_post, publishing, submit_post, withdraw_post
from social.services.journal import PublicationJournal
from tests.races.meeting import meeting
from tests.rest.caller import BASE, Caller
from tests.world import World, approve, review_of

pytestmark = pytest.mark.django_db(transaction=True)
TIMES = 50


def together(*acts: Callable[[], Any]) -> list[Any]:
    """What each act gave, or the exception it ended with, all started at the same instant on connections of their own."""
    barrier = threading.Barrier(len(acts))
    results: list[Any] = [None] * len(acts)

    def run(number: int, act: Callable[[], Any]) -> None:
        try:
            connection.ensure_connection()
            barrier.wait(10)
            results[number] = act()
        except Exception as error:  # noqa: BLE001 - it is the result
            results[number] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert not any(thread.is_alive() for thread in threads), "somebody waits for ever"
    return results


@pytest.fixture
def town(transactional_db: None) -> World:
    """The agency, in a database that other threads can see."""
    return World()


def say(review: Review, user: Any, verdict: str) -> Callable[[], Review]:
    comment = "Manca il prezzo." if verdict == Verdict.REQUEST_CHANGES else ""
    return lambda: decide(review=review, user=user, digest=review.digest, verdict=verdict, comment=comment)


def conflicts(results: list[Any]) -> list[str]:
    """The codes of those that lost; anything else that was raised is a failure of the test."""
    for result in results:
        if isinstance(result, Exception) and not isinstance(result, Conflict):
            raise result
    return [result.code for result in results if isinstance(result, Conflict)]


def test_approve_or_request_changes_by_two_on_one_step(world_of_two_editors: World) -> None:
    world = world_of_two_editors
    for _time in range(TIMES):
        post = world.submitted()
        review = review_of(post)
        results = together(say(review, world.elena, Verdict.APPROVE), say(review, world.marta, Verdict.REQUEST_CHANGES))
        lost = conflicts(results)
        post.refresh_from_db()
        review.refresh_from_db()
        verdicts = list(Decision.objects.filter(seat__step__review=review).values_list("verdict", flat=True))
        assert len(lost) == 1
        assert len(verdicts) == 1
        if verdicts == ["approve"]:
            assert (review.state, post.state, lost) == ("approved", "approved", ["review_closed"])
        else:
            assert (review.state, post.state, lost) == ("changes_requested", "changes_requested", ["review_closed"])


def test_approve_twice_by_the_same_person(town: World) -> None:
    for _time in range(TIMES):
        review = review_of(town.submitted())
        act = say(review, town.elena, Verdict.APPROVE)
        lost = conflicts(together(act, act))
        assert lost in (["already_decided"], ["not_your_turn"])
        assert Decision.objects.filter(seat__step__review=review).count() == 1
        assert [step.state for step in review.steps.order_by("position")] == ["passed", "active", "waiting"]


def test_approve_or_edit(town: World) -> None:
    for number in range(TIMES):
        post = town.submitted(publish_at=timezone.now() + timedelta(days=1))
        approve(post, town.elena)
        approve(post, town.marta)
        review = review_of(post)
        results = together(
            say(review, town.cliente, Verdict.APPROVE),
            partial(edit_post, user=town.vito, post=post, text=f"Altro testo {number}"),
        )
        lost = conflicts(results)
        post.refresh_from_db()
        review.refresh_from_db()
        # Whichever came first, the new words are approved by nobody and nothing is on its way out.
        assert (post.state, post.version_id, review.state) == ("draft", None, "superseded")
        assert not post.publications.exclude(state="cancelled").exists()
        assert lost in ([], ["review_closed"])
        approved = Decision.objects.filter(seat__step__review=review, actor=town.cliente).exists()
        assert approved == (lost == [])


def test_two_who_change_what_they_read_by_program(town: World) -> None:
    post = town.draft()
    path = f"{BASE}posts/{post.pk}/"
    programs = [Caller(town.vito).http, Caller(town.marta).http]
    read = programs[0].get(path)["ETag"]

    def change(number: int) -> int:
        body = {"title": f"Di {number}"}
        answer = programs[number].patch(path, body, format="json", headers={"If-Match": read})
        return int(answer.status_code)

    with meeting() as two:
        codes = two.queued(post, partial(change, 0), partial(change, 1), first=1)
    post.refresh_from_db()
    assert (codes, post.title, post.revision) == ([412, 200], "Di 1", 2)


def test_claim_or_edit(town: World) -> None:
    seen = set()
    for number in range(TIMES):
        publication = town.due()
        results = together(
            partial(claiming.claim, publication_id=publication.pk, now=timezone.now()),
            partial(edit_post, user=town.vito, post=publication.post, text=f"Altro testo {number}"),
        )
        claimed, edited = results
        publication.refresh_from_db()
        if isinstance(edited, Conflict):
            assert edited.code == "already_published"
            assert claimed is not None
            assert claimed.content.text == "Oggi si vendemmia."
            assert publication.state == "publishing"
        else:
            assert isinstance(edited, Post)
            assert claimed is None
            assert publication.state == "cancelled"
            assert not publication.attempts.exists()
        seen.add(publication.state)
    assert seen <= {"publishing", "cancelled"}


def test_claim_by_two_workers(town: World) -> None:
    for _time in range(TIMES):
        publication = town.due()
        act = partial(publishing.publish, publication_id=publication.pk)
        conflicts(together(act, act))
        assert Attempt.objects.filter(publication=publication).count() == 1
        publication.refresh_from_db()
        assert publication.state == "published"
        assert SandboxPost.objects.filter(key=publication.keys["key"]).count() == 1


def test_claim_or_freeze(town: World) -> None:
    for _time in range(TIMES):
        publication = town.due()
        claimed, _frozen = together(
            partial(claiming.claim, publication_id=publication.pk, now=timezone.now()),
            lambda: freeze(user=town.marta, client=town.winery, reason="Notizia da verificare"),
        )
        town.winery.refresh_from_db()
        assert town.winery.frozen_at is not None
        publication.refresh_from_db()
        assert publication.state == ("publishing" if claimed else "scheduled")
        assert claiming.claim(publication_id=publication.pk, now=timezone.now()) is None
        type(town.winery).objects.filter(pk=town.winery.pk).update(frozen_at=None)


@pytest.mark.parametrize("first", ["word", "stop"])
def test_the_last_word_before_it_is_shown_or_freeze(town: World, first: str) -> None:
    """Whoever of the two is first: a stop waits for a word under way, and no word comes after a stop."""
    publication = town.due()
    claimed = claiming.claim(publication_id=publication.pk)
    assert claimed is not None
    journal = PublicationJournal(claimed.publication)
    with meeting() as people:
        said, stopped = people.queued(
            town.winery,
            journal.sending,
            lambda: freeze(user=town.marta, client=town.winery, reason="Notizia da verificare"),
            first=int(first == "stop"),
        )
    assert isinstance(stopped, Client)
    assert said is None if first == "word" else isinstance(said, Stopped)
    publication.refresh_from_db()
    assert publication.progress.get("in_flight") == ("publish" if first == "word" else None)


def test_two_sweeps_share_what_is_due(town: World) -> None:
    due = {town.due().pk for _number in range(6)}
    first, second = together(*[lambda: claiming.hand_out(timezone.now())] * 2)
    handed = [pk for pk, _state in first + second]
    assert sorted(handed) == sorted(due)


@pytest.fixture
def world_of_two_editors(transactional_db: None) -> World:
    """A chain of one step on which either of two people decides for both."""
    world = World()
    save_chain(
        user=world.marta,
        client=world.winery,
        chain=world.chain,
        name="Una firma",
        is_default=True,
        steps=[StepPlan(name="Una firma", users=[world.elena, world.marta])],
    )
    assert Publication.objects.count() == 0
    assert Review.objects.filter(state=ReviewState.OPEN).count() == 0
    return world


def test_whoever_edits_behind_a_submission_takes_its_review_back(town: World) -> None:
    post = town.draft()
    submit = partial(submit_post, user=town.vito, post=post)
    edit = partial(edit_post, user=town.elena, post=post, text="Altre parole.")
    with meeting() as two:
        submitted, edited = two.queued(post, submit, edit, first=0)
    post.refresh_from_db()
    assert (submitted.state, edited.text) == ("in_review", "Altre parole.")
    assert (post.state, post.review_id) == ("draft", None)
    assert Review.objects.get(subject_id=post.pk).state == "superseded"


def test_whoever_takes_back_behind_the_last_approval_takes_that_back(town: World) -> None:
    post = town.submitted(publish_at=timezone.now() + timedelta(hours=1))
    for user, via in [(town.elena, "admin"), (town.marta, "admin")]:
        approve(post, user, via)
    review = review_of(post)
    yes = partial(decide, review=review, user=town.cliente, digest=review.digest, verdict=Verdict.APPROVE, via="link")
    with meeting() as two:
        taken_back, said = two.queued(post, partial(withdraw_post, user=town.vito, post=post), yes, first=1)
    post.refresh_from_db()
    review.refresh_from_db()
    assert not isinstance(said, Exception)
    assert not isinstance(taken_back, Exception)
    assert (post.state, review.state) == ("draft", "withdrawn")
