"""Writing the evidence down, in the same transaction as what it speaks of."""

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

from django.db import connection
from django.utils import timezone

from accounts.models import User

APPEND = """
INSERT INTO audit_event (client_id, seq, at, actor_id, verb, subject_type, subject_id, digest, data, content_hash, hash)
VALUES (%s, 0, %s, %s, %s, %s, %s, %s, %s, %s, '')
"""


def content_hash(  # noqa: PLR0913 - it is exactly what an event says
    *,
    client_id: int | None,
    at: datetime,
    actor_id: int | None,
    verb: str,
    subject_type: str,
    subject_id: int,
    digest: str,
    data: dict[str, Any],
) -> bytes:
    """SHA-256 over the event as canonical JSON: UTF-8, keys sorted, no white space, UTC with microseconds.

    The chain is then ``hash = SHA-256(hash of the event before || content hash)``, starting from 32 zero bytes.
    """
    content = {
        "client": client_id,
        "at": at.astimezone(UTC).isoformat(timespec="microseconds"),
        "actor": actor_id,
        "verb": verb,
        "subject": [subject_type, subject_id],
        "digest": digest,
        "data": data,
    }
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).digest()


def record(  # noqa: PLR0913 - it is exactly what an event says
    *,
    client_id: int | None,
    actor: User | None,
    verb: str,
    subject_type: str,
    subject_id: int,
    digest: str = "",
    **data: Any,
) -> None:
    """Append one event to the client's chain. Call it last: its lock on the chain lasts until the commit.

    ``data`` holds numbers, words and digests; never a secret.
    """
    append(
        client_id=client_id,
        at=timezone.now(),
        actor_id=actor.pk if actor else None,
        verb=verb,
        subject_type=subject_type,
        subject_id=subject_id,
        digest=digest,
        data=data,
    )


def append(  # noqa: PLR0913 - it is exactly what an event says
    *,
    client_id: int | None,
    at: datetime,
    actor_id: int | None,
    verb: str,
    subject_type: str,
    subject_id: int,
    digest: str,
    data: dict[str, Any],
) -> None:
    """The same at a time that is given."""
    hashed = content_hash(
        client_id=client_id,
        at=at,
        actor_id=actor_id,
        verb=verb,
        subject_type=subject_type,
        subject_id=subject_id,
        digest=digest,
        data=data,
    )
    # Every service writes here, so it is worth a statement of our own; number and hash come from the trigger.
    values = [
        client_id,
        at,
        actor_id,
        verb,
        subject_type,
        subject_id,
        digest,
        json.dumps(data),
        hashed,
    ]
    with connection.cursor() as cursor:
        cursor.execute(APPEND, values)
