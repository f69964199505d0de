"""What was said, on the staff's review page: conversations, suggested words, earlier versions, steps in words, differences."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from approvals.models import Comment, Review, ReviewStep, Rule
from approvals.services import StepPlan, add_comment, decide, name_deputy, replace_seat, save_chain, take_back, time_up
from clients.models import Client
from social.models import Post
from social.services import create_label, edit_post, submit_post
from tests.browsing import Staff, words
from tests.social.test_previews import picture
from tests.social.test_suggesting import TEXT, suggest
from tests.world import World, approve, review_of


@pytest.fixture(autouse=True)
def _english(world: World, settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path
    User.objects.update(language="en")
    for name in ("vito", "elena", "marta", "bruno", "cliente"):
        getattr(world, name).refresh_from_db()


@pytest.fixture
def asked(world: World) -> Review:
    """A review in which it is Piero's turn."""
    post = world.submitted(text=TEXT, media=[picture(world)])
    approve(post, world.elena)
    approve(post, world.marta)
    return review_of(post)


def send(person: User, review: Review, do: str, **data: str) -> Any:
    """A form of the review page."""
    return Staff(person).send("approvals_review_page", review.pk, data={"do": do, **data})


def page(person: User, review: Review) -> str:
    """The review page, in words."""
    return words(Staff(person).open("approvals_review_page", review.pk))


def again(world: World, post: Post, text: str) -> Review:
    """A new version, submitted."""
    post.refresh_from_db()
    edit_post(user=world.vito, post=post, text=text)
    return review_of(submit_post(user=world.vito, post=post))


def chain(world: World, *steps: StepPlan, **fields: Any) -> None:
    """The winery's chain from now on."""
    save_chain(
        user=world.marta, client=world.winery, chain=world.chain, name="Iter", is_default=True, steps=steps, **fields
    )


# Conversations


def test_words_are_found_by_copying_and_suggested(world: World, asked: Review) -> None:
    data = {"text": "Così?", "audience": "client", "quote": "Venite  tutti", "suggestion": "Vi aspettiamo"}
    said = words(send(world.elena, asked, "comment", **data))
    assert "About these words on Cantina Roero (prova) · Sandbox: Venite tutti" in said
    assert "Would write there: Vi aspettiamo" in said
    comment = Comment.objects.get()
    assert (comment.anchor or {})["quote"] == "Venite tutti"
    assert (comment.suggestion, comment.audience) == ("Vi aspettiamo", "client")


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"quote": "Nulla di ciò"}, "These words do not stand in the version under review. Copy them as they are."),
        ({"quote": "i"}, "These words stand there more than once. Copy some of the words around them, too."),
        ({"suggestion": "Altro"}, "Copy the words that you mean."),
        ({"suggests": "1"}, "Copy the words that you mean."),
        ({"quote": "Oggi", "suggestion": "Oggi"}, "This is what stands there already."),
        ({"quote": "Oggi", "suggestion": "x" * 20_000}, "Too long: at most 5000 characters."),
        ({"about": "words|999999", "quote": "Oggi"}, "There is no such part in this version."),
        ({"about": "picture|x|y"}, "There is no such part in this version."),
        ({"about": "picture|x|y", "quote": "Oggi"}, "Either words or a picture: make two comments of it."),
        ({"text": "x" * 20_000}, "Too long: at most 5000 characters."),
        ({"text": "x\x00"}, "There is a character in it that can't be kept. Type it again."),
        ({"text": "@Piero Roero no"}, "Piero Roero can't read this: it stays in the agency."),
    ],
)
def test_nothing_typed_is_lost(world: World, asked: Review, data: dict[str, str], said: str) -> None:
    typed = {"text": "Ci ho pensato a lungo.", "audience": "internal", **data}
    answer = send(world.elena, asked, "comment", **typed)
    assert said in words(answer)
    kept = answer.context["typed"]
    assert (kept.text, kept.audience) == (typed["text"], "internal")
    for name in ("quote", "suggestion", "about"):
        assert getattr(kept.remark, name) == data.get(name, "")
    assert not Comment.objects.exists()


def test_markup_is_shown_and_never_run(world: World, asked: Review) -> None:
    nasty = "<script>alert(1)</script><img src=x onerror=alert(2)>"
    first = add_comment(review=asked, user=world.elena, text=nasty, audience="internal")
    add_comment(review=asked, user=world.vito, text=nasty, audience="", parent=first)
    suggest(asked, world.cliente, "Oggi", nasty)
    html = Staff(world.vito).open("approvals_review_page", asked.pk).content.decode()
    assert nasty not in html
    assert html.count("&lt;script&gt;alert(1)&lt;/script&gt;") == 3
    answer = send(world.elena, asked, "comment", text=nasty, quote=nasty, suggestion=nasty, audience="internal")
    assert nasty not in answer.content.decode()


def test_an_answer_stays_in_the_agency_or_goes_to_the_client(world: World, asked: Review) -> None:
    theirs = add_comment(review=asked, user=world.cliente, text="Perché?", audience="client")
    thread = {"thread": str(theirs.pk)}
    assert "Your answer stands below." in words(send(world.vito, asked, "answer:client", words="Perché sì.", **thread))
    send(world.vito, asked, "answer:internal", words="Uffa.", **thread)
    assert list(theirs.answers.values_list("text", "audience")) == [("Perché sì.", "client"), ("Uffa.", "internal")]
    answer = send(world.vito, asked, "answer:client", words=" ", **thread)
    assert "Write something first." in words(answer)
    answer = send(world.vito, asked, "answer:client", words="y" * 5001, **thread)
    assert "y" * 5001 in answer.content.decode()
    assert send(world.vito, asked, "answer:client", words="Eh", thread="999999").status_code == 404
    assert send(world.vito, asked, "answer:client", words="Eh", thread="²").status_code == 404


def test_dealt_with_and_open_again(world: World, asked: Review) -> None:
    comment = add_comment(review=asked, user=world.elena, text="Manca il luogo.", audience="internal")
    thread = {"thread": str(comment.pk)}
    assert "Dealt with by Vito Serra" in words(send(world.vito, asked, "resolve", **thread))
    answer = send(world.vito, asked, "resolve", **thread)
    assert (answer.status_code, "This is dealt with already." in words(answer)) == (409, True)
    assert "Open it again" in page(world.elena, asked)
    assert "Dealt with by" not in words(send(world.elena, asked, "reopen", **thread))


def test_words_are_taken_over_with_one_click(world: World, asked: Review) -> None:
    comment = suggest(asked, world.cliente, "Oggi", "Domani")
    said = page(world.vito, asked)
    assert "Take over Changes the post’s own text. It is a draft then." in said
    said = words(send(world.vito, asked, "take_over", thread=str(comment.pk)))
    assert "Taken over: it is a draft with these words. Piero Roero is told." in said
    assert "Taken over by Vito Serra" in said
    post = Post.objects.get(pk=asked.subject_id)
    assert (post.text.split()[0], post.state) == ("Domani", "draft")
    newer = review_of(submit_post(user=world.vito, post=post))
    assert "With words by Piero Roero." in page(world.elena, newer)
    listed = words(Staff(world.vito).open("social_post_page", post.pk))
    assert "Vito Serra, with words by Piero Roero" in listed


def test_taken_over_and_asked_again_it_shows_the_new_review(world: World, asked: Review) -> None:
    comment = suggest(asked, world.cliente, "Oggi", "Domani")
    answer = send(world.vito, asked, "take_over_submit", thread=str(comment.pk))
    assert answer.context["review"].version == 2
    assert "Taken over, and asked again: this is the new version." in words(answer)


def test_what_can_not_be_taken_over_says_what_to_do(world: World, asked: Review) -> None:
    comment = suggest(asked, world.cliente, "Oggi", "Domani")
    edit_post(user=world.vito, post=Post.objects.get(pk=asked.subject_id), text="Tutt'altro.")
    answer = send(world.vito, asked, "take_over", thread=str(comment.pk))
    assert answer.status_code == 409
    assert "The text no longer reads like this at that place, so nothing was changed." in words(answer)
    said = words(send(world.vito, asked, "decline", thread=str(comment.pk), words="Abbiamo riscritto tutto."))
    assert "Declined by Vito Serra" in said
    assert "Abbiamo riscritto tutto." in said


# Earlier versions


def test_what_was_said_before_stays_beside_the_new_version(world: World, asked: Review) -> None:
    point = {"part": str(world.page.pk), "picture": picture(world).sha256, "x": 0.25, "y": 0.75}
    stays = suggest(asked, world.cliente, "Venite tutti", "Vi aspettiamo")
    suggest(asked, world.cliente, "Oggi", "Domani")
    add_comment(review=asked, user=world.elena, text="Chi è?", audience="internal", anchor=point)
    decide(review=asked, user=world.cliente, digest=asked.digest, verdict="request_changes", comment="Quasi.")
    newer = again(world, Post.objects.get(pk=asked.subject_id), TEXT.replace("Oggi", "Ieri"))
    said = page(world.vito, newer)
    before = said.partition("What was said before")[2]
    assert "Version 1" in before
    assert "Piero Roero" in before.partition("Quasi.")[0]
    assert "Said of version 1. The same words still stand here." in before
    assert "Said of version 1. It no longer stands here like this." in before
    assert "Said of version 1. The same picture is still here." in before
    assert "25% from the left, 75% from the top." in before
    # What was suggested of the first version is answered and taken over from here.
    answer = send(world.vito, newer, "answer:client", thread=str(stays.pk), words="Sì.")
    assert answer.status_code == 200
    assert stays.answers.get().review_id == asked.pk
    send(world.vito, newer, "take_over", thread=str(stays.pk))
    assert Post.objects.get(pk=asked.subject_id).text == "Ieri si vendemmia. Vi aspettiamo al Roero."


@pytest.mark.parametrize("rounds", [1, 3])
@pytest.mark.parametrize("many", [1, 3])
def test_it_costs_the_same_however_much_was_said(
    world: World, asked: Review, django_assert_num_queries: DjangoAssertNumQueries, many: int, rounds: int
) -> None:
    post = Post.objects.get(pk=asked.subject_id)
    review = asked
    for number in range(rounds):
        for _time in range(many):
            first = suggest(review, world.elena, "Venite", "Andate")
            add_comment(review=review, user=world.vito, text="Sì", audience="", parent=first)
        review = again(world, post, f"{number} {TEXT}")
    suggest(review, world.elena, "Venite", "Andate")
    elena = Staff(world.elena)
    elena.open("approvals_review_page", review.pk)
    with django_assert_num_queries(28):
        elena.open("approvals_review_page", review.pk)


# Steps in words


def test_a_step_that_was_left_out_says_why(world: World) -> None:
    label = create_label(user=world.marta, client=world.winery, name="Prezzi")
    chain(
        world,
        StepPlan(name="Legale", users=[world.marta], only={"labels": [label.name], "text": ["price"]}),
        StepPlan(name="Redazione", users=[world.elena]),
    )
    said = page(world.elena, review_of(world.submitted()))
    assert "1. Legale" in said
    assert "Left out: it is asked only for label “Prezzi”, a price in the text." in said


def test_an_approval_that_stands_says_from_when_and_by_whom(world: World) -> None:
    chain(
        world,
        StepPlan(name="Redazione", users=[world.elena]),
        StepPlan(name="Account", users=[world.marta]),
        restart="refused",
    )
    post = world.submitted()
    for number in (1, 2):
        review = review_of(post)
        if number == 1:
            approve(post, world.elena)
        decide(review=review, user=world.marta, digest=review.digest, verdict="request_changes", comment="Ancora.")
        again(world, post, f"Versione {number}")
    said = page(world.elena, review_of(post))
    assert "1. Redazione forward Stands from before" in said
    assert "Its approval of version 1 stands: Elena Riva." in said


def test_silence_is_shown_as_what_it_is(world: World) -> None:
    Client.objects.filter(pk=world.winery.pk).update(
        tacit_consent_agreed_on=date(2026, 3, 1), tacit_consent_document="consents/x.pdf"
    )
    world.winery.refresh_from_db()
    chain(
        world,
        StepPlan(name="Cliente", users=[world.cliente], due_after_minutes=60, on_deadline="tacit"),
        StepPlan(name="Account", users=[world.marta]),
    )
    review = review_of(world.submitted())
    step = review.steps.get(position=1)
    assert "Asked for by " in page(world.elena, review)
    ReviewStep.objects.filter(pk=step.pk).update(wake_at=timezone.now())
    assert time_up(step_id=step.pk, now=timezone.now() + timedelta(seconds=1))
    said = page(world.elena, review)
    assert "1. Cliente volume_off Tacit consent" in said
    assert "silence counts as a yes by the agreement of 1 March 2026." in said


def test_who_sat_there_and_sits_no_more(world: World) -> None:
    chain(world, StepPlan(name="Redazione", users=[world.elena, world.ada], rule=Rule.ALL))
    post = world.submitted()
    review = approve(post, world.elena)
    take_back(review=review, user=world.elena, reason="Ho visto un errore.")
    seat = review.steps.get().seats.get(user=world.ada)
    replace_seat(user=world.marta, seat=seat, person=world.marta, reason="Ada è in ferie.")
    said = page(world.vito, review)
    assert "(Elena Riva took this back on" in said
    assert "“Ho visto un errore.”" in said
    assert "(asked again)" in said
    assert "Ada Conti (replaced by Marta Gallo on" in said
    assert "“Ada è in ferie.”" in said
    assert "(instead of Ada Conti)" in said
    assert "It waits for: Elena Riva Marta Gallo" in said


def test_a_deputy_is_named_with_whom_they_stand_in_for(world: World) -> None:
    chain(world, StepPlan(name="Account", users=[world.marta]))
    now = timezone.now()
    name_deputy(
        user=world.marta,
        client=world.winery,
        principal=world.marta,
        deputy=world.elena,
        from_at=now - timedelta(minutes=1),
        until=now + timedelta(days=1),
    )
    review = review_of(world.submitted())
    assert "You decide for Marta Gallo." in page(world.elena, review)
    decide(review=review, user=world.elena, digest=review.digest, verdict="approve")
    assert "Elena Riva for Marta Gallo," in page(world.vito, review)


# Differences


def test_two_versions_are_chosen_and_compared(world: World, asked: Review) -> None:
    post = Post.objects.get(pk=asked.subject_id)
    again(world, post, TEXT.replace("Oggi", "Ieri"))
    again(world, post, TEXT)
    vito = Staff(world.vito)

    def compare(query: str) -> str:
        return words(vito.open("social_post_differences", post.pk, query=query))

    assert "What is new in version 3 since version 2" in compare("")
    assert "removed: Oggi (end of what is removed) added: Ieri (end of what is added)" in compare("?from=1&to=2")
    assert "Nothing differs: the same words, link and pictures on the same channels." in compare("?from=1&to=3")
    assert "There is no such version here. Choose from these." in compare("?from=9&to=x")
    assert vito.open("social_post_differences", review_of(world.town_post()).subject_id).status_code == 404


def test_of_one_version_there_is_nothing_to_compare(world: World, asked: Review) -> None:
    said = words(Staff(world.vito).open("social_post_differences", asked.subject_id))
    assert "There are no two versions to compare yet." in said
