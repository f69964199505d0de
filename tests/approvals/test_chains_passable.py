"""Whether a chain can be passed, against a model that tries every order of decisions there is."""

from collections.abc import Mapping
from itertools import combinations

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given, settings
from hypothesis import strategies as st

from approvals.models import OnDeadline, Rule, Step
from approvals.services import StepPlan, save_chain
from approvals.services.passable import stuck_at
from approvals.services.planning import Staffing, Template, most_used_up, staff
from clients.models import Role
from tests.world import World

PEOPLE = range(1, 7)
ROLES = [Role.MANAGER, Role.EDITOR, Role.APPROVER]
some_people = st.frozensets(st.sampled_from(list(PEOPLE)), max_size=4)


@st.composite
def templates(draw: st.DrawFn) -> Template:
    """One step: by name, by role, or the author's manager."""
    who = draw(st.sampled_from(["named", "named", "role", "managers"]))
    escalates = draw(st.booleans())
    step = Step(
        name="x",
        position=1,
        rule=draw(st.sampled_from(Rule.values)),
        needed=draw(st.integers(1, 3)),
        role=draw(st.sampled_from(ROLES)) if who == "role" else "",
        managers_up=draw(st.integers(1, 3)) if who == "managers" else 0,
        four_eyes=draw(st.booleans()),
        on_deadline=OnDeadline.ESCALATE if escalates else OnDeadline.REMIND,
    )
    named = draw(some_people) if who == "named" else frozenset[int]()
    return Template(step=step, named=named, further=draw(some_people) if escalates else frozenset())


chains = st.lists(templates(), min_size=1, max_size=4)
# Somebody may have no say at all any more; whoever reports to whom, also in a circle.
staffings = st.builds(
    Staffing,
    roles=st.dictionaries(st.sampled_from(list(PEOPLE)), st.sampled_from(ROLES), max_size=6),
    admins=st.frozensets(st.sampled_from(list(PEOPLE)), max_size=1),
    bosses=st.dictionaries(st.sampled_from(list(PEOPLE)), st.sampled_from(list(PEOPLE)), max_size=6),
)


def boss(person: int, up: int, bosses: Mapping[int, int]) -> set[int]:
    """Who is so many levels up, if one gets there without meeting anybody twice."""
    met = [person]
    for _level in range(up):
        above = bosses.get(met[-1])
        if above is None or above in met:
            return set()
        met.append(above)
    return {met[-1]}


def always_ends(chain: list[Template], staffing: Staffing, author: int) -> bool:
    """Whether every order of decisions comes to the end, however early or late more people are asked."""
    say = staffing.roles.keys() | set(staffing.admins)
    sitting: list[tuple[set[int], set[int], int, bool]] = []
    for template in chain:
        step = template.step
        if step.role:
            seats = {person for person, role in staffing.roles.items() if role == step.role}
        else:
            seats = boss(author, step.managers_up, staffing.bosses) if step.managers_up else set(template.named)
        seats = (seats & say) - {author}
        if step.four_eyes and step.rule == Rule.ALL:
            for before, more, _needed, _fresh in sitting:
                seats -= before | more
        more = (set(template.further) & say) - seats - {author}
        needed = {Rule.ANY: 1, Rule.ALL: max(1, len(seats)), Rule.AT_LEAST: step.needed}[Rule(step.rule)]
        sitting.append((seats, more, needed, step.four_eyes))

    def ends(number: int, heard: frozenset[int]) -> bool:
        if number == len(sitting):
            return True
        seats, more, needed, fresh = sitting[number]
        if len(seats - heard if fresh else seats) < needed:
            return False
        able = seats | more
        votes = combinations(sorted(able - heard if fresh else able), needed)
        return all(ends(number + 1, heard | set(vote)) for vote in votes)

    return ends(0, frozenset())


@settings(max_examples=1500, deadline=None)
@given(chain=chains, staffing=staffings)
def test_what_is_accepted_always_ends_and_what_is_refused_may_not(chain: list[Template], staffing: Staffing) -> None:
    passing = []
    for author in (*PEOPLE, 99):
        ends = always_ends(chain, staffing, author)
        plan = staff(chain, staffing, author)
        assert all(step.refusal is None for step in plan) == ends, author
        assert all(author not in {*step.people, *step.escalate_to} for step in plan)
        passing += [author] if ends else []
    assert (stuck_at(chain, staffing, PEOPLE) is None) == any(author in PEOPLE for author in passing)


@settings(max_examples=500, deadline=None)
@given(
    people=some_people,
    before=st.lists(st.tuples(some_people, st.integers(1, 3)), max_size=4),
)
def test_the_most_who_can_have_decided(people: frozenset[int], before: list[tuple[frozenset[int], int]]) -> None:
    def most(number: int, used: frozenset[int]) -> int:
        if number == len(before):
            return len(used)
        sitters, needed = before[number]
        choices = [set(vote) for n in range(needed + 1) for vote in combinations(sorted(sitters & people), n)]
        return max(most(number + 1, used | vote) for vote in choices)

    assert most_used_up(people, before) == most(0, frozenset())


def test_thirty_steps_of_a_hundred_people_are_looked_through_at_once() -> None:
    roles = dict.fromkeys(range(1, 4000), Role.EDITOR)
    step = Step(name="x", position=1, rule=Rule.AT_LEAST, needed=100, role=Role.EDITOR, four_eyes=True)
    assert stuck_at([Template(step=step)] * 30, Staffing(roles=roles), [0]) is None
    found = stuck_at([Template(step=step)] * 30, Staffing(roles=dict.fromkeys(range(1, 3000), Role.EDITOR)), [0])
    assert found is not None
    assert (found[0], found[1].params["people"]) == (29, 99)  # type: ignore[index]  # it has params


def test_an_admin_is_an_author_only_where_there_is_one(world: World) -> None:
    """The only admin sits in one step, the only writers in the other: nobody is left who could write."""
    steps = [StepPlan(name="Agenzia", users=[world.ada]), StepPlan(name="Account", users=[world.bruno])]
    with pytest.raises(ValidationError) as refused:
        save_chain(user=world.bruno, client=world.town, name="Due", steps=steps)
    assert list(refused.value.error_dict) == ["steps.1"]
