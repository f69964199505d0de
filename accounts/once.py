"""A form that was sent twice does its work once."""

import hashlib
from collections.abc import Callable

from django.db import connection, transaction
from django.http import HttpRequest

KEY = "sent_forms"
KEPT = 30  # forms of one session


def once(request: HttpRequest, token: str, act: Callable[[], int]) -> tuple[int, bool]:
    """The number that ``act`` gives for this form; for a second click, the number that the first one got, and False.

    The second waits for the first on a lock of PostgreSQL; what the first got is kept in the person's session.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_number(f"{request.session.session_key}:{token}")])
        session = type(request.session)(request.session.session_key)
        done: dict[str, int] = session.get(KEY, {})
        if token in done:
            return done[token], False
        number = act()
        session[KEY] = dict([*done.items(), (token, number)][-KEPT:])
        session.save()
    request.session[KEY] = session[KEY]
    return number, True


def _number(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big", signed=True)
