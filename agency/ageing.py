"""What grows old in the settings, told before it ends: by Django's checks, and in the log at each start of a worker."""

import datetime as dt
import logging
from typing import Any

from celery.signals import worker_init
from django.conf import settings
from django.core import checks
from django.utils import timezone

log = logging.getLogger(__name__)
MONTHS = 12  # that LinkedIn serves a version: https://learn.microsoft.com/en-us/linkedin/marketing/versioning
AHEAD = 2  # months before that, whoever runs Filo is told


@checks.register
def linkedin_version(app_configs: Any, **_more: Any) -> list[checks.CheckMessage]:  # noqa: ARG001 - Django's way to call
    """Say that the version of LinkedIn's API ends soon, or has ended. Never as an error: all other networks go on."""
    return aged(settings.FILO_LINKEDIN_VERSION, timezone.localdate())


@worker_init.connect
def say_so(**_signal: Any) -> None:
    """Workers start without Django's checks (see ``celery``)."""
    for message in linkedin_version(None):
        log.warning("%s %s", message.msg, message.hint)


def aged(version: str, today: dt.date) -> list[checks.CheckMessage]:
    """What there is to say of this version (a year and a month) on that day."""
    age = (today.year - int(version[:4])) * 12 + today.month - int(version[4:])
    if age < MONTHS - AHEAD:
        return []
    said = "has ended, or ends within days: then nothing goes out there" if age >= MONTHS else "ends soon"
    return [
        checks.Warning(
            f"LinkedIn serves each version of its API for a year, and {version} {said}.",
            hint="Set FILO_LINKEDIN_VERSION to a newer month, once LinkedIn's pages have told what changes.",
            id="agency.W002" if age >= MONTHS else "agency.W001",
        )
    ]
