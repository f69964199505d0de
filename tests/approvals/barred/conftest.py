from collections.abc import Iterator

import pytest
import time_machine

from accounts.models import User
from clients.models import Membership, Role
from tests.approvals.barred.scenes import MONDAY, SCENES, Scene, Write
from tests.approvals.clock import mailable
from tests.world import World, person


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """It is Monday, and stays so until it is moved."""
    with time_machine.travel(MONDAY, tick=False) as traveller:
        yield traveller


@pytest.fixture
def town(clock: time_machine.Traveller, world: World) -> World:
    """The world, where Giulia edits, too, and Piera approves; all read English."""
    for name, full, role in [("giulia", "Giulia Riva", Role.EDITOR), ("piera", "Piera Roero", Role.APPROVER)]:
        setattr(world, name, person(name, full))
        Membership.objects.create(client=world.winery, user=getattr(world, name), role=role)
    for user in User.objects.all():
        mailable(user, language="en", quiet_days=[])
    return world


@pytest.fixture(params=SCENES, ids=lambda write: write.__name__)
def scene(request: pytest.FixtureRequest, town: World) -> Scene:
    write: Write = request.param
    return write(town)
