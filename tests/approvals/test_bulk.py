"""Approving many at once: one line each, and nothing half done."""

import pytest
from django.core.exceptions import ValidationError

from approvals.models import Decision
from approvals.services.bulk import MOST_AT_ONCE, approve_many
from social.services import edit_post
from tests.world import World, review_of


def test_what_changed_meanwhile_is_not_approved_and_says_why(world: World) -> None:
    first, second = world.submitted(), world.submitted()
    seen = [(review_of(post).pk, review_of(post).digest) for post in (first, second)]
    town = review_of(world.town_post())
    edit_post(user=world.vito, post=second, text="Tutt’altro.")
    lines = approve_many(user=world.elena, seen=[*seen, (town.pk, town.digest)], via="admin")
    assert [(line.number, line.approved, line.code) for line in lines] == [
        (seen[0][0], True, ""),
        (seen[1][0], False, "review_closed"),
        (town.pk, False, "not_found"),
    ]
    assert list(Decision.objects.values_list("seat__step__review", "via")) == [(seen[0][0], "admin")]


def test_a_stale_digest_is_not_approved(world: World) -> None:
    review = review_of(world.submitted())
    lines = approve_many(user=world.elena, seen=[(review.pk, "0" * 64)], via="admin")
    assert [line.code for line in lines] == ["stale_digest"]


@pytest.mark.parametrize(
    ("seen", "code"),
    [
        ([], "required"),
        ([(1, "a"), (1, "a")], "duplicate"),
        ([(number, "a") for number in range(10_000)], "max_length"),
    ],
)
def test_what_cannot_be_asked_decides_nothing(world: World, seen: list[tuple[int, str]], code: str) -> None:
    with pytest.raises(ValidationError) as refused:
        approve_many(user=world.elena, seen=seen, via="admin")
    assert refused.value.error_dict["reviews"][0].code == code
    assert MOST_AT_ONCE == 100
