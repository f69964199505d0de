"""Celery's doors to publishing: short, idempotent, numbers only."""

from celery import shared_task
from django.utils import timezone

from social.models import PublicationState
from social.services import asking, budgets, claiming, publishing, scheduling, settling


@shared_task(ignore_result=True)
def sweep() -> None:
    """Hand out what is due to whichever worker is free."""
    doors = {
        PublicationState.SCHEDULED: publish,
        PublicationState.PUBLISHING: end_lease,
        PublicationState.UNKNOWN: ask,
    }
    for publication_id, state in claiming.hand_out(timezone.now()):
        doors[PublicationState(state)].delay(publication_id)


@shared_task(ignore_result=True)
def publish(publication_id: int) -> None:
    """Claim one publication and send it."""
    publishing.publish(publication_id=publication_id)


@shared_task(ignore_result=True)
def end_lease(publication_id: int) -> None:
    """A worker died over this one."""
    settling.end_lease(publication_id=publication_id)


@shared_task(ignore_result=True)
def ask(publication_id: int) -> None:
    """Ask the network whether this one is live."""
    asking.ask(publication_id=publication_id)


@shared_task(ignore_result=True)
def mark_late() -> None:
    """Posts that were still in review when their hour came."""
    scheduling.mark_late()


@shared_task(ignore_result=True)
def forget_old_uses() -> None:
    """What no limit counts any more."""
    budgets.forget_old()
