"""Suggested words: taken over with one click, credited to both; declined with a word; refused where the text has moved on."""

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from accounts.errors import Conflict
from accounts.models import User
from approvals.models import Comment, Review
from approvals.proof.gathering import gather
from approvals.proof.record import Kind
from approvals.services import StepPlan, add_comment, decline, save_chain, take_over
from audit.models import Event
from social.credits import credits_of, with_credits
from social.models import Post, PostVersion, PostWriter
from social.selectors import versions
from social.services import cancel_post, edit_post, submit_post
from social.services.content_rows import VariantPlan
from social.services.suggesting import reach_of
from tests.approvals.test_comments import told
from tests.world import World, approve, review_of, sandbox

TEXT = "Oggi si vendemmia. Venite tutti al Roero."


def suggest(
    review: Review, user: User, quote: str, words: str, part: Any = None, audience: str = "client", text: str = ""
) -> Comment:
    """Other words for the passage of the version under review."""
    version = PostVersion.objects.get(post=review.subject_id, number=review.version)
    entries = {str(entry["channel"]): entry["text"] for entry in version.content["channels"]}
    part = str(part) if part else next(iter(entries))
    start = entries[part].index(quote)
    anchor = {"part": part, "start": start, "end": start + len(quote), "quote": quote}
    return add_comment(review=review, user=user, text=text, audience=audience, anchor=anchor, suggestion=words)


def code(act: Any) -> str:
    """Why it can't be done."""
    with pytest.raises(Conflict) as refused:
        act()
    return refused.value.code


@pytest.fixture
def post(world: World) -> Post:
    """In review, of which Piero is asked now."""
    post = world.submitted(text=TEXT)
    approve(post, world.elena)
    approve(post, world.marta)
    return post


def test_taken_over_it_is_a_draft_with_the_words_of_both(world: World, post: Post) -> None:
    review = review_of(post)
    comment = suggest(review, world.cliente, "Venite tutti", "Vi aspettiamo")
    comment = take_over(comment=comment, user=world.vito)
    post.refresh_from_db()
    assert (post.text, post.state, post.version_id) == ("Oggi si vendemmia. Vi aspettiamo al Roero.", "draft", None)
    assert (comment.fate, comment.settled_by, comment.resolved_by) == ("taken", world.vito, world.vito)
    review.refresh_from_db()
    assert review.state == "superseded"
    assert set(PostWriter.objects.filter(post=post).values_list("user", flat=True)) == {world.vito.pk, world.cliente.pk}
    assert ("suggestion_settled", "cliente") in told()
    event = Event.objects.get(verb="review.comment_taken_over")
    assert (event.actor, event.data["by"], event.data["comment"]) == (world.vito, world.cliente.pk, comment.pk)
    # The version that follows is credited to both, the one before and the one after to its author alone.
    submit_post(user=world.vito, post=post)
    edit_post(user=world.vito, post=post, text="Altro.")
    submit_post(user=world.vito, post=post)
    found = with_credits(versions(world.elena, post), world.elena)
    assert [(version.number, version.credits) for version in found] == [
        (3, []),
        (2, [{"email": "cliente@filo.example", "name": "Piero Roero"}]),
        (1, []),
    ]
    assert [[credit.user for credit in credits_of(version)] for version in found] == [[], [world.cliente], []]


def test_taken_over_and_asked_again_at_once(world: World, post: Post) -> None:
    comment = suggest(review_of(post), world.cliente, "Oggi", "Domani")
    take_over(comment=comment, user=world.vito, submit=True)
    review = review_of(post)
    assert (review.state, review.version, review.author, review.asked_by) == ("open", 2, world.vito, world.vito)
    assert PostVersion.objects.get(post=post, number=2).content["channels"][0]["text"].startswith("Domani si")
    assert [credit.user for credit in credits_of(PostVersion.objects.get(post=post, number=2))] == [world.cliente]


def credited(world: World, post: Post) -> dict[int, list[str]]:
    """Who is credited by which version, with what staff read; what the evidence says is the same."""
    found = {version.number: version for version in with_credits(versions(world.elena, post), world.elena)}
    for version in found.values():
        assert [credit.user.name for credit in credits_of(version)] == [person["name"] for person in version.credits]
    return {number: [person["name"] for person in version.credits] for number, version in sorted(found.items())}


def words_by(post: Post) -> list[str]:
    """Whom the proof of the review that the post is in names beside its author."""
    return [person["name"] for person in gather(review=review_of(post), kind="agency")["review"]["words_by"]]


def test_words_that_were_rewritten_before_anybody_was_asked_are_nobody_elses(world: World, post: Post) -> None:
    take_over(comment=suggest(review_of(post), world.cliente, "Venite tutti", "Vi aspettiamo"), user=world.vito)
    edit_post(user=world.vito, post=post, text="Oggi si vendemmia. Chi viene al Roero?")
    submit_post(user=world.vito, post=post)
    assert (credited(world, post), words_by(post)) == ({1: [], 2: []}, [])
    # Who wrote of it, even for an hour, still does not approve with other eyes.
    assert PostWriter.objects.filter(post=post, user=world.cliente).exists()


def test_words_that_stand_are_credited_for_as_long_as_they_do(world: World, post: Post) -> None:
    take_over(comment=suggest(review_of(post), world.cliente, "Venite tutti", "Vi aspettiamo"), user=world.vito)
    for text in (
        "Domani si vendemmia. Vi aspettiamo al Roero.",  # changed elsewhere before anybody was asked
        "Domani si vendemmia.\n\nVi\naspettiamo, dalle nove.",  # and after; over two lines
        "Domani si vendemmia. Vi aspettiamoci.",  # a part of a longer word is another word
    ):
        edit_post(user=world.vito, post=post, text=text)
        submit_post(user=world.vito, post=post)
    piero = ["Piero Roero"]
    assert credited(world, post) == {1: [], 2: piero, 3: piero, 4: []}
    assert words_by(post) == []


def test_of_several_those_whose_words_stand_are_credited_each_once(world: World, post: Post) -> None:
    review = review_of(post)
    suggestions = [
        suggest(review, world.cliente, "Venite tutti", "Vi aspettiamo"),
        suggest(review, world.elena, "Oggi", "Domani", audience="internal"),
        suggest(review, world.cliente, "al Roero.", "al Roero!"),
    ]
    for comment in suggestions:
        take_over(comment=comment, user=world.vito)
    submit_post(user=world.vito, post=post)
    edit_post(user=world.vito, post=post, text="Ieri si vendemmiava. Vi aspettavamo al Roero!")
    submit_post(user=world.vito, post=post)
    assert credited(world, post) == {1: [], 2: ["Elena Riva", "Piero Roero"], 3: ["Piero Roero"]}


def test_what_was_left_out_leaves_no_words_to_credit(world: World, post: Post) -> None:
    take_over(comment=suggest(review_of(post), world.cliente, " tutti", ""), user=world.vito, submit=True)
    assert credited(world, post) == {1: [], 2: []}
    assert PostWriter.objects.filter(post=post, user=world.cliente).exists()


def test_words_for_one_channel_count_while_they_go_out_there(world: World) -> None:
    other = sandbox(world.marta, world.winery, "altra")
    plan = VariantPlan(channel=other, text="Solo qui: venite.")
    post = world.submitted(text=TEXT, channels=[world.page, other], variants=[plan])
    comment = suggest(review_of(post), world.elena, "venite", "accorrete", part=other.pk)
    take_over(comment=comment, user=world.vito, submit=True)
    edit_post(user=world.vito, post=post, channels=[world.page])
    submit_post(user=world.vito, post=post)
    assert credited(world, post) == {1: [], 2: ["Elena Riva"], 3: []}


def test_whoever_suggested_words_has_written_and_four_eyes_leave_them_out(world: World) -> None:
    save_chain(
        user=world.marta,
        client=world.winery,
        chain=world.chain,
        name="Quattro occhi",
        is_default=True,
        steps=[StepPlan(name="Occhi", users=[world.elena, world.marta], four_eyes=True)],
    )
    post = world.submitted(text=TEXT)
    comment = suggest(review_of(post), world.elena, "Oggi", "Domani")
    take_over(comment=comment, user=world.vito, submit=True)
    step = review_of(post).steps.get()
    assert list(step.seats.values_list("user", flat=True)) == [world.marta.pk]
    # With nobody left to ask, nothing is taken over at all.
    comment = suggest(review_of(post), world.marta, "Domani", "Dopodomani")
    with pytest.raises(ValidationError) as refused:
        take_over(comment=comment, user=world.vito, submit=True)
    assert list(refused.value.error_dict) == ["chain"]
    comment.refresh_from_db()
    post.refresh_from_db()
    assert (comment.fate, post.text.split()[0], post.state) == ("open", "Domani", "in_review")


def test_a_text_that_channels_share_changes_on_all_of_them(world: World) -> None:
    second, third = (sandbox(world.marta, world.winery, f"roero-{number}") for number in (2, 3))
    post = world.submitted(
        text=TEXT, channels=[world.page, second, third], variants=[VariantPlan(channel=third, text="Solo qui: oggi.")]
    )
    review = review_of(post)
    reach = {part: said for part, said in reach_of(post).items() if ":" not in part}
    shared = "Changes the post’s own text, which goes out on Cantina Roero (prova), Cantina Roero (prova)."
    assert reach == {
        str(world.page.pk): shared,
        str(second.pk): shared,
        str(third.pk): "Changes the text of Cantina Roero (prova) alone.",
    }
    one = suggest(review, world.elena, "Oggi", "Domani", second.pk)
    other = suggest(review, world.elena, "oggi", "domani", third.pk)
    take_over(comment=one, user=world.vito)
    take_over(comment=other, user=world.vito)
    post.refresh_from_db()
    assert post.text == TEXT.replace("Oggi", "Domani")
    assert [variant.text for variant in post.variants.all()] == [None, None, "Solo qui: domani."]


def test_several_of_one_version_come_in_whatever_their_order(world: World, post: Post) -> None:
    review = review_of(post)
    first = suggest(review, world.elena, "Oggi", "Oggi finalmente")
    second = suggest(review, world.marta, "tutti", "")
    third = suggest(review, world.cliente, "Roero", "Cantina Roero")
    for comment in (second, first, third):
        take_over(comment=comment, user=world.vito)
    post.refresh_from_db()
    assert post.text == "Oggi finalmente si vendemmia. Venite  al Cantina Roero."


def test_the_passage_must_read_as_it_was_quoted(world: World, post: Post) -> None:
    review = review_of(post)
    comment = suggest(review, world.elena, "Venite tutti", "Vi aspettiamo")
    overlapping = suggest(review, world.elena, "tutti al Roero", "da noi")
    edit_post(user=world.vito, post=post, text="Finalmente! " + TEXT)
    assert code(lambda: take_over(comment=comment, user=world.vito)) == "passage_changed"
    edit_post(user=world.vito, post=post, text=TEXT.replace("tutti", "Tutti"))
    assert code(lambda: take_over(comment=comment, user=world.vito)) == "passage_changed"
    edit_post(user=world.vito, post=post, text=TEXT)
    take_over(comment=comment, user=world.vito)
    assert code(lambda: take_over(comment=overlapping, user=world.vito)) == "passage_changed"
    overlapping.refresh_from_db()
    assert overlapping.fate == "open"


def test_a_channel_that_went_and_a_text_of_its_own_that_came(world: World) -> None:
    other = sandbox(world.marta, world.winery, "roero-2")
    post = world.submitted(text=TEXT, channels=[world.page, other])
    comment = suggest(review_of(post), world.elena, "Oggi", "Domani", other.pk)
    edit_post(user=world.vito, post=post, variants=[VariantPlan(channel=other, text="Tutt'altro.")])
    assert code(lambda: take_over(comment=comment, user=world.vito)) == "passage_changed"
    edit_post(user=world.vito, post=post, channels=[world.page])
    assert code(lambda: take_over(comment=comment, user=world.vito)) == "passage_changed"


def test_each_is_settled_once(world: World, post: Post) -> None:
    review = review_of(post)
    taken, declined = (suggest(review, world.elena, "Oggi", words) for words in ("Domani", "Ieri"))
    take_over(comment=taken, user=world.vito)
    decline(comment=declined, user=world.vito, word="Ieri è passato.")
    for act in (take_over, decline):
        for comment in (taken, declined):
            assert code(lambda act=act, comment=comment: act(comment=comment, user=world.marta)) == "already_settled"
    said = add_comment(review=review, user=world.elena, text="Nulla.", audience="internal")
    assert code(lambda: take_over(comment=said, user=world.vito)) == "no_suggestion"


def test_declined_with_a_word_or_without(world: World, post: Post) -> None:
    review = review_of(post)
    with_word = suggest(review, world.cliente, "Oggi", "Ieri")
    without = suggest(review, world.cliente, "Oggi", "L'altro ieri")
    decline(comment=with_word, user=world.vito, word="È oggi davvero.")
    decline(comment=without, user=world.vito)
    (answer,) = Comment.objects.filter(parent=with_word)
    assert (answer.text, answer.author, answer.audience) == ("È oggi davvero.", world.vito, "client")
    assert told() == [("commented", "vito")] * 2 + [("answered", "cliente"), ("suggestion_settled", "cliente")]
    post.refresh_from_db()
    assert (post.text, post.state) == (TEXT, "in_review")


def test_only_the_agency_takes_over_or_declines(world: World, post: Post) -> None:
    comment = suggest(review_of(post), world.cliente, "Oggi", "Domani")
    for act in (take_over, decline):
        with pytest.raises(PermissionDenied):
            act(comment=comment, user=world.cliente)
        with pytest.raises(type(world.winery).DoesNotExist):
            act(comment=comment, user=world.bruno)


def test_nothing_comes_into_what_is_over(world: World, post: Post) -> None:
    comment = suggest(review_of(post), world.elena, "Oggi", "Domani")
    cancel_post(user=world.marta, post=post)
    assert code(lambda: take_over(comment=comment, user=world.vito)) == "cancelled"
    comment.refresh_from_db()
    assert comment.fate == "open"


def test_credits_of_what_was_suggested_among_ourselves_are_not_the_clients(world: World) -> None:
    post = world.submitted(text=TEXT)
    take_over(comment=suggest(review_of(post), world.elena, "Oggi", "Domani", audience="internal"), user=world.vito)
    submit_post(user=world.vito, post=post)
    approve(post, world.elena)
    approve(post, world.marta)
    post.refresh_from_db()
    (seen,) = with_credits(versions(world.cliente, post), world.cliente)
    assert (seen.number, seen.credits, seen.created_at < timezone.now()) == (2, [], True)
    assert [(credit.user, credit.internal) for credit in credits_of(seen)] == [(world.elena, True)]
    review = review_of(post)
    kinds: list[tuple[Kind, list[str]]] = [("agency", ["Elena Riva"]), ("client", [])]
    for kind, said in kinds:
        evidence = gather(review=review, kind=kind)
        assert [person["name"] for person in evidence["review"]["words_by"]] == said
