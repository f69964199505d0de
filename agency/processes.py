"""Processes that don't outlive who started them, and locks that a killed process leaves open."""

import ctypes
import fcntl
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PR_SET_PDEATHSIG = 1
# Loaded here: between fork and exec there must be no imports.
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


def die_with_parent(sig: int) -> None:
    """Ask Linux to send this process ``sig`` when its parent is gone, even by kill -9; elsewhere do nothing."""
    if _LIBC is not None:
        _LIBC.prctl(PR_SET_PDEATHSIG, sig)


class Lock:
    """A lock on a file (flock): of whoever holds it, gone with its process, however that ends."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.descriptor: int | None = None

    def take(self, *, shared: bool = False, wait: bool = True) -> bool:
        """Take it, alone or with others; whether that went well, which it always does when it may ``wait``."""
        self.release()
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            os.close(descriptor)
            return False
        self.descriptor = descriptor
        return True

    def release(self) -> None:
        """Let go of it."""
        if self.descriptor is not None:
            os.close(self.descriptor)
            self.descriptor = None

    def write(self, note: str) -> None:
        """Say in the file who holds it."""
        if self.descriptor is None:
            raise RuntimeError("Not held.")
        os.ftruncate(self.descriptor, 0)
        os.pwrite(self.descriptor, note.encode(), 0)

    def read(self) -> str:
        """What its holder wrote; empty if nothing."""
        try:
            return self.path.read_text().strip()
        except OSError:
            return ""

    def held_elsewhere(self) -> bool:
        """Whether another process holds it now."""
        if self.descriptor is not None:
            return False
        free = self.take(wait=False)
        self.release()
        return not free

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Hold it for the length of a block."""
        self.take()
        try:
            yield
        finally:
            self.release()
