"""Tokens that end before their time, renewals that are lost, and people who then connect the accounts anew."""

import datetime as dt
import random
import threading
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.chaos.people import People
from tests.chaos.renewing import Renews
from tests.servers.bad_days import AnswerLost, Cut, Fault, Slow

AGAIN = 12.0  # seconds until somebody tries again, where it did not come to anything
LOST: list[Fault] = [AnswerLost(), AnswerLost(), Cut(), Slow(3)]

# Accounts that no token opens any more, or not for long; whose new ones are not being tried just now.
SHUT = """
SELECT id FROM social_channel channel WHERE id = ANY(%s) AND status IN ('broken', 'expiring') AND NOT EXISTS (
    SELECT 1 FROM social_signin typed WHERE typed.channel_id = channel.id AND state IN ('back', 'asking')
        AND expires_at > now()
)
"""


@dataclass
class Tokens:
    """Those of all accounts that renew theirs, by their channels."""

    accounts: Mapping[int, Renews]
    people: People
    chance: random.Random
    counts: Counter[str]
    tried: dict[int, float] = field(default_factory=dict)  # when somebody did, last
    lock: threading.Lock = field(default_factory=threading.Lock)

    def end_one(self) -> None:
        """A token is over from one moment to the next; sometimes the renewal is lost, too."""
        account = self.accounts[self.chance.choice(list(self.accounts))]
        self.counts["tokens ended"] += 1
        if self.chance.random() < 0.4:
            account.on(account.renewal, self.chance.choice(LOST), None)
            self.counts["renewals lost or late"] += 1
        account.end_token()

    def connect(self) -> None:
        """Who sees an account that is shut signs in there once more."""
        now = time.monotonic()
        for (channel,) in self.people.rows.all(SHUT, list(self.accounts)):
            with self.lock:
                if self.tried.get(channel, 0.0) > now - AGAIN:
                    continue
                self.tried[channel] = now
            account = self.accounts[channel]
            given, ends = account.anew(), dt.datetime.fromtimestamp(self.people.clock() + account.lasts, dt.UTC)
            self.people.connect(channel, {**given, "expires_at": ends.isoformat()})
            self.counts["connected anew"] += 1

    def renewed_with(self) -> list[str]:
        """The refresh tokens that came to the networks, and may be used up by that."""
        return [f"{account.account} {token}" for account in self.accounts.values() for token in account.came]
