"""A network's session with a channel's account, shared by all workers: signing in is dear, and counted by the network.

It lies sealed beside the channel's credentials and goes with them. Who signs in or renews has its mark on the channel
meanwhile, as who renews a token has; whoever dies with it gives way after ``HELD``. A session that is lost costs one sign-in.
"""

import secrets
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from cryptography.fernet import InvalidToken
from django.db.models import Q

from social.credentials import seal, unseal
from social.models import Channel, ChannelStatus
from social.networks.bluesky import keeping
from social.services import clock
from social.services.enduring import enduring

HELD: Final = timedelta(seconds=40)  # longer than a renewal that is refused and the sign-in after it
OFTEN: Final = 0.1  # seconds


def share() -> None:
    """Have the networks that sign in do it once for all processes."""
    keeping.use(ChannelSessions())


@dataclass(frozen=True)
class ChannelSession:
    """See ``social.networks.bluesky.keeping.Held``."""

    channel: int
    mark: str

    def get(self) -> Mapping[str, Any]:
        """What is kept; nothing where its key was taken away."""
        sealed = enduring(lambda: self._mine().values_list("session", flat=True).first())
        try:
            return unseal(sealed or "")
        except InvalidToken:
            return {}

    def put(self, kept: Mapping[str, Any]) -> None:
        """Keep it, unless the channel has other credentials by now: those end all turns."""
        sealed = seal(kept)
        enduring(lambda: self._mine().update(session=sealed))

    def _mine(self) -> Any:
        return Channel.objects.filter(pk=self.channel, renewing=self.mark)


class ChannelSessions:
    """See ``social.networks.bluesky.keeping.Keeper``."""

    @contextmanager
    def turn(self, channel: int, seconds: float) -> Iterator[ChannelSession | None]:
        """Wait for our turn, hold it, give it back. A retired channel has none."""
        mark, until = secrets.token_hex(16), time.monotonic() + seconds
        while not enduring(lambda: _taken(channel, mark)):
            if not enduring(lambda: _living(channel).exists()):
                yield None
                return
            if time.monotonic() > until:
                raise TimeoutError
            time.sleep(OFTEN)
        try:
            yield ChannelSession(channel, mark)
        finally:
            mine = Channel.objects.filter(pk=channel, renewing=mark)
            enduring(lambda: mine.update(renewing="", renewing_until=None))


def _living(channel: int) -> Any:
    return Channel.objects.filter(pk=channel).exclude(status=ChannelStatus.RETIRED)


def _taken(channel: int, mark: str) -> bool:
    now = clock.now()
    free = Q(renewing="") | Q(renewing=mark) | Q(renewing_until=None) | Q(renewing_until__lte=now)
    return bool(_living(channel).filter(free).update(renewing=mark, renewing_until=now + HELD))
