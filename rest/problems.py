"""Every error of the API as ``application/problem+json`` (RFC 9457), whatever raised it."""

import errno
import json
import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from http import HTTPStatus
from typing import Any

from django.core.exceptions import (
    BadRequest,
    ObjectDoesNotExist,
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
    ValidationError,
)
from django.db import IntegrityError
from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _
from psycopg.errors import UniqueViolation
from rest_framework import exceptions

from accounts.errors import TRY_AGAIN_AFTER, Conflict, Stale, database_away

log = logging.getLogger(__name__)
MEDIA_TYPE = "application/problem+json"
NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


@dataclass(frozen=True)
class FieldError:
    """What is wrong with one field of the request; ``field`` is empty where it concerns the whole of it."""

    field: str
    code: str
    detail: str


class TooLarge(exceptions.APIException):
    """The body is larger than we read (HTTP 413)."""

    status_code = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    default_code = "too_large"

    def __init__(self) -> None:
        super().__init__(_("The request is too large."))


def problem(  # noqa: PLR0913 - an answer is all of these
    status: int,
    detail: str,
    *,
    code: str,
    errors: list[FieldError] | None = None,
    headers: Mapping[str, str] | None = None,
    revisions: list[dict[str, Any]] | None = None,
) -> HttpResponse:
    """The answer itself. ``code`` is for programs, ``detail`` for people, in the language active now.

    ``revisions`` are the texts that stand side by side, where it is about those.
    """
    content: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": int(status),
        "detail": detail,
        "code": code,
    }
    if errors:
        content["errors"] = [asdict(error) for error in errors]
    if revisions:
        content["revisions"] = revisions
    # "replace": what was refused for half a character may be quoted in the refusal.
    body = json.dumps(content, ensure_ascii=False).encode("utf-8", "replace")
    return HttpResponse(body, status=status, content_type=MEDIA_TYPE, headers=dict(headers or {}))


def handler(error: Exception, context: Mapping[str, Any]) -> HttpResponse:
    """What the API answers to this exception. What nobody foresaw is logged and told as a 500 that says nothing else."""
    if isinstance(error, exceptions.APIException):
        return _of_api(error)
    for kind, answer in ANSWERS:
        if isinstance(error, kind):
            return answer(error)
    if isinstance(error, OSError) and error.errno in NO_ROOM:
        log.error("there is no room for files: %s", error)
        text = _("There is no room left for files on this server. Nothing was stored: try again when there is.")
        return problem(HTTPStatus.INSUFFICIENT_STORAGE, text, code="no_room")
    if isinstance(error, IntegrityError) and isinstance(error.__cause__, UniqueViolation):
        return problem(HTTPStatus.CONFLICT, _("Somebody else has just saved the same."), code="already_exists")
    if database_away(error):
        log.error("the database is away: %s", error)
        return unavailable()
    log.error("unhandled error", exc_info=error, extra={"view": type(context.get("view")).__name__})
    text = _("Something broke on our side. It is written down, and nothing was changed.")
    return problem(HTTPStatus.INTERNAL_SERVER_ERROR, text, code="error")


def invalid(errors: list[FieldError]) -> HttpResponse:
    """Bad input: which fields, and why."""
    if len(errors) == 1:
        detail = errors[0].detail
    else:
        detail = _("Some fields can't be taken as they are. “errors” says which, and why.")
    return problem(HTTPStatus.BAD_REQUEST, detail, code="invalid", errors=errors)


def not_found() -> HttpResponse:
    """There is no such thing, or it is not this person's."""
    return problem(HTTPStatus.NOT_FOUND, _("There is nothing here."), code="not_found")


def unavailable() -> HttpResponse:
    """The database is away; what was asked may or may not have been done."""
    text = _("Filo can’t reach its database just now. In a moment, look whether it was done before you ask again.")
    headers = {"Retry-After": str(TRY_AGAIN_AFTER)}
    return problem(HTTPStatus.SERVICE_UNAVAILABLE, text, code="unavailable", headers=headers)


def unauthenticated() -> HttpResponse:
    """A token is needed."""
    detail = _("Give a token: “Authorization: Token KEY”.")
    headers = {"WWW-Authenticate": "Token"}
    return problem(HTTPStatus.UNAUTHORIZED, detail, code="not_authenticated", headers=headers)


def _of_api(error: exceptions.APIException) -> HttpResponse:
    if isinstance(error, exceptions.ValidationError):
        return invalid(list(_api_errors(error.detail)))
    if isinstance(error, exceptions.NotFound):
        return not_found()
    headers = {}
    if auth_header := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = auth_header
    wait = getattr(error, "wait", None)
    if wait is not None:
        headers["Retry-After"] = str(int(wait) + 1)
    codes = error.get_codes()
    code = codes if isinstance(codes, str) else error.default_code
    return problem(error.status_code, str(error.detail), code=code, headers=headers)


def _django_errors(error: ValidationError) -> Iterator[FieldError]:
    if hasattr(error, "error_dict"):
        for name, found in error.error_dict.items():
            field = "" if name == "__all__" else str(name)
            for single in found:
                yield _field_error(field, single)
    else:
        for single in error.error_list:
            yield _field_error("", single)


def _field_error(field: str, error: ValidationError) -> FieldError:
    return FieldError(field, str(error.code or "invalid"), " ".join(error.messages))


def _api_errors(detail: Any, path: str = "") -> Iterator[FieldError]:
    """DRF's nested details, flat: ``steps.1.name`` is the name of the second step."""
    if isinstance(detail, Mapping):
        for name, inner in detail.items():
            step = "" if name == "non_field_errors" else str(name)
            yield from _api_errors(inner, ".".join(filter(None, [path, step])))
    elif isinstance(detail, list):
        for index, inner in enumerate(detail):
            nested = isinstance(inner, (Mapping, list))
            yield from _api_errors(inner, f"{path}.{index}" if nested else path)
    else:
        yield FieldError(path, str(getattr(detail, "code", "invalid")), str(detail))


def _conflict(error: Conflict) -> HttpResponse:
    errors = [FieldError(error.field, error.code, str(error))] if error.field else None
    headers = {"Retry-After": str(error.retry_after)} if error.retry_after else None
    return problem(HTTPStatus.CONFLICT, str(error), code=error.code, errors=errors, headers=headers)


def _stale(error: Stale) -> HttpResponse:
    return problem(HTTPStatus.PRECONDITION_FAILED, str(error), code=error.code)


def _denied(error: PermissionDenied) -> HttpResponse:
    return problem(HTTPStatus.FORBIDDEN, str(error) or _("You may not do this."), code="permission_denied")


def _unreadable(_error: Exception) -> HttpResponse:
    return problem(HTTPStatus.BAD_REQUEST, _("This request can't be read."), code="bad_request")


# The first that fits.
ANSWERS: list[tuple[type[Exception], Callable[[Any], HttpResponse]]] = [
    (ValidationError, lambda error: invalid(list(_django_errors(error)))),
    (Stale, _stale),
    (Conflict, _conflict),
    (Http404, lambda _error: not_found()),
    (ObjectDoesNotExist, lambda _error: not_found()),
    (PermissionDenied, _denied),
    (RequestDataTooBig, lambda _error: _of_api(TooLarge())),
    (BadRequest, _unreadable),
    (SuspiciousOperation, _unreadable),
]
