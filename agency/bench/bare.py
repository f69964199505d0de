"""The rows of a review through three steps, written by a cursor that asks and checks nothing."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.utils import timezone

from accounts.models import User
from approvals.models import Chain
from clients.models import Client
from social.digest import content_of, digest_of
from social.models import Channel, Post

EVENT = """
INSERT INTO audit_event (client_id, seq, at, actor_id, verb, subject_type, subject_id, digest, data, content_hash, hash)
VALUES (%s, 0, %s, %s, %s, %s, %s, %s, %s, %s, '')
"""
NOTIFICATION = """
INSERT INTO notifications_notification (user_id, client_id, kind, key, context, state, wake_at, tries, subject, error, created_at)
VALUES (%s, %s, %s, %s, %s, 'queued', %s, 0, '', '', %s) ON CONFLICT DO NOTHING
"""


@dataclass
class BareReview:
    """What the rows are about; everything that can be known before is."""

    client: Client
    channel: Channel
    author: User
    approvers: Sequence[User]
    post: Post

    def __post_init__(self) -> None:
        """Know it before."""
        self.content = content_of(self.post)
        self.digest = digest_of(self.content)
        self.chain = Chain.objects.get(client=self.client)
        self.subject_type = ContentType.objects.get_for_model(Post).pk
        self.review = 0
        self.version = 0
        self.steps: list[int] = []
        self.seats: list[int] = []

    def write(self) -> None:
        """Four transactions: one that asks, three that decide."""
        with transaction.atomic(), connection.cursor() as cursor:
            self._ask(cursor, timezone.now())
        for position in range(len(self.approvers)):
            with transaction.atomic(), connection.cursor() as cursor:
                self._decide(cursor, position, timezone.now())

    def _ask(self, cursor: CursorWrapper, now: datetime) -> None:
        client, post, author = self.client.pk, self.post.pk, self.author.pk
        self.version = _id(
            cursor,
            "INSERT INTO social_postversion (post_id, client_id, number, author_id, digest, content, created_at) "
            "VALUES (%s, %s, 1, %s, %s, %s, %s) RETURNING id",
            [post, client, author, self.digest, json.dumps(self.content), now],
        )
        self._event(cursor, now, author, "post.version", "post", post)
        self.review = _id(
            cursor,
            "INSERT INTO approvals_review (client_id, subject_type_id, subject_id, title, version, digest, author_id, chain_id, "
            "chain_name, round, state, asked_by_id, opened_at, updated_at) "
            "VALUES (%s, %s, %s, 'Bench', 1, %s, %s, %s, 'three', 1, 'open', %s, %s, %s) RETURNING id",
            [client, self.subject_type, post, self.digest, author, self.chain.pk, author, now, now],
        )
        for position, user in enumerate(self.approvers, start=1):
            state = "active" if position == 1 else "waiting"
            values = [self.review, client, position, f"{position}", state, now if position == 1 else None]
            self.steps.append(
                _id(
                    cursor,
                    "INSERT INTO approvals_reviewstep (review_id, client_id, position, name, rule, needed, state, activated_at, "
                    "on_deadline, escalate_to, never_tacit, four_eyes, part, recipe) "
                    "VALUES (%s, %s, %s, %s, 'any', 1, %s, %s, 'remind', '{}', false, false, '', '') RETURNING id",
                    values,
                )
            )
            self.seats.append(
                _id(
                    cursor,
                    "INSERT INTO approvals_seat (step_id, client_id, user_id, source, created_at, ended_why, reason) "
                    "VALUES (%s, %s, %s, 'chain', %s, '', '') RETURNING id",
                    [self.steps[-1], client, user.pk, now],
                )
            )
        self._turn(cursor, now, 0)
        self._event(cursor, now, author, "review.started", "review", self.review)
        cursor.execute(
            "UPDATE social_post SET version_id = %s, review_id = %s, state = 'in_review', updated_at = %s WHERE id = %s",
            [self.version, self.review, now, post],
        )

    def _decide(self, cursor: CursorWrapper, position: int, now: datetime) -> None:
        user = self.approvers[position].pk
        cursor.execute(
            "INSERT INTO approvals_decision (seat_id, client_id, actor_id, verdict, comment, digest, via, at) "
            "VALUES (%s, %s, %s, 'approve', '', %s, 'admin', %s)",
            [self.seats[position], self.client.pk, user, self.digest, now],
        )
        cursor.execute("UPDATE approvals_reviewstep SET state = 'passed' WHERE id = %s", [self.steps[position]])
        self._event(cursor, now, user, "review.approved", "review", self.review)
        if position + 1 < len(self.steps):
            cursor.execute(
                "UPDATE approvals_reviewstep SET state = 'active', activated_at = %s WHERE id = %s",
                [now, self.steps[position + 1]],
            )
            cursor.execute("UPDATE approvals_review SET updated_at = %s WHERE id = %s", [now, self.review])
            self._turn(cursor, now, position + 1)
        else:
            self._close(cursor, now, user)

    def _close(self, cursor: CursorWrapper, now: datetime, user: int) -> None:
        cursor.execute(
            "UPDATE approvals_review SET state = 'approved', closed_at = %s, updated_at = %s WHERE id = %s",
            [now, now, self.review],
        )
        self._notify(cursor, now, self.author.pk, "approved", f"review:{self.review}", {"review": self.review})
        cursor.execute(
            "INSERT INTO social_publication (post_id, version_id, channel_id, network, client_id, state, due_at, wake_at, keys, "
            "progress, begun, uses, dollars, held, tries, asked, detail, remote_id, permalink, updated_at) "
            "VALUES (%s, %s, %s, %s, %s, 'scheduled', %s, %s, '{}', '{}', false, '{}', 0, false, 0, 0, '', '', '', %s)",
            [
                self.post.pk,
                self.version,
                self.channel.pk,
                self.channel.network,
                self.client.pk,
                self.post.publish_at,
                self.post.publish_at,
                now,
            ],
        )
        cursor.execute("UPDATE social_post SET state = 'scheduled', updated_at = %s WHERE id = %s", [now, self.post.pk])
        self._event(cursor, now, user, "post.scheduled", "post", self.post.pk)

    def _turn(self, cursor: CursorWrapper, now: datetime, position: int) -> None:
        seat = self.seats[position]
        self._notify(cursor, now, self.approvers[position].pk, "turn", f"seat:{seat}", {"seat": seat})

    def _notify(  # noqa: PLR0913 - a row has these columns
        self, cursor: CursorWrapper, now: datetime, user: int, kind: str, key: str, context: dict[str, int]
    ) -> None:
        cursor.execute(NOTIFICATION, [user, self.client.pk, kind, key, json.dumps(context), now, now])

    def _event(  # noqa: PLR0913 - a row has these columns
        self, cursor: CursorWrapper, now: datetime, actor: int, verb: str, subject: str, pk: int
    ) -> None:
        values: list[Any] = [self.client.pk, now, actor, verb, subject, pk, self.digest, "{}", bytes(32)]
        cursor.execute(EVENT, values)


def _id(cursor: CursorWrapper, statement: str, values: list[Any]) -> int:
    cursor.execute(statement, values)
    row: tuple[int] = cursor.fetchone()
    return row[0]
