"""What can't pass as it stands: who is switched off, has no role any more, or has looked already. Its managers are told once."""

import pytest
from django.core import mail
from django.utils import timezone

from accounts.models import User
from approvals import waiting
from approvals.models import Seat
from approvals.services import StepPlan, replace_seat
from approvals.services.blocking import tell_blocked
from clients.models import Membership, Role
from notifications.models import Notification
from notifications.services import send_due
from social.models import Post
from social.services import edit_post, withdraw_post
from tests.approvals.clock import chain, mailable
from tests.world import World, approve, person, review_of


def blocked(user: User) -> list[tuple[str, list[str]]]:
    """The blocked steps that this person sees, and why."""
    steps = list(waiting.blocked(user))
    lost = waiting.lost_seats(steps)
    return [(step.name, [f"{item.seat.user.name}: {item.why}" for item in lost[step.pk]]) for step in steps]


@pytest.mark.parametrize("why", ["inactive", "no_role", "viewer"])
def test_a_person_lost_in_the_middle(world: World, why: str) -> None:
    world.submitted()
    assert blocked(world.vito) == []
    if why == "inactive":
        User.objects.filter(pk=world.cliente.pk).update(is_active=False)
    elif why == "no_role":
        Membership.objects.filter(user=world.cliente).delete()
    else:
        Membership.objects.filter(user=world.cliente).update(role=Role.VIEWER)
    assert blocked(world.vito) == [("Cliente", [f"Piero Roero: {why}"])]
    assert blocked(world.ada) == blocked(world.vito)
    for stranger in (world.bruno, world.carlo, world.cliente, world.nonna, world.sindaco):
        assert blocked(stranger) == []


def test_not_while_enough_are_left(world: World) -> None:
    giulia = person("giulia", "Giulia Riva")
    world.winery.memberships.create(user=giulia, role=Role.EDITOR)
    chain(world, StepPlan(name="Due", users=[world.elena, world.marta, giulia], rule="at_least", needed=2))
    post = world.submitted()
    User.objects.filter(pk=giulia.pk).update(is_active=False)
    assert blocked(world.vito) == []
    approve(post, world.marta)
    Membership.objects.filter(user=world.marta).update(role=Role.VIEWER)  # what was said counts
    assert blocked(world.vito) == []
    Membership.objects.filter(user=world.elena).delete()
    assert blocked(world.vito) == [("Due", ["Elena Riva: no_role", "Giulia Riva: inactive"])]


def test_who_has_looked_before_is_no_other_pair_of_eyes(world: World) -> None:
    giulia = person("giulia", "Giulia Riva")
    world.winery.memberships.create(user=giulia, role=Role.EDITOR)
    chain(
        world,
        StepPlan(name="Redazione", users=[giulia]),
        StepPlan(name="Altri occhi", users=[world.elena], four_eyes=True),
        restart="refused",
    )
    post = world.submitted()
    seat = Seat.objects.get(step__review=review_of(post), user=giulia)
    replace_seat(user=world.marta, seat=seat, person=world.elena, reason="Giulia è via.")
    assert blocked(world.vito) == []
    approve(post, world.elena)
    assert blocked(world.vito) == [("Altri occhi", ["Elena Riva: four_eyes"])]


def test_an_agency_admin_needs_no_role(world: World) -> None:
    chain(world, StepPlan(name="Direzione", users=[world.ada]))
    world.submitted()
    assert blocked(world.vito) == []
    User.objects.filter(pk=world.ada.pk).update(is_agency_admin=False)
    assert blocked(world.vito) == [("Direzione", ["Ada Conti: no_role"])]


@pytest.fixture
def stuck(world: World) -> Post:
    """A post whose client's approver is gone."""
    mailable(world.marta, language="en")
    post = world.submitted()
    User.objects.filter(pk=world.cliente.pk).update(is_active=False)
    Notification.objects.update(state="dropped")
    return post


def test_managers_are_told_once_of_all_that_one_leaves_behind(world: World) -> None:
    mailable(world.marta, language="en")
    for title in ("Vendemmia", "Barbera"):
        world.submitted(title=title)
    User.objects.filter(pk=world.cliente.pk).update(is_active=False)
    Notification.objects.update(state="dropped")
    assert [tell_blocked(now=timezone.now()), tell_blocked(now=timezone.now())] == [1, 0]
    mail.outbox.clear()
    send_due()
    (message,) = mail.outbox
    assert (message.to, message.subject) == (["marta@filo.example"], "Blocked: 2 reviews")
    assert "2 reviews can’t pass as they stand: a step has fewer people left than it needs." in message.body
    assert "* Vendemmia\nStep 3, “Cliente”: Piero Roero is switched off." in message.body
    assert "* Barbera\n" in message.body
    assert "Let somebody else sit there" in message.body


def test_of_another_loss_again(world: World, stuck: Post) -> None:
    assert tell_blocked(now=timezone.now()) == 1
    User.objects.filter(pk=world.elena.pk).update(is_active=False)
    assert tell_blocked(now=timezone.now()) == 1  # the first step, too
    assert Notification.objects.filter(kind="blocked").count() == 2


@pytest.mark.parametrize("case", ["replaced", "taken back", "changed"])
def test_not_when_it_has_been_put_right(world: World, stuck: Post, case: str) -> None:
    tell_blocked(now=timezone.now())
    if case == "replaced":
        seat = Seat.objects.get(step__review=review_of(stuck), user=world.cliente)
        replace_seat(user=world.marta, seat=seat, person=world.ada, reason="Piero non lavora più qui.")
    elif case == "taken back":
        withdraw_post(user=world.vito, post=stuck)
    else:
        edit_post(user=world.vito, post=stuck, text="Altro")
    mail.outbox.clear()
    send_due()
    assert Notification.objects.get(kind="blocked").state == "dropped"
    assert blocked(world.vito) == []


def test_without_a_manager_the_admins_are_told(world: World, stuck: Post) -> None:
    Membership.objects.filter(user=world.marta).update(role=Role.EDITOR)
    assert tell_blocked(now=timezone.now()) == 1
    assert Notification.objects.get(kind="blocked").user == world.ada
