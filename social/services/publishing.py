"""Publishing: the sweep hands out what is due, a worker claims one row, calls the network, writes down the outcome.

No network is called inside a transaction. The attempt is committed before the call, so that a worker killed at any
point leaves either a row that was never touched or one whose lease runs out as "unknown", never one that is lost.
"""

import logging
import random
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.models import User
from approvals.models import ReviewState
from audit.services import record
from clients.models import Client
from notifications.services import tell
from social import networks
from social.models import Attempt, Outcome, Post, PostState, Publication, PublicationState
from social.networks.base import (
    CannotTell,
    Content,
    CredentialsRefused,
    Network,
    NetworkError,
    NotSent,
    Published,
    Refused,
    Throttled,
    Unknown,
)
from social.selectors import people_in_charge
from social.services.channels import account_of, known_account, mark_broken
from social.services.checks import content_for, media_items
from social.services.locks import lock_post
from social.services.scheduling import tell_late
from social.services.states import refresh_state, set_post

log = logging.getLogger(__name__)
BATCH = 500  # rows that one sweep hands out
HAND_OUT = timedelta(seconds=30)  # for so long a row that was handed out is not handed out again
LEASE_MARGIN = timedelta(seconds=30)  # beyond the longest that the network may take
MOST_TRIES = 8
ASK_AFTER = (timedelta(seconds=30), timedelta(minutes=2), timedelta(minutes=7))  # three questions within ten minutes

SWEEP = """
UPDATE social_publication SET wake_at = %(again)s
WHERE id IN (
    SELECT p.id FROM social_publication p JOIN clients_client c ON c.id = p.client_id
    WHERE p.state IN ('scheduled', 'publishing', 'unknown') AND p.wake_at <= %(now)s
        AND (c.frozen_at IS NULL OR p.state <> 'scheduled')
    ORDER BY p.wake_at LIMIT %(batch)s FOR UPDATE OF p SKIP LOCKED
)
AND state IN ('scheduled', 'publishing', 'unknown')
RETURNING id, state
"""


def hand_out(now: datetime) -> list[tuple[int, str]]:
    """The publications that have something to do now, with their states: one query on a partial index.

    What is handed out wakes again after ``HAND_OUT``, in case whoever got it dies. Several sweeps share the rows.
    """
    with connection.cursor() as cursor:
        cursor.execute(SWEEP, {"now": now, "again": now + HAND_OUT, "batch": BATCH})
        rows: list[tuple[int, str]] = cursor.fetchall()
    return rows


@dataclass(frozen=True)
class Claim:
    """One publication that is ours until the lease ends."""

    publication: Publication
    attempt: Attempt
    content: Content


def publish(*, publication_id: int) -> None:
    """Claim the publication, call its network, write down how it ended. Somebody else's row is left alone."""
    claimed = claim(publication_id=publication_id, now=timezone.now())
    if claimed is None:
        return  # another worker, an edit, a freeze or the window got there first
    publication, channel = claimed.publication, claimed.publication.channel
    network = networks.get(channel.network)
    try:
        _require_fit(network, claimed.content)
        live = network.publish(known_account(channel), claimed.content, publication.keys)
    except NetworkError as error:
        settle_failure(publication=publication, attempt=claimed.attempt, error=error)
    except Exception as error:
        # Ours or the library's: it may have happened after sending, so it is uncertain, and the log says where.
        log.exception("publishing broke", extra={"publication": publication.pk})
        uncertain = Unknown(_("Something broke on our side: %(what)s."), params={"what": type(error).__name__})
        settle_failure(publication=publication, attempt=claimed.attempt, error=uncertain)
    else:
        settle_published(publication=publication, attempt=claimed.attempt, live=live)


def _require_fit(network: Network, content: Content) -> None:
    """The rules once more: a network may have changed them since the approval."""
    for problem in network.preflight(content).problems:
        if problem.level == "error":
            raise Refused(problem.template, code=problem.code, params=problem.params)


@transaction.atomic
def claim(*, publication_id: int, now: datetime) -> Claim | None:
    """Take the publication for one try, or say why not by leaving it (None).

    True only if its version is the post's current one, the review is approved with the same digest, the client is not
    stopped and the time has come, all under the post's lock; the attempt is committed with it.
    """
    post_id = Publication.objects.values_list("post_id", flat=True).get(pk=publication_id)
    post = lock_post(post_id, "review")
    client = _shared(post.client_id)
    publication = Publication.objects.select_related("channel", "version").get(pk=publication_id)
    publication.post, publication.client = post, client
    if publication.state != PublicationState.SCHEDULED or publication.due_at > now or client.frozen:
        return None
    if not is_approved(post, publication):
        return None
    if _too_late(publication, client, now):
        _be_late(publication)
        return None
    network = networks.get(publication.channel.network)
    lease = now + timedelta(seconds=network.patience) + LEASE_MARGIN
    rows = Publication.objects.filter(pk=publication.pk, state=PublicationState.SCHEDULED, wake_at__lte=now + HAND_OUT)
    # Fixed before the first try and kept over all others; not at the approval, since networks show them as the post's time.
    publication.keys = publication.keys or network.new_keys(now)
    claimed = rows.update(
        state=PublicationState.PUBLISHING,
        tries=publication.tries + 1,
        keys=publication.keys,
        wake_at=lease,
        detail="",
        updated_at=now,
    )
    if not claimed:
        return None  # a retry with its own time, or somebody got there first
    publication.tries += 1
    attempt = Attempt.objects.create(
        publication=publication, client_id=publication.client_id, number=publication.tries, started_at=now
    )
    if post.state != PostState.PUBLISHING:
        set_post(post, state=PostState.PUBLISHING)
    return Claim(publication, attempt, _content(publication))


def _content(publication: Publication) -> Content:
    """The very words and pictures of the publication's version on its channel."""
    entry = next(e for e in publication.version.content["channels"] if e["channel"] == publication.channel_id)
    return content_for(entry, media_items(publication.client_id, entry["media"]))


def _shared(client_id: int) -> Client:
    # FOR SHARE: claims of one client go side by side, a freeze waits for them and they for a freeze.
    return Client.objects.raw("SELECT * FROM clients_client WHERE id = %s FOR SHARE", [client_id])[0]


def is_approved(post: Post, publication: Publication) -> bool:
    """Whether the post's current version is this publication's, and approved with the same digest."""
    return (
        post.version_id == publication.version_id
        and post.review is not None
        and post.review.state == ReviewState.APPROVED
        and post.review.digest == publication.version.digest
    )


def _too_late(publication: Publication, client: Client, now: datetime) -> bool:
    window = timedelta(minutes=client.lateness_minutes)
    stopped_over_it = client.lifted_at is not None and publication.due_at <= client.lifted_at
    return stopped_over_it or now - publication.due_at > window


def _be_late(publication: Publication) -> None:
    post = publication.post
    rows = Publication.objects.filter(pk=publication.pk, state=PublicationState.SCHEDULED)
    if rows.update(state=PublicationState.LATE, wake_at=None, updated_at=timezone.now()):
        refresh_state(post)
        tell_late(post, publication.due_at)
        record_publication(publication, "publication.late", due_at=publication.due_at.isoformat())


def record_publication(publication: Publication, verb: str, by: User | None = None, **data: object) -> None:
    """Append what happened to a publication; ``by`` is None where no person did it."""
    record(
        client_id=publication.client_id,
        actor=by,
        verb=verb,
        subject_type="publication",
        subject_id=publication.pk,
        digest=publication.version.digest,
        **data,
    )


def _absolute(permalink: str) -> str:
    return settings.BASE_URL.rstrip("/") + permalink if permalink.startswith("/") else permalink


@transaction.atomic
def settle_published(*, publication: Publication, attempt: Attempt | None, live: Published) -> None:
    """It is out: write down where. True news even if the lease ran out meanwhile, so an uncertain row becomes certain."""
    now = timezone.now()
    post = lock_post(publication.post_id)
    rows = Publication.objects.filter(
        pk=publication.pk, state__in=[PublicationState.PUBLISHING, PublicationState.UNKNOWN]
    )
    if not rows.update(
        state=PublicationState.PUBLISHED,
        wake_at=None,
        remote_id=live.remote_id,
        permalink=_absolute(live.permalink),
        published_at=now,
        detail="",
        updated_at=now,
    ):
        return
    if attempt:
        _end(attempt, Outcome.PUBLISHED, "")
    refresh_state(post)
    record_publication(
        publication, "publication.published", remote_id=live.remote_id, permalink=_absolute(live.permalink)
    )


def _end(attempt: Attempt, outcome: Outcome, detail: str) -> None:
    living = Attempt.objects.filter(pk=attempt.pk, ended_at=None)
    living.update(outcome=outcome, detail=detail[:500], ended_at=timezone.now())


def settle_failure(*, publication: Publication, attempt: Attempt, error: NetworkError) -> None:
    """It is not out, or we don't know: the outcome says what follows (see ``social.networks.base``)."""
    with translation.override(publication.client.language):
        detail = str(error)
    if isinstance(error, CredentialsRefused):
        mark_broken(channel=publication.channel, detail=detail)
    match error:
        case Throttled():
            _retry(publication, attempt, Outcome.THROTTLED, detail, error.retry_at)
        case NotSent() if publication.tries < MOST_TRIES:
            _retry(publication, attempt, Outcome.NOT_SENT, detail, timezone.now() + backoff(publication.tries))
        case NotSent():
            _leave(publication, attempt, Outcome.NOT_SENT, PublicationState.FAILED, detail)
        case Refused():
            _leave(publication, attempt, Outcome.REFUSED, PublicationState.FAILED, detail)
        case _:
            _leave(publication, attempt, Outcome.UNKNOWN, PublicationState.UNKNOWN, detail)


def backoff(tries: int) -> timedelta:
    """How long to wait after so many tries: 5 s doubling up to 10 minutes, with jitter so that channels don't march."""
    return timedelta(seconds=min(600, 5 * 2 ** (tries - 1)) * random.uniform(0.8, 1.2))  # noqa: S311 - not a secret


@transaction.atomic
def _retry(publication: Publication, attempt: Attempt, outcome: Outcome, detail: str, at: datetime) -> None:
    post = lock_post(publication.post_id)
    rows = Publication.objects.filter(pk=publication.pk, state=PublicationState.PUBLISHING)
    if rows.update(state=PublicationState.SCHEDULED, wake_at=at, detail=detail[:500], updated_at=timezone.now()):
        _end(attempt, outcome, detail)
        refresh_state(post)
        record_publication(publication, "publication.retry", outcome=str(outcome), at=at.isoformat())


@transaction.atomic
def _leave(publication: Publication, attempt: Attempt, outcome: Outcome, state: PublicationState, detail: str) -> None:
    now = timezone.now()
    post = lock_post(publication.post_id)
    unknown = state == PublicationState.UNKNOWN
    rows = Publication.objects.filter(pk=publication.pk, state=PublicationState.PUBLISHING)
    if not rows.update(
        state=state, wake_at=now + ASK_AFTER[0] if unknown else None, asked=0, detail=detail[:500], updated_at=now
    ):
        return
    _end(attempt, outcome, detail)
    refresh_state(post)
    if not unknown:
        _tell(publication, "publication_failed")
    record_publication(publication, f"publication.{state}", outcome=str(outcome))


def _tell(publication: Publication, kind: str) -> None:
    tell(
        users=people_in_charge(publication.post),
        client_id=publication.client_id,
        kind=kind,
        key=f"publication:{publication.pk}:{publication.tries}",
        publication=publication.pk,
    )


@transaction.atomic
def end_lease(*, publication_id: int) -> None:
    """Whoever had this row died or hangs: it is uncertain whether it went out. The network is asked at once."""
    now = timezone.now()
    publication = Publication.objects.select_related("version", "client").get(pk=publication_id)
    post = lock_post(publication.post_id)
    attempt = publication.attempts.order_by("number").last()
    with translation.override(publication.client.language):
        detail = _("The worker that was sending it stopped in the middle.")
    rows = Publication.objects.filter(pk=publication_id, state=PublicationState.PUBLISHING)
    if not rows.update(state=PublicationState.UNKNOWN, wake_at=now, asked=0, detail=detail, updated_at=now):
        return
    if attempt:
        _end(attempt, Outcome.UNKNOWN, detail)
    refresh_state(post)
    record_publication(publication, "publication.unknown", outcome="lease")


def ask(*, publication_id: int) -> None:
    """Ask the network whether an uncertain publication is live; after three questions without an answer, ask a person."""
    publication = Publication.objects.select_related("channel", "version", "client", "post").get(pk=publication_id)
    if publication.state != PublicationState.UNKNOWN:
        return
    content = _content(publication)
    try:
        live = networks.get(publication.channel.network).find(
            account_of(publication.channel), content, publication.keys
        )
    except CannotTell:
        _ask_person(publication)
    except NetworkError:
        _ask_again(publication)
    else:
        if live:
            settle_published(publication=publication, attempt=None, live=live)
        else:
            send_again(publication=publication)


@transaction.atomic
def send_again(*, publication: Publication) -> None:
    """It is surely not live: back to the outbox, to go out now (the claim still asks everything it asks)."""
    post = lock_post(publication.post_id)
    rows = Publication.objects.filter(pk=publication.pk, state=PublicationState.UNKNOWN)
    now = timezone.now()
    if rows.update(state=PublicationState.SCHEDULED, wake_at=now, updated_at=now):
        refresh_state(post)
        record_publication(publication, "publication.not_live")


def _ask_again(publication: Publication) -> None:
    asked = publication.asked + 1
    if asked >= len(ASK_AFTER):
        _ask_person(publication)
        return
    rows = Publication.objects.filter(pk=publication.pk, state=PublicationState.UNKNOWN, asked=publication.asked)
    rows.update(asked=asked, wake_at=timezone.now() + ASK_AFTER[asked])


@transaction.atomic
def _ask_person(publication: Publication) -> None:
    rows = Publication.objects.filter(pk=publication.pk, state=PublicationState.UNKNOWN, wake_at__isnull=False)
    if rows.update(asked=publication.asked + 1, wake_at=None, updated_at=timezone.now()):
        _tell(publication, "publication_unknown")
        record_publication(publication, "publication.asks_person")


def mark_late() -> int:
    """Posts whose hour has come while they are still in review: late, never published. How many that were."""
    now = timezone.now()
    overdue = Post.objects.filter(state=PostState.IN_REVIEW, publish_at__lte=now).order_by("publish_at")
    return sum(_mark_late(pk, now) for pk in overdue.values_list("pk", flat=True)[:BATCH])


@transaction.atomic
def _mark_late(pk: int, now: datetime) -> bool:
    post = lock_post(pk)
    if post.state != PostState.IN_REVIEW or post.publish_at is None or post.publish_at > now:
        return False  # decided, moved or taken back meanwhile
    set_post(post, state=PostState.LATE)
    tell_late(post, post.publish_at)
    record(
        client_id=post.client_id,
        actor=None,
        verb="post.late",
        subject_type="post",
        subject_id=post.pk,
        digest=post.version.digest if post.version else "",
        publish_at=post.publish_at.isoformat(),
    )
    return True
