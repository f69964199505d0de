"""The sample agency's reviews, all of them, have proofs that hold; one of them is the picture in docs/evidence.md.

Its strategy is that in docs/strategy.md.
"""

import io
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction
from django.utils import translation
from PIL import Image
from pytest_django import DjangoDbBlocker

from accounts.models import User
from approvals.models import Review
from approvals.proof import keys
from approvals.proof.drawing import pages
from approvals.proof.files import proof_of
from approvals.proof.gathering import gather
from approvals.proof.record import KINDS
from approvals.proof.signing import sealed
from approvals.proof.verify_evidence import fingerprint, verify
from strategy.models import Strategy
from strategy.papers.gathering import paper_of
from strategy.papers.pdf import pages as strategy_pages
from tests.e2e.pictures import keep


@pytest.fixture(scope="module")
def ada(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[User]:
    """Who sees every client of the sample agency; it is taken back after the last test."""
    with django_db_blocker.unblock(), transaction.atomic():
        call_command("load_sample", password="una parola per lo staff", stdout=io.StringIO())
        yield User.objects.get(email="ada@filo.example")
        transaction.set_rollback(True)


def test_every_review_has_a_proof_that_holds(ada: User, db: None) -> None:
    reviews = Review.objects.select_related("client", "author", "asked_by").order_by("pk")
    wrong = []
    for review in reviews:
        for kind in KINDS:
            report = verify(proof_of(user=ada, review=review, form="json", asked=kind).data, trusted=keys.own())
            wrong += [(review.pk, kind, problem) for problem in report.problems]
    assert (reviews.count() > 10, wrong) == (True, [])


@pytest.mark.parametrize(("language", "name"), [("en", "evidence"), ("it", "evidence.it")])
def test_its_pages_are_the_picture_of_the_guide(ada: User, db: None, settings: Any, language: str, name: str) -> None:
    """The one with most to tell: a step left out, a deputy, a picture."""
    settings.DEFAULT_FROM_EMAIL, settings.BASE_URL = "Studio Filo <filo@filo.example>", "https://filo.example"
    reviews = Review.objects.filter(state="approved").select_related("client", "author", "asked_by").order_by("pk")
    with translation.override(language):
        found = [gather(review=review, kind="agency") for review in reviews]
        best = max(found, key=lambda evidence: (_tells(evidence), bool(evidence["pictures"])))
        assert _tells(best) == 2
        drawn = pages(best, sealed(best), fingerprint=fingerprint(keys.public_keys()[0]))
    with beside([Image.open(io.BytesIO(page)) for page in drawn[:2]]) as both:
        keep(both, name)
        assert both.size == (2 * 909, 1286)


def test_the_pages_of_the_strategy_are_the_picture_of_its_guide(ada: User, db: None) -> None:
    """What is in force: its cover, two pages of it, and the last one, which says how it was agreed."""
    paper = paper_of(user=ada, strategy=Strategy.objects.get(), number=2)
    drawn = [Image.open(io.BytesIO(page)) for page in strategy_pages(paper)]
    with beside([drawn[0], drawn[2], drawn[-1]]) as three:
        keep(three, "strategy-pdf")
        assert three.width == 3 * drawn[0].width
    assert 6 <= len(drawn) <= 14


def _tells(evidence: Any) -> int:
    """Whether a step was left out, and whether somebody decided for somebody else."""
    steps = evidence["steps"]
    left_out = any(step["state"] == "skipped" for step in steps)
    said = [seat["decision"] for step in steps for seat in step["seats"] if seat.get("decision")]
    return left_out + any(decision.get("deputy") for decision in said)


def beside(shots: list[Image.Image]) -> Image.Image:
    """Pictures of one height next to each other."""
    whole = Image.new("RGB", (sum(shot.width for shot in shots), max(shot.height for shot in shots)), "white")
    left = 0
    for shot in shots:
        whole.paste(shot, (left, 0))
        left += shot.width
    return whole
