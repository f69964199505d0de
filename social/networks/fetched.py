"""Pictures and videos that a network fetches itself, from a public address of this installation.

The address is signed and good for hours, made when it is asked for, never kept and never said; and seen by ourselves first,
by the same guard as all our calls, so that nothing inside is ever handed on.
"""

import re
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from social.networks.base import MediaItem, NetworkError, NotSent, Refused
from social.networks.rules import NO_ADDRESS
from social.networks.wire import Wire

HEAD_SECONDS = 10.0
_PARTIAL = 206
_DIGEST = re.compile(r'"([0-9a-f]{64})"')


def address_of(network: str, wire: Wire, item: MediaItem) -> str:
    """Make the public address of a picture or video, and see that it leads to it before the network is told.

    What lies there is as heavy, and the same by its digest, as far as whoever serves it says so.

    It is asked with HEAD, or, where its signature is for GET alone, for its first byte.

    Raises:
        Refused: there is no public address, or it does not lead to this file, or the file is not what was approved.
        NotSent: it can't be read or reached just now.
    """
    if item.address is None:
        raise Refused(NO_ADDRESS, code="media_no_address", params={"network": network})
    with item.open():
        pass  # what lies there is what was approved
    address = item.address()
    wire.hide(address, *address.partition("?")[2].split("&"))
    try:
        seen = _seen(wire, address)
    except NetworkError as error:
        sentence = _("%(network)s could not fetch the picture or video: its public address does not answer.")
        kind = Refused if isinstance(error, Refused) else NotSent
        raise kind(sentence, code="media_not_reachable", params={"network": network}, said=error.said) from None
    for name, (found, meant) in seen.against(item).items():
        if found and found != meant:
            sentence = _("The public address of a picture or video leads to something else.")
            raise Refused(sentence, code="media_not_reachable", said=f"{name} {found}, not {meant}")
    return address


@dataclass(frozen=True, slots=True)
class _Seen:
    """What the server says of what lies there; empty what it does not say."""

    size: str
    digest: str

    def against(self, item: MediaItem) -> dict[str, tuple[str, str]]:
        """Each of them beside what it should be."""
        return {"size": (self.size, str(item.size)), "digest": (self.digest, item.sha256)}


def _seen(wire: Wire, address: str) -> _Seen:
    try:
        answer = wire.call("HEAD", address, seconds=HEAD_SECONDS)
        length = answer.headers.get("content-length", "")
    except Refused:
        first = {"Range": "bytes=0-0"}
        answer = wire.call(
            "GET", address, seconds=HEAD_SECONDS, headers=first, max_bytes=1_000, theirs=lambda _no: True
        )
        length = answer.headers.get("content-range", "").rpartition("/")[2] if answer.status == _PARTIAL else ""
    digest = _DIGEST.fullmatch(answer.headers.get("etag", ""))  # our own is the SHA-256; a store's is its own affair
    return _Seen(length if length.isdecimal() else "", digest[1] if digest else "")
