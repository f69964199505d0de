"""Two at once, and a worker killed in the middle: nobody is on the list twice, nobody who left comes back."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from audit.models import Event
from newsletter.models import Confirmation, ImportState, ListImport, MailingList, Reader, ReaderState
from newsletter.services import importing, signing_up
from newsletter.services.lists import list_of
from newsletter.services.readers import add_reader, erase, sign_off
from tests.newsletter.bringing import HEAD, begin, many
from tests.newsletter.reading import address_in, newsletter_of, posted, reader
from tests.races.meeting import Meeting, meeting
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)
TIMES = 20


@pytest.fixture
def two(world: World) -> Iterator[Meeting]:
    with meeting() as made:
        yield made


def test_two_who_need_the_list_make_one(world: World, two: Meeting) -> None:
    for number in range(TIMES):
        channel = newsletter_of(world.winery, f"Lettera {number}")
        channel.handle = f"{number}@example.org"
        channel.save()
        one, other = two.together(partial(list_of, channel), partial(list_of, channel))
        assert one == other
    assert MailingList.objects.count() == TIMES


def test_the_same_address_signs_up_twice_at_once(harvest: MailingList, two: Meeting) -> None:
    for number in range(TIMES):
        email = f"r{number}@example.org"

        ask = partial(signing_up.sign_up, mailing_list=harvest, email=email, consent="Sì.")
        assert two.together(ask, ask) == [None, None]
        rosa = Reader.objects.get(email=email)
        assert (rosa.state, rosa.confirmations.count()) == (ReaderState.PENDING, 2)
    assert len(posted()) == TIMES  # the later of the two alone


def test_confirming_twice_at_once_is_once(harvest: MailingList, two: Meeting) -> None:
    for number in range(TIMES):
        signing_up.sign_up(mailing_list=harvest, email=f"r{number}@example.org", consent="Sì.")
        secret = address_in(posted()[0]).rpartition("/")[2]
        act = partial(signing_up.confirm, secret=secret)
        assert [found.state for found in two.together(act, act)] == [ReaderState.CONFIRMED] * 2
    assert Event.objects.filter(verb="reader.confirmed").count() == TIMES


def test_confirming_against_signing_off(harvest: MailingList, two: Meeting) -> None:
    ends = set()
    for number in range(TIMES):
        rosa = reader(harvest, f"r{number}@example.org", state=ReaderState.PENDING)
        signing_up.sign_up(mailing_list=harvest, email=rosa.email, consent="Sì.")
        secret = address_in(posted()[0]).rpartition("/")[2]
        two.queued(
            rosa,
            partial(signing_up.confirm, secret=secret),
            partial(sign_off, reader=rosa),
            first=number % 2,
        )
        rosa.refresh_from_db()
        ends.add((number % 2, rosa.state))
    # Whoever is second, signing off stays: an older link does not undo it.
    assert ends == {(0, ReaderState.UNSUBSCRIBED), (1, ReaderState.UNSUBSCRIBED)}


def test_an_import_brings_nobody_back_who_signs_off_meanwhile(world: World, harvest: MailingList, two: Meeting) -> None:
    for number in range(TIMES):
        rosa = reader(harvest, f"r{number}@example.org")
        text = HEAD + f"{rosa.email};;;2024-05-31;Sì.\n"
        made = importing.start_import(user=world.marta, found=begin(world, harvest, text))
        results = two.together(partial(importing.go_on, import_id=made.pk), partial(sign_off, reader=rosa))
        assert results == [True, True]
        rosa.refresh_from_db()
        made.refresh_from_db()
        assert (rosa.state, made.state, made.added, made.refused) == (ReaderState.UNSUBSCRIBED, "done", 0, 1)


def test_an_import_brings_nobody_back_who_is_erased_meanwhile(world: World, harvest: MailingList, two: Meeting) -> None:
    for number in range(TIMES):
        rosa = reader(harvest, f"r{number}@example.org")
        text = HEAD + f"{rosa.email};;;2024-05-31;Sì.\n"
        made = importing.start_import(user=world.marta, found=begin(world, harvest, text))
        acts = partial(importing.go_on, import_id=made.pk), partial(erase, user=world.marta, reader=rosa)
        results = two.together(*acts) if number % 2 else two.queued(harvest, *acts, first=number // 2 % 2)
        assert results == [True, None]
        made.refresh_from_db()
        assert (made.added, made.refused) == (0, 1)
        assert not Reader.objects.filter(email=rosa.email).exists()


def test_erasing_against_signing_up_and_confirming(world: World, harvest: MailingList, two: Meeting) -> None:
    for number in range(TIMES):
        email = f"r{number}@example.org"
        signing_up.sign_up(mailing_list=harvest, email=email, consent="Sì.")
        rosa = Reader.objects.get(email=email)
        secret = address_in(posted()[0]).rpartition("/")[2]
        act = (
            partial(signing_up.confirm, secret=secret)
            if number % 2
            else partial(signing_up.sign_up, mailing_list=harvest, email=email, consent="Sì.")
        )
        results = two.queued(rosa, act, partial(erase, user=world.marta, reader=rosa), first=number // 2 % 2)
        assert not any(isinstance(result, Exception) for result in results)
        rosa.refresh_from_db()
        assert (rosa.state, rosa.confirmations.count()) == (ReaderState.ERASED, 0)


def test_an_import_and_staff_write_the_same_address(world: World, harvest: MailingList, two: Meeting) -> None:
    for number in range(TIMES):
        email = f"r{number}@example.org"
        made = importing.start_import(
            user=world.marta, found=begin(world, harvest, HEAD + f"{email};;;2024-05-31;Sì.\n")
        )
        agreed: dict[str, Any] = {"consent": "Al banco.", "consented_at": harvest.created_at}
        done, added = two.together(
            partial(importing.go_on, import_id=made.pk),
            partial(add_reader, user=world.marta, mailing_list=harvest, email=email, **agreed),
        )
        made.refresh_from_db()
        assert done is True
        assert Reader.objects.filter(email=email).count() == 1
        assert (made.added == 1) == isinstance(added, Exception)
        assert made.added + made.refused == 1


def test_two_workers_at_one_import(world: World, harvest: MailingList, two: Meeting, monkeypatch: Any) -> None:
    monkeypatch.setattr(importing, "PIECE", 10)
    made = importing.start_import(user=world.marta, found=begin(world, harvest, many(300)))
    act = partial(importing.go_on, import_id=made.pk)
    two.together(act, act)
    while not act():
        pass
    made.refresh_from_db()
    assert (made.state, made.done, made.added, made.refused) == (ImportState.DONE, 300, 300, 0)
    assert Reader.objects.count() == 300


WORKER = """
import django; django.setup()
from newsletter.services import importing
importing.PIECE = 50
importing.go_on(import_id={pk})
"""


def test_a_killed_import_goes_on(world: World, harvest: MailingList) -> None:
    made = importing.start_import(user=world.marta, found=begin(world, harvest, many(6_000)))
    database = connection.settings_dict
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.newsletter.elsewhere"}
    environment |= {f"FILO_TEST_DATABASE_{name}": str(database[name]) for name in ("HOST", "PORT", "NAME")}
    kills = 0
    while kills < 3:
        worker = subprocess.Popen(
            [sys.executable, "-c", WORKER.format(pk=made.pk)],
            env=environment,
            cwd=Path(__file__).parents[2],
        )
        before = ListImport.objects.values_list("done", flat=True).get()
        try:
            _wait_until_done(before, worker)
        finally:
            worker.send_signal(signal.SIGKILL)
            worker.wait()
        kills += 1
    made.refresh_from_db()
    assert 0 < made.done < 6_000
    assert Reader.objects.count() == made.done
    while not importing.go_on(import_id=made.pk):
        pass
    made.refresh_from_db()
    assert (made.state, made.added, made.refused) == (ImportState.DONE, 6_000, 0)
    assert Reader.objects.count() == 6_000
    assert not Confirmation.objects.exists()


def _wait_until_done(before: int, worker: "subprocess.Popen[bytes]") -> None:
    """Until the worker has taken in a piece more, and is not at the end."""
    begun = time.monotonic()
    while ListImport.objects.values_list("done", flat=True).get() == before:
        assert worker.poll() is None, "it ended before it could be killed"
        assert time.monotonic() - begun < 60
        time.sleep(0.005)
