"""A worker dies by SIGKILL while it renews a token that ends with each renewal: it is not used a second time."""

import signal
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from social.credentials import unseal
from social.models import Channel
from tests.processes import beat, wait_until, worker
from tests.servers.wire import Slow
from tests.servers.x import FakeX
from tests.social.connections.going import register
from tests.social.connections.test_renewing import TOKEN, connected, fresh
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)


def test_killed_before_the_answer_came(transactional_db: None, tmp_path: Path) -> None:
    world = World()
    with FakeX() as x:
        register(world, "x", x)
        x.on(TOKEN, Slow(2), None)
        channel = connected(world, x)
        with beat(tmp_path):
            with worker(tmp_path) as first:
                wait_until(lambda: x.count(TOKEN) == 1, "the renewal")
                first.send_signal(signal.SIGKILL)
                first.wait()
            assert fresh(channel).renewing != ""
            over = timezone.now() - timedelta(seconds=1)  # as if the clock had gone on to the end of its lease
            Channel.objects.filter(pk=channel.pk).update(renewing_until=over, renew_at=over)
            with worker(tmp_path):
                wait_until(lambda: fresh(channel).status == "expiring", "what became of it")
        wait_until(lambda: x.used, "the fake")
        assert x.used == ["refresh-token-of-the-winery"]
        assert "refresh_token" not in unseal(fresh(channel).credentials)
