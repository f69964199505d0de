"""What a network reads is what was approved, wherever it is kept and however often it is opened."""

import hashlib
import io
import os
from pathlib import Path
from typing import BinaryIO

import pytest

from social.networks.base import NetworkError, NotSent, Refused
from social.networks.stored import Stored

DATA = b"The vineyard in May. " * 100_000
SHA256 = hashlib.sha256(DATA).hexdigest()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    kept = tmp_path / "kept"
    kept.write_bytes(DATA)
    return kept


class Counted(io.FileIO):
    """A file that tells how many bytes were read of it."""

    read_of: list[int] = []

    def readinto(self, buffer: memoryview, /) -> int:  # type: ignore[override]
        found = super().readinto(buffer)
        self.read_of.append(found)
        return found


def read(stored: Stored, at: int = 0, most: int = -1) -> bytes:
    with stored() as stream:
        stream.seek(at)
        return stream.read(most)


def ended(stored: Stored) -> NetworkError:
    with pytest.raises(NetworkError) as error:
        stored()
    return error.value


def test_the_approved_bytes(path: Path) -> None:
    stored = Stored(lambda: path.open("rb"), SHA256, is_video=False)
    assert read(stored) == DATA
    assert read(stored, 21, 20) == DATA[:20]


def test_a_file_of_this_machine_is_looked_through_once(path: Path) -> None:
    Counted.read_of.clear()
    stored = Stored(lambda: io.BufferedReader(Counted(path)), SHA256, is_video=True)
    for piece in range(20):
        assert read(stored, piece, 1) == DATA[piece : piece + 1]
    assert len(DATA) <= sum(Counted.read_of) < 1.2 * len(DATA)


@pytest.mark.parametrize(("is_video", "code"), [(False, "picture_not_valid"), (True, "video_not_valid")])
def test_another_file_is_refused(path: Path, code: str, *, is_video: bool) -> None:
    path.write_bytes(DATA[:-1] + b"!")
    error = ended(Stored(lambda: path.open("rb"), SHA256, is_video=is_video))
    assert (type(error), error.code) == (Refused, code)


def test_one_that_is_replaced_between_two_pieces(path: Path) -> None:
    stored = Stored(lambda: path.open("rb"), SHA256, is_video=True)
    assert read(stored, 0, 10) == DATA[:10]
    before = path.stat()
    path.write_bytes(DATA[:-1] + b"!")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns + 1))
    assert ended(stored).code == "video_not_valid"


def test_one_that_is_gone_is_refused(path: Path) -> None:
    path.unlink()
    error = ended(Stored(lambda: path.open("rb"), SHA256, is_video=False))
    assert (type(error), error.code) == (Refused, "picture_not_valid")


def test_a_store_that_is_away_is_tried_again() -> None:
    def away() -> BinaryIO:
        raise ConnectionError("the store does not answer")

    error = ended(Stored(away, SHA256, is_video=False))
    assert (type(error), error.code, error.said) == (NotSent, "media_not_readable", "ConnectionError")


def test_what_was_refused_is_closed(path: Path) -> None:
    path.write_bytes(b"others")
    opened: list[BinaryIO] = []

    def source() -> BinaryIO:
        opened.append(path.open("rb"))
        return opened[-1]

    ended(Stored(source, SHA256, is_video=False))
    assert [stream.closed for stream in opened] == [True]
