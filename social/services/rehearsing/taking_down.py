"""The end of a rehearsal: what of it is live is taken down, however the way ended. What stays is said, with its link."""

import time
from dataclasses import dataclass, field

from social.networks.base import Account, Content, Network, NetworkError, NotSent, Published, Throttled, Unknown
from social.services.rehearsing.going_out import PAUSE, GoingOut

TRIES = 3


@dataclass
class TakingDown:
    """``left_behind`` is the link of what may be there still; set before the first try, for whoever stops that, too."""

    network: Network
    account: Account
    content: Content
    left_behind: str = field(default="", init=False)

    def take(self, going: GoingOut) -> None:
        """Take it down, unless that is done."""
        if going.live is None:
            self._look(going)
        if going.live is None:
            return
        if going.deleted:
            self.left_behind = _link(going.live) if going.survives else ""
            return
        self.left_behind = self._shown(going.live)
        if self.network.deletes and self._deleted(going.live):
            self.left_behind, going.deleted = "", True

    def _look(self, going: GoingOut) -> None:
        """It was stopped in the middle: what is live of it, as far as is written down, or can be found."""
        if going.journal.flying and not going.in_doubt:
            told, found = going.search()
            in_the_air = found is None and bool(going.journal.flying)
            going.in_doubt = in_the_air and not (self.network.certain and told.verdict == "as expected")
        if going.live is None:
            going.live = self.network.so_far(going.journal.given)

    def _deleted(self, live: Published) -> bool:
        for number in range(TRIES):
            if number:
                time.sleep(PAUSE * number)
            try:
                self.network.delete(self.account, live)
            except (NotSent, Throttled, Unknown):
                if self._is_gone(live):
                    return True
                continue
            except NetworkError:
                return False
            return True
        return False

    def _is_gone(self, live: Published) -> bool:
        try:
            return self.network.read_back(self.account, live) is None
        except NetworkError:
            return False

    def _shown(self, live: Published) -> str:
        """Its link; that of half a thread may not be known yet."""
        if live.permalink:
            return live.permalink
        try:
            return _link(self.network.read_back(self.account, live) or live)
        except NetworkError:
            return live.remote_id


def _link(live: Published) -> str:
    return live.permalink or live.remote_id
