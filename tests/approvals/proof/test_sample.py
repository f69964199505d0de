"""The sample agency's reviews, all of them, have proofs that hold; one of them is the picture in docs/evidence.md."""

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
from tests.browser import SCREENSHOTS


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


def test_a_page_of_it_is_the_picture_of_the_guide(ada: User, db: None, settings: Any) -> None:
    settings.DEFAULT_FROM_EMAIL, settings.BASE_URL = "Studio Filo <filo@filo.example>", "https://filo.example"
    approved = Review.objects.filter(state="approved", client__slug="cantina-roero").order_by("pk")
    for review in approved.select_related("client", "author", "asked_by"):
        evidence = gather(review=review, kind="agency")
        if evidence["pictures"]:
            break
    else:
        pytest.fail("No approved review of the winery has a picture.")
    with translation.override("en"):
        drawn = pages(evidence, sealed(evidence), fingerprint=fingerprint(keys.public_keys()[0]))
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    (SCREENSHOTS / "evidence.png").write_bytes(drawn[0])
    with Image.open(io.BytesIO(drawn[0])) as picture:
        assert (picture.format, picture.size) == ("PNG", (909, 1286))
