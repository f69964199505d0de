"""Whatever people do in whatever order: see ``machine``, ``model`` and ``truths``.

``EXAMPLES`` says how many examples are tried (2,000), in as many tests as there are cores in CI.
"""

import os

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.approvals.engine.cast import Stage
from tests.approvals.engine.machine import Machine

EXAMPLES = int(os.environ.get("EXAMPLES", "2000"))
SHARDS = 2
CHAINS = 16


@pytest.mark.slow
@pytest.mark.parametrize("shard", range(SHARDS))
def test_whatever_happens(db: None, shard: int) -> None:
    stage = Stage()
    stage.write_chains(CHAINS, seed=shard)
    machine = type("Machine", (Machine,), {"stage": stage})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=EXAMPLES // SHARDS,
            stateful_step_count=10,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink],
            print_blob=True,
        ),
    )
