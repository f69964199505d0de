"""Celery's door to strategies."""

from celery import shared_task
from django.utils import timezone

from strategy import mornings


@shared_task(ignore_result=True)
def remind() -> None:
    """What wants to be looked at, counted or renewed stands in the morning mail of whoever looks after it."""
    mornings.remind(now=timezone.now())
