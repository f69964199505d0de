"""Whatever people do in whatever order: see ``machine``, ``model`` and ``truths``.

``EXAMPLES`` says how many examples are tried (2,000), in as many tests as there are cores in CI. There they are always the
same ones; elsewhere others each time, and a failure says how to see it again.
"""

import os

import pytest

from tests.approvals.engine.cast import Stage
from tests.approvals.engine.machine import Machine
from tests.stateful import try_out

EXAMPLES = int(os.environ.get("EXAMPLES", "2000"))
SHARDS = 2
STEPS = 6  # rules after the beginning, which is a story of its own: see ``plots``


@pytest.mark.slow
@pytest.mark.parametrize("shard", range(SHARDS))
def test_whatever_happens(db: None, shard: int) -> None:
    stage = Stage()
    stage.write_chains(seed=shard)
    machine = type("Machine", (Machine,), {"stage": stage})
    try_out(machine, examples=EXAMPLES, steps=STEPS, shard=shard, shards=SHARDS)
