"""How an approval, or silence, would be made to count for more than it was. Each idea is a story, and none of them works."""

import pytest
from django.core.exceptions import ValidationError

from accounts.models import User
from approvals.models import Restart, Review, Seat
from approvals.services import StepPlan, save_chain, take_back
from clients.models import Client, Membership
from tests.approvals.engine.cast import START
from tests.approvals.engine.play import outcome
from tests.approvals.engine.story import Story, one
from tests.quotes.services import edit_quote, move_quote, submit_quote, withdraw_quote
from tests.quotes.subject import AMOUNT, KIND

# What is carried over


def twice(story: Story, *, by: str = "vito", **edited: str) -> Review:
    """The second step asks for changes; somebody writes other words and submits again."""
    assert story.says("piero", "request_changes") == ""
    edit_quote(user=getattr(story, by), quote=story.quote, **edited)  # type: ignore[arg-type]
    return story.submits(by)


@pytest.mark.parametrize("restart", [Restart.REFUSED, Restart.UNCHANGED])
def test_ones_own_approval_is_not_carried_to_ones_own_words(story: Story, restart: str) -> None:
    part = {"only": {"channels": [AMOUNT]}}
    story.asks(one(story, "elena", "marta", name="Uno", **part), one(story, "piero", name="Due"), restart=restart)
    story.submits()
    assert story.says("elena") == ""
    twice(story, by="elena", terms="Di Elena.")
    assert story.states() == ["active", "waiting"]
    assert story.says("elena") == "permission"


def test_an_approval_for_somebody_is_not_carried_to_ones_own_words(story: Story) -> None:
    story.asks(one(story, "elena", "marta", name="Uno"), one(story, "piero", name="Due"), restart=Restart.REFUSED)
    story.stands_in("luca", "elena")
    story.submits()
    assert story.says("luca") == ""  # for Elena
    twice(story, by="luca", terms="Di Luca.")
    assert story.states() == ["active", "waiting"]


def test_who_is_no_longer_asked_has_approved_nothing(story: Story) -> None:
    story.asks(one(story, "elena", name="Uno"), one(story, "piero", name="Due"), restart=Restart.REFUSED)
    story.submits()
    assert story.says("elena") == ""
    story.asks(one(story, "luca", name="Uno"), one(story, "piero", name="Due"), restart=Restart.REFUSED)
    twice(story, terms="T1")
    assert story.states() == ["active", "waiting"]
    assert [seat.user.name for seat in Seat.objects.filter(step__review=story.review, step__position=1)] == ["Luca"]


def test_who_has_left_has_approved_nothing_of_the_next_version(story: Story) -> None:
    story.asks(one(story, "elena", "luca", name="Uno"), one(story, "piero", name="Due"), restart=Restart.REFUSED)
    story.submits()
    assert story.says("elena") == ""
    User.objects.filter(pk=story.elena.pk).update(is_active=False)
    twice(story, terms="T1")
    assert story.states() == ["active", "waiting"]


def test_all_of_them_are_all_who_are_there_now(story: Story) -> None:
    story.asks(
        StepPlan(name="Uno", role="editor", rule="all"), one(story, "piero", name="Due"), restart=Restart.REFUSED
    )
    story.submits()
    assert (story.says("elena"), story.says("luca")) == ("", "")
    Membership.objects.filter(user=story.marta).update(role="editor")
    twice(story, terms="T1")
    assert story.states() == ["active", "waiting"]


def test_the_manager_of_another_author_has_approved_nothing(story: Story) -> None:
    story.asks(StepPlan(name="Uno", managers_up=1), one(story, "piero", name="Due"), restart=Restart.REFUSED)
    story.submits()
    assert story.says("elena") == ""  # Vito's manager
    twice(story, by="luca", terms="Di Luca.")
    assert [seat.user.name for seat in Seat.objects.filter(step__review=story.review, step__position=1)] == ["Marta"]


def test_one_of_two_steps_alike_is_not_the_other(story: Story) -> None:
    alike = one(story, "elena", "luca", name="Occhi", only={"channels": [AMOUNT]})
    story.asks(alike, alike, one(story, "piero", name="Fine"), restart=Restart.UNCHANGED)
    story.submits()
    assert story.says("elena") == ""
    assert story.says("luca", "request_changes") == ""
    edit_quote(user=story.vito, quote=story.quote, terms="T1")
    story.submits()
    assert story.states() == ["passed", "active", "waiting"]


def test_an_approval_carried_over_changed_words_is_none_of_the_changed_ones(story: Story) -> None:
    part = {"only": {"channels": [AMOUNT]}}
    steps = one(story, "elena", name="Uno", **part), one(story, "piero", name="Due")
    story.asks(*steps, restart=Restart.REFUSED)
    story.submits()
    assert story.says("elena") == ""
    twice(story, amount="2 €")  # the chain lets it stand
    assert story.states() == ["passed", "active"]
    story.asks(*steps, restart=Restart.UNCHANGED)
    twice(story, terms="T1")  # the amount is what it was in the last round, and not what Elena saw
    assert story.states() == ["active", "waiting"]


def test_nothing_is_carried_from_another_chain(story: Story) -> None:
    steps = one(story, "elena", name="Uno"), one(story, "piero", name="Due")
    story.asks(*steps)
    story.submits()
    assert (story.says("elena"), story.says("piero", "request_changes")) == ("", "")
    edit_quote(user=story.vito, quote=story.quote, terms="T1")
    lenient = save_chain(
        user=story.ada, client=story.client, name="Clemente", subject=KIND, restart="refused", steps=steps
    )
    submit_quote(user=story.vito, quote=story.quote, chain=lenient)
    assert story.states() == ["active", "waiting"]


def test_silence_is_not_carried(story: Story) -> None:
    story.asks(
        one(story, "elena", name="Uno", due_after_minutes=60, on_deadline="tacit"),
        one(story, "piero", name="Due"),
        restart=Restart.REFUSED,
    )
    story.submits()
    assert story.waits(61) == [True]
    twice(story, terms="T1")
    assert story.states() == ["active", "waiting"]


@pytest.mark.parametrize("restart", Restart.values)
def test_withdrawn_is_asked_from_the_beginning(story: Story, restart: str) -> None:
    story.asks(one(story, "elena", name="Uno"), one(story, "piero", name="Due"), restart=restart)
    story.submits()
    assert story.says("elena") == ""
    withdraw_quote(user=story.vito, quote=story.quote)
    story.submits()
    assert story.states() == ["active", "waiting"]


def test_what_was_taken_back_is_not_carried(story: Story) -> None:
    part = {"only": {"channels": [AMOUNT]}}
    story.asks(one(story, "elena", name="Uno", **part), one(story, "piero", name="Due"), restart=Restart.UNCHANGED)
    story.submits()
    assert story.says("elena") == ""
    take_back(review=story.review, user=story.elena, reason="No.")
    edit_quote(user=story.vito, quote=story.quote, terms="T1")
    story.submits()
    assert story.states() == ["active", "waiting"]


# Silence


def test_silence_counts_only_while_it_is_agreed_to(story: Story) -> None:
    story.asks(one(story, "piero", due_after_minutes=60, on_deadline="tacit"))
    story.submits()
    Client.objects.update(tacit_consent_agreed_on=None, tacit_consent_document="")
    assert story.waits(61) == [True]
    assert story.states() == ["active"]
    Client.objects.update(tacit_consent_agreed_on=START.date(), tacit_consent_document="consents/1/x.pdf")
    assert story.waits(600) == []  # its time was up when nothing was agreed; people were reminded then
    assert story.states() == ["active"]


def test_a_date_without_its_document_agrees_to_nothing(story: Story) -> None:
    story.asks(one(story, "piero", due_after_minutes=60, on_deadline="tacit"))
    story.submits()
    Client.objects.update(tacit_consent_document="")
    story.waits(61)
    assert story.states() == ["active"]


def test_who_can_not_speak_does_not_agree_by_silence(story: Story) -> None:
    story.asks(one(story, "piero", "figlia", rule="all", due_after_minutes=60, on_deadline="tacit"))
    story.submits()
    Membership.objects.filter(user=story.piero).delete()
    story.waits(61)
    assert story.states() == ["active"]


@pytest.mark.parametrize("minutes", [45, -600, 61])
def test_a_time_of_publishing_moved_near_makes_no_silence_count(story: Story, minutes: int) -> None:
    story.asks(one(story, "piero", due_before_minutes=60, on_deadline="tacit"))
    move_quote(user=story.vito, quote=story.quote, goes_out_at=story.stage.at(600))
    story.submits()
    moved = outcome(lambda: move_quote(user=story.vito, quote=story.quote, goes_out_at=story.stage.at(minutes)))
    assert moved == ("" if minutes == 61 else "goes_out_at:deadline_passed")
    assert story.waits(1) == []
    assert story.states() == ["active"]
    assert story.waits(540) == [True]  # until when he had been told
    assert story.states() == ["passed"]


def test_a_deadline_given_too_late_makes_no_silence_count(story: Story) -> None:
    story.asks(one(story, "piero", due_before_minutes=60, on_deadline="tacit"))
    story.submits()  # no time of publishing: no deadline
    story.waits(30)
    moved = outcome(lambda: move_quote(user=story.vito, quote=story.quote, goes_out_at=story.stage.at(75)))
    assert (moved, story.quote.goes_out_at) == ("goes_out_at:deadline_passed", None)  # it would have been up at 15
    assert story.waits(1) == []
    assert story.states() == ["active"]


def test_a_deadline_past_at_the_turn_makes_no_silence_count(story: Story) -> None:
    story.asks(one(story, "elena"), one(story, "piero", due_before_minutes=60, on_deadline="tacit"))
    move_quote(user=story.vito, quote=story.quote, goes_out_at=story.stage.at(90))
    story.submits()
    story.waits(50)
    assert story.says("elena") == ""
    assert story.waits(0) == [True]
    assert story.states() == ["passed", "active"]


def test_silence_broken_by_taking_back_is_no_silence_any_more(story: Story) -> None:
    story.asks(
        one(story, "piero", "figlia", rule="all", due_after_minutes=60, on_deadline="tacit"), one(story, "marta")
    )
    story.submits()
    assert story.says("piero") == ""
    assert story.waits(61) == [True]
    assert story.review.steps.get(position=1).tacit_at is not None
    take_back(review=story.review, user=story.piero, reason="No.")
    assert (story.says("piero"), story.says("figlia")) == ("", "")
    step = story.review.steps.get(position=1)
    assert (step.state, step.tacit_at) == ("passed", None)


def test_a_step_that_is_never_tacit_never_is(story: Story) -> None:
    with pytest.raises(ValidationError):
        story.asks(one(story, "piero", due_after_minutes=60, on_deadline="tacit", never_tacit=True))
