"""Many at once and one alone, at the same instant and by the same person: each is counted once, and each is told."""

from collections import Counter
from typing import Any

import pytest

from approvals.models import Decision
from approvals.services.bulk import approve_many
from tests.races.meeting import Act, code
from tests.races.test_approvals import Scene, anyone, scene

__all__ = ["scene"]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def test_many_and_one(scene: Scene) -> None:
    scene.chain(anyone(scene, "elena", "luca", rule="all"), anyone(scene, "piero"))
    elena, ends = scene.person("elena"), Counter[Any]()

    def make() -> tuple[Act, Act]:
        seen = [(scene.review.pk, scene.review.digest)]
        return lambda: approve_many(user=elena, seen=seen, via="api"), scene.says("elena")

    for _codes in scene.meet(make):
        lines, single = scene.results
        assert Decision.objects.filter(seat__step__review=scene.review).count() == 1
        assert (scene.said(), scene.state()) == (["elena"], "open")
        ends[lines[0].code, code(single)] += 1
    assert set(ends) == {("", "already_decided"), ("already_decided", "")}
