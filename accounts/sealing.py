"""What must lie in the database and be read by nobody there: sealed with the first of ``FILO_KEYS``, opened with any."""

import json
from collections.abc import Mapping
from typing import Any

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings


def _box() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in settings.FILO_KEYS])


def seal(secrets: Mapping[str, Any]) -> str:
    """The secrets as they may lie in the database; empty stays empty."""
    return _box().encrypt(json.dumps(dict(secrets)).encode()).decode() if secrets else ""


def unseal(sealed: str) -> dict[str, Any]:
    """The secrets in clear, to be used and forgotten.

    Raises ``cryptography.fernet.InvalidToken`` when none of the keys fits.
    """
    opened: dict[str, Any] = json.loads(_box().decrypt(sealed)) if sealed else {}
    return opened


def reseal(sealed: str) -> str:
    """The same secrets under the newest key."""
    return _box().rotate(sealed.encode()).decode() if sealed else ""
