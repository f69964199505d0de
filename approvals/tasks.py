"""Celery's doors to what time does to reviews: short, and harmless however often they are opened."""

from celery import shared_task
from django.utils import timezone

from approvals.services.blocking import tell_blocked
from approvals.services.reminding import remind as remind_all
from approvals.services.sweeping import sweep
from approvals.services.unanswered import escalate_unanswered
from approvals.services.warning import warn as warn_all


@shared_task(ignore_result=True)
def time_up() -> None:
    """Steps whose deadline has come."""
    sweep(now=timezone.now())


@shared_task(ignore_result=True)
def warn() -> None:
    """Hours of publishing that come near."""
    warn_all(now=timezone.now())


@shared_task(ignore_result=True)
def remind() -> None:
    """Whose morning it is."""
    remind_all(now=timezone.now())


@shared_task(ignore_result=True)
def tell_of_stuck() -> None:
    """Who does not answer, and what can't pass as it stands."""
    now = timezone.now()
    escalate_unanswered(now=now)
    tell_blocked(now=now)
