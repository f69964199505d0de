"""Elena and Marta read a version and decide; what they typed is never lost, whatever happened meanwhile."""

from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from approvals.models import Comment, Decision, Review, ReviewState, Seat, Via
from approvals.services import add_comment, decide, issue_link, open_link, revoke_links
from approvals.services.links import usable
from clients.models import Client
from social.models import Post, PostState
from social.services import edit_post, submit_post
from tests.browsing import Staff, words
from tests.world import World, approve, review_of, sandbox


@pytest.fixture(autouse=True)
def _english(world: World) -> None:
    for person in (world.vito, world.elena, world.marta, world.bruno):
        person.language = "en"
        person.save(update_fields=["language"])


def send(person: Any, review: Review, do: str, **data: str) -> Any:
    """A decision or a comment from the review page."""
    return Staff(person).send("approvals_review_page", review.pk, data={"digest": review.digest, "do": do, **data})


def test_the_page_shows_the_versions_own_words_and_never_the_posts(world: World) -> None:
    post = world.submitted(text="Le parole della versione.")
    review = review_of(post)
    Post.objects.filter(pk=post.pk).update(text="Parole scritte dopo.")
    page = words(Staff(world.elena).open("approvals_review_page", review.pk))
    assert "Le parole della versione." in page
    assert "Parole scritte dopo." not in page
    assert review.digest in page
    assert "Cantina Roero" in page
    assert "Your decision · Redazione" in page


def test_two_approve_here_and_the_way_is_kept(world: World) -> None:
    post = world.submitted()
    review = review_of(post)
    assert "Approved. Your yes is for exactly these words." in words(send(world.elena, review, "approve"))
    page = words(send(world.marta, review, "approve", comment="Bene così."))
    assert "Bene così." in page
    decisions = Decision.objects.order_by("pk")
    assert [(d.actor, d.via, d.digest) for d in decisions] == [
        (world.elena, Via.ADMIN, review.digest),
        (world.marta, Via.ADMIN, review.digest),
    ]
    assert "It waits for: Piero Roero" in words(Staff(world.elena).open("approvals_review_page", review.pk))


def test_asking_for_changes_needs_words_and_keeps_them(world: World) -> None:
    review = review_of(world.submitted())
    answer = send(world.elena, review, "request_changes", comment="  ")
    assert "Say what should change: the author has only your words." in words(answer)
    assert not Decision.objects.exists()
    answer = send(world.elena, review, "request_changes", comment="x" * 5001)
    assert "Too long: at most 5000 characters." in words(answer)
    assert "x" * 5001 in answer.content.decode()
    assert "Sent back. Its author is told." in words(send(world.elena, review, "request_changes", comment="Più corto."))
    review.refresh_from_db()
    assert review.state == ReviewState.CHANGES_REQUESTED


def test_who_has_no_seat_gets_no_buttons_and_no_say(world: World) -> None:
    review = review_of(world.submitted())
    for person in (world.vito, world.marta):
        page = words(Staff(person).open("approvals_review_page", review.pk))
        assert "Nothing is asked of you here It waits for: Elena Riva" in page
        assert "Your decision" not in page
    assert send(world.vito, review, "approve").status_code == 403
    assert "It is not your turn" in words(send(world.marta, review, "approve"))
    assert not Decision.objects.exists()


def test_while_you_were_reading(world: World) -> None:
    post = world.submitted(text="Il testo di ieri.")
    review = review_of(post)
    edit_post(user=world.vito, post=post, text="Il testo di oggi.")
    answer = send(world.elena, review, "approve", comment="Mi piace com'è.")
    assert answer.status_code == 409
    page = words(answer)
    assert "While you were reading, Vito Serra has changed the text." in page
    assert "Mi piace com'è." in answer.content.decode().replace("&#x27;", "'")
    assert not Decision.objects.exists()
    # Submitted again: she gets the new version at once, with what is new in it and her words in the box.
    submit_post(user=world.vito, post=post)
    answer = send(world.elena, review, "approve", comment="Mi piace com'è.")
    newer = review_of(post)
    assert answer.context["review"].pk == newer.pk
    assert "Your decision · Redazione" in words(answer)
    assert "removed: ieri (end of what is removed) added: oggi (end of what is added)" in words(answer)
    send(world.elena, newer, "approve")
    assert Decision.objects.get().digest == newer.digest


def test_a_stale_digest_and_a_double_click(world: World) -> None:
    review = review_of(world.submitted())
    answer = Staff(world.elena).send(
        "approvals_review_page", review.pk, data={"do": "approve", "digest": "0" * 64, "comment": "Sì."}
    )
    assert (answer.status_code, answer.context["typed"].comment) == (409, "Sì.")
    assert "The text has changed since you opened it." in words(answer)
    send(world.elena, review, "approve")
    assert "You have decided already. It was counted once." in words(send(world.elena, review, "approve"))
    assert Decision.objects.count() == 1


def test_a_yes_after_asking_for_changes_was_not_counted_and_is_told_so(world: World) -> None:
    post = world.submitted()
    review = review_of(post)
    send(world.elena, review, "request_changes", comment="Più corto.")
    edit_post(user=world.vito, post=Post.objects.get(pk=post.pk), text="Si vendemmia.")
    submit_post(user=world.vito, post=Post.objects.get(pk=post.pk))
    answer = send(world.elena, review, "approve")
    assert answer.status_code == 409
    assert "This review is already closed." in words(answer)
    assert "It was counted once." not in words(answer)
    assert "version 2 has taken over" in words(answer)
    assert not Decision.objects.filter(seat__step__review=review_of(post)).exists()


def test_a_closed_review_says_so_and_keeps_the_words(world: World) -> None:
    review = review_of(world.submitted())
    decide(
        review=review,
        user=world.elena,
        digest=review.digest,
        verdict="request_changes",
        comment="No.",
        via=Via.ADMIN,
    )
    answer = send(world.marta, review, "approve", comment="Eppure…")
    assert answer.status_code == 409
    assert "This review is already closed." in words(answer)
    assert "Eppure…" in answer.content.decode()


@pytest.mark.parametrize("data", [{}, {"do": "destroy"}])
def test_an_unknown_verb_does_nothing(world: World, data: dict[str, str]) -> None:
    review = review_of(world.submitted())
    assert Staff(world.elena).send("approvals_review_page", review.pk, data=data).status_code == 400


def test_comments_go_to_whom_they_are_for(world: World) -> None:
    review = review_of(world.submitted())
    send(world.elena, review, "comment", text="Solo per noi.", audience="internal")
    send(world.elena, review, "comment", text="Anche per voi.", audience="client")
    assert list(Comment.objects.values_list("text", "audience")) == [
        ("Solo per noi.", "internal"),
        ("Anche per voi.", "client"),
    ]
    for data, said in [
        ({"text": " ", "audience": "internal"}, "Write something first."),
        ({"text": "A chi?", "audience": "everybody"}, "Who should read it?"),
    ]:
        answer = send(world.elena, review, "comment", **data)
        assert said in words(answer)
        assert answer.context["typed"].text == data["text"]
    assert Comment.objects.count() == 2


def test_taking_it_back(world: World) -> None:
    post = world.submitted()
    review = review_of(post)
    assert "Taken back." in words(send(world.vito, review, "withdraw"))
    assert "There is nothing to take back" in words(send(world.vito, review, "withdraw"))
    post.refresh_from_db()
    assert post.state == PostState.DRAFT


def test_the_difference_is_safe_and_says_when_nothing_is_new(world: World) -> None:
    post = world.submitted(text="Uno <b>due</b> tre")
    edit_post(user=world.vito, post=post, text="Uno <script>quattro</script> tre", link="https://example.org/")
    post = submit_post(user=world.vito, post=post)
    page = Staff(world.elena).open("approvals_review_page", review_of(post).pk)
    assert "<script>quattro" not in page.content.decode()
    assert "What is new since version 1" in words(page)
    Staff(world.vito).send("social_post_withdraw", post.pk)
    post.refresh_from_db()
    post = submit_post(user=world.vito, post=post)
    page = Staff(world.elena).open("approvals_review_page", review_of(post).pk)
    assert "Nothing: the same words, link and pictures were looked at before." in words(page)


def test_another_clients_review_does_not_exist(world: World) -> None:
    review = review_of(world.town_post("CANARINO"))
    assert Staff(world.elena).open("approvals_review_page", review.pk).status_code == 404
    assert send(world.elena, review, "approve").status_code == 404
    assert "CANARINO" not in Staff(world.elena).open("approvals_review_changelist").content.decode()
    assert "CANARINO" in words(Staff(world.bruno).open("approvals_review_page", review.pk))
    assert "CANARINO" in Staff(world.bruno).open("approvals_review_changelist").content.decode()


@pytest.mark.parametrize("rows", [1, 3])
def test_the_page_and_the_list_ask_a_fixed_number_of_times(
    world: World, rows: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    more = [sandbox(world.marta, world.winery, f"roero-{number}") for number in range(rows - 1)]
    post = world.submitted(channels=[world.page, *more])
    edit_post(user=world.vito, post=post, text="Altre parole.")
    post = submit_post(user=world.vito, post=post)
    review = review_of(post)
    approve(post, world.elena)
    for number in range(rows):
        add_comment(review=review, user=world.elena, text=f"{number}", audience="internal")
        world.submitted(title=f"{number}")
    elena = Staff(world.elena)
    elena.open("approvals_review_page", review.pk)
    with django_assert_num_queries(27):
        elena.open("approvals_review_page", review.pk)
    elena.open("approvals_review_changelist")
    with django_assert_num_queries(9):
        elena.open("approvals_review_changelist")


def test_a_link_in_a_mail_is_closed_here(world: World) -> None:
    post = world.submitted()
    approve(post, world.elena)
    approve(post, world.marta)
    review = review_of(post)
    seat = Seat.objects.get(step__review=review, user=world.cliente)
    secret = issue_link(seat=seat)
    assert "mailed to cliente@filo.example" in words(Staff(world.vito).open("approvals_review_page", review.pk))
    answer = send(world.vito, review, "revoke", seat=str(seat.pk))
    assert "The link opens nothing any more. Piero Roero can still sign in." in words(answer)
    link = open_link(secret=secret)
    assert link is not None
    assert not usable(link)
    assert "There is no such link any more." in words(send(world.vito, review, "revoke", seat=str(seat.pk)))
    with pytest.raises(Client.DoesNotExist):
        revoke_links(seat=seat, user=world.bruno)
