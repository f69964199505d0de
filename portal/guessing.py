"""Whoever tries secret addresses one after the other is asked to wait.

256 random bits can't be guessed: this spares the database, and never keeps out who has a true address.
"""

from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.http import HttpRequest

MOST_MISSES = 30
WINDOW = 10 * 60  # seconds


def too_many_misses(request: HttpRequest) -> bool:
    """Count one more unknown secret from this address; True from the 31st within ten minutes on."""
    key = f"portal:misses:{get_adapter(request).get_client_ip(request)}"
    cache.add(key, 0, WINDOW)
    try:
        return cache.incr(key) > MOST_MISSES
    except ValueError:  # ten minutes were over between the two lines
        return False
