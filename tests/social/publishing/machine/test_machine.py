"""Whatever people, workers and the network do in whatever order: see ``machine``, ``net`` and ``truths``.

``EXAMPLES`` says how many examples are tried (70). In CI they are always the same ones; elsewhere others each time, and a
failure says how to see it again.
"""

import os
import secrets

import pytest
from django.db.models import DateTimeField, Value
from django.utils import timezone
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from approvals.services import StepPlan, save_chain
from clients.models import Role
from social.services import clock
from tests.approvals.engine.test_machine import planned_once
from tests.social.publishing.machine.machine import Machine
from tests.world import World, short_chain_for_corrections

__all__ = ["planned_once"]
EXAMPLES = int(os.environ.get("EXAMPLES", "70"))
STEPS = 8  # rules after the beginning, which is a story of its own
FRESH = 10  # see ``tests.approvals.engine.test_machine``


@pytest.fixture
def one_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """The database's clock is the one that the machine moves."""
    monkeypatch.setattr(clock, "now", timezone.now)
    monkeypatch.setattr(clock, "asked", lambda: Value(timezone.now(), output_field=DateTimeField()))


@pytest.mark.slow
def test_whatever_happens(world: World, one_clock: None, planned_once: None) -> None:
    steps = [StepPlan(name="Account", role=Role.MANAGER)]
    save_chain(user=world.marta, client=world.winery, chain=world.chain, name="Account", is_default=True, steps=steps)
    short_chain_for_corrections(world)
    machine = type("Machine", (Machine,), {"world": world})
    first = 0 if settings().derandomize else secrets.randbelow(2**32)
    for number in range(max(1, EXAMPLES // FRESH)):
        run_state_machine_as_test(
            seed(first + number)(machine),
            settings=settings(
                max_examples=FRESH,
                stateful_step_count=STEPS,
                deadline=None,
                suppress_health_check=list(HealthCheck),
                phases=[Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink],
                print_blob=True,
            ),
        )
