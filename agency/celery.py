"""The Celery app: workers run what beat and services ask for; the database remembers."""

import os
from typing import Any

from celery import Celery
from celery.signals import setup_logging
from kombu.transport import TRANSPORT_ALIASES

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "agency.settings")

TRANSPORT_ALIASES["filo-folder"] = "agency.broker:Transport"

app = Celery("filo")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@setup_logging.connect  # type: ignore[untyped-decorator]
def keep_our_logging(**_signal: Any) -> None:  # noqa: ANN401 - whatever the signal sends
    """Celery leaves the logging as the settings configure it."""
