"""Celery's doors to the lists: what is to be mailed, taken in, forgotten."""

from celery import shared_task
from django.utils import timezone

from newsletter.services import importing, posting, signing_up


@shared_task(ignore_result=True)
def send_confirmations() -> None:
    """Send the mails that ask to confirm."""
    posting.send_due()


@shared_task(ignore_result=True)
def go_on_with_imports() -> None:
    """Hand out the imports that are under way to whoever is free."""
    for import_id in importing.hand_out(timezone.now()):
        go_on_with_import.delay(import_id)


@shared_task(ignore_result=True)
def go_on_with_import(import_id: int) -> None:
    """Take in some more of one."""
    importing.go_on(import_id=import_id)


@shared_task(ignore_result=True)
def forget() -> None:
    """Who never confirmed, and files that nobody took in, are forgotten."""
    signing_up.forget_unconfirmed(timezone.now())
    importing.forget_files(timezone.now())
