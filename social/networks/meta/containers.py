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
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from social.networks.base import Content, Journal, MediaItem, NetworkError, NotReady, NotSent, Problem, Refused
from social.networks.meta.errors import Missing
from social.networks.meta.graph import Graph, soon

KEPT_FOR = dt.timedelta(hours=23)
HEAD_SECONDS = 10.0
PICTURE_WAIT = 5.0
VIDEO_WAIT = 20.0
FINISHED, PUBLISHED, EXPIRED, ERROR = "FINISHED", "PUBLISHED", "EXPIRED", "ERROR"
# Reasons that lie in the file: asked again it would end the same. Instagram's subcodes, and Threads' own words.
_IN_THE_FILE = re.compile(r"22070(04|05|09|10|23|26|28)|INVALID_\w+|FAILED_PROCESSING_\w+")
_PARTIAL = 206

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
    """Make the public address of a picture or video, and see ourselves that it is there before Meta is told.

    The address is asked with HEAD, or, where its signature is for GET alone, for its first byte; by the same guard as
    all our calls, so that nothing inside is ever handed on.

    Raises:
        Refused: there is no public address, or it does not lead to this file.
        NotSent: it can't be reached just now.
    """
    if item.address is None:
        raise Refused(_NO_ADDRESS, code="media_no_address", params={"network": graph.network})
    address = item.address()
    graph.wire.hide(address, *address.partition("?")[2].split("&"))
    try:
        size = _seen(graph, address)
    except NetworkError as error:
        params = {"network": graph.network}
        sentence = _("%(network)s could not fetch the picture or video: its public address does not answer.")
        kind = Refused if isinstance(error, Refused) else NotSent
        raise kind(sentence, code="media_not_reachable", params=params, said=error.said) from None
    if size is not None and size != item.size:
        sentence = _("The public address of a picture or video leads to something else.")
        raise Refused(sentence, code="media_not_reachable", said=f"{size} of {item.size} bytes")
    return address


def _seen(graph: Graph, address: str) -> int | None:
    """How many bytes lie there; None where the server does not say."""
    try:
        answer = graph.wire.call("HEAD", address, seconds=HEAD_SECONDS)
        length = answer.headers.get("content-length", "")
    except Refused:
        first = {"Range": "bytes=0-0"}
        answer = graph.wire.call("GET", address, seconds=HEAD_SECONDS, headers=first, max_bytes=1_000)
        length = answer.headers.get("content-range", "").rpartition("/")[2] if answer.status == _PARTIAL else ""
    return int(length) if length.isdecimal() else None


_NO_ADDRESS = _(
    "%(network)s fetches pictures and videos itself, and this installation has no public address for them. "
    "Who runs Filo can set one up."
)


def addressed(network: str, content: Content) -> Iterator[Problem]:
    """Refuse media without a public address."""
    media = [*content.media, *(item for part in content.parts for item in part.media)]
    if any(item.address is None for item in media):
        yield Problem("media_no_address", "error", _NO_ADDRESS, {"network": network})
