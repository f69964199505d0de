from collections.abc import Iterator

import pytest
import time_machine

from tests.approvals.engine.cast import START
from tests.approvals.engine.story import Story


@pytest.fixture
def story(db: None) -> Iterator[Story]:
    with time_machine.travel(START, tick=False) as clock:
        yield Story(clock)
