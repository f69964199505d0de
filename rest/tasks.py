"""Celery's door to the answers that are kept."""

from celery import shared_task

from rest import services


@shared_task(ignore_result=True)
def forget_old_answers() -> None:
    """Those of more than a day ago."""
    services.forget_old()
