"""What a client's people say and read in the portal: conversations, suggested words, earlier versions, differences."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from approvals.models import Comment, Decision, Review, Rule
from approvals.services import (
    StepPlan,
    add_comment,
    decide,
    name_deputy,
    replace_seat,
    save_chain,
    take_over,
)
from clients.models import Membership, Role
from social.models import Post
from social.services import create_label, edit_post, submit_post, withdraw_post
from tests.browsing import words
from tests.portal.reaching import asked, link_to
from tests.social.test_previews import picture
from tests.social.test_suggesting import TEXT, suggest
from tests.world import World, approve, person, review_of


@pytest.fixture(autouse=True)
def _english(world: World, settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path
    User.objects.update(language="en")
    for name in ("vito", "elena", "marta", "bruno", "cliente", "nonna"):
        getattr(world, name).refresh_from_db()


@pytest.fixture
def post(world: World) -> Post:
    """A post of which Piero is asked now."""
    return asked(world, text=TEXT)


@pytest.fixture
def path(world: World, post: Post) -> str:
    """His link."""
    return link_to(post, world.cliente)


def again(world: World, post: Post, text: str) -> Review:
    """A new version, of which Piero is asked."""
    post.refresh_from_db()
    edit_post(user=world.vito, post=post, text=text)
    submit_post(user=world.vito, post=post)
    approve(post, world.elena)
    return approve(post, world.marta)


def test_other_words_are_suggested_from_the_link(world: World, client: Browser, post: Post, path: str) -> None:
    answer = client.post(
        path, {"do": "comment", "words": "Più garbato.", "quote": "Venite tutti", "suggestion": "Venite"}
    )
    assert (answer.status_code, answer["Location"]) == (302, f"{path}#said")
    comment = Comment.objects.get()
    assert (comment.suggestion, comment.audience, comment.fate) == ("Venite", "client", "open")
    said = words(client.get(path))
    assert "About these words on Cantina Roero (prova) · Sandbox: Venite tutti" in said
    assert "Suggested; nobody has settled it yet." in said
    assert "Take over" not in said
    take_over(comment=comment, user=world.vito)
    assert "Taken over by Vito Serra on" in words(client.get(path))


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"quote": "Nulla"}, "These words do not stand in the version under review."),
        ({"quote": "Oggi", "suggestion": "Oggi"}, "This is what stands there already."),
        ({"quote": "Oggi", "suggestion": "x" * 20_000}, "Too long: at most 5000 characters."),
        ({"quote": "Oggi", "words": "x" * 20_000}, "Too long: at most 5000 characters."),
        ({"about": "words|0", "quote": "Oggi"}, "There is no such part in this version."),
        ({"quote": "<b>Oggi</b>"}, "These words do not stand in the version under review."),
    ],
)
@pytest.mark.parametrize("do", ["comment", "approve", "request_changes"])
def test_nothing_typed_is_lost(
    world: World, client: Browser, post: Post, path: str, data: dict[str, str], said: str, do: str
) -> None:
    sent = {"do": do, "words": "Ci ho pensato a lungo.", "digest": review_of(post).digest, **data}
    answer = client.post(path, sent)
    assert answer.status_code == 400
    assert said in words(answer)
    html = answer.content.decode()
    for name in ("words", "quote", "suggestion"):
        if name in sent:
            assert sent[name].replace("<", "&lt;").replace(">", "&gt;") in html
    assert not Comment.objects.exists()
    assert not Decision.objects.filter(actor=world.cliente).exists()


def test_what_was_said_of_a_place_goes_along_with_a_decision(
    world: World, client: Browser, post: Post, path: str
) -> None:
    sent = {"digest": review_of(post).digest, "quote": "Oggi", "suggestion": "Domani"}
    assert client.post(path, {"do": "request_changes", "words": "", **sent}).status_code == 400
    assert not Comment.objects.exists()  # a decision that could not be taken takes nothing along
    assert client.post(path, {"do": "request_changes", "words": "Cambia il giorno.", **sent}).status_code == 302
    assert Comment.objects.get().suggestion == "Domani"
    assert Decision.objects.get(actor=world.cliente).comment == "Cambia il giorno."


def test_answering_and_dealing_with_it(world: World, client: Browser, post: Post, path: str) -> None:
    review = review_of(post)
    theirs = add_comment(review=review, user=world.vito, text="Vi piace?", audience="client")
    mine = add_comment(review=review, user=world.cliente, text="Chi è costui?", audience="client")
    answer = client.post(path, {"do": "answer:client", "thread": str(theirs.pk), "words": "Molto."})
    assert (answer.status_code, answer["Location"]) == (302, f"{path}#comment-{theirs.pk}")
    assert theirs.answers.get().author == world.cliente
    assert client.post(path, {"do": "resolve", "thread": str(mine.pk)}).status_code == 302
    again = client.post(path, {"do": "resolve", "thread": str(mine.pk)})
    assert (again.status_code, "This is dealt with already." in words(again)) == (409, True)
    assert client.post(path, {"do": "reopen", "thread": str(mine.pk)}).status_code == 302
    # Whoever began a conversation says when it is dealt with.
    assert client.post(path, {"do": "resolve", "thread": str(theirs.pk)}).status_code == 403
    kept = client.post(path, {"do": "answer:client", "thread": str(theirs.pk), "words": "y" * 5001})
    assert (kept.status_code, "y" * 5001 in kept.content.decode()) == (400, True)
    # An answer that asks to stay in the agency does not become internal because somebody says so.
    client.post(path, {"do": "answer:internal", "thread": str(theirs.pk), "words": "Sss."})
    assert Comment.objects.get(text="Sss.").audience == "client"


def test_a_link_of_staff_shows_and_takes_nothing_internal(world: World, client: Browser, post: Post) -> None:
    review = review_of(post)
    ours = add_comment(review=review, user=world.vito, text="Cliente difficile.", audience="internal")
    theirs = add_comment(review=review, user=world.cliente, text="Perché?", audience="client")
    path = link_to(post, world.elena)
    said = words(client.get(path))
    assert "Cliente difficile." not in said
    assert "Perché?" in said
    assert client.post(path, {"do": "answer:client", "thread": str(ours.pk), "words": "Sì"}).status_code == 400
    client.post(path, {"do": "answer:internal", "thread": str(theirs.pk), "words": "Perché sì."})
    assert theirs.answers.get().audience == "client"
    # Signed in, staff read and write among themselves here, too.
    client.force_login(world.elena)
    assert "Cliente difficile." in words(client.get(f"/reviews/{review.pk}/"))
    client.post(f"/reviews/{review.pk}/", {"do": "answer:client", "thread": str(ours.pk), "words": "Vero."})
    assert ours.answers.get().audience == "internal"


def test_what_was_said_before(world: World, client: Browser, post: Post) -> None:
    first = review_of(post)
    add_comment(review=first, user=world.vito, text="Cliente difficile.", audience="internal")
    suggest(first, world.cliente, "Venite tutti", "Vi aspettiamo")
    decide(review=first, user=world.cliente, digest=first.digest, verdict="request_changes", comment="Quasi.")
    again(world, post, "Tra noi: nessuno la vedrà.")
    withdraw_post(user=world.vito, post=post)
    again(world, post, TEXT.replace("Oggi", "Ieri"))
    said = words(client.get(link_to(post, world.cliente)))
    before = said.partition("Before, of version 1")[2]
    assert "Said of version 1. The same words still stand here." in before
    assert "Quasi." in before
    assert "difficile" not in said


def test_steps_without_what_is_the_agencys_own(world: World, client: Browser) -> None:
    label = create_label(user=world.marta, client=world.winery, name="Cliente litigioso")
    second = person("gino", "Gino Roero", language="en")
    Membership.objects.create(client=world.winery, user=second, role=Role.APPROVER)
    save_chain(
        user=world.marta,
        client=world.winery,
        chain=world.chain,
        name="Iter",
        is_default=True,
        steps=[
            StepPlan(name="Legale", users=[world.marta], only={"labels": [label.name]}),
            StepPlan(name="Prezzi", users=[world.marta], only={"text": ["price"]}),
            StepPlan(name="Redazione", users=[world.elena]),
            StepPlan(name="Famiglia", users=[world.cliente, second], rule=Rule.ALL),
        ],
    )
    Membership.objects.filter(user=world.nonna).update(role=Role.APPROVER)
    post = world.submitted(text=TEXT)
    review = approve(post, world.elena)
    seat = review.steps.get(name="Famiglia").seats.get(user=second)
    replace_seat(user=world.marta, seat=seat, person=world.nonna, reason="Gino non risponde mai.")
    now = timezone.now()
    name_deputy(
        user=world.cliente,
        client=world.winery,
        principal=world.cliente,
        deputy=second,
        from_at=now - timedelta(minutes=1),
        until=now + timedelta(days=1),
    )
    decide(review=review, user=second, digest=review.digest, verdict="approve", comment="Per Piero.")
    said = words(client.get(link_to(post, world.nonna)))
    steps = said.partition("How it is approved")[2].partition("What was said")[0]
    assert "1. Legale → Left out Left out: it was not needed for this one." in steps
    assert "2. Prezzi → Left out Left out: it is asked only for a price in the text." in steps
    assert "3. Redazione ✓ Passed 4. Famiglia" in steps
    assert "Gino Roero for Piero Roero" in steps
    assert "Gino Roero (no longer asked since" in steps
    assert "Nonna Roero (instead of Gino Roero)" in steps
    for secret in ("litigioso", "Elena Riva", "Marta Gallo", "non risponde"):
        assert secret not in steps


# Differences


def test_versions_that_one_was_asked_about_are_compared(world: World, client: Browser, post: Post) -> None:
    edit_post(user=world.vito, post=post, text="Tra noi.", media=[picture(world)])
    submit_post(user=world.vito, post=post)  # the second, of which Piero is not asked
    approve(post, world.elena)
    again(world, post, TEXT.replace("Oggi", "Ieri"))
    path = link_to(post, world.cliente)
    client.force_login(world.cliente)
    signed = f"/reviews/{review_of(post).pk}/"
    for base in (path, signed):
        said = words(client.get(f"{base}differences/"))
        assert "What is new in version 3 since version 1" in said
        assert "[gone: Oggi end]" in said
        assert "[new: Ieri end]" in said
        assert "+ New: Grappoli al sole" in said
        said = words(client.get(f"{base}differences/?from=2&to=3"))
        assert "There is no such version here. Choose from these." in said
        assert "Tra noi" not in said
        assert "Nothing differs" in words(client.get(f"{base}differences/?from=3&to=3"))
    html = client.get(f"{path}differences/").content.decode()
    address = html.split('<img src="')[1].split('"')[0].replace("&amp;", "&")
    shown = Browser().get(address)  # a picture that is shown opens, also for who is not signed in
    assert shown.status_code == 200
    shown.close()
    assert 'name="from"' in html
    assert "Version 2" not in html


def test_what_is_no_longer_shown_is_not_compared(world: World, client: Browser, post: Post, path: str) -> None:
    review = review_of(post)
    again(world, post, "Altro testo.")
    withdraw_post(user=world.vito, post=post)
    client.force_login(world.cliente)
    assert client.get(f"{path}differences/")["Location"] == path
    assert client.get(f"/reviews/{review.pk}/differences/")["Location"] == f"/reviews/{review.pk}/"
    assert client.get("/r/kein-geheimnis/differences/").status_code == 404
    other = review_of(world.town_post())
    assert client.get(f"/reviews/{other.pk}/differences/").status_code == 404


def test_pages_of_differences_are_guarded(world: World, client: Browser, post: Post, path: str) -> None:
    answer = client.get(f"{path}differences/")
    assert answer["Cache-Control"] == "no-store, private"
    assert "script-src" not in answer["Content-Security-Policy"]
    assert "<script" not in answer.content.decode()
    assert client.post(f"{path}differences/").status_code == 405


@pytest.mark.parametrize("rounds", [1, 3])
@pytest.mark.parametrize("many", [1, 3])
def test_it_costs_the_same_however_much_was_said(
    world: World, client: Browser, post: Post, django_assert_num_queries: DjangoAssertNumQueries, many: int, rounds: int
) -> None:
    for number in range(rounds):
        for _time in range(many):
            first = suggest(review_of(post), world.cliente, "Venite", "Andate")
            add_comment(review=review_of(post), user=world.vito, text="Sì", audience="", parent=first)
        again(world, post, f"{number} {TEXT}")
    suggest(review_of(post), world.cliente, "Venite", "Andate")
    path = link_to(post, world.cliente)
    client.get(path)
    with django_assert_num_queries(26):
        client.get(path)
