"""Whatever people, workers and the network do in whatever order: see ``machine``, ``net`` and ``truths``.

``EXAMPLES`` says how many examples are tried (70). In CI they are always the same ones; elsewhere others each time, and a
failure says how to see it again.
"""

import os

import pytest
from django.utils import timezone

from approvals.services import StepPlan, save_chain
from clients.models import Role
from social.services import clock
from tests.social.publishing.machine.machine import Machine
from tests.stateful import try_out
from tests.world import World, short_chain_for_corrections

EXAMPLES = int(os.environ.get("EXAMPLES", "70"))
STEPS = 8  # rules after the beginning, which is a story of its own


@pytest.fixture
def one_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """The database's clock is the one that the machine moves."""
    monkeypatch.setattr(clock, "now", timezone.now)


@pytest.mark.slow
def test_whatever_happens(world: World, one_clock: None) -> None:
    steps = [StepPlan(name="Account", role=Role.MANAGER)]
    save_chain(user=world.marta, client=world.winery, chain=world.chain, name="Account", is_default=True, steps=steps)
    short_chain_for_corrections(world)
    machine = type("Machine", (Machine,), {"world": world})
    try_out(machine, examples=EXAMPLES, steps=STEPS)
