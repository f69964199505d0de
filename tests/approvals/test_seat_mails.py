"""What people read when seats change hands, and the codes that links may ask for."""

from datetime import timedelta

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.errors import Conflict
from accounts.models import User
from approvals.models import Link, LinkCode, Seat
from approvals.services import decide, end_deputy, name_deputy, replace_seat, take_back
from approvals.services.codes import MOST_TRIES, needs_code, send_code, spend_code
from approvals.services.links import issue_link, open_link, usable
from notifications.models import Notification
from notifications.services import send_due
from tests.world import World, approve, review_of


@pytest.fixture(autouse=True)
def _by_day(world: World) -> None:
    """Nobody's quiet time, whatever the hour at which the tests run."""
    User.objects.update(quiet_from=None, quiet_until=None, quiet_days=[])


def read_by(person: User) -> list[str]:
    """The subjects and bodies of the mails to this person since the last look."""
    for _round in range(3):
        send_due()  # a letter may write another one
    found = [f"{letter.subject}\n{letter.body}" for letter in mail.outbox if letter.to == [person.email]]
    mail.outbox.clear()
    return found


def test_a_deputy_is_told_of_each_turn_and_told_apart(world: World) -> None:
    now = timezone.now()
    deputy = name_deputy(
        user=world.marta,
        client=world.winery,
        principal=world.elena,
        deputy=world.marta,
        from_at=now,
        until=now + timedelta(days=3),
    )
    world.submitted()
    [told] = read_by(world.elena)[-1:]
    assert "Elena" not in told
    [turn] = read_by(world.marta) or [""]
    assert turn == ""  # both were read together above
    assert Notification.objects.filter(user=world.marta, kind="turn", state="sent").count() == 1
    end_deputy(user=world.marta, deputy=deputy)
    world.submitted(title="Dopo")
    send_due()
    send_due()
    assert Notification.objects.filter(user=world.marta, kind="turn").count() == 1


def test_who_took_back_is_named_to_the_author_with_their_reason(world: World) -> None:
    post = world.submitted()
    approve(post, world.elena)
    send_due()
    mail.outbox.clear()
    take_back(review=review_of(post), user=world.elena, reason="Il prezzo è dell’anno scorso.")
    [told] = read_by(world.vito)
    assert "Elena Riva" in told
    assert "Il prezzo è dell’anno scorso." in told


def test_who_was_replaced_is_told(world: World) -> None:
    seat = Seat.objects.get(step__review=review_of(world.submitted()), step__position=1)
    send_due()
    mail.outbox.clear()
    replace_seat(user=world.marta, seat=seat, person=world.ada, reason="Elena è in ferie fino a lunedì.")
    [told] = read_by(world.elena)
    assert "ferie" not in told  # the reason is for the evidence


def link_of(world: World) -> Link:
    post = world.submitted()
    approve(post, world.elena)
    approve(post, world.marta)
    seat = Seat.objects.get(step__review=review_of(post), user=world.cliente)
    link = open_link(secret=issue_link(seat=seat))
    assert link is not None
    return link


def code_mailed(world: World) -> str:
    [told] = [text for text in read_by(world.cliente) if "codice" in text.lower() or "code" in text.lower()]
    [code] = [line.strip() for line in told.splitlines() if line.strip().isdecimal()]
    return code


def test_a_code_is_mailed_and_good_once(world: World) -> None:
    link = link_of(world)
    assert needs_code(link) is False
    world.winery.link_code = True
    world.winery.save(update_fields=["link_code"])
    link = Link.objects.get(pk=link.pk)
    assert needs_code(link) is True
    send_code(link=link)
    code = code_mailed(world)
    assert code not in str(list(LinkCode.objects.values()))
    spend_code(link=link, typed=f" {code[:3]} {code[3:]} ")
    with pytest.raises(ValidationError) as used:
        spend_code(link=link, typed=code)
    assert used.value.error_dict["code"][0].code == "expired"


def test_guessing_ends_soon(world: World) -> None:
    link = link_of(world)
    send_code(link=link)
    code = code_mailed(world)
    wrong = f"{(int(code) + 1) % 10**6:06}"
    for _try in range(MOST_TRIES):
        with pytest.raises(ValidationError) as refused:
            spend_code(link=link, typed=wrong)
        assert refused.value.error_dict["code"][0].code == "wrong"
    with pytest.raises(ValidationError) as too_often:
        spend_code(link=link, typed=code)
    assert too_often.value.error_dict["code"][0].code == "expired"
    send_code(link=link)
    send_code(link=link)
    with pytest.raises(Conflict) as many:
        send_code(link=link)
    assert many.value.code == "too_many_codes"


def test_a_link_ends_with_the_seat_and_a_while_after_the_review(world: World) -> None:
    link = link_of(world)
    assert usable(link)
    review = link.seat.step.review
    decide(review=review, user=world.cliente, digest=review.digest, verdict="approve")
    again = Link.objects.get(pk=link.pk)
    assert usable(again)
    again.seat.step.review.closed_at = timezone.now() - timedelta(days=15)
    assert not usable(again)
