"""Bodies of answers, unpacked in pieces of bounded size: a kilobyte that says it is a gigabyte is not believed."""

import zlib
from collections.abc import Iterable, Iterator

import httpx

_PIECE = 65_536


class Unreadable(httpx.DecodingError):
    """The body is not what it says it is, or more than is allowed."""


def unpacked(pieces: Iterable[bytes], encoding: str, *, most: float) -> Iterator[bytes]:
    """Give the body as it was before it was compressed, in pieces of bounded size, at most so many bytes in all.

    Raises:
        Unreadable: it is more, broken off, or packed in another way than gzip, which is what we ask for.
    """
    encoding = encoding.strip().lower()
    if encoding not in {"", "identity", "gzip", "x-gzip"}:
        raise Unreadable("an encoding that was not asked for")
    size = 0
    for piece in _inflated(pieces) if "gzip" in encoding else pieces:
        size += len(piece)
        if size > most:
            raise Unreadable("larger than allowed")
        yield piece


def _inflated(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Unpack one stream of gzip (RFC 1952); what may follow it is not read."""
    inflating = zlib.decompressobj(zlib.MAX_WBITS | 16)
    started = False
    try:
        for piece in pieces:
            rest = piece
            while rest and not inflating.eof:
                started = True
                yield inflating.decompress(rest, _PIECE)
                rest = inflating.unconsumed_tail
        while started and not inflating.eof and (last := inflating.decompress(b"", _PIECE)):
            yield last
    except zlib.error as error:
        raise Unreadable("not packed as it says") from error
    if started and not inflating.eof:
        raise Unreadable("broken off")
