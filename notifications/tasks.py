"""Celery's door to the outbox."""

from celery import shared_task

from notifications import services


@shared_task(ignore_result=True)
def send_due() -> None:
    """Send the mails that are due."""
    services.send_due()
