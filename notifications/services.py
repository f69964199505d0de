"""The outbox: ``tell`` writes it, ``send_due`` empties it. And what people want no more mail about."""

import json
import logging
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import chain
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMultiAlternatives, get_connection
from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from psycopg.types.json import Jsonb

from accounts.hours import when_to_disturb
from accounts.models import User
from notifications import letters, switching
from notifications.letters import Letter
from notifications.models import Mute, Notification, State

log = logging.getLogger(__name__)
LEASE = timedelta(minutes=2)
MOST_TRIES = 10
BATCH = 50
TELL = """
INSERT INTO notifications_notification
    (user_id, client_id, kind, key, context, state, wake_at, until, created_at, tries, subject, error)
VALUES """
TELL_ROW = "(%s, %s, %s, %s, %s, %s, %s, %s, %s, 0, '', '')"

TELL_MANY = """
INSERT INTO notifications_notification
    (user_id, client_id, kind, key, context, state, wake_at, until, created_at, tries, subject, error)
SELECT user_id, client_id, %(kind)s, key, context::jsonb, 'queued', %(at)s, until, %(now)s, 0, '', ''
FROM unnest(%(users)s::bigint[], %(clients)s::bigint[], %(keys)s::text[], %(contexts)s::text[], %(untils)s::timestamptz[])
    AS message (user_id, client_id, key, context, until)
ON CONFLICT DO NOTHING
"""


def tell(  # noqa: PLR0913 - a message is all of these
    *,
    users: Iterable[User | int],
    client_id: int | None,
    kind: str,
    key: str,
    at: datetime | None = None,
    until: datetime | None = None,
    **context: Any,
) -> None:
    """Write down that these people must be told, in the caller's transaction. Whoever was told already is not again.

    ``at``: not before. ``until``: of use until then, so that it does not wait for the end of a quiet time that lasts longer.
    """
    now, said = timezone.now(), Jsonb(context)
    rows: list[tuple[Any, ...]] = [
        (user if isinstance(user, int) else user.pk, client_id, kind, key, said, State.QUEUED, at or now, until, now)
        for user in users
    ]
    if rows:
        # One plain statement: every decision comes through here, and the ORM would take longer over it than PostgreSQL.
        with connection.cursor() as cursor:
            cursor.execute(TELL + ", ".join([TELL_ROW] * len(rows)) + " ON CONFLICT DO NOTHING", list(chain(*rows)))


@dataclass(frozen=True, kw_only=True)
class Message:
    """One thing that one person must be told (see ``tell``), among many of the same kind."""

    user: int
    client: int | None
    key: str
    until: datetime | None = None
    context: Mapping[str, Any] = field(default_factory=dict)


def tell_many(*, kind: str, messages: Collection[Message], at: datetime | None = None) -> int:
    """The same for any number of messages of one kind, by one statement. How many were not there yet."""
    if not messages:
        return 0
    ordered = sorted(messages, key=lambda message: (message.user, message.key))  # two at once wait, and do not deadlock
    now = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute(
            TELL_MANY,
            {
                "users": [message.user for message in ordered],
                "clients": [message.client for message in ordered],
                "keys": [message.key for message in ordered],
                "contexts": [json.dumps(message.context) for message in ordered],
                "untils": [message.until for message in ordered],
                "kind": kind,
                "at": at or now,
                "now": now,
            },
        )
        written: int = cursor.rowcount
        return written


def drop_queued(*, but: Collection[str] = ()) -> int:
    """Nobody is told what waits in the outbox, except what has one of these keys. How many that were."""
    waiting = Notification.objects.filter(state=State.QUEUED).exclude(key__in=but)
    waiting.filter(kind__in=letters.secret()).update(context={})
    return waiting.update(state=State.DROPPED)


def drop_older(*, user: User, kind: str) -> None:
    """What waits of this kind for this person is not sent: something newer takes its place."""
    waiting = Notification.objects.filter(user=user, kind=kind, state=State.QUEUED)
    waiting.update(state=State.DROPPED, context={})


def mute(*, user: User, kind: str) -> None:
    """No more mails of this kind for this person. Raises ``ValidationError`` for a duty, which can't be switched off."""
    _require_news([kind])
    Mute.objects.bulk_create([Mute(user=user, kind=kind)], ignore_conflicts=True)


def unmute(*, user: User, kind: str) -> None:
    """Mails of this kind again."""
    Mute.objects.filter(user=user, kind=kind).delete()


@transaction.atomic
def set_muted(*, user: User, kinds: Collection[str]) -> None:
    """Of all news, these and no others are switched off. Raises ``ValidationError`` (``muted``) as ``mute`` does."""
    _require_news(kinds)
    Mute.objects.filter(user=user).exclude(kind__in=kinds).delete()
    Mute.objects.bulk_create([Mute(user=user, kind=kind) for kind in kinds], ignore_conflicts=True)


def _require_news(kinds: Collection[str]) -> None:
    for kind in kinds:
        if kind not in letters.news():
            text = _("“%(kind)s” is no kind of mail that can be switched off.") % {"kind": letters.name_of(kind)}
            raise ValidationError({"muted": ValidationError(text, code="no_news")})


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
    if not _still_ours(notification):
        return False
    reader, now = notification.user, timezone.now()
    if not reader.is_active or _is_muted(notification):
        return not _settle(notification, State.DROPPED)
    again = when_to_disturb(reader, now)
    if again > now and _can_wait(notification, now, again):
        return _wait(notification, again)
    with transaction.atomic():
        letter = letters.write(notification)
    if letter is None:
        return not _settle(notification, State.DROPPED)
    return _post(notification, _dressed(notification, letter, disturbs=again > now))


def _still_ours(notification: Notification) -> bool:
    """Whether the lease is still ours: renewed where slow mails before this one took up half of it."""
    now = timezone.now()
    if now < notification.wake_at - LEASE / 2:
        return True
    held = Notification.objects.filter(pk=notification.pk, state=State.SENDING, wake_at=notification.wake_at)
    return bool(held.update(wake_at=now + LEASE))


def _is_muted(notification: Notification) -> bool:
    if letters.kind_of(notification).duty:
        return False
    return Mute.objects.filter(user=notification.user_id, kind=notification.kind).exists()


def _can_wait(notification: Notification, now: datetime, again: datetime) -> bool:
    """Whether it may rest until ``again``: it does, unless that is too late, and was not too late anyway."""
    until = notification.until
    return letters.kind_of(notification).quiet and (until is None or again <= until or until <= now)


def _wait(notification: Notification, again: datetime) -> bool:
    """Put it back until the reader's quiet time is over. That was no try. Nothing is sent: False."""
    rows = Notification.objects.filter(pk=notification.pk, state=State.SENDING)
    rows.update(state=State.QUEUED, wake_at=again, tries=F("tries") - 1)
    return False


def _dressed(notification: Notification, letter: Letter, *, disturbs: bool) -> Letter:
    """The letter with what the outbox itself has to say: why it comes now, how not to get more of the kind."""
    kind = letters.kind_of(notification)
    with translation.override(letter.language):
        if disturbs and not kind.secret:
            letter = replace(letter, urgent=_("This can’t wait for the end of your quiet time, so it reaches you now."))
        if not kind.duty:
            words = _("No more mails of this kind (%(kind)s)") % {"kind": kind.name}
            letter = replace(letter, off=(words, switching.address_for(notification.user_id, notification.kind)))
    return letter


def _post(notification: Notification, letter: Letter) -> bool:
    subject = letter.one_line_subject()
    mail = EmailMultiAlternatives(
        subject,
        letter.text(),
        to=[notification.user.email],
        headers=_headers(notification, letter),
        connection=get_connection(),
    )
    mail.attach_alternative(letter.html(), "text/html")
    mail.send()
    return _settle(notification, State.SENT, subject=subject, sent_at=timezone.now())


def _headers(notification: Notification, letter: Letter) -> dict[str, str]:
    # The same Message-ID at every try: a mail that went out just before a crash is recognised as the same one.
    headers = {"Message-ID": f"<{notification.kind}.{notification.pk}@{urlsplit(settings.BASE_URL).hostname}>"}
    if letter.urgent:
        headers["Importance"] = "high"
    if letter.off:
        headers["List-Unsubscribe"] = f"<{letter.off[1]}>"  # RFC 2369
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"  # RFC 8058
    return headers


def _settle(notification: Notification, state: State, **fields: Any) -> bool:
    rows = Notification.objects.filter(pk=notification.pk, state=State.SENDING)
    return bool(rows.update(state=state, error="", **_wiped(notification), **fields))


def _wiped(notification: Notification) -> dict[str, Any]:
    """What a mail with a secret in it leaves behind once it is sent, dropped or given up: nothing of it."""
    return {"context": {}} if notification.kind in letters.secret() else {}


def _try_again(notification: Notification, error: Exception) -> None:
    # The class only: a server's words may repeat the address or the text.
    what = type(error).__name__
    log.warning("mail not sent", extra={"notification": notification.pk, "error": what})
    gone = notification.tries >= MOST_TRIES
    Notification.objects.filter(pk=notification.pk, state=State.SENDING).update(
        state=State.FAILED if gone else State.QUEUED,
        wake_at=timezone.now() + timedelta(seconds=min(3600, 5 * 2**notification.tries)),
        error=what,
        **(_wiped(notification) if gone else {}),
    )
