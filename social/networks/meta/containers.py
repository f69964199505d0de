"""Containers: how Instagram and Threads take what they publish. Made with an address that Meta fetches, then worked on,
then published by a call of its own.

A container lasts 24 hours (https://developers.facebook.com/docs/instagram-platform/content-publishing/,
https://developers.facebook.com/docs/threads/troubleshooting), and says of itself:

| status      | what we do |
|-------------|------------|
| FINISHED    | go on |
| IN_PROGRESS | NotReady, look again later |
| EXPIRED     | forget it and make it again |
| ERROR       | forget it; Refused where Meta's reason lies in the file, else NotSent, and the next try makes it again |
| PUBLISHED   | never publish it again: look for what it became |

Whether publishing the same container twice is refused is nowhere written, so it is never tried: before each publishing
the container is asked, and PUBLISHED is the answer to an uncertain try.
"""

import datetime as dt
import re
from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from social.networks import fetched
from social.networks.base import Journal, MediaItem, NetworkError, NotReady, NotSent, Refused
from social.networks.meta.errors import Missing
from social.networks.meta.graph import Graph, soon

KEPT_FOR = dt.timedelta(hours=23)
PICTURE_WAIT = 5.0
VIDEO_WAIT = 20.0
FINISHED, PUBLISHED, EXPIRED, ERROR = "FINISHED", "PUBLISHED", "EXPIRED", "ERROR"
# Reasons that lie in the file: asked again it would end the same. Instagram's subcodes, and Threads' own words.
_IN_THE_FILE = re.compile(r"22070(04|05|09|10|23|26|28)|INVALID_\w+|FAILED_PROCESSING_\w+")

State = tuple[str, str]
"""A container's status, and the reason where there is one."""
Ask = Callable[[str], State]


def settled(
    journal: Journal, step: str, make: Callable[[], Mapping[str, Any]], ask: Ask, *, wait: float
) -> tuple[str, str]:
    """Return a container's id and status, FINISHED or PUBLISHED; made where there is none yet or no longer.

    Raises:
        NotReady: Meta works on it.
        Refused: Meta does not take the file.
        NotSent: it has to be made anew by the next try; and whatever making and asking raise.
    """
    for _turn in range(2):
        container = str(journal.once(step, make, good_for=KEPT_FOR)["id"])
        try:
            status, why = ask(container)
        except Missing:
            status, why = EXPIRED, "missing"
        if status in {FINISHED, PUBLISHED}:
            return container, status
        if status not in {EXPIRED, ERROR}:
            raise NotReady(
                _("The network is working on the picture or video."), code="processing", retry_at=soon(seconds=wait)
            )
        journal.forget(step)
        if status == ERROR:
            raise _failed(why)
    raise NotSent(_("What was prepared has expired too soon. Nothing was published."), code="expired")


def _failed(why: str) -> NetworkError:
    if _IN_THE_FILE.search(why):
        sentence = _("The network can't use this picture or video: check its kind, length and proportions.")
        return Refused(sentence, code="media_not_taken", said=why)
    return NotSent(_("The network could not work on the picture or video."), code="media_failed", said=why)


def wait_for(items: tuple[MediaItem, ...]) -> float:
    """Return how many seconds to wait before a container of these is asked again."""
    return VIDEO_WAIT if any(item.is_video for item in items) else PICTURE_WAIT


def address_of(graph: Graph, item: MediaItem) -> str:
    """Make the public address of a picture or video; see `social.networks.fetched`."""
    return fetched.address_of(graph.network, graph.wire, item)
