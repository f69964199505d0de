"""What a service says when it will not: every face turns these into its own answer.

Bad input is Django's own ``ValidationError`` (with a field name), a role that may not is Django's
``PermissionDenied``, what the person may not see does not exist (``ObjectDoesNotExist``).
"""

from django.utils.functional import Promise


class Conflict(Exception):  # noqa: N818 - it is the word of the API
    """The state of things does not allow it (HTTP 409): stale digest, closed review, already published.

    ``code`` is for programs, ``detail`` for people, in their language; ``field`` names what of the request does not fit, if
    one thing does.
    """

    def __init__(self, code: str, detail: str | Promise, *, field: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail
        self.field = field

    def __str__(self) -> str:
        return str(self.detail)
