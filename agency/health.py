"""Whether Filo is well: for a load balancer (`/healthz`, `/readyz`) and for Prometheus (`/metrics`)."""

import ipaddress
import logging
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound, JsonResponse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from kombu import Connection
from kombu.exceptions import KombuError
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from agency import heartbeats
from agency.metrics import REGISTRY

logger = logging.getLogger(__name__)

BROKER_SECONDS = 2


@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - Django's signature
    """This process answers."""
    return HttpResponse("ok\n", content_type="text/plain")


@never_cache
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:  # noqa: ARG001 - Django's signature
    """What Filo needs in order to publish, one by one: 200 if all of it is there, else 503.

    ``ok`` of each part, and in ``seconds`` how long it has been silent, or how long the oldest due publication has waited.
    """
    parts = {name: _look(name, look) for name, look in CHECKS.items()}
    ready = all(part["ok"] for part in parts.values())
    response = JsonResponse({"ok": ready, **parts}, status=200 if ready else 503)
    # A probe asks again every few seconds, and whoever sent it reads the answer: no line in the log for each.
    response._has_been_logged = True  # type: ignore[attr-defined]  # noqa: SLF001 - Django's own mark
    return response


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Numbers for Prometheus: to whoever has FILO_METRICS_TOKEN, or without one set to this machine alone; else 404."""
    if not _may_read_metrics(request):
        return HttpResponseNotFound()
    return HttpResponse(generate_latest(REGISTRY), content_type=CONTENT_TYPE_LATEST)


def _may_read_metrics(request: HttpRequest) -> bool:
    if settings.METRICS_TOKEN:
        return constant_time_compare(request.headers.get("Authorization", ""), f"Bearer {settings.METRICS_TOKEN}")
    # Behind a proxy everyone comes from this machine: whoever was sent on by one is not from here.
    forwarded = any(header in request.headers for header in ("X-Forwarded-For", "Forwarded", "X-Real-IP"))
    return not forwarded and ipaddress.ip_address(request.META["REMOTE_ADDR"] or "127.0.0.1").is_loopback


def _look(name: str, look: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    try:
        return look()
    except (DatabaseError, KombuError, OSError):
        logger.warning("not ready: %s", name, exc_info=True)
        return {"ok": False}


def _database() -> dict[str, Any]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return {"ok": True}


def _migrations() -> dict[str, Any]:
    executor = MigrationExecutor(connection)
    missing = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    return {"ok": not missing, "missing": missing}


def _broker() -> dict[str, Any]:
    options = settings.CELERY_BROKER_TRANSPORT_OPTIONS
    with Connection(settings.CELERY_BROKER_URL, connect_timeout=BROKER_SECONDS, transport_options=options) as broker:
        broker.ensure_connection(max_retries=1, timeout=BROKER_SECONDS)
    return {"ok": True}


def _alive(name: str) -> dict[str, Any]:
    silence = heartbeats.silent_for(timezone.now())[name]
    if silence is None:
        return {"ok": False, "seconds": None}
    return {"ok": silence <= heartbeats.ALIVE, "seconds": round(silence.total_seconds(), 1)}


def _due() -> dict[str, Any]:
    from social import selectors

    age = selectors.oldest_due_age(timezone.now())
    return {"ok": True, "seconds": round(age.total_seconds(), 1) if age is not None else 0}


CHECKS: dict[str, Callable[[], dict[str, Any]]] = {
    "database": _database,
    "migrations": _migrations,
    "broker": _broker,
    "worker": lambda: _alive(heartbeats.WORKER),
    "beat": lambda: _alive(heartbeats.BEAT),
    "oldest_due": _due,
}
