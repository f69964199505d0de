"""Once more people are asked than are needed, everything says so: “2 of 3”, and no longer that all of them must approve."""

from typing import Any

import pytest
from django.core import mail
from django.test import Client as Browser

from accounts.models import User
from approvals.models import Rule
from approvals.rule_words import rule_in_words
from approvals.services import StepPlan, replace_seat
from approvals.services.sweeping import sweep
from clients.models import Membership, Role
from notifications.services import send_due
from social.models import Post
from tests.approvals.clock import at, chain, rome, step_of
from tests.approvals.proof.test_gathering import everything
from tests.browsing import Staff, words
from tests.portal.reaching import link_to
from tests.rest.caller import Caller
from tests.world import World, approve, person, review_of

NOW, DUE = rome(2027, 3, 1, 9), rome(2027, 3, 1, 10)
ALL, MORE = "all of them must approve", "2 of 3 must approve"


@pytest.fixture
def post(world: World) -> Post:
    """Piero and Rosa, both of the client's, must approve it within an hour; then Gino is asked, too."""
    User.objects.update(language="en")
    people = [person("rosa", "Rosa Roero", language="en"), person("gino", "Gino Roero", language="en")]
    for one in people:
        Membership.objects.create(client=world.winery, user=one, role=Role.APPROVER)
    chain(
        world,
        StepPlan(
            name="Cliente",
            users=[world.cliente, people[0]],
            rule=Rule.ALL,
            due_after_minutes=60,
            on_deadline="escalate",
            escalate_to=[people[1]],
        ),
    )
    with at(NOW):
        return world.submitted()


def letters() -> str:
    mail.outbox.clear()
    while send_due():
        pass
    return "\n".join(str(letter.body) for letter in mail.outbox)


def desk(world: World, post: Post) -> str:
    return words(Staff(User.objects.get(pk=world.vito.pk)).open("approvals_review_page", review_of(post).pk))


def pages(world: World, post: Post) -> list[str]:
    """The desk's, the client's, and the proof's."""
    theirs = words(Browser().get(link_to(post, world.cliente)))
    return [
        text.replace("All of them", "all of them")
        for text in (desk(world, post), theirs, everything(world.marta, review_of(post), "", "pdf"))
    ]


def counted(world: World, post: Post) -> dict[str, Any]:
    step = Caller(world.vito).get(f"reviews/{review_of(post).pk}/")["steps"][0]
    return {name: step[name] for name in ("rule", "needed", "asked")}


def test_all_of_two_are_two_of_three_once_a_third_is_asked(world: World, post: Post) -> None:
    with at(NOW):
        assert "must approve" not in letters()
        assert [(ALL in page, MORE in page) for page in pages(world, post)] == [(True, False)] * 3
        assert counted(world, post) == {"rule": "all", "needed": 2, "asked": 2}
    with at(DUE):
        assert sweep(now=DUE) == 1
        told = letters()
        assert told.count("In this step 2 of 3 must approve.") == 3  # the two who are late, and who is asked now
        assert [(ALL in page, MORE in page) for page in pages(world, post)] == [(False, True)] * 3
        assert counted(world, post) == {"rule": "all", "needed": 2, "asked": 3}
        approve(post, world.cliente)
        approve(post, User.objects.get(name="Gino Roero"))
        assert review_of(post).state == "approved"
        assert MORE in everything(world.marta, review_of(post), "", "pdf")


def test_who_was_replaced_counts_no_more(world: World, post: Post) -> None:
    with at(NOW):
        gino = User.objects.get(name="Gino Roero")
        seat = step_of(post).seats.get(user=world.cliente)
        replace_seat(user=world.marta, seat=seat, person=gino, reason="In ferie")
        assert counted(world, post) == {"rule": "all", "needed": 2, "asked": 2}
        assert (ALL in desk(world, post), MORE in desk(world, post)) == (True, False)


def test_of_the_agency_s_people_the_client_reads_no_count(world: World) -> None:
    User.objects.update(language="en")
    chain(
        world,
        StepPlan(name="Redazione", users=[world.elena, world.marta], rule=Rule.ANY),
        StepPlan(name="Cliente", role=Role.APPROVER),
    )
    with at(NOW):
        post = world.submitted()
        approve(post, world.elena)
        ours, theirs, _proof = pages(world, post)
    assert ("1 of 2 must approve" in ours, "must approve" in theirs) == (True, False)


@pytest.mark.parametrize(
    ("rule", "needed", "asked", "said"),
    [
        ("all", 1, 1, ALL),
        ("all", 2, 2, ALL),
        ("all", 2, 3, MORE),
        ("any", 1, 1, "one of them must approve"),
        ("any", 1, 3, "1 of 3 must approve"),
        ("at_least", 2, 2, "2 of them must approve"),
        ("at_least", 2, 0, "2 of them must approve"),  # it stands from before: nobody is asked
    ],
)
def test_in_words(rule: str, needed: int, asked: int, said: str) -> None:
    assert rule_in_words(rule, needed, asked) == said
