"""How somebody would be asked who must not be, or about other words than those approved. Each idea is a story, and none of them works."""

from functools import partial

import pytest
from django.core.exceptions import ValidationError

from accounts.errors import Conflict
from accounts.models import User
from approvals.models import Review, Seat
from approvals.services import decide, replace_seat, start, take_back
from clients.models import Membership
from tests.approvals.engine.play import outcome
from tests.approvals.engine.story import Story, one
from tests.quotes.models import Quote
from tests.quotes.services import create_quote, edit_quote, submit_quote, withdraw_quote
from tests.quotes.subject import QuoteSubject
from tests.world import World

# Asking more people, and other people


def test_the_author_is_not_asked_by_escalation(story: Story) -> None:
    more = {"due_after_minutes": 60, "on_deadline": "escalate", "escalate_to": [story.vito, story.luca]}
    story.asks(one(story, "elena", **more))
    story.submits()
    assert story.waits(61) == [True]
    assert [seat.user.name for seat in Seat.objects.order_by("pk")] == ["Elena", "Luca"]
    assert (story.says("vito"), story.says("luca")) == ("permission", "")


def test_asking_more_people_needs_no_fewer(story: Story) -> None:
    more = {"due_after_minutes": 60, "on_deadline": "escalate", "escalate_to": [story.luca, story.ada]}
    story.asks(one(story, "elena", "marta", rule="all", **more))
    story.submits()
    assert story.waits(61) == [True]
    assert story.review.steps.get().needed == 2
    assert (story.says("luca"), story.review.state) == ("", "open")
    assert (story.says("elena"), story.review.state) == ("", "approved")


def test_who_is_replaced_says_nothing_any_more(story: Story) -> None:
    story.asks(one(story, "elena", "marta", rule="all"))
    story.submits()
    story.stands_in("vito", "elena")
    assert story.replaces("elena", "luca") == ""
    assert story.says("elena") == "permission"
    assert story.says("luca") == ""
    assert story.replaces("marta", "luca") == "person:seated"


def test_nobody_seats_the_author_a_viewer_or_a_stranger(story: Story) -> None:
    story.asks(one(story, "elena", "marta", rule="all"))
    story.submits()
    assert story.replaces("elena", "vito") == "person:author"
    assert story.replaces("elena", "nonna") == "person:role"
    assert story.replaces("elena", "carlo") == "person:role"


def test_only_a_manager_replaces(story: Story) -> None:
    story.asks(one(story, "elena", "marta", rule="all"))
    story.submits()
    seat = Seat.objects.get(user=story.elena)
    for name, refused in [("luca", "permission"), ("piero", "permission"), ("carlo", "unknown")]:
        act = {"user": getattr(story, name), "seat": seat, "person": story.luca, "reason": "Via."}
        assert outcome(partial(replace_seat, **act)) == refused


def test_what_was_taken_back_counts_no_more_for_anybody(story: Story) -> None:
    story.asks(one(story, "elena", "luca", "marta", rule="at_least", needed=2))
    story.submits()
    assert story.says("elena") == ""
    take_back(review=story.review, user=story.elena, reason="No.")
    assert (story.says("luca"), story.review.state) == ("", "open")
    assert (story.says("elena"), story.review.state) == ("", "approved")


def test_nobody_takes_back_what_somebody_else_said(story: Story) -> None:
    story.asks(one(story, "elena", "luca", "marta", rule="all"))
    story.submits()
    assert story.says("elena") == ""
    for name in ("luca", "ada", "vito", "carlo"):
        act = {"review": story.review, "user": getattr(story, name), "reason": "No."}
        assert outcome(partial(take_back, **act)) == "nothing_to_take_back"


def test_who_has_lost_their_role_takes_nothing_back(story: Story) -> None:
    story.asks(one(story, "elena", "luca", rule="all"))
    story.submits()
    assert story.says("elena") == ""
    Membership.objects.filter(user=story.elena).update(role="viewer")
    assert outcome(lambda: take_back(review=story.review, user=story.elena, reason="No.")) == "nothing_to_take_back"


# Other words, other chains, other clients


def test_the_digest_of_something_else_approves_nothing(story: Story) -> None:
    story.asks(one(story, "elena"))
    story.submits()
    other = create_quote(user=story.vito, client=story.client, title="Altro", amount="9 €")
    strange = submit_quote(user=story.vito, quote=other)
    for digest in (strange.digest, story.review.digest.upper(), "", story.review.digest[:-1]):
        with pytest.raises(Conflict) as refused:
            decide(review=story.review, user=story.elena, digest=digest, verdict="approve")
        assert refused.value.code == "stale_digest"


def test_the_same_words_of_two_quotes_have_two_digests(story: Story) -> None:
    story.asks(one(story, "elena"))
    other = create_quote(user=story.vito, client=story.client, title="Sito", amount="Da dire", terms="T0")
    assert submit_quote(user=story.vito, quote=other).digest != story.submits().digest


def test_a_chain_of_another_client_starts_nothing(world: World) -> None:
    post = world.draft()
    quote = create_quote(user=world.vito, client=world.winery, title="Q", amount="1 €")
    with pytest.raises(ValidationError) as refused:
        start(subject=QuoteSubject(quote), subject_type=Quote, chain=world.town_chain, asked_by=world.vito)
    assert refused.value.error_dict["chain"][0].code == "chain"
    assert post.review_id is None


def test_a_chain_changed_between_rounds_asks_whom_it_names_now(story: Story) -> None:
    story.asks(one(story, "elena"))
    story.submits()
    story.asks(one(story, "luca"), one(story, "piero"))
    assert (story.says("luca"), story.states()) == ("permission", ["active"])
    withdraw_quote(user=story.vito, quote=story.quote)
    story.submits()
    assert (story.says("elena"), story.states()) == ("permission", ["active", "waiting"])


def test_a_role_lost_and_found_is_what_it_is_at_the_moment(story: Story) -> None:
    story.asks(one(story, "elena", "luca", rule="all"))
    story.submits()
    for role, answer in [("viewer", "permission"), ("author", "")]:
        Membership.objects.filter(user=story.elena).update(role=role)
        assert story.says("elena") == answer


def test_an_agency_admin_has_no_say_without_a_seat_and_none_after(story: Story) -> None:
    story.asks(one(story, "elena", "ada", rule="all"))
    story.submits()
    User.objects.filter(pk=story.ada.pk).update(is_agency_admin=False)
    story.ada.is_agency_admin = False
    assert story.says("ada") == "permission"
    User.objects.filter(pk=story.luca.pk).update(is_agency_admin=True)
    story.luca.is_agency_admin = True
    assert story.says("luca") == "permission"


def test_conditions_are_read_once_and_for_all(story: Story) -> None:
    story.asks(one(story, "piero", name="Prezzo", only={"text": ["price"]}), one(story, "elena", name="Uno"))
    story.submits()
    assert story.states() == ["skipped", "active"]
    edit_quote(user=story.vito, quote=story.quote, amount="3.000 €")  # the price comes after
    assert story.says("elena") == "review_closed"
    story.submits()
    assert story.states() == ["active", "waiting"]


def test_a_chain_none_of_whose_steps_applies_approves_nothing(story: Story) -> None:
    story.asks(one(story, "piero", only={"text": ["price"]}))
    with pytest.raises(ValidationError) as refused:
        story.submits()
    assert refused.value.error_dict["chain"][0].code == "no_step_applies"
    assert not Review.objects.exists()
