"""What the processes say: one line an event, with the request it belongs to; never the text of a post, never a secret."""

import logging
import re
import uuid
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

from django.http import HttpRequest, HttpResponse

HEADER = "X-Request-ID"
# What a proxy in front may hand us as an id; anything else is replaced, so that nobody writes into our log.
ACCEPTABLE = re.compile(r"[A-Za-z0-9._-]{8,64}")

# Addresses that open something for whoever has them: the link of a review, a sign-in, a new password, a picture that a
# network may fetch, a word that mails are wanted, or not any more.
# And what a network sends along when somebody comes back from it.
SECRET_ADDRESS = re.compile(
    r"(/(?:r|c|in|out|logo|password/reset/key|mail/off|newsletter/(?:off|yes))/|[?&](?:code|state)=)[^/&\s'\"]+"
)

request_id: ContextVar[str] = ContextVar("request_id", default="-")


class RequestId:
    """Gives each request an id (the proxy's, if it sent one), puts it on each of its log lines and in the answer."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get(HEADER, "")
        token = request_id.set(given if ACCEPTABLE.fullmatch(given) else uuid.uuid4().hex)
        try:
            response = self.get_response(request)
            response[HEADER] = request_id.get()
            return response
        finally:
            request_id.reset(token)


class WithRequestId(logging.Filter):
    """Adds ``request_id`` to each record."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Keep the record, with the id of the request it was made in."""
        record.request_id = request_id.get()
        return True


class WithoutSecretAddresses(logging.Filter):
    """Takes the secret out of the addresses that Django names where it refuses a request."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Keep the record; an address in it says what it was for, and opens nothing."""
        said = record.getMessage()
        kept = SECRET_ADDRESS.sub(r"\1…", said)
        if kept != said:
            record.msg, record.args = kept, ()
        if hasattr(record, "request"):
            record.request = SECRET_ADDRESS.sub(r"\1…", str(record.request))
        return True


def logging_config(*, as_json: bool, level: str) -> dict[str, Any]:
    """Django's LOGGING: everything to the standard error stream, as lines for people or as JSON for machines."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {
            "request_id": {"()": WithRequestId},
            "without_secret_addresses": {"()": WithoutSecretAddresses},
        },
        "formatters": {
            "json": {
                "()": "pythonjsonlogger.json.JsonFormatter",
                "fmt": "%(asctime)s %(levelname)s %(name)s %(request_id)s %(message)s",
                "rename_fields": {"asctime": "at", "levelname": "level", "name": "logger"},
            },
            "lines": {"format": "{asctime} {levelname:<7} {name} [{request_id}] {message}", "style": "{"},
        },
        "handlers": {
            "stderr": {
                "class": "logging.StreamHandler",
                "formatter": "json" if as_json else "lines",
                "filters": ["request_id", "without_secret_addresses"],
            }
        },
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            "django.server": {"handlers": ["stderr"], "level": level, "propagate": False},
            # Beat ticks each second, and each tick is a task: their coming and going says nothing.
            "celery.beat": {"level": "WARNING"},
            "celery.worker.strategy": {"level": "WARNING"},
            "celery.app.trace": {"level": "WARNING"},
            # The HTTP client's own lines hold addresses, and addresses may hold tokens.
            "httpx": {"level": "WARNING"},
            "httpcore": {"level": "WARNING"},
        },
    }
