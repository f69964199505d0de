"""Answers are kept for a day by the key that their POST came with, so that the same one sent again does nothing twice.

They are sealed, whatever they say: some hold secrets, and all of them what belongs to a client.
"""

from dataclasses import asdict, dataclass, field
from datetime import timedelta
from typing import Any

from cryptography.fernet import InvalidToken
from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.errors import Conflict
from accounts.models import ApiToken
from accounts.sealing import seal, unseal
from rest.models import KeptAnswer

KEPT = timedelta(hours=24)
PATIENCE = timedelta(minutes=2)  # longer than anything takes that commits more than once
MOST_BYTES = 1_000_000  # of an answer's body
FIELD = "Idempotency-Key"
_TRY = "SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))"


class InProgress(Conflict):
    """The first POST with this key is not over yet."""

    retry_after = 1


@dataclass(frozen=True)
class Said:
    """An answer as it went out. ``body`` is None where it was too large to be kept."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: str | None = ""


@dataclass(frozen=True)
class Asked:
    """A POST: whose, with which key, what it asks (a digest), and what its person is to whom."""

    token: ApiToken
    key: str
    digest: str
    standing: list[str]

    def sealed(self, said: Said | None) -> str:
        """As it may lie in the database."""
        return seal({"digest": self.digest, "standing": self.standing, "said": said and asdict(said)})


def said_before(asked: Asked) -> Said | None:
    """What the first POST with this key was answered; None where this is the first, which holds the key from now on.

    In the caller's transaction, until the end of which nobody else holds the key. Raises ``Conflict`` (``in_progress``,
    ``key_reused``, ``broken_off``, ``roles_changed``, ``answer_not_kept``).
    """
    with connection.cursor() as cursor:
        cursor.execute(_TRY, [f"idempotency:{asked.token.pk}:{asked.key}"])
        (held,) = cursor.fetchone()
    if not held:
        raise _in_progress()
    kept = KeptAnswer.objects.filter(token=asked.token, key=asked.key).first()
    if kept is None:
        return None
    if kept.began_at <= timezone.now() - KEPT:
        kept.delete()
        return None
    return _opened(kept, asked)


def keep(asked: Asked, said: Said) -> None:
    """Remember the answer to what was done in this same transaction."""
    now = timezone.now()
    KeptAnswer.objects.create(token=asked.token, key=asked.key, began_at=now, ended_at=now, sealed=asked.sealed(said))


def claim(asked: Asked) -> KeptAnswer:
    """Remember, before anything is done, that it is going to be: for what commits more than once."""
    return KeptAnswer.objects.create(token=asked.token, key=asked.key, sealed=asked.sealed(None))


def fulfil(claimed: KeptAnswer, asked: Asked, said: Said) -> None:
    """Remember the answer to what was claimed."""
    KeptAnswer.objects.filter(pk=claimed.pk).update(ended_at=timezone.now(), sealed=asked.sealed(said))


def forget(claimed: KeptAnswer) -> None:
    """Nothing was done: the key is free again."""
    KeptAnswer.objects.filter(pk=claimed.pk).delete()


def forget_old() -> int:
    """Delete what is older than a day. How many that were."""
    gone, _tables = KeptAnswer.objects.filter(began_at__lte=timezone.now() - KEPT).delete()
    return gone


def _opened(kept: KeptAnswer, asked: Asked) -> Said:
    try:
        found: dict[str, Any] = unseal(kept.sealed)
    except InvalidToken:
        raise _not_kept() from None
    if found["digest"] != asked.digest:
        text = _("Something else was sent with this key before. Use another key for another request.")
        raise Conflict("key_reused", text, field=FIELD)
    if found["said"] is None:
        if timezone.now() - kept.began_at < PATIENCE:
            raise _in_progress()
        text = _(
            "The first request with this key was broken off, and it is not known how much of it was done. "
            "Look, then ask for the rest with another key."
        )
        raise Conflict("broken_off", text, field=FIELD)
    if not set(found["standing"]) <= set(asked.standing):
        text = _(
            "This was asked for before, and is not done twice. Your roles have changed since, so what was answered "
            "then is not shown again."
        )
        raise Conflict("roles_changed", text, field=FIELD)
    said = Said(**found["said"])
    if said.body is None:
        raise _not_kept()
    return said


def _in_progress() -> InProgress:
    text = _("The first request with this key is still being done. Ask again in a moment.")
    return InProgress("in_progress", text, field=FIELD)


def _not_kept() -> Conflict:
    text = _("This was asked for before, and is not done twice. What was answered then could not be kept: look at it.")
    return Conflict("answer_not_kept", text, field=FIELD)
