"""Whoever asks too often from one place is asked to wait: the figures of the public form and of its secret addresses."""

from django.http import HttpRequest

from accounts import guarding

MOST_ASKED = 20  # sign-ups from one place within ten minutes: an office behind one address has room
MOST_MISSES = 30  # addresses that open nothing


def too_many(request: HttpRequest, what: str, most: int) -> bool:
    """Count one more of these from this place; True from the one after ``most`` within ten minutes on."""
    return guarding.too_many(request, f"newsletter:{what}", most)
