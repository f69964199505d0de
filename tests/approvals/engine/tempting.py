"""Where to press. Of all that could be tried, that first which would be wrong: who has been heard, has written, or looked before."""

from collections.abc import Iterable
from copy import copy

from tests.approvals.engine.cast import NAMES
from tests.approvals.engine.model import Model
from tests.approvals.engine.pieces import Place, Stage, StandIn

# How near to a yes a no is: the nearer, the sooner a slip of the engine's would show.
NEAR = ["four_eyes", "already_decided", "", "not_your_turn", "permission"]
SEATABLE = ["heard", "four_eyes", "author", "", "role"]
AWAY = 120  # minutes


def turned_away(model: Model) -> list[str]:
    """Who has something to do with the review and can't approve now; those first who nearly could."""
    run = model.runs[-1]
    why = {name: model.refusal(name, run.digest) for name in model.nearby()}
    return sorted((name for name in why if why[name] and name != "carlo"), key=lambda name: _rank(why[name], NEAR))


def stand_ins(model: Model) -> list[tuple[str, str]]:
    """Whom one could name now as whose deputy on the step whose turn it is; those first who should not speak there at all."""
    run = model.runs[-1]
    stage = run.active
    if stage is None:
        return []
    wrong = model.kept_out(stage, run)
    here = {place.user for place in stage.living}
    pairs = [
        (place.user, deputy)
        for place in stage.living
        for deputy in NAMES
        if not place.said and not model.deputy_refusal("marta", place.user, deputy, model.now, model.now + AWAY)
    ]
    return sorted(
        pairs, key=lambda pair: (pair[1] in here, pair[1] == run.author, -(pair[1] in wrong) - (pair[0] in wrong))
    )


def seatings(model: Model) -> list[tuple[Stage, Place, str]]:
    """Who could be seated in whose place; those first who must not."""
    run = model.runs[-1]
    found = [
        (_rank(model.seating_refusal(name, stage, run), SEATABLE), (stage, place, name))
        for stage in run.stages
        if stage.state in {"waiting", "active"}
        for place in stage.living
        for name in NAMES
        if not place.said and model.seating_refusal(name, stage, run) != "seated"
    ]
    return [seating for _rank, seating in sorted(found, key=lambda pair: pair[0])]


def writers(model: Model) -> list[str]:
    """Who could write other words about which somebody could be asked still: the usual author, and who has approved the last ones."""
    said = [name for place in reversed(model.said) for name in (place.actor, place.user)]
    return [name for name in _once(["vito", *said, model.author]) if _askable(model, name)] or ["vito"]


def _askable(model: Model, by: str) -> bool:
    then = copy(model)
    then.author, then.writers = by, model.writers | {by}
    return not model.staff_refusal(by) and not then.plan_refusal()


def asked(model: Model) -> list[str]:
    """Whose word is waited for."""
    stage = model.runs[-1].active
    return [place.user for place in stage.living if not place.said] if stage else []


def lent(model: Model) -> list[str]:
    """Of these, who is away, each with who stands in for them."""
    waited_for = asked(model)
    rows = [row for row in in_force(model) if row.principal in waited_for]
    return _once(name for row in rows for name in (row.principal, row.deputy))


def leaving(model: Model) -> list[str]:
    """Who would have to leave so that the step whose turn it is lacks one voice, as far as it is other eyes that speak."""
    run = model.runs[-1]
    stage = run.active
    if stage is None:
        return []
    out = model.kept_out(stage, run)
    able = [name for name in asked(model) if name not in out and model.people[name].decides]
    return able[: max(0, len(able) - (stage.needed - stage.votes) + 1)]


def in_force(model: Model) -> list[StandIn]:
    """The deputies of now."""
    return [row for row in model.deputies if not row.cancelled and row.begins <= model.now < row.ends]


def _rank(code: str, order: list[str]) -> int:
    return order.index(code) if code in order else len(order)


def _once(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(names))
