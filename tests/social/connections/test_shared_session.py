"""A session with Bluesky is signed in for once and shared by all processes, on Bluesky's own server."""

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone

from accounts.models import User
from social import networks
from social.credentials import seal, unseal
from social.models import Channel
from social.networks.base import NotSent, Published
from social.networks.bluesky import publishing, sessions
from social.services import create_channel, retire_channel
from social.services.connections import account_of, put_credentials
from tests.processes import environment
from tests.servers.faults import Faults, Slow
from tests.servers.pds import Pds, Person, pds
from tests.social.networks.conftest import new_person
from tests.world import World

__all__ = ["new_person", "pds"]
pytestmark = pytest.mark.django_db(transaction=True)
SIGN_IN, RENEW = "com.atproto.server.createSession", "com.atproto.server.refreshSession"
READ = """
import sys
import django
django.setup()
from accounts.models import User
from social import networks
from social.models import Channel
from social.networks.base import Published
from social.services.connections import account_of
account = account_of(Channel.objects.get(pk=int(sys.argv[1])))
sys.stdin.readline()
print(networks.get("bluesky").read_back(account, Published(sys.argv[2], "")))
"""


@pytest.fixture
def between(transactional_db: None, pds: Pds) -> Iterator[Faults]:
    publishing.sessions.forget()
    with Faults(pds.url) as between:
        yield between
    publishing.sessions.forget()


def on(server: Faults, person: Person) -> Channel:
    world = World()
    fields: dict[str, Any] = {"credentials": {"app_password": person.app_password}, "server": server.url}
    channel = create_channel(
        user=world.marta, client=world.winery, network="bluesky", handle=person.handle, name="R", **fields
    )
    Channel.objects.filter(pk=channel.pk).update(identity=person.did)
    return fresh(channel)


def fresh(channel: Channel) -> Channel:
    return Channel.objects.get(pk=channel.pk)


def nothing(person: Person) -> Published:
    """A post that this account has not."""
    return Published(f"at://{person.did}/app.bsky.feed.post/3n2rtsvmjmmib", "")


def other_process(channel: Channel, person: Person, home: Path) -> str:
    """Read it back there."""
    command = [sys.executable, "-W", "ignore", "-c", READ, str(channel.pk), nothing(person).remote_id]
    found = subprocess.run(
        command, cwd=settings.BASE_DIR, env=environment(home), input="\n", capture_output=True, text=True, check=True
    )
    return found.stdout


def test_two_processes_sign_in_once_and_renew_once(between: Faults, new_person: Any, tmp_path: Path) -> None:
    person = new_person()
    channel = on(between, person)
    between.on(SIGN_IN, Slow(1.0), None)  # so that both are there before it is answered
    with ThreadPoolExecutor(2) as both:
        said = list(both.map(lambda _n: other_process(channel, person, tmp_path), range(2)))
    assert (said, between.count(SIGN_IN)) == (["None\n"] * 2, 1)
    kept = fresh(channel).session
    assert person.app_password not in kept
    before = unseal(kept)
    assert (before["did"], "refresh" in before, fresh(channel).renewing) == (person.did, True, "")

    Channel.objects.update(session=seal({**before, "expires_at": 0.0}))
    between.on(RENEW, Slow(1.0), None)
    with ThreadPoolExecutor(2) as both:
        said = list(both.map(lambda _n: other_process(channel, person, tmp_path), range(2)))
    assert (said, between.count(SIGN_IN), between.count(RENEW)) == (["None\n"] * 2, 1, 1)
    assert unseal(fresh(channel).session)["refresh"] != before["refresh"]


def test_a_session_goes_with_the_credentials_that_made_it(between: Faults, new_person: Any) -> None:
    person, bluesky = new_person(), networks.get("bluesky")
    channel = on(between, person)
    account = account_of(channel)
    assert bluesky.read_back(account, nothing(person)) is None
    publishing.sessions.forget()  # another process
    assert bluesky.identity(account).id == person.did
    assert (between.count(SIGN_IN), between.count(RENEW)) == (
        1,
        1,
    )  # that the password holds is seen without signing in
    channel = fresh(channel)
    put_credentials(channel, {"app_password": "another"}, timezone.now())
    assert channel.session == ""
    channel.refresh_from_db()
    Channel.objects.update(session=seal({**unseal(channel.session), "password": "of another one"}))
    publishing.sessions.forget()
    assert bluesky.read_back(account, nothing(person)) is None
    assert between.count(SIGN_IN) == 2
    retire_channel(user=User.objects.get(email__startswith="marta"), channel=channel)
    publishing.sessions.forget()
    assert bluesky.read_back(account, nothing(person)) is None  # a worker that was at it
    assert fresh(channel).session == ""


def test_who_died_with_it_gives_way_and_who_lives_is_waited_for(
    between: Faults, new_person: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    person, bluesky = new_person(), networks.get("bluesky")
    account = account_of(on(between, person))
    now = timezone.now()
    Channel.objects.update(renewing="of another worker", renewing_until=now + timedelta(hours=1))
    monkeypatch.setattr(sessions, "_WAIT_SECONDS", 0.2)
    with pytest.raises(NotSent) as busy:
        bluesky.read_back(account, nothing(person))
    assert (busy.value.code, between.calls) == ("sign_in_busy", [])
    Channel.objects.update(renewing_until=now - timedelta(seconds=1))
    assert bluesky.read_back(account, nothing(person)) is None
    assert between.count(SIGN_IN) == 1
