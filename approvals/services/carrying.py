"""What an earlier round approved, and the chain lets stand in the next one."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

from django.db.models import QuerySet

from accounts.prepared import Prepared
from approvals.models import Restart, Review, ReviewState, ReviewStep, Seat, StepState, Verdict
from approvals.services.planning import Planned

OVER = frozenset({ReviewState.CHANGES_REQUESTED, ReviewState.SUPERSEDED})
# A step is known again by all that its template says of it, and as the first, second… of those that say the same.
Key = tuple[str, int]


def carried_over(
    steps: Sequence[ReviewStep], plan: Sequence[Planned], before: Review | None, writers: Collection[int]
) -> dict[int, ReviewStep]:
    """The steps (by their place in ``steps``) that need not be asked again, each with the one in which people decided.

    An approval stands where as many of those who would be asked now have given it as are needed now, for themselves or
    through a deputy; who has written the version since does not count, nor with four eyes who has written any. It stays
    within its chain. Never all steps are carried: a new version is looked at by somebody. One that silence let pass is asked
    again.
    """
    review = steps[0].review
    restart = review.chain.restart
    if before is None or before.state not in OVER or before.chain_id != review.chain_id or restart == Restart.FIRST:
        return {}
    earlier = _by_key(_EARLIER(review=before.pk))
    passed = {
        key: step.carried_from or step
        for key, step in earlier.items()
        if key[0] and step.state == StepState.PASSED and step.tacit_at is None
    }
    said = _approvals(passed.values())
    found = {}
    for number, key in _askable(steps, earlier, before, restart):
        stem = passed.get(key)
        if stem is None or (restart == Restart.UNCHANGED and stem.part != steps[number].part):
            continue
        barred = {review.author_id, *(writers if steps[number].four_eyes else ())}
        if _stands(said[stem.pk], plan[number], barred):
            found[number] = stem
    asked = [number for number, step in enumerate(steps) if step.state == StepState.WAITING and number not in found]
    if not asked and found:
        del found[max(found)]
    return found


def _earlier(review: int) -> QuerySet[ReviewStep]:
    return ReviewStep.objects.filter(review=review).select_related("carried_from").order_by("position")


_EARLIER = Prepared(_earlier)


def _by_key(steps: Iterable[ReviewStep]) -> dict[Key, ReviewStep]:
    met: Counter[str] = Counter()
    found = {}
    for step in steps:
        met[step.recipe] += 1
        found[step.recipe, met[step.recipe]] = step
    return found


def _askable(
    steps: Sequence[ReviewStep], earlier: Mapping[Key, ReviewStep], before: Review, restart: str
) -> list[tuple[int, Key]]:
    """The steps that may keep an approval by where they stand: with ``refused``, those before the one that asked for changes."""
    refused = next((key for key, step in earlier.items() if step.state == StepState.REFUSED), None)
    keys = list(_by_key(steps))
    end = len(keys)
    if restart == Restart.REFUSED:
        # Where that step is no longer in the chain, everybody is asked; and where nobody asked for changes.
        changes_asked = before.state == ReviewState.CHANGES_REQUESTED
        end = keys.index(refused) if changes_asked and refused in keys else 0
    return [(number, key) for number, key in enumerate(keys[:end]) if steps[number].state == StepState.WAITING]


def _approvals(stems: Collection[ReviewStep]) -> defaultdict[int, list[tuple[int, int]]]:
    """By step, whose seat and who spoke on it, of each approval that counted."""
    found = defaultdict(list)
    if stems:
        seats = Seat.objects.filter(step__in=stems, ended_at=None, decision__verdict=Verdict.APPROVE)
        for step_id, user_id, actor_id in seats.values_list("step_id", "user_id", "decision__actor_id"):
            found[step_id].append((user_id, actor_id))
    return found


def _stands(said: Iterable[tuple[int, int]], planned: Planned, barred: Collection[int]) -> bool:
    still = {user_id for user_id, actor_id in said if user_id in planned.people and actor_id not in barred}
    return len(still) >= planned.needed
