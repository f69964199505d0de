"""Whoever asks too often from one place is asked to wait. The same as at the portal's secret addresses, for the public form."""

from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.http import HttpRequest

WINDOW = 10 * 60  # seconds
MOST_ASKED = 20  # sign-ups from one place in that time: an office behind one address has room
MOST_MISSES = 30  # addresses that open nothing


def too_many(request: HttpRequest, what: str, most: int) -> bool:
    """Count one more of these from this place; True from the one after ``most`` within ten minutes on."""
    key = f"newsletter:{what}:{get_adapter(request).get_client_ip(request)}"
    cache.add(key, 0, WINDOW)
    try:
        return cache.incr(key) > most
    except ValueError:  # ten minutes were over between the two lines
        return False
