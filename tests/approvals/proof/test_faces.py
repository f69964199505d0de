"""Where people take proofs away: the review's page in the admin, in the portal, by the link in a mail, by the API."""

import json
from typing import Any

import pytest
from django.test import Client as Browser

from accounts.models import User
from approvals.models import Audience, Review
from approvals.proof import keys
from approvals.proof.verify_evidence import verify
from approvals.services import add_comment, issue_link, revoke_links
from tests.rest.caller import PROBLEM
from tests.world import World, approve, review_of, token

CANARY = "kanarienvogel"
FORMS = ["pdf", "json"]


@pytest.fixture
def review(world: World) -> Review:
    """Approved, with something said among ourselves."""
    found = review_of(world.approved())
    add_comment(review=found, user=world.vito, text=CANARY, audience=Audience.INTERNAL)
    return found


def browser(user: User) -> Browser:
    """Signed in."""
    found = Browser()
    found.force_login(user)
    return found


def said(answer: Any, form: str) -> dict[str, Any]:
    """What the file says of itself, after it was checked."""
    assert answer.status_code == 200
    kind = {"pdf": "application/pdf", "json": "application/json"}[form]
    assert (answer["Content-Type"], answer["Cache-Control"].split(", ")[:2]) == (kind, ["no-store", "private"])
    report = verify(answer.content, trusted=keys.own())
    assert (report.status, report.problems) == (0, [])
    return {"kind": report.kind, "name": answer["Content-Disposition"]}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("asked", ["agency", "client"])
def test_staff_choose_the_kind(world: World, review: Review, form: str, asked: str) -> None:
    kinds = {"agency": "the agency's own", "client": "the client's, with nothing internal in it"}
    expected = {
        "kind": f"a proof of approval, {form.upper()}, {kinds[asked]}",
        "name": f'attachment; filename="proof-of-approval-cantina-roero-{review.pk}-{asked}.{form}"',
    }
    page = f"/admin/approvals/review/{review.pk}/evidence.{form}?for={asked}"
    assert said(browser(world.marta).get(page), form) == expected
    headers = {"authorization": f"Token {token(world.marta)}"}
    page = f"/api/v1/reviews/{review.pk}/evidence.{form}?for={asked}"
    assert said(Browser().get(page, headers=headers), form) == expected


@pytest.mark.parametrize("form", FORMS)
def test_the_client_s_people_get_theirs(world: World, review: Review, form: str) -> None:
    secret = issue_link(seat=review.steps.get(name="Cliente").seats.get())
    headers = {"authorization": f"Token {token(world.cliente)}"}
    answers = [
        browser(world.cliente).get(f"/reviews/{review.pk}/evidence.{form}?for=agency"),
        Browser().get(f"/r/{secret}/evidence.{form}?for=agency"),
        Browser().get(f"/api/v1/reviews/{review.pk}/evidence.{form}", headers=headers),
    ]
    kind = f"a proof of approval, {form.upper()}, the client's, with nothing internal in it"
    assert [said(answer, form)["kind"] for answer in answers] == [kind] * 3
    assert [CANARY.encode() in answer.content for answer in answers] == [False] * 3


@pytest.mark.parametrize("form", FORMS)
def test_nobody_else_gets_any(world: World, review: Review, form: str) -> None:
    seat = review.steps.get(name="Cliente").seats.get()
    secret = issue_link(seat=seat)
    revoke_links(seat=seat, user=world.marta)
    bruno = {"authorization": f"Token {token(world.bruno)}"}
    nonna = {"authorization": f"Token {token(world.nonna)}"}
    addresses = f"/api/v1/reviews/{review.pk}/evidence.{form}"
    assert [
        browser(world.bruno).get(f"/admin/approvals/review/{review.pk}/evidence.{form}").status_code,
        browser(world.bruno).get(f"/reviews/{review.pk}/evidence.{form}").status_code,
        browser(world.nonna).get(f"/reviews/{review.pk}/evidence.{form}").status_code,
        Browser().get(addresses, headers=bruno).status_code,
        Browser().get(addresses, headers=nonna).status_code,
        Browser().get(addresses).status_code,
        Browser().get(f"/r/{secret}/evidence.{form}").status_code,
        Browser().get(f"/r/nothing/evidence.{form}").status_code,
    ] == [404, 404, 404, 404, 404, 401, 410, 404]


def test_a_client_s_program_may_not_ask_for_what_is_internal(world: World, review: Review) -> None:
    headers = {"authorization": f"Token {token(world.cliente)}"}
    page = f"/api/v1/reviews/{review.pk}/evidence.json"
    refused = Browser().get(page + "?for=agency", headers=headers)
    assert (refused.status_code, refused["Content-Type"]) == (403, PROBLEM)
    wrong = Browser().get(page + "?for=everybody", headers=headers)
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (400, "for")


def test_without_a_key_each_face_says_so(world: World, review: Review, settings: Any) -> None:
    settings.FILO_EVIDENCE_KEYS = []
    page = browser(world.marta).get(f"/admin/approvals/review/{review.pk}/evidence.pdf", follow=True)
    assert page.redirect_chain == [(f"/admin/approvals/review/{review.pk}/", 302)]
    assert "FILO_EVIDENCE_KEY" in page.content.decode()
    assert browser(world.cliente).get(f"/reviews/{review.pk}/evidence.pdf").status_code == 409
    headers = {"authorization": f"Token {token(world.marta)}"}
    answer = Browser().get(f"/api/v1/reviews/{review.pk}/evidence.pdf", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (409, "no_evidence_key")
    assert "evidence.pdf" not in browser(world.cliente).get(f"/reviews/{review.pk}/").content.decode()


def test_it_is_offered_where_something_is_decided(world: World, review: Review) -> None:
    assert 'href="evidence.pdf"' in browser(world.cliente).get(f"/reviews/{review.pk}/").content.decode()
    ours = browser(world.marta).get(f"/admin/approvals/review/{review.pk}/").content.decode()
    assert f'href="/admin/approvals/review/{review.pk}/evidence.json?for=client"' in ours
    post = world.submitted(text="Ancora")
    for user in (world.elena, world.marta):
        approve(post, user)
    still_open = review_of(post)
    assert "evidence.pdf" not in browser(world.cliente).get(f"/reviews/{still_open.pk}/").content.decode()


def test_the_pdf_speaks_its_reader_s_language(world: World, review: Review) -> None:
    languages = []
    for user in (world.marta, world.ada):
        user.language = {"marta": "it", "ada": "en"}[user.email.partition("@")[0]]
        user.save(update_fields=["language"])
        answer = browser(user).get(f"/admin/approvals/review/{review.pk}/evidence.json")
        languages.append(json.loads(answer.content)["evidence"]["language"])
    assert languages == ["it", "en"]
