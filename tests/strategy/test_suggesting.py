"""Words suggested for a passage are taken over or declined once, credited, and overtaken by what is written; remarks go along."""

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from accounts.errors import Conflict
from approvals.models import Comment
from approvals.services import add_comment, take_over
from strategy import selectors
from strategy.models import Remark, Section, Suggestion
from strategy.services import (
    accept_suggestion,
    add_remark,
    decline_suggestion,
    edit_strategy,
    reopen_remark,
    resolve_remark,
    suggest,
)
from strategy.services.exhibiting import exhibit_of
from tests.strategy.documents import TONE, draft, save, section, submitted
from tests.world import World


def propose(user: Any, found: Section, quote: str, words: str, **more: Any) -> Suggestion:
    found.refresh_from_db()
    kind = "replace" if quote and words else "delete" if quote else "insert"
    place: dict[str, Any] = {"start": found.body.index(quote), "revision": found.revision}
    return suggest(user=user, section=found, kind=kind, quote=quote, words=words, **{**place, **more})


def test_words_are_taken_over_one_by_one_and_credited(world: World) -> None:
    found = section(world, draft(world))
    first = propose(world.cliente, found, "piano", "sottovoce")
    second = propose(world.nonna, found, "Mai punti esclamativi.", "")
    third = propose(world.cliente, found, "", "E poi?\n", start=len(TONE))
    accept_suggestion(user=world.vito, suggestion=first)
    accept_suggestion(user=world.elena, suggestion=third)
    accept_suggestion(user=world.elena, suggestion=second)
    found.refresh_from_db()
    assert found.body == "Parliamo sottovoce.\nDiamo del tu.\nE poi?"
    rows = found.revisions.order_by("number").values_list("author__name", "credit__name")
    assert list(rows) == [
        ("Vito Serra", None),
        ("Vito Serra", "Piero Roero"),
        ("Elena Riva", "Piero Roero"),
        ("Elena Riva", "Nonna Roero"),
    ]
    first.refresh_from_db()
    assert (first.state, first.settled_by, first.became) == ("accepted", world.vito, 2)
    writers = found.strategy.writers.values_list("user__name", flat=True)
    assert sorted(writers) == ["Elena Riva", "Nonna Roero", "Piero Roero", "Vito Serra"]
    for act in (accept_suggestion, decline_suggestion):
        with pytest.raises(Conflict) as refused:
            act(user=world.marta, suggestion=first)
        assert refused.value.code == "already_settled"


def test_what_was_written_over_is_outdated_and_what_stands_goes_along(world: World) -> None:
    found = section(world, draft(world))
    gone = propose(world.cliente, found, "piano", "sottovoce")
    stays = propose(world.cliente, found, "esclamativi", "di domanda")
    said = add_remark(user=world.cliente, section=found, text="Sicuri?", revision=1, start=TONE.index("tu"), quote="tu")
    save(world.vito, found, body="Una riga nuova.\n" + TONE.replace("piano", "chiaro"))
    gone.refresh_from_db()
    assert gone.state == "outdated"
    with pytest.raises(Conflict) as refused:
        accept_suggestion(user=world.vito, suggestion=gone)
    assert refused.value.code == "outdated"
    accept_suggestion(user=world.vito, suggestion=stays)
    found.refresh_from_db()
    assert found.body == "Una riga nuova.\nParliamo chiaro.\nDiamo del tu.\nMai punti di domanda."
    said.refresh_from_db()
    assert said.place == found.body.index("tu.")
    decline_suggestion(user=world.vito, suggestion=gone, reason="Non c’è più.")
    save(world.vito, found, body="Tutto nuovo.")
    said.refresh_from_db()
    assert said.place is None


def test_a_suggestion_for_what_has_changed_meanwhile_is_refused(world: World) -> None:
    found = section(world, draft(world))
    save(world.vito, found, body=TONE.replace("piano", "chiaro"))
    start = TONE.index("piano")
    with pytest.raises(Conflict) as refused:
        suggest(user=world.cliente, section=found, revision=1, kind="replace", start=start, quote="piano", words="x")
    assert (refused.value.code, refused.value.field) == ("outdated", "revision")
    moved = suggest(
        user=world.cliente, section=found, revision=1, kind="delete", start=TONE.index("tu"), quote="tu", words=""
    )
    assert moved.place == TONE.index("tu") + 1


def wrong() -> list[tuple[dict[str, Any], str]]:
    good: dict[str, Any] = {"revision": 1, "kind": "replace", "start": 0, "quote": "Parliamo", "words": "Diciamo"}
    return [
        ({**good, "revision": 9}, "revision"),
        ({**good, "kind": "move"}, "kind"),
        ({**good, "start": 3}, "quote"),
        ({**good, "quote": ""}, "quote"),
        ({**good, "words": ""}, "words"),
        ({**good, "words": "Parliamo"}, "words"),
        ({**good, "kind": "delete"}, "words"),
        ({**good, "kind": "insert"}, "quote"),
        ({**good, "kind": "insert", "quote": "", "start": 9999}, "quote"),
        ({**good, "words": "x" * 10_001}, "words"),
        ({**good, "words": "<b>Diciamo</b>"}, "words"),
        ({**good, "words": "[Diciamo](javascript:alert(1))"}, "words"),
    ]


@pytest.mark.parametrize(("said", "field"), wrong())
def test_what_is_no_suggestion(world: World, said: dict[str, Any], field: str) -> None:
    found = section(world, draft(world))
    with pytest.raises(ValidationError) as refused:
        suggest(user=world.cliente, section=found, **said)
    assert list(refused.value.error_dict) == [field]


def test_who_settles_them(world: World) -> None:
    strategy = draft(world)
    found = section(world, strategy)
    one = propose(world.nonna, found, "piano", "sottovoce")
    for who in (world.cliente, world.nonna):
        with pytest.raises(PermissionDenied):
            accept_suggestion(user=who, suggestion=one)
    with pytest.raises(PermissionDenied):
        decline_suggestion(user=world.cliente, suggestion=one)
    with pytest.raises(world.winery.DoesNotExist):
        accept_suggestion(user=world.bruno, suggestion=one)
    decline_suggestion(user=world.nonna, suggestion=one)
    other = propose(world.nonna, found, "piano", "sottovoce")
    edit_strategy(user=world.vito, strategy=strategy, contacts_write=True)
    assert accept_suggestion(user=world.cliente, suggestion=other).state == "accepted"


def test_what_stays_in_the_agency_is_nowhere_for_the_client(world: World) -> None:
    strategy = draft(world)
    found = section(world, strategy)
    inside = propose(world.elena, found, "piano", "sottovoce", audience="internal")
    said = add_remark(user=world.elena, section=found, text="Tra noi: troppo lungo.", audience="internal")
    answer = add_remark(user=world.vito, section=found, text="Vero.", parent=said)
    assert answer.audience == "internal"
    edit_strategy(user=world.vito, strategy=strategy, contacts_write=True)
    for who in (world.cliente, world.nonna):
        assert list(selectors.suggestions(who)) == []
        assert list(selectors.remarks(who)) == []
        with pytest.raises(ValidationError) as refused:
            add_remark(user=who, section=found, text="E io?", parent=said)
        assert list(refused.value.error_dict) == ["parent"]
    for act in (accept_suggestion, decline_suggestion):
        with pytest.raises(Suggestion.DoesNotExist):
            act(user=world.cliente, suggestion=inside)
    for again in (resolve_remark, reopen_remark):
        with pytest.raises(Remark.DoesNotExist):
            again(user=world.cliente, remark=said)
    accept_suggestion(user=world.vito, suggestion=inside)
    assert found.revisions.get(number=2).credit_internal
    # What the client says is read by all, whatever was sent.
    loud = add_remark(user=world.cliente, section=found, text="Bene.", audience="internal")
    assert loud.audience == "client"
    assert [row.text for row in selectors.remarks(world.nonna)] == ["Bene."]
    assert len(selectors.remarks(world.vito)) == 3


def test_a_conversation_is_over_and_goes_on(world: World) -> None:
    found = section(world, draft(world))
    said = add_remark(user=world.cliente, section=found, text="Sicuri?")
    answer = add_remark(user=world.vito, section=found, text="Sì.", parent=said)
    assert resolve_remark(user=world.nonna, remark=said).resolved_by == world.nonna
    assert resolve_remark(user=world.vito, remark=said).resolved_by == world.nonna
    assert reopen_remark(user=world.cliente, remark=said).resolved_at is None
    with pytest.raises(Conflict):
        resolve_remark(user=world.vito, remark=answer)
    with pytest.raises(ValidationError) as refused:
        add_remark(user=world.cliente, section=found, text="E poi?", parent=answer)
    assert list(refused.value.error_dict) == ["parent"]


def test_words_suggested_in_the_review_come_into_the_section(world: World) -> None:
    strategy = submitted(world)
    found = strategy.sections.get()
    assert strategy.review is not None
    start = TONE.index("piano")
    anchor = {"part": str(found.pk), "start": start, "end": start + 5, "quote": "piano"}
    comment: Comment = add_comment(
        review=strategy.review, user=world.elena, text="", audience="client", anchor=anchor, suggestion="sottovoce"
    )
    take_over(comment=comment, user=world.vito, submit=True)
    found.refresh_from_db()
    strategy.refresh_from_db()
    assert found.body == TONE.replace("piano", "sottovoce")
    assert found.revisions.get(number=2).credit == world.elena
    assert strategy.state == "in_review"
    assert strategy.review is not None
    assert strategy.review.round == 2
    exhibit = exhibit_of(strategy.review)
    assert [(credit.user, credit.internal) for credit in exhibit.credits] == [(world.elena, False)]
    assert [(part.where, part.text) for part in exhibit.parts] == [("Tono di voce", found.body)]
