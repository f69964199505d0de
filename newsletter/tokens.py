"""What stands in the addresses of mails: derived from the installation's key, so that it needs no column and never ends.

A token says which reader or copy it is for, and proves that we made it: ``number.mark`` in lower-case letters and digits,
since a mail server may change the case of an address. Without ``SECRET_KEY`` (or one of ``SECRET_KEY_FALLBACKS``, which keep
mails of before a change good) none can be made.
"""

import base64
import hmac
import re
from collections.abc import Iterator

from django.conf import settings
from django.utils.crypto import salted_hmac

OFF, BOUNCE, ERASED = "off", "bounce", "erased"
BYTES = 16  # 128 bits of the mark
_SHAPE = re.compile(r"([1-9][0-9]{0,18})\.([a-z2-7]{26})")
ERASED_DOMAIN = "erased.invalid"  # RFC 2606: nothing is ever delivered there


def _marks(what: str, value: str) -> Iterator[str]:
    for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        digest = salted_hmac(f"newsletter.{what}", value, secret=key, algorithm="sha256").digest()
        yield base64.b32encode(digest[:BYTES]).decode().rstrip("=").lower()


def token(what: str, number: int) -> str:
    """The token of this kind for this row: at most 46 characters."""
    return f"{number}.{next(_marks(what, str(number)))}"


def read(what: str, text: str) -> int | None:
    """For which row it is; None for what we did not make."""
    found = _SHAPE.fullmatch(text.lower()) if text.isascii() else None
    if found is None:
        return None
    number, mark = found.groups()
    # All of them are compared, in constant time each.
    fits = [hmac.compare_digest(mark, ours) for ours in _marks(what, number)]
    return int(number) if any(fits) and int(number) < 2**63 else None


def erased_addresses(list_id: int, email: str) -> list[str]:
    """What may stand in the place of this address once its reader is erased: by today's key first, then by older ones."""
    return [f"{mark}@{ERASED_DOMAIN}" for mark in _marks(ERASED, f"{list_id} {email}")]
