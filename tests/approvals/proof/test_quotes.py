"""Proofs know nothing of posts: a quote, whose digest is not even of JSON, has one too, with whatever its chain did."""

from typing import Any

import pytest
from django.test import Client as Browser

from approvals.models import Restart, Review, Rule, Verdict
from approvals.services import StepPlan, decide, replace_seat, save_chain
from clients.models import Membership, Role
from tests.approvals.proof.test_gathering import read
from tests.quotes.models import Quote
from tests.quotes.services import create_quote, edit_quote, submit_quote
from tests.quotes.subject import AMOUNT, KIND, TERMS
from tests.world import World, token


@pytest.fixture
def quote(world: World) -> Quote:
    """Two parts, each looked at by somebody else; and a lawyer, where a price is named."""
    return create_quote(user=world.vito, client=world.winery, title="Un anno", amount="dodici", terms="Trenta giorni")


def chain(world: World, steps: list[StepPlan], **fields: Any) -> None:
    """The winery's way for quotes."""
    save_chain(
        user=world.marta, client=world.winery, name="Preventivi", subject=KIND, is_default=True, steps=steps, **fields
    )


def yes(world: World, review: Review, *names: str) -> None:
    """These people approve, in this order."""
    for name in names:
        decide(review=review, user=getattr(world, name), digest=review.digest, verdict=Verdict.APPROVE)


def test_a_step_left_out_says_why(world: World, quote: Quote) -> None:
    steps = [
        StepPlan(name="Avvocato", users=[world.elena], only={"text": ["price"]}),
        StepPlan(name="Account", users=[world.marta]),
    ]
    chain(world, steps)
    review = submit_quote(user=world.vito, quote=quote)
    yes(world, review, "marta")
    said = read(world.marta, review)
    assert said["subject"]["kind"] == "quote"
    assert said["subject"]["content"] == f"{world.winery.pk}\n{quote.pk}\ndodici\nTrenta giorni"
    lawyer = said["steps"][0]
    assert (lawyer["state"], lawyer["skipped"]["codes"]) == ("skipped", {"text": ["price"]})
    assert lawyer["skipped"]["words"] == (
        "Left out: it is asked only for a price in the text, and none of that was met by this version."
    )


def test_an_approval_carried_over_two_rounds_is_shown_where_it_was_given(world: World, quote: Quote) -> None:
    steps = [
        StepPlan(name="Importo", users=[world.elena], only={"channels": [AMOUNT]}),
        StepPlan(name="Termini", users=[world.marta], only={"channels": [TERMS]}),
    ]
    chain(world, steps, restart=Restart.UNCHANGED)
    review = submit_quote(user=world.vito, quote=quote)
    first = review.digest
    yes(world, review, "elena")
    for terms in ("Sessanta giorni", "Novanta giorni"):
        decide(
            review=review, user=world.marta, digest=review.digest, verdict=Verdict.REQUEST_CHANGES, comment="Di meno"
        )
        edit_quote(user=world.vito, quote=quote, terms=terms)
        review = submit_quote(user=world.vito, quote=quote)
    yes(world, review, "marta")
    said = read(world.marta, review, form="pdf")
    assert (said["review"]["round"], said["review"]["state"]) == (3, "approved")
    carried = said["steps"][0]["carried_from"]
    assert (carried["round"], carried["version"], carried["digest"]) == (1, 1, first)
    assert [(seat["person"]["name"], seat["decision"]["digest"]) for seat in carried["seats"]] == [
        ("Elena Riva", first)
    ]
    assert [(step["name"], step["state"], step["carried_from"] is None) for step in said["steps"]] == [
        ("Importo", "passed", False),
        ("Termini", "passed", True),
    ]


def test_a_replaced_seat_keeps_both_names(world: World, quote: Quote) -> None:
    chain(world, [StepPlan(name="Redazione", users=[world.elena], rule=Rule.ALL)])
    Membership.objects.create(client=world.winery, user=world.bruno, role=Role.EDITOR)
    review = submit_quote(user=world.vito, quote=quote)
    seat = review.steps.get().seats.get()
    replace_seat(user=world.marta, seat=seat, person=world.bruno, reason="Elena è partita")
    yes(world, review, "bruno")
    elena, bruno = read(world.marta, review)["steps"][0]["seats"]
    assert (elena["ended"]["why"], elena["ended"]["reason"], elena["ended"]["by"]["name"]) == (
        "replaced",
        "Elena è partita",
        "Marta Gallo",
    )
    assert (bruno["source"], bruno["instead_of"]["name"], bruno["decision"]["verdict"]) == (
        "replacement",
        "Elena Riva",
        "approve",
    )


def test_the_api_gives_it_too(world: World, quote: Quote) -> None:
    chain(world, [StepPlan(name="Account", users=[world.marta])])
    review = submit_quote(user=world.vito, quote=quote)
    headers = {"authorization": f"Token {token(world.marta)}"}
    answer = Browser().get(f"/api/v1/reviews/{review.pk}/evidence.pdf", headers=headers)
    assert (answer.status_code, answer.content[:5]) == (200, b"%PDF-")
