"""Two workers at one series, and its end at the moment at which a post of it is made: real threads, twenty times each."""

from datetime import timedelta
from functools import partial

import pytest
from django.utils import timezone

from social.models import Post, Recurrence
from social.services import create_recurrence, end_recurrence, recurring
from tests.races.meeting import Act, meeting
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 20


def series(world: World) -> Recurrence:
    starts = (timezone.now() + timedelta(hours=2)).replace(second=0, microsecond=0)
    rule = "FREQ=DAILY;COUNT=3"
    return create_recurrence(user=world.vito, pattern=world.draft(), rule=rule, starts_at=starts, ahead_days=5)


def test_two_workers_make_each_post_once(transactional_db: None) -> None:
    world, rows = World(), []
    with meeting() as two:

        def make() -> tuple[Act, Act]:
            rows.append(series(world))
            act = partial(recurring.make, recurrence_id=rows[-1].pk)
            return act, act

        for one, other in two.times(ROUNDS, lambda: rows[-1].pattern, make):
            assert one + other == 3
            row = Recurrence.objects.get(pk=rows[-1].pk)
            assert row.occurrences.count() == Post.objects.filter(occurrence__recurrence=row).count() == 3
            assert row.why_ended == "run_out"
    copies = Post.objects.exclude(pk__in=[row.pattern_id for row in rows])
    assert copies.count() == 3 * ROUNDS  # none that no time of a series claims


def test_two_workers_ask_once(transactional_db: None) -> None:
    world = World()
    row = series(world)
    recurring.make(recurrence_id=row.pk)
    with meeting() as two:
        for pk in row.occurrences.values_list("pk", flat=True):
            act = partial(recurring.ask, occurrence_id=pk)
            assert two.together(act, act) == [None, None]
    assert (
        list(row.occurrences.values_list("post__state", "problem", "post__review__round")) == [("in_review", "", 1)] * 3
    )


def test_an_end_leaves_nothing_behind_it(transactional_db: None) -> None:
    world, rows = World(), []
    with meeting() as two:

        def make() -> tuple[Act, Act]:
            rows.append(series(world))
            return (
                partial(recurring.make, recurrence_id=rows[-1].pk),
                partial(end_recurrence, user=world.marta, recurrence=rows[-1], cancel_posts=True),
            )

        for made, ended in two.times(ROUNDS, lambda: rows[-1].pattern, make):
            row = Recurrence.objects.get(pk=rows[-1].pk)
            states = list(row.occurrences.values_list("post__state", flat=True))
            assert len(states) == made
            assert row.ended_at is not None
            if isinstance(ended, tuple):
                assert (row.why_ended, ended[1]) == ("person", made)
                assert states == ["cancelled"] * made
            else:
                assert (ended.code, row.why_ended, made) == ("ended", "run_out", 3)
            recurring.make(recurrence_id=row.pk)
            assert row.occurrences.count() == made
