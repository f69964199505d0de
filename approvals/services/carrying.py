"""What an earlier round approved, and the chain lets stand in the next one."""

from collections.abc import Sequence

from approvals.models import Restart, Review, ReviewState, ReviewStep, StepState

OVER = frozenset({ReviewState.CHANGES_REQUESTED, ReviewState.SUPERSEDED})


def carried_over(steps: Sequence[ReviewStep], before: Review | None, restart: str) -> dict[int, ReviewStep]:
    """The steps (by their place in ``steps``) that need not be asked again, each with the one whose approval stands.

    Never all of them: a new version is looked at by somebody. A step is known again by its name and all that its template
    says; one that silence let pass is asked again.
    """
    if before is None or before.state not in OVER or restart == Restart.FIRST:
        return {}
    passed = {
        step.recipe: step
        for step in ReviewStep.objects.filter(review=before, state=StepState.PASSED, tacit_at=None)
        if step.recipe
    }
    if restart == Restart.REFUSED:
        found = _before_refusal(steps, before, passed)
    else:
        found = {
            number: passed[step.recipe]
            for number, step in enumerate(steps)
            if step.state == StepState.WAITING and step.recipe in passed and passed[step.recipe].part == step.part
        }
    asked = [number for number, step in enumerate(steps) if step.state == StepState.WAITING and number not in found]
    if not asked and found:
        del found[max(found)]
    return found


def _before_refusal(
    steps: Sequence[ReviewStep], before: Review, passed: dict[str, ReviewStep]
) -> dict[int, ReviewStep]:
    if before.state != ReviewState.CHANGES_REQUESTED:
        return {}
    refused = ReviewStep.objects.filter(review=before, state=StepState.REFUSED).values_list("recipe", flat=True).first()
    found: dict[int, ReviewStep] = {}
    for number, step in enumerate(steps):
        if step.recipe == refused:
            return found
        if step.state == StepState.WAITING and step.recipe in passed:
            found[number] = passed[step.recipe]
    return {}  # the step that asked for changes is no longer in the chain: everybody is asked
