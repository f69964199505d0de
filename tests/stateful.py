"""Machines of hypothesis that do whatever people may do, in whatever order: many short examples, in one database."""

import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partialmethod

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test
from psycopg._preparing import PrepareManager

# After ten examples hypothesis mostly varies those that it has; many short runs begin with more different ones.
FRESH = 10


def try_out(
    machine: type[RuleBasedStateMachine], *, examples: int, steps: int, shard: int = 0, shards: int = 1
) -> None:
    """Try so many examples of so many rules after the beginning; of a machine that several tests share, this one's part.

    In CI they are always the same ones; elsewhere others each time, and a failure says how to see it again.
    """
    always_the_same = settings().derandomize
    first = 0 if always_the_same else secrets.randbelow(2**32)
    with _planned_once():
        for number in range(max(1, examples // shards // FRESH)):
            run_state_machine_as_test(
                seed(first + shards * number + shard)(machine),
                settings=settings(
                    max_examples=FRESH,
                    stateful_step_count=steps,
                    deadline=None,
                    suppress_health_check=list(HealthCheck),
                    phases=[Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink],
                    print_blob=True,
                ),
            )


@contextmanager
def _planned_once() -> Iterator[None]:
    """What the server has prepared outlives a ROLLBACK, with which each example and each refusal ends.

    The driver forgets it all then, since tables could be other ones afterwards. Here they stay, the same questions come
    thousands of times, and to plan them anew is half of the server's work.
    """
    others = re.compile(rb"^(?:DROP|ALTER|DISCARD ALL|DEALLOCATE ALL)\b").match
    forget = partialmethod(PrepareManager._should_discard, _PrepareManager__should_clear=others)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(PrepareManager, "_should_discard", forget)
        patched.setattr(PrepareManager, "prepared_max", 1000)
        yield
