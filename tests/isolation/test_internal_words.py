"""What the agency says among itself never reaches a client's person: no page, mail, answer, error or difference.

Each kind of internal words has a canary of its own; that staff hear every one of them shows that there was something to hear.
"""

import json
from typing import Any

import pytest
from django.core import mail
from django.test import Client as Browser

from accounts.models import User
from approvals.models import Comment, Review, Rule, SeatSource
from approvals.services import StepPlan, add_comment, decide, decline, replace_seat, resolve_comment, save_chain
from clients.models import Membership, Role
from notifications import services as outbox
from social.models import Post
from social.services import create_label, edit_post, submit_post
from strategy.services import create_pillar
from tests.isolation.test_walk import said
from tests.portal.reaching import link_to
from tests.rest.caller import BASE
from tests.social.test_suggesting import suggest
from tests.world import World, approve, person, review_of, token

CANARIES = [f"kanarienvogel{number}x" for number in range(15)]
TEXT = "Oggi si vendemmia. Venite tutti al Roero."


@pytest.fixture
def post(world: World) -> Post:
    """In its second version, of which Piero is asked; whatever the agency has said of both is full of canaries."""
    canary = iter(CANARIES)
    label = create_label(user=world.marta, client=world.winery, name=next(canary))  # 0
    pillar = create_pillar(user=world.marta, client=world.winery, name=CANARIES[-1])
    second = person("gino", "Gino Roero")
    Membership.objects.create(client=world.winery, user=second, role=Role.APPROVER)
    save_chain(
        user=world.marta,
        client=world.winery,
        chain=world.chain,
        name="Iter",
        is_default=True,
        steps=[
            StepPlan(name="Legale", users=[world.marta], only={"labels": [label.name]}),
            StepPlan(name="Ufficio", users=[world.marta], only={"networks": ["x"], "pillars": [pillar.name]}),
            StepPlan(name="Nomi", users=[world.marta], only={"text": ["name"]}),
            StepPlan(name="Redazione", users=[world.elena, world.ada], rule=Rule.ANY),
            StepPlan(name="Cliente", users=[world.cliente, second], rule=Rule.ANY),
        ],
    )
    post = world.submitted(text=TEXT)
    first = review_of(post)
    _speak(world, first, canary)
    decide(review=first, user=world.elena, digest=first.digest, verdict="approve", comment=next(canary))
    decide(review=first, user=world.cliente, digest=first.digest, verdict="request_changes", comment="Quasi.")
    post.refresh_from_db()
    edit_post(user=world.vito, post=post, text=TEXT.replace("Oggi", "Domani"))
    post = submit_post(user=world.vito, post=post)
    review = review_of(post)
    decide(review=review, user=world.elena, digest=review.digest, verdict="approve", comment=next(canary))
    seat = review.steps.get(name="Cliente").seats.get(user=second)
    replace_seat(user=world.marta, seat=seat, person=_third(world), reason=next(canary))
    _speak(world, review, canary)
    assert list(canary) == [CANARIES[-1]]  # the pillar's
    return post


def _third(world: World) -> User:
    third = person("rosa", "Rosa Roero")
    Membership.objects.create(client=world.winery, user=third, role=Role.APPROVER)
    return third


def _speak(world: World, review: Review, canary: Any) -> None:
    """An internal comment that calls Elena, an answer, a suggestion, its refusal, and a note on the client's own words."""
    ours = add_comment(review=review, user=world.vito, text=f"@Elena Riva {next(canary)}", audience="internal")
    add_comment(review=review, user=world.elena, text=next(canary), audience="", parent=ours)
    words = suggest(review, world.elena, "Venite tutti", next(canary), audience="internal")
    decline(comment=words, user=world.vito, word=next(canary))
    theirs = add_comment(review=review, user=world.cliente, text="Più grande.", audience="client")
    resolve_comment(comment=theirs, user=world.vito, word=next(canary), audience="internal")


def heard(text: str) -> list[str]:
    """Which canaries sing in it."""
    return [canary for canary in CANARIES if canary in text.lower()]


def portal_of(post: Post, link: str = "") -> list[str]:
    """Every page of the portal on this post's reviews."""
    reviews = Review.objects.filter(subject_id=post.pk)
    pages = ["/", f"/posts/{post.pk}/"]
    for review in reviews:
        pages += [f"/reviews/{review.pk}/{rest}" for rest in ("", "differences/", "differences/?from=1&to=2")]
        pages += [f"/reviews/{review.pk}/evidence.json"]
    return pages + [f"{link}{rest}" for rest in ("", "differences/?from=1&to=2", "evidence.json") if link]


def api_of(post: Post) -> list[str]:
    """Every address of the API where something of it could be."""
    found = ["reviews/", "posts/", "events/", "publications/", "chains/", "labels/", "memberships/", "deputies/"]
    found += [f"posts/{post.pk}/{rest}" for rest in ("", "versions/", "differences/?from=1&to=2", "preflight/")]
    return found + [f"reviews/{review.pk}/" for review in Review.objects.filter(subject_id=post.pk)]


@pytest.mark.parametrize(("name", "tells"), [("cliente", False), ("marta", True)])
def test_no_proof_tells_who_changed_seats_or_that_names_are_watched(
    world: World, post: Post, name: str, *, tells: bool
) -> None:
    headers = {"authorization": f"Token {token(getattr(world, name))}", "accept-language": "en"}
    answer = Browser().get(f"{BASE}reviews/{review_of(post).pk}/evidence.json", headers=headers)
    steps = json.loads(answer.content)["evidence"]["steps"]
    ended = [seat["ended"] for seat in steps[-1]["seats"] if seat["ended"]]
    assert [end["by"] and end["by"]["name"] for end in ended] == ["Marta Gallo" if tells else None]
    codes = [step["skipped"]["codes"] for step in steps[:3]]
    all_of_it: list[Any] = [
        {"labels": [CANARIES[0]]},
        {"networks": ["x"], "pillars": [CANARIES[-1]]},
        {"text": ["name"]},
    ]
    assert codes == (all_of_it if tells else [{}, {}, {}])
    assert len({step["skipped"]["words"] for step in steps[:3]}) == (3 if tells else 1)


@pytest.mark.parametrize("name", ["cliente", "nonna", "carlo"])
def test_no_page_and_no_answer_tells(world: World, post: Post, name: str) -> None:
    user = getattr(world, name)
    browser = Browser(raise_request_exception=False)
    browser.force_login(user)
    link = link_to(post, world.cliente)
    seen = 0
    for path in portal_of(post, link):
        answer = browser.get(path)
        assert answer.status_code < 500
        assert heard(said(answer)) == [], path
        seen += answer.status_code == 200
    headers = {"authorization": f"Token {token(user)}"}
    for path in api_of(post):
        answer = browser.get(BASE + path, headers=headers)
        assert heard(said(answer)) == [], path
        seen += answer.status_code == 200
    assert seen >= {"cliente": 20, "nonna": 5, "carlo": 3}[name]


def test_no_error_tells(world: World, post: Post) -> None:
    browser = Browser(raise_request_exception=False)
    browser.force_login(world.cliente)
    headers = {"authorization": f"Token {token(world.cliente)}"}
    review, link = review_of(post), link_to(post, world.cliente)
    internal = Comment.objects.filter(audience="internal", parent=None)
    assert internal.count() == 4
    for comment in internal:
        for verb in ("resolve", "reopen", "take_over", "decline"):
            path = f"{BASE}reviews/{comment.review_id}/comments/{comment.pk}/{verb}/"
            answer = browser.post(path, "{}", "application/json", headers=headers)
            assert (answer.status_code, heard(said(answer))) == (404, [])
        sent = json.dumps({"text": "Eh?", "parent": comment.pk})
        answer = browser.post(f"{BASE}reviews/{comment.review_id}/comments/", sent, "application/json", headers=headers)
        assert (answer.status_code, heard(said(answer))) == (400, [])
        for path in (link, f"/reviews/{review.pk}/"):
            for do in ("answer:client", "answer:internal", "resolve", "reopen"):
                answer = browser.post(path, {"do": do, "thread": str(comment.pk), "words": "Eh?"})
                assert (answer.status_code, heard(said(answer))) == (400, []), (path, do)
    # Asking for what does not stand there, or for changes without words, shows the page again, and no more than that.
    for data in ({"do": "comment", "words": "x", "quote": "no"}, {"do": "request_changes"}, {"do": "take_over"}):
        answer = browser.post(link, {"digest": review.digest, **data})
        assert (answer.status_code, heard(said(answer))) == (400, [])


def test_no_mail_tells(world: World, post: Post) -> None:
    while outbox.send_due():
        pass
    ours: list[str] = []
    theirs: list[str] = []
    for letter in mail.outbox:
        words = letter.subject + str(letter.body) + str(getattr(letter, "alternatives", ""))
        outside = letter.to[0].partition("@")[0] in {"cliente", "nonna", "gino", "rosa"}
        (theirs if outside else ours).append(words)
    assert len(theirs) >= 4
    assert heard("".join(theirs)) == []
    # Elena was called twice; Vito heard the answers; whoever asked for changes is told in the client's words.
    assert len(heard("".join(ours))) >= 4


def test_and_staff_hear_them_all(world: World, post: Post) -> None:
    browser = Browser()
    browser.force_login(world.marta)
    review = review_of(post)
    page = said(browser.get(f"/admin/approvals/review/{review.pk}/"))
    headers = {"authorization": f"Token {token(world.marta)}"}
    answers = "".join(said(browser.get(BASE + path, headers=headers)) for path in api_of(post))
    assert heard(page) == CANARIES
    assert set(heard(answers)) >= set(CANARIES) - {CANARIES[8]}  # why a seat was replaced stands on the page alone
    assert review.steps.get(name="Cliente").seats.filter(source=SeatSource.REPLACEMENT).count() == 1
    assert approve(post, world.cliente).state == "approved"
