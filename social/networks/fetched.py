"""Pictures and videos that a network fetches itself, from a public address of this installation.

The address is signed and good for hours, made when it is asked for, never kept and never said; and seen by ourselves first,
by the same guard as all our calls, so that nothing inside is ever handed on.
"""

from django.utils.translation import gettext_lazy as _

from social.networks.base import MediaItem, NetworkError, NotSent, Refused
from social.networks.rules import NO_ADDRESS
from social.networks.wire import Wire

HEAD_SECONDS = 10.0
_PARTIAL = 206


def address_of(network: str, wire: Wire, item: MediaItem) -> str:
    """Make the public address of a picture or video, and see that it leads to it before the network is told.

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
        size = _seen(wire, address)
    except NetworkError as error:
        sentence = _("%(network)s could not fetch the picture or video: its public address does not answer.")
        kind = Refused if isinstance(error, Refused) else NotSent
        raise kind(sentence, code="media_not_reachable", params={"network": network}, said=error.said) from None
    if size is not None and size != item.size:
        sentence = _("The public address of a picture or video leads to something else.")
        raise Refused(sentence, code="media_not_reachable", said=f"{size} of {item.size} bytes")
    return address


def _seen(wire: Wire, address: str) -> int | None:
    """How many bytes lie there; None where the server does not say."""
    try:
        answer = wire.call("HEAD", address, seconds=HEAD_SECONDS)
        length = answer.headers.get("content-length", "")
    except Refused:
        first = {"Range": "bytes=0-0"}
        answer = wire.call("GET", address, seconds=HEAD_SECONDS, headers=first, max_bytes=1_000)
        length = answer.headers.get("content-range", "").rpartition("/")[2] if answer.status == _PARTIAL else ""
    return int(length) if length.isdecimal() else None
