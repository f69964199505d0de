"""Celery's doors to the lists: what is to be mailed, taken in, forgotten."""

from celery import shared_task
from django.utils import timezone

from newsletter.services import posting, signing_up


@shared_task(ignore_result=True)
def send_confirmations() -> None:
    """Send the mails that ask to confirm."""
    posting.send_due()


@shared_task(ignore_result=True)
def forget_unconfirmed() -> None:
    """Who never confirmed is forgotten."""
    signing_up.forget_unconfirmed(timezone.now())
