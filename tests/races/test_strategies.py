"""Two people in one strategy at the same instant: nothing that was typed is lost, and one version is in force.

Each has what they read on their own (``copy``), as two requests have: what one of them does must not reach the other by it.
"""

from copy import copy
from functools import partial

import pytest

from accounts.errors import Conflict
from approvals.models import Review, Verdict
from approvals.services import decide, take_back
from strategy.models import Agreement, Revision, Section, Strategy, StrategyVersion
from strategy.selectors import open_beside
from strategy.services import (
    Saved,
    accept_suggestion,
    decline_suggestion,
    merge_section,
    save_section,
    submit_strategy,
    suggest,
)
from tests.races.meeting import Act, meeting
from tests.strategy.documents import TONE, agreed, chain, draft, say, section, submitted
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)
TIMES = 200
FEWER = 40


@pytest.fixture
def town(transactional_db: None) -> World:
    """The agency, in a database that other threads can see."""
    return World()


def lost(results: list[object]) -> list[str]:
    """Why those who were refused were; anything else that went wrong is wrong."""
    errors = [result for result in results if isinstance(result, BaseException)]
    assert all(isinstance(error, Conflict) for error in errors), errors
    return [error.code for error in errors if isinstance(error, Conflict)]


def test_two_people_save_the_same_section(town: World) -> None:
    found = section(town, draft(town), body="Da capo.")
    typed: set[str] = {"Da capo."}
    with meeting() as people:
        for number in range(TIMES):
            found.refresh_from_db()
            texts = [f"Elena {number}", f"Marta {number}"]
            act = partial(save_section, begun_from=found.revision)
            results = people.together(
                partial(act, user=town.elena, section=copy(found), body=texts[0]),
                partial(act, user=town.marta, section=copy(found), body=texts[1]),
            )
            typed |= set(texts)
            assert all(isinstance(result, Saved) for result in results), results
            assert sorted(result.beside for result in results) == [False, True]
            found.refresh_from_db()
            beside = open_beside(found).get()
            assert {found.body, beside.body} == set(texts)
            merge_section(
                user=town.vito, section=found, begun_from=found.revision, merges=[beside.number], body=f"Unito {number}"
            )
            typed.add(f"Unito {number}")
    rows = Revision.objects.filter(section=found).order_by("number")
    assert [row.number for row in rows] == list(range(1, 3 * TIMES + 2))
    assert {row.body for row in rows} == typed
    assert Revision.objects.filter(section=found, beside=True).count() == TIMES


def begun(town: World) -> tuple[Strategy, Review]:
    """A strategy for whose agreement one voice is missing."""
    strategy = agreed(town) if not Strategy.objects.exists() else Strategy.objects.get()
    found = strategy.sections.get()
    save_section(
        user=town.vito, section=found, begun_from=found.revision, body=f"Testo {found.written}, per tutti quanti."
    )
    submit_strategy(user=town.vito, strategy=strategy)
    say(strategy, town.elena)
    strategy.refresh_from_db()
    assert strategy.review is not None
    return strategy, strategy.review


def approve(review: Review, town: World) -> Act:
    """The client says yes to what they read."""
    return partial(decide, review=review, user=town.cliente, digest=review.digest, verdict=Verdict.APPROVE, via="link")


def in_force(strategy: Strategy) -> StrategyVersion:
    """The one version that is."""
    strategy.refresh_from_db()
    version = Agreement.objects.get(strategy=strategy, ended_at=None).version
    assert strategy.agreed_version == version
    return version


def test_agree_or_edit(town: World) -> None:
    with meeting() as people:
        for number in range(FEWER):
            strategy, review = begun(town)
            was, asked = in_force(strategy), strategy.version
            found = Section.objects.get()
            edit = partial(
                save_section, user=town.marta, section=found, begun_from=found.revision, body=f"Mio {number}"
            )
            free = number % 4 < 2
            acts = (approve(review, town), edit)
            results = people.together(*acts) if free else people.queued(strategy, *acts, first=number % 2)
            refused = lost(results)
            review.refresh_from_db()
            # Whoever was first: what the client agreed to is what they read, and the edit is a draft after it.
            assert (review.state, refused) in (("approved", []), ("superseded", ["review_closed"]))
            assert in_force(strategy) == (asked if review.state == "approved" else was)
            assert (strategy.state, strategy.version, strategy.sections.get().body) == ("draft", None, f"Mio {number}")


def test_agree_and_agree_again(town: World) -> None:
    """The last voice for one version, while it is written anew, asked and agreed: the later one is in force, alone."""

    def next_one(strategy: Strategy) -> None:
        found = strategy.sections.get()
        save_section(user=town.vito, section=found, begun_from=found.revision, body=f"Dopo, {found.written}.")
        submit_strategy(user=town.vito, strategy=strategy)
        say(strategy, town.marta)
        say(strategy, town.cliente)

    with meeting() as people:
        for number in range(FEWER):
            strategy, review = begun(town)
            first = strategy.version
            acts = (approve(review, town), partial(next_one, strategy))
            results = people.together(*acts) if number % 2 else people.queued(strategy, *acts, first=number // 2 % 2)
            assert lost(results) in ([], ["review_closed"])
            version = in_force(strategy)
            assert first is not None
            assert version.number == first.number + 1
            assert Agreement.objects.filter(strategy=strategy, ended_at=None).count() == 1


def test_two_last_voices_agree_once(town: World) -> None:
    with meeting() as people:
        for number in range(FEWER):
            strategy, review = begun(town)
            acts = approve(copy(review), town), approve(copy(review), town)
            results = people.together(*acts) if number % 2 else people.queued(strategy, *acts, first=0)
            assert len(lost(results)) == 1
            assert in_force(strategy) == strategy.version
            assert Agreement.objects.filter(review=review).count() == 1


def test_taken_back_or_written_on(town: World) -> None:
    with meeting() as people:
        for number in range(FEWER):
            strategy, review = begun(town)
            was = in_force(strategy)
            say(strategy, town.cliente)
            now = in_force(strategy)
            review.refresh_from_db()
            found = strategy.sections.get()
            acts = (
                partial(take_back, review=review, user=town.cliente, reason="Ci ripenso."),
                partial(save_section, user=town.marta, section=found, begun_from=found.revision, body=f"Mio {number}"),
            )
            results = people.together(*acts) if number % 2 else people.queued(strategy, *acts, first=number // 2 % 2)
            refused = lost(results)
            assert refused in ([], ["written_on"])
            assert in_force(strategy) == (now if refused else was)
            assert strategy.state == "draft"


def test_the_same_suggestion_twice(town: World) -> None:
    found = section(town, draft(town))
    with meeting() as people:
        for number in range(FEWER):
            found.refresh_from_db()
            body = f"{TONE}\nNumero {number}."
            save_section(user=town.vito, section=found, begun_from=found.revision, body=body)
            found.refresh_from_db()
            one = suggest(
                user=town.cliente,
                section=found,
                revision=found.revision,
                kind="insert",
                start=len(body),
                words=" Così.",
            )
            other = accept_suggestion if number % 2 else decline_suggestion
            results = people.together(
                partial(accept_suggestion, user=town.elena, suggestion=copy(one)),
                partial(other, user=town.marta, suggestion=copy(one)),
            )
            assert lost(results) == ["already_settled"]
            one.refresh_from_db()
            found.refresh_from_db()
            assert found.body == (body + " Così." if one.state == "accepted" else body)
            credited = Revision.objects.filter(section=found, credit=town.cliente, number__gte=one.revision).count()
            assert credited == (1 if one.state == "accepted" else 0)


def test_two_ask_at_once(town: World) -> None:
    chain(town)
    strategy = draft(town)
    section(town, strategy)
    with meeting() as people:
        results = people.together(
            partial(submit_strategy, user=town.vito, strategy=copy(strategy)),
            partial(submit_strategy, user=town.marta, strategy=copy(strategy)),
        )
    assert lost(results) == ["not_a_draft"]
    assert StrategyVersion.objects.count() == Review.objects.count() == 1


def test_a_vote_or_the_writing_over_it(town: World) -> None:
    """The first step's vote and a save: the vote counts for what was read, or not at all."""
    strategy = submitted(town)
    with meeting() as people:
        for number in range(FEWER):
            strategy.refresh_from_db()
            review = strategy.review
            assert review is not None
            found = strategy.sections.get()
            results = people.together(
                partial(decide, review=review, user=town.elena, digest=review.digest, verdict="approve", via="admin"),
                partial(save_section, user=town.marta, section=found, begun_from=found.revision, body=f"Mio {number}"),
            )
            assert lost(results) in ([], ["review_closed"])
            review.refresh_from_db()
            assert review.state == "superseded"
            submit_strategy(user=town.vito, strategy=strategy)
