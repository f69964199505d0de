"""The Celery app: workers run what beat and services ask for; the database remembers."""

import os
import threading
import warnings
from typing import Any

from celery import Celery
from celery.platforms import SecurityWarning  # type: ignore[attr-defined]  # celery-types lacks it
from celery.signals import setup_logging, worker_init, worker_shutting_down
from kombu.transport import TRANSPORT_ALIASES

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "agency.settings")
# Django's checks are for who changes the code, and run in CI; here each start would wait for them.
os.environ.setdefault("CELERY_SKIP_CHECKS", "1")

TRANSPORT_ALIASES["filo-folder"] = "agency.broker:Transport"

# Messages are JSON, which runs nothing: as root, the worker is in no more danger than the rest.
warnings.filterwarnings("ignore", category=SecurityWarning)

app = Celery("filo")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@setup_logging.connect
def keep_our_logging(**_signal: Any) -> None:
    """Celery leaves the logging as the settings configure it."""


@worker_init.connect
def warm_networks_up(**_signal: Any) -> None:
    """Load what networks publish with before the first publication waits for it."""
    from social import networks  # needs Django's apps, which are not there when this module is read

    for network in networks.NETWORKS.values():
        network.warm_up()


@worker_init.connect
def hold_what_is_sent(**_signal: Any) -> None:
    """Whoever finds a lease that has ended can tell whether this worker lives."""
    from social.services import holding

    holding.start()


@worker_shutting_down.connect
def let_others_have_what_waits(**_signal: Any) -> None:
    """What waits in this worker's memory is not begun any more."""
    # A thread of its own: this is called where a signal interrupts whatever the main thread does.
    threading.Thread(target=_stop_waiting).start()


def _stop_waiting() -> None:
    from django.db import connection

    from social.services import publishing

    try:
        publishing.stop_waiting()
    finally:
        connection.close()
