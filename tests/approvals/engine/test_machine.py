"""Whatever people do in whatever order: see ``machine``, ``model`` and ``truths``.

``EXAMPLES`` says how many examples are tried (2,000), in as many tests as there are cores in CI. There they are always the
same ones; elsewhere others each time, and a failure says how to see it again.
"""

import os
import re
import secrets
from functools import partialmethod

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test
from psycopg._preparing import PrepareManager

from tests.approvals.engine.cast import Stage
from tests.approvals.engine.machine import Machine

EXAMPLES = int(os.environ.get("EXAMPLES", "2000"))
SHARDS = 2
STEPS = 6  # rules after the beginning, which is a story of its own: see ``plots``
# After ten examples hypothesis mostly varies those that it has; many short runs begin with more different ones.
FRESH = 10


@pytest.fixture
def planned_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the server has prepared outlives a ROLLBACK, with which each example and each refusal ends.

    The driver forgets it all then, since tables could be other ones afterwards. Here they stay, the same questions come
    thousands of times, and to plan them anew is half of the server's work.
    """
    others = re.compile(rb"^(?:DROP|ALTER|DISCARD ALL|DEALLOCATE ALL)\b").match
    forget = partialmethod(PrepareManager._should_discard, _PrepareManager__should_clear=others)
    monkeypatch.setattr(PrepareManager, "_should_discard", forget)
    monkeypatch.setattr(PrepareManager, "prepared_max", 1000)


@pytest.mark.slow
@pytest.mark.parametrize("shard", range(SHARDS))
def test_whatever_happens(db: None, planned_once: None, shard: int) -> None:
    stage = Stage()
    stage.write_chains(seed=shard)
    machine = type("Machine", (Machine,), {"stage": stage})
    always_the_same = settings().derandomize
    first = 0 if always_the_same else secrets.randbelow(2**32)
    for number in range(max(1, EXAMPLES // SHARDS // FRESH)):
        run_state_machine_as_test(
            seed(first + SHARDS * number + shard)(machine),
            settings=settings(
                max_examples=FRESH,
                stateful_step_count=STEPS,
                deadline=None,
                suppress_health_check=list(HealthCheck),
                phases=[Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink],
                print_blob=True,
            ),
        )
