"""A clock that tests move, on the wall of Rome; and chains with deadlines."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import time_machine
from django.core.files.base import ContentFile

from accounts.models import User
from approvals.models import Chain, ReviewStep
from approvals.services import StepPlan, save_chain
from clients.models import Client
from clients.services import set_tacit_consent
from social.models import Post
from tests.world import World, review_of

ROME = ZoneInfo("Europe/Rome")


def rome(year: int, month: int, day: int, hour: int = 9, minute: int = 0) -> datetime:
    """That moment on Rome's clock."""
    return datetime(year, month, day, hour, minute, tzinfo=ROME)


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """Everything in the block happens then."""
    with time_machine.travel(moment, tick=False):
        yield


def chain(world: World, *steps: StepPlan, **fields: Any) -> Chain:
    """The winery's default chain from now on."""
    return save_chain(
        user=world.marta,
        client=world.winery,
        chain=world.chain,
        name=world.chain.name,
        is_default=True,
        steps=steps,
        **fields,
    )


def step_of(post: Post) -> ReviewStep:
    """The step whose turn it is."""
    return ReviewStep.objects.get(review=review_of(post), state="active")


def agrees_to_silence(world: World) -> Client:
    """The winery has agreed to tacit consent in writing."""
    document = ContentFile(b"%PDF-1.4 silenzio-assenso %%EOF", name="accordo.pdf")
    world.winery = set_tacit_consent(user=world.ada, client=world.winery, agreed_on=date(2026, 1, 7), document=document)
    return world.winery


def mailable(person: User, **hours: Any) -> User:
    """This person has hours of their own."""
    for name, value in hours.items():
        setattr(person, name, value)
    person.full_clean()
    person.save()
    return person


MINUTE = timedelta(minutes=1)
