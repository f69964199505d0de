"""What a service says when it will not: every face turns these into its own answer.

Bad input is Django's own ``ValidationError`` (with a field name), a role that may not is Django's
``PermissionDenied``, what the person may not see does not exist (``ObjectDoesNotExist``).
"""

import psycopg
from django.db import InterfaceError, OperationalError
from django.utils.functional import Promise

# PostgreSQL's classes of errors (appendix A of its manual): connection exception, shutting down, too many connections.
UNREACHABLE = ("08", "57P", "53300")
TRY_AGAIN_AFTER = 30  # seconds


class Conflict(Exception):  # noqa: N818 - it is the word of the API
    """The state of things does not allow it (HTTP 409): stale digest, closed review, already published.

    ``code`` is for programs, ``detail`` for people, in their language; ``field`` names what of the request does not fit, if
    one thing does. ``retry_after``: worth asking again in so many seconds.
    """

    retry_after: int | None = None

    def __init__(self, code: str, detail: str | Promise, *, field: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail
        self.field = field

    def __str__(self) -> str:
        return str(self.detail)


def database_away(error: BaseException | None) -> bool:
    """Whether this is PostgreSQL not being there, or no longer; no refusal of its own. Worth trying again in a moment."""
    if not isinstance(error, OperationalError | InterfaceError):
        return False
    cause = error.__cause__
    if not isinstance(cause, psycopg.OperationalError | psycopg.InterfaceError):
        return False
    return cause.sqlstate is None or cause.sqlstate.startswith(UNREACHABLE)


class Stale(Conflict):
    """What the caller had seen is not what stands there any more (HTTP 412, where the caller said what that was)."""
