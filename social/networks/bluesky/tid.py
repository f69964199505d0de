"""Record keys of our own: timestamp identifiers, as https://atproto.com/specs/tid says.

64 bits in 13 characters of a base32 that sorts: a zero, 53 bits of microseconds since 1970, 10 bits that tell apart
clocks. Within a process no key comes twice, however many are made in one microsecond.
"""

import re
import secrets
import threading
import time

_ALPHABET = "234567abcdefghijklmnopqrstuvwxyz"
_VALID = re.compile(rf"[{_ALPHABET[:16]}][{_ALPHABET}]{{12}}")
_LENGTH = 13
_lock = threading.Lock()
_last = 0


def new_tid() -> str:
    """Make a key of this moment, by the system's clock."""
    global _last  # noqa: PLW0603 - the clock of this process, guarded by its lock
    with _lock:
        _last = max(time.time_ns() // 1000, _last + 1)
        number = _last << 10 | secrets.randbelow(1 << 10)
    return "".join(_ALPHABET[number >> 5 * place & 31] for place in reversed(range(_LENGTH)))


def is_tid(key: object) -> bool:
    """Say whether it is a valid key."""
    return isinstance(key, str) and _VALID.fullmatch(key) is not None
