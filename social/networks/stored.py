"""The stored bytes of a picture or video, as every network reads them: those that were approved, or none.

A file that was replaced or damaged where it is kept goes nowhere: its bytes are held against its digest before the network
is given the first of them. A file of this machine is read once for that, and again where it has changed since. Of a store
that is elsewhere a copy is fetched, once, however many pieces it goes out in, and kept as long as the try lasts.
"""

import hashlib
import io
import logging
import os
import weakref
from collections.abc import Callable
from typing import TYPE_CHECKING, BinaryIO, cast

from django.utils.translation import gettext_lazy as _

from social.networks import signs
from social.networks.journal import LeaseLost
from social.networks.outcomes import NetworkError, NotSent, Refused

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

log = logging.getLogger(__name__)
PIECE = 1 << 20

Mark = tuple[int, int, int, int]


class Stored:
    """Opens what `source` opens, where its SHA-256 is this one; used by one thread.

    Raises:
        Refused: it is not there any more, or is another file by now.
        NotSent: it can't be read just now.
        LeaseLost: it took so long that the publication is somebody else's by now.
    """

    def __init__(self, source: Callable[[], BinaryIO], sha256: str, *, is_video: bool) -> None:
        self.source = source
        self.sha256 = sha256
        self._is_video = is_video
        self._mark: Mark | None = None  # of the file that was seen to be the approved one
        self._copy: BinaryIO | None = None

    def __call__(self) -> BinaryIO:
        """A stream of its own at the first byte, for the network to close."""
        if self._copy is not None:
            return self._view(self._copy)
        stream = None
        try:
            stream = self.source()
            mark = _mark(stream)
            if mark is None or mark != self._mark:
                self._require_same(stream)
        except Exception as error:
            if stream is not None:
                stream.close()
            if isinstance(error, LeaseLost):
                raise
            raise self._named(error) from error
        self._mark = mark
        return stream if mark or isinstance(stream, io.BytesIO) else self._kept(stream)

    def _require_same(self, stream: BinaryIO) -> None:
        digest = hashlib.sha256()
        while piece := stream.read(PIECE):
            digest.update(piece)
            signs.give()
        if digest.hexdigest() != self.sha256:
            raise self._lost()
        stream.seek(0)

    def _kept(self, copy: BinaryIO) -> BinaryIO:
        self._copy = copy
        weakref.finalize(self, copy.close)
        return self._view(copy)

    def _view(self, copy: BinaryIO) -> BinaryIO:
        return cast("BinaryIO", io.BufferedReader(_View(copy, self)))

    def _named(self, error: Exception) -> NetworkError:
        if isinstance(error, NetworkError):
            return error
        if isinstance(error, FileNotFoundError):
            return self._lost()
        log.warning("stored media can't be read", exc_info=error, extra={"sha256": self.sha256})
        sentence = _("A picture or video of this post can't be read just now.")
        return NotSent(sentence, code="media_not_readable", said=type(error).__name__)

    def _lost(self) -> Refused:
        if self._is_video:
            sentence = _("The video of this post can't be read, or is no longer the one that was approved.")
            return Refused(sentence, code="video_not_valid")
        sentence = _("A picture of this post can't be read, or is no longer the one that was approved.")
        return Refused(sentence, code="picture_not_valid")


def _mark(stream: BinaryIO) -> Mark | None:
    """What changes when a file of this machine does; None of what is no such file."""
    if not isinstance(getattr(stream, "raw", None), io.FileIO):
        return None
    found = os.fstat(stream.fileno())
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns


class _View(io.RawIOBase):
    """One reading of a copy that several readings share, one after the other or in turns."""

    def __init__(self, copy: BinaryIO, owner: Stored) -> None:
        self._copy = copy
        self._owner = owner  # whose end is the copy's
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        self._copy.seek(self._at)
        self._at = self._copy.seek(offset, whence)
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: "WriteableBuffer", /) -> int:
        self._copy.seek(self._at)
        with memoryview(buffer) as room:
            data = self._copy.read(room.nbytes)
            room[: len(data)] = data
        self._at += len(data)
        return len(data)
