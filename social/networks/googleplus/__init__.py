"""Google+, which came to an end: for people on 2 April 2019, with its pages and all that was on them.

https://support.google.com/googleplus/answer/9195133. The API had been closed on 7 March 2019
(https://developers.google.com/+/api-shutdown). Nothing is published here and nothing can be connected; channels that were
on it stay readable, with what went out there. It is also what every network looks like on its last day.

Nobody can be asked about its limits any more; 100,000 characters is what others had written down of it.
"""

import datetime as dt
import uuid
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from social.networks.base import (
    Account,
    CannotTell,
    Content,
    Identity,
    Journal,
    Keys,
    Network,
    Preflight,
    Problem,
    Proportions,
    Published,
    Refused,
)

MAX_TEXT = 100_000
ENDED = _("%(network)s has come to an end: nothing goes out there any more.")


class GooglePlus(Network):
    """See the module: every call is refused at once, and none leaves the house."""

    slug: ClassVar[str] = "googleplus"
    name: ClassVar[str] = "Google+"
    limits: ClassVar[dict[str, Any]] = {
        "text": {"max": MAX_TEXT, "unit": "characters"},
        "media": {"max": 0, "kinds": []},
        "source": "https://support.google.com/googleplus/answer/9195133",
        "as_of": "2019-04-02",
    }
    proportions: ClassVar[Proportions] = Proportions(narrowest=0.5, widest=2.0, card=1.91)
    patience: ClassVar[int] = 1
    retired: ClassVar[dt.date | None] = dt.date(2019, 4, 2)

    def preflight(self, content: Content) -> Preflight:
        """Say that there is no such network any more."""
        problem = Problem("network_ended", "error", ENDED, {"network": self.name})
        used = len(content.text)
        return Preflight(used, MAX_TEXT, "characters", MAX_TEXT if used > MAX_TEXT else None, (problem,))

    def new_keys(self, now: dt.datetime, content: Content) -> Keys:
        """Nothing will be found by it."""
        return {"key": uuid.uuid4().hex}

    def publish(self, account: Account, content: Content, keys: Keys, journal: Journal) -> Published:
        """Refuse."""
        raise self._ended()

    def find(self, account: Account, content: Content, keys: Keys, journal: Journal) -> Published | None:
        """Nobody can tell any more."""
        raise CannotTell(ENDED, code="network_ended", params={"network": self.name})

    def identity(self, account: Account) -> Identity:
        """Refuse."""
        raise self._ended()

    def _ended(self) -> Refused:
        return Refused(ENDED, code="network_ended", params={"network": self.name})
