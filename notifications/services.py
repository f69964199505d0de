"""The outbox: ``tell`` writes it, ``send_due`` empties it."""

import logging
from collections.abc import Collection, Iterable
from datetime import timedelta
from itertools import chain
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.db import connection, transaction
from django.utils import timezone
from psycopg.types.json import Jsonb

from accounts.models import User
from notifications import letters
from notifications.models import Notification, State

log = logging.getLogger(__name__)
LEASE = timedelta(minutes=2)
MOST_TRIES = 10
BATCH = 50
TELL = """
INSERT INTO notifications_notification
    (user_id, client_id, kind, key, context, state, wake_at, created_at, tries, subject, error)
VALUES """
TELL_ROW = "(%s, %s, %s, %s, %s, %s, %s, %s, 0, '', '')"


def tell(*, users: Iterable[User | int], client_id: int | None, kind: str, key: str, **context: Any) -> None:
    """Write down that these people must be told, in the caller's transaction. Whoever was told already is not again."""
    now, said = timezone.now(), Jsonb(context)
    rows: list[tuple[Any, ...]] = [
        (user if isinstance(user, int) else user.pk, client_id, kind, key, said, State.QUEUED, now, now)
        for user in users
    ]
    if rows:
        # One plain statement: every decision comes through here, and the ORM would take longer over it than PostgreSQL.
        with connection.cursor() as cursor:
            cursor.execute(TELL + ", ".join([TELL_ROW] * len(rows)) + " ON CONFLICT DO NOTHING", list(chain(*rows)))


def drop_queued(*, but: Collection[str] = ()) -> int:
    """Nobody is told what waits in the outbox, except what has one of these keys. How many that were."""
    waiting = Notification.objects.filter(state=State.QUEUED).exclude(key__in=but)
    return waiting.update(state=State.DROPPED)


def claim_due() -> list[Notification]:
    """Take what is due, under a lease, so that several workers share the outbox and a dead one loses nothing."""
    now = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE notifications_notification SET state = 'sending', tries = tries + 1, wake_at = %s
            WHERE id IN (
                SELECT id FROM notifications_notification
                WHERE state IN ('queued', 'sending') AND wake_at <= %s
                ORDER BY wake_at LIMIT %s FOR UPDATE SKIP LOCKED
            ) RETURNING id
            """,
            [now + LEASE, now, BATCH],
        )
        claimed = [row[0] for row in cursor.fetchall()]
    return list(Notification.objects.filter(pk__in=claimed).select_related("user").order_by("pk"))


def send_due() -> int:
    """Send what is due and return how many went out. A broken writer or server delays one mail, not the others."""
    sent = 0
    for notification in claim_due():
        try:
            sent += _send(notification)
        except Exception as error:  # noqa: BLE001 - whatever it is, the others must go out
            _try_again(notification, error)
    return sent


def _send(notification: Notification) -> bool:
    with transaction.atomic():
        letter = letters.write(notification) if notification.user.is_active else None
    if letter is None:
        return not _settle(notification, State.DROPPED)
    subject = letter.one_line_subject()
    # The same Message-ID at every try: a mail that went out just before a crash is recognised as the same one.
    headers = {"Message-ID": f"<{notification.kind}.{notification.pk}@{urlsplit(settings.BASE_URL).hostname}>"}
    mail = EmailMultiAlternatives(
        subject, letter.text(), to=[notification.user.email], headers=headers, connection=get_connection()
    )
    mail.attach_alternative(letter.html(), "text/html")
    mail.send()
    return _settle(notification, State.SENT, subject=subject, sent_at=timezone.now())


def _settle(notification: Notification, state: State, **fields: Any) -> bool:
    rows = Notification.objects.filter(pk=notification.pk, state=State.SENDING)
    return bool(rows.update(state=state, error="", **fields))


def _try_again(notification: Notification, error: Exception) -> None:
    # The class only: a server's words may repeat the address or the text.
    what = type(error).__name__
    log.warning("mail not sent", extra={"notification": notification.pk, "error": what})
    gone = notification.tries >= MOST_TRIES
    Notification.objects.filter(pk=notification.pk, state=State.SENDING).update(
        state=State.FAILED if gone else State.QUEUED,
        wake_at=timezone.now() + timedelta(seconds=min(3600, 5 * 2**notification.tries)),
        error=what,
    )
