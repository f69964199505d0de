"""Whoever tries secret addresses one after the other is asked to wait.

256 random bits can't be guessed: this spares the database, and never keeps out who has a true address.
"""

from django.http import HttpRequest

from accounts.guarding import too_many

MOST_MISSES = 30


def too_many_misses(request: HttpRequest) -> bool:
    """Count one more unknown secret from this address; True from the 31st within ten minutes on."""
    return too_many(request, "portal:misses", MOST_MISSES)
