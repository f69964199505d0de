"""Two people settle the same words at the same instant; words are taken over while somebody edits, or decides."""

from copy import copy
from functools import partial

import pytest

from accounts.errors import Conflict
from approvals.models import Comment, Decision, Verdict
from approvals.services import decline, take_over
from social.models import PostWriter
from social.services import edit_post
from tests.races.test_races import conflicts, say, together
from tests.social.test_suggesting import TEXT, suggest
from tests.world import World, approve, review_of

pytestmark = pytest.mark.django_db(transaction=True)
TIMES = 50


@pytest.fixture
def town(transactional_db: None) -> World:
    """The agency, in a database that other threads can see."""
    return World()


def test_two_take_over_the_same_words(town: World) -> None:
    for _time in range(TIMES):
        post = town.submitted(text=TEXT)
        comment = suggest(review_of(post), town.elena, "Oggi", "Domani")
        acts = [partial(take_over, comment=copy(comment), user=who) for who in (town.vito, town.marta)]
        lost = conflicts(together(*acts))
        post.refresh_from_db()
        assert lost == ["already_settled"]
        assert post.text == TEXT.replace("Oggi", "Domani")
        assert post.revision == 2


def test_take_over_or_decline(town: World) -> None:
    for _time in range(TIMES):
        post = town.submitted(text=TEXT)
        comment = suggest(review_of(post), town.elena, "Oggi", "Domani")
        lost = conflicts(
            together(
                partial(take_over, comment=copy(comment), user=town.vito),
                partial(decline, comment=copy(comment), user=town.marta),
            )
        )
        post.refresh_from_db()
        comment.refresh_from_db()
        assert lost == ["already_settled"]
        assert (comment.fate, post.text.split()[0]) in {("taken", "Domani"), ("declined", "Oggi")}


def test_take_over_or_edit(town: World) -> None:
    for number in range(TIMES):
        post = town.submitted(text=TEXT)
        comment = suggest(review_of(post), town.elena, "Oggi", "Domani")
        other = f"Altro testo {number}"
        results = together(
            partial(take_over, comment=comment, user=town.vito),
            partial(edit_post, user=town.marta, post=post, text=other),
        )
        lost = conflicts(results)
        post.refresh_from_db()
        comment.refresh_from_db()
        # An edit that came second wrote over the words; they were there, so whoever suggested them has written.
        assert (post.text, post.state, post.version_id) == (other, "draft", None)
        assert (comment.fate, lost) in (("taken", []), ("open", ["passage_changed"]))
        wrote = PostWriter.objects.filter(post=post, user=town.elena).exists()
        assert wrote == (comment.fate == "taken")


def test_take_over_or_decide(town: World) -> None:
    for _time in range(TIMES):
        post = town.submitted(text=TEXT)
        approve(post, town.elena)
        approve(post, town.marta)
        review = review_of(post)
        comment = suggest(review, town.cliente, "Oggi", "Domani")
        results = together(
            partial(take_over, comment=comment, user=town.vito, submit=True), say(review, town.cliente, Verdict.APPROVE)
        )
        lost = conflicts(results)
        post.refresh_from_db()
        review.refresh_from_db()
        # Whichever came first, nobody has approved the new words, and they are asked about.
        assert review.state == "superseded"
        assert (post.state, post.text.split()[0]) == ("in_review", "Domani")
        assert not Decision.objects.filter(seat__step__review=post.review_id).exists()
        assert lost in ([], ["review_closed"])


def test_two_words_of_one_text_both_come_in(town: World) -> None:
    for _time in range(TIMES // 4):
        post = town.submitted(text=TEXT)
        review = review_of(post)
        one, other = suggest(review, town.elena, "Oggi", "Domani mattina"), suggest(review, town.elena, "tutti", "")
        results = together(
            partial(take_over, comment=one, user=town.vito), partial(take_over, comment=other, user=town.marta)
        )
        assert conflicts(results) == []
        post.refresh_from_db()
        assert post.text == "Domani mattina si vendemmia. Venite  al Roero."
        assert set(Comment.objects.filter(review=review).values_list("fate", flat=True)) == {"taken"}
        with pytest.raises(Conflict):
            take_over(comment=one, user=town.vito)
