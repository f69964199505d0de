"""Nobody is reminded of what ``decide`` would refuse them: not who lost their say, nor who stands in for them."""

from datetime import datetime
from typing import Any

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied

from accounts.errors import Conflict
from accounts.models import User
from approvals.models import Seat
from approvals.services import StepPlan, decide, name_deputy
from approvals.services.nudging import nudge
from approvals.services.reminding import remind
from approvals.services.sweeping import sweep
from approvals.services.warning import warn
from approvals.standing_in import deputy_of
from approvals.waiting import deputies_of
from clients.models import Membership, Role
from notifications.models import Notification
from notifications.services import send_due
from social.models import Post
from tests.approvals.clock import at, chain, rome
from tests.world import World, person, review_of

MONDAY, TUESDAY = rome(2027, 3, 1, 10), rome(2027, 3, 2, 8, 30)


def off(world: World) -> None:
    User.objects.filter(pk=world.elena.pk).update(is_active=False)


def no_role(world: World) -> None:
    Membership.objects.filter(user=world.elena).delete()


def viewer(world: World) -> None:
    Membership.objects.filter(user=world.elena).update(role=Role.VIEWER)


def changes_sides(world: World) -> None:
    """She is the client's now, and may still decide: for herself alone."""
    Membership.objects.filter(user=world.elena).update(role=Role.APPROVER)


def deputy_changes_sides(world: World) -> None:
    Membership.objects.filter(user__name="Giulia Riva").update(role=Role.APPROVER)


def nothing(_world: World) -> None:
    """As it was when the deputy was named."""


CASES = [
    (nothing, ["Giulia Riva"]),
    (off, []),
    (no_role, []),
    (viewer, []),
    (changes_sides, ["Elena Riva"]),
    (deputy_changes_sides, ["Elena Riva"]),
]


@pytest.fixture
def post(world: World) -> Post:
    """Of Elena, for whom Giulia stands in; due on Tuesday at half past eight, out an hour later."""
    giulia = person("giulia", "Giulia Riva")
    Membership.objects.create(client=world.winery, user=giulia, role=Role.EDITOR)
    chain(world, StepPlan(name="Redazione", users=[world.elena], due_before_minutes=60))
    with at(MONDAY):
        name_deputy(
            user=world.marta,
            client=world.winery,
            principal=world.elena,
            deputy=giulia,
            from_at=MONDAY,
            until=rome(2027, 4, 1),
        )
        return world.submitted(publish_at=rome(2027, 3, 2, 9, 30))


def told(kind: str) -> list[str]:
    """Who was told of the seat; not who is in charge."""
    found = Notification.objects.filter(kind=kind).exclude(context__has_key="review")
    return sorted(found.values_list("user__name", flat=True))


def mailed(now: datetime) -> list[str]:
    mail.outbox.clear()
    with at(now):
        while send_due():
            pass
    people = {user.email: user.name for user in User.objects.all()}
    return sorted({people[letter.to[0]] for letter in mail.outbox} & {"Elena Riva", "Giulia Riva"})


@pytest.mark.parametrize(("happens", "expected"), CASES)
def test_only_who_would_be_heard_is_reminded(world: World, post: Post, happens: Any, expected: list[str]) -> None:
    mailed(MONDAY)
    happens(world)
    with at(TUESDAY):
        assert remind(now=TUESDAY) == len(expected)
        assert sweep(now=TUESDAY) == 1
        assert warn(now=TUESDAY) == 1  # claimed: who is in charge is told either way
    assert [told(kind) for kind in ("morning", "time_up", "hour_before")] == [expected] * 3
    assert Notification.objects.filter(kind="hour_before", context__has_key="review").exists()
    assert mailed(TUESDAY) == expected
    with at(TUESDAY):
        assert [name for name in ("Giulia Riva", "Elena Riva") if is_heard(post, name)][:1] == expected


def is_heard(post: Post, name: str) -> bool:
    """Whether the engine takes a yes of theirs."""
    review = review_of(post)
    try:
        decide(review=review, user=User.objects.get(name=name), digest=review.digest, verdict="approve")
    except (Conflict, PermissionDenied):
        return False
    return True


@pytest.mark.parametrize(("happens", "expected"), CASES)
def test_only_who_would_be_heard_is_nudged(world: World, post: Post, happens: Any, expected: list[str]) -> None:
    happens(world)
    seat = Seat.objects.select_related("step__review").get(step__review=review_of(post))
    with at(TUESDAY):
        stands_in = deputy_of(seat)
        assert deputies_of([seat]) == ({seat.pk: stands_in} if stands_in else {})
        if expected:
            nudge(user=world.vito, seat=seat)
        else:
            with pytest.raises(Conflict) as refused:
                nudge(user=world.vito, seat=seat)
            assert refused.value.code == "nobody_there"
    assert told("nudge") == expected


def test_who_sits_there_too_is_not_reminded_for_somebody_else(world: World, post: Post) -> None:
    """Giulia has a seat of her own in the step: Elena's is Elena's."""
    giulia = User.objects.get(name="Giulia Riva")
    chain(world, StepPlan(name="Redazione", users=[world.elena, giulia], rule="all"))
    with at(MONDAY):
        review = review_of(world.submitted())
    seat = Seat.objects.select_related("step__review").get(step__review=review, user=world.elena)
    with at(TUESDAY):
        assert (deputy_of(seat), deputies_of([seat])) == (None, {})
        remind(now=TUESDAY)
    assert told("morning") == ["Elena Riva", "Giulia Riva"]
