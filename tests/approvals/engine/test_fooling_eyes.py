"""How somebody would count twice, or for somebody else, or look with the same eyes. Each idea is a story, and none of them works."""

from datetime import timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied

from approvals import selectors
from approvals.models import Decision, Restart, Seat
from approvals.services import StepPlan, name_deputy, save_chain, take_back
from clients.models import Membership
from social.services import edit_post, submit_post
from tests.approvals.engine.cast import START
from tests.approvals.engine.story import Story, one
from tests.quotes.services import edit_quote
from tests.quotes.subject import AMOUNT, TERMS
from tests.world import World, approve

# Deputies


def test_nobody_counts_twice_by_standing_in(story: Story) -> None:
    story.asks(one(story, "elena", "luca", "marta", rule="at_least", needed=2))
    story.stands_in("luca", "elena")
    story.submits()
    assert story.says("luca") == ""
    assert story.says("luca") == "already_decided"
    assert selectors.my_seat(story.luca, story.review) is None
    assert story.says("marta") == ""
    assert story.review.state == "approved"


def test_nobody_counts_twice_as_two_deputies(story: Story) -> None:
    story.asks(one(story, "elena", "marta", rule="all"))
    story.stands_in("luca", "elena")
    story.stands_in("luca", "marta")
    story.submits()
    assert story.says("luca") == ""
    assert story.says("luca") == "already_decided"


def test_nobody_counts_twice_by_being_seated_after_standing_in(story: Story) -> None:
    story.asks(one(story, "elena", "marta", "luca", rule="all"))
    story.stands_in("vito", "elena")
    edit_quote(user=story.luca, quote=story.quote, terms="Di Luca.")  # so that Vito is no author
    story.submits()
    assert [seat.user.name for seat in Seat.objects.order_by("pk")] == ["Marta", "Elena"]
    assert story.says("vito") == ""
    assert story.replaces("marta", "vito") == "person:heard"


def test_nobody_counts_for_another_and_is_then_counted_by_a_deputy(story: Story) -> None:
    more = {"due_after_minutes": 60, "on_deadline": "escalate", "escalate_to": [story.elena]}
    story.asks(one(story, "marta", "ada", "luca", rule="all", **more))
    story.stands_in("elena", "marta", minutes=50)
    story.submits()
    assert story.says("elena") == ""  # for Marta
    assert story.waits(61) == [True]
    assert not Seat.objects.filter(user=story.elena).exists()  # she has been heard: one seat more would be hers twice


def test_the_author_speaks_for_nobody(story: Story) -> None:
    story.asks(one(story, "elena", "marta"))
    story.stands_in("vito", "elena")
    story.submits()
    assert story.says("vito") == "permission"
    assert selectors.my_seat(story.vito, story.review) is None


def test_a_deputy_of_a_deputy_speaks_for_nobody(story: Story) -> None:
    story.asks(one(story, "elena", "marta", rule="all"))
    assert story.stands_in("luca", "elena") == ""
    assert story.stands_in("vito", "luca") == "principal:deputy_of_deputy"
    assert story.stands_in("elena", "marta") == "deputy:deputy_of_deputy"
    assert story.stands_in("marta", "elena", after=30) == "from_at:overlap"


def test_a_deputy_only_while_it_lasts(story: Story) -> None:
    story.asks(one(story, "elena", "marta", rule="all"))
    story.stands_in("luca", "elena", minutes=60, after=10)
    story.submits()
    assert story.says("luca") == "permission"
    story.waits(10)
    assert selectors.my_seat(story.luca, story.review) is not None
    story.waits(60)
    assert story.says("luca") == "permission"
    assert selectors.my_seat(story.luca, story.review) is None


def test_a_deputy_who_has_changed_sides_speaks_for_the_old_one_no_more(story: Story) -> None:
    story.asks(one(story, "elena", "marta", rule="all"))
    story.stands_in("luca", "elena")
    story.submits()
    Membership.objects.filter(user=story.luca).update(role="approver")
    assert story.says("luca") == "permission"
    assert selectors.my_seat(story.luca, story.review) is None


def test_a_deputy_of_two_speaks_for_the_one_who_still_has_a_say(story: Story) -> None:
    story.asks(one(story, "elena", "marta", rule="all"))
    story.stands_in("luca", "elena")
    story.stands_in("luca", "marta")
    story.submits()
    Membership.objects.filter(user=story.marta).update(role="viewer")
    assert story.says("luca") == ""
    assert Decision.objects.get().seat.user == story.elena


def test_a_deputy_at_one_client_is_nobody_at_another(world: World) -> None:
    Membership.objects.create(client=world.town, user=world.elena, role="editor")
    times = {"from_at": START, "until": START + timedelta(days=366)}
    with time_machine.travel(START + timedelta(days=1)):
        name_deputy(user=world.marta, client=world.winery, principal=world.elena, deputy=world.vito, **times)
        Membership.objects.create(client=world.town, user=world.vito, role="editor")
        steps = [StepPlan(name="Uno", users=[world.elena])]
        save_chain(
            user=world.bruno, client=world.town, chain=world.town_chain, name="Uno", is_default=True, steps=steps
        )
        with pytest.raises(PermissionDenied):
            approve(world.town_post(), world.vito)
        save_chain(user=world.marta, client=world.winery, chain=world.chain, name="Uno", is_default=True, steps=steps)
        post = world.draft()
        edit_post(user=world.marta, post=post, text="Di Marta.")
        submit_post(user=world.marta, post=post)
        assert approve(post, world.vito).state == "approved"  # for Elena, where she asked him to


# Four eyes


def test_four_eyes_stay_four_when_an_earlier_approval_is_taken_back(story: Story) -> None:
    story.asks(one(story, "elena", "luca"), one(story, "luca", "marta", four_eyes=True), one(story, "piero"))
    story.submits()
    assert (story.says("elena"), story.says("luca")) == ("", "")
    take_back(review=story.review, user=story.elena, reason="Ci ripenso.")
    assert story.states() == ["active", "passed", "waiting"]
    assert story.says("luca") == "four_eyes"
    assert story.says("elena") == ""


def test_four_eyes_are_not_ones_deputys(story: Story) -> None:
    story.asks(one(story, "elena"), one(story, "elena", "marta", four_eyes=True), one(story, "piero"))
    story.stands_in("luca", "elena")
    story.submits()
    assert story.says("luca") == ""  # for Elena
    story.stands_in("vito", "marta")
    assert (story.says("luca"), story.says("elena")) == ("four_eyes", "four_eyes")
    assert story.says("marta") == ""


def test_four_eyes_are_no_writers(story: Story) -> None:
    story.asks(one(story, "piero"), one(story, "elena", "marta", four_eyes=True))
    edit_quote(user=story.luca, quote=story.quote, terms="Di Luca.")
    edit_quote(user=story.vito, quote=story.quote, terms="Di Vito.")
    story.stands_in("luca", "marta")
    story.submits()
    assert story.says("piero") == ""
    assert story.says("luca") == "four_eyes"
    assert story.replaces("elena", "luca") == "person:four_eyes"


def test_four_eyes_of_a_carried_step_are_not_asked_again(story: Story) -> None:
    story.asks(
        one(story, "elena", "luca", name="Uno", only={"channels": [AMOUNT]}),
        one(story, "luca", "marta", name="Due", only={"channels": [TERMS]}, four_eyes=True),
        one(story, "piero", name="Tre"),
        restart=Restart.UNCHANGED,
    )
    story.submits()
    assert (story.says("elena"), story.says("luca"), story.says("piero", "request_changes")) == ("", "", "")
    edit_quote(user=story.vito, quote=story.quote, amount="2 €")
    story.submits()
    assert story.states() == ["active", "passed", "waiting"]
    assert story.says("luca") == "four_eyes"  # his approval of step two stands
    assert story.says("elena") == ""
