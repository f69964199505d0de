"""Numbers for Prometheus, read from the database when asked: the same whichever process answers."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from django.db.models import Count, Q
from django.utils import timezone
from prometheus_client import CollectorRegistry, GCCollector, PlatformCollector, ProcessCollector
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from agency import heartbeats
from notifications.models import Notification, State
from social.models import Publication
from social.models.publications import AWAKE

LAST_HOUR: Final = timedelta(hours=1)


class FiloCollector(Collector):
    """What Filo has to do, what it did in the last hour, and who is alive. Every query has an index to go by."""

    def collect(self) -> Iterator[Metric]:
        """All of Filo's own numbers."""
        yield self._waiting()
        yield self._last_hour()
        yield self._oldest_due()
        yield self._mail()
        yield self._silence()

    def describe(self) -> list[Metric]:
        """Nothing beforehand: registering must not ask the database."""
        return []

    def _waiting(self) -> Metric:
        family = GaugeMetricFamily("filo_publications_waiting", "Publications not yet settled", labels=["state"])
        counted = Publication.objects.filter(state__in=AWAKE, wake_at__isnull=False).values_list("state")
        found = dict(counted.annotate(number=Count("pk")).order_by())
        for state in AWAKE:
            family.add_metric([state], found.get(state, 0))
        return family

    def _last_hour(self) -> Metric:
        family = GaugeMetricFamily(
            "filo_publications_changed_last_hour",
            "Publications that changed in the last hour, by state",
            labels=["state"],
        )
        recent = Publication.objects.filter(updated_at__gte=timezone.now() - LAST_HOUR).values_list("state")
        for state, number in recent.annotate(number=Count("pk")).order_by("state"):
            family.add_metric([state], number)
        return family

    def _oldest_due(self) -> Metric:
        from social import selectors

        age = selectors.oldest_due_age(timezone.now())
        seconds = age.total_seconds() if age is not None else 0
        return GaugeMetricFamily("filo_oldest_due_seconds", "How long the oldest due publication has waited", seconds)

    def _mail(self) -> Metric:
        # What rests until the end of somebody's quiet time is not late.
        due = Q(state=State.QUEUED, wake_at__lte=timezone.now()) | Q(state=State.SENDING)
        waiting = Notification.objects.filter(due).count()
        return GaugeMetricFamily("filo_mail_waiting", "Mails due and not yet sent", waiting)

    def _silence(self) -> Metric:
        family = GaugeMetricFamily("filo_silent_seconds", "Seconds since the last sign of life", labels=["process"])
        for name, silence in heartbeats.silent_for(timezone.now()).items():
            family.add_metric([name], silence.total_seconds() if silence is not None else float("inf"))
        return family


REGISTRY: Final = CollectorRegistry()
REGISTRY.register(FiloCollector())
ProcessCollector(registry=REGISTRY)
PlatformCollector(registry=REGISTRY)
GCCollector(registry=REGISTRY)
