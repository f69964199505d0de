"""What beat asks of the worker for the installation's own sake."""

from celery import shared_task

from agency import heartbeats


@shared_task
def beat_alive() -> None:
    """A worker that carries this out is consuming."""
    heartbeats.note(heartbeats.WORKER)
