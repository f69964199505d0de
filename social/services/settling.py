"""How a try ended: written down under the post's lock, and what follows from it."""

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.prepared import PreparedUpdate
from social.models import Attempt, Outcome, Publication, PublicationState
from social.networks.base import (
    CredentialsRefused,
    NetworkError,
    NotReady,
    NotSent,
    Published,
    Refused,
    Stopped,
    Throttled,
    Unpaid,
)
from social.services import acting, clock, holding, watching
from social.services.connections import LOCKED, refused_credentials
from social.services.contents import HIDDEN, has_unsent
from social.services.how_far import of_what_is_out, with_what_is_live
from social.services.journal import SEALED
from social.services.lanes import HAND_OUT
from social.services.lateness import expected_after_throttling, expected_after_waiting, late_at
from social.services.locks import lock_post
from social.services.outbox import LACKING, record_publication, tell_people, tell_unpaid
from social.services.sending_rest import changed_first
from social.services.spending import give_back
from social.services.states import refresh_state

MOST_TRIES = 8  # that did not reach the network
ASK_AFTER = (timedelta(seconds=30), timedelta(minutes=2), timedelta(minutes=7))  # three questions within ten minutes

_OUT = PreparedUpdate(
    lambda publication, **fields: (
        Publication.objects.filter(pk=publication, state__in=[PublicationState.PUBLISHING, PublicationState.UNKNOWN]),
        {"state": PublicationState.PUBLISHED, "wake_at": None, **fields},
    )
)
_ENDED = PreparedUpdate(lambda attempt, **fields: (Attempt.objects.filter(pk=attempt, ended_at=None), fields))


@transaction.atomic
def settle_published(*, publication: Publication, attempt: Attempt | None, live: Published) -> None:
    """It is out: write down where. True news even if the lease ran out meanwhile, so an uncertain row becomes certain."""
    now = clock.now()
    changed_first(publication)
    post = lock_post(publication.post_id)
    with translation.override(publication.client.language):
        detail = str(live.lacks or live.detail)[:500]
    hidden, lacks = live.hidden, bool(live.lacks)
    live = Published(live.remote_id, _absolute(live.permalink))
    if not _OUT(
        publication=publication.pk,
        **_kept(publication, hidden=hidden),
        remote_id=live.remote_id,
        permalink=live.permalink,
        published_at=now,
        detail=detail,
        updated_at=now,
    ):
        return
    if attempt:
        _end(attempt, Outcome.PUBLISHED, detail)
    acting.follow(publication, live, now)
    watching.begin(publication, live, now)
    if lacks:
        tell_people(publication, LACKING)
    refresh_state(post)
    of: dict[str, Any] = {"of": publication.target_id} if publication.target_id else {}
    record_publication(
        publication, acting.verb_of(publication), remote_id=live.remote_id, permalink=live.permalink, **of
    )


def _kept(publication: Publication, *, hidden: bool) -> dict[str, Any]:
    """What its progress is from now on, where that changes: what opened its uploads is of no more use."""
    kept = {name: value for name, value in publication.progress.items() if name != SEALED}
    if hidden:
        kept[HIDDEN] = True
    return {"progress": kept} if kept != publication.progress else {}


def _absolute(permalink: str) -> str:
    return settings.BASE_URL.rstrip("/") + permalink if permalink.startswith("/") else permalink


def _end(attempt: Attempt, outcome: Outcome, detail: str) -> None:
    _ENDED(attempt=attempt.pk, outcome=outcome, detail=detail[:500], ended_at=clock.now())


def settle_failure(*, publication: Publication, attempt: Attempt, error: NetworkError) -> None:
    """It is not out, or we don't know: the outcome says what follows (see ``social.networks.base``)."""
    if error.partly and acting.repeats(publication):
        publication.begun = True  # of what is live something is as it was to become: nothing but its end can follow
    with translation.override(publication.client.language):
        detail = of_what_is_out(error) if publication.begun else str(error)
    match error:
        case CredentialsRefused():
            broken = refused_credentials(channel=publication.channel, detail=detail)
            # It waits for the new connection or token (see ``claim``), and is late where that comes too late.
            at = clock.now() if broken else clock.now() + LOCKED
            _retry(publication, attempt, Outcome.REFUSED, detail, at)
        case Stopped():
            # It wakes as soon as the stop is lifted, and asks its people then (see ``lateness``).
            _retry(publication, attempt, Outcome.STOPPED, with_what_is_live(publication, detail), clock.now())
        case NotReady():
            at = expected_after_waiting(publication, clock.here(error.retry_at), clock.now())
            _retry(publication, attempt, Outcome.WAITING, detail, at, expected_at=at)
        case Throttled():
            at = clock.here(error.retry_at)
            expected = expected_after_throttling(publication, at)
            tells = tell_unpaid if isinstance(error, Unpaid) else None
            _retry(publication, attempt, Outcome.THROTTLED, detail, at, expected_at=expected, tells=tells)
        case NotSent() if _tries(publication) < MOST_TRIES:
            _retry(publication, attempt, Outcome.NOT_SENT, detail, clock.now() + backoff(_tries(publication)))
        case NotSent():
            _leave(publication, attempt, Outcome.NOT_SENT, _over(publication), detail)
        case Refused():
            _leave(publication, attempt, Outcome.REFUSED, _over(publication), detail)
        case _:
            _leave(publication, attempt, Outcome.UNKNOWN, PublicationState.UNKNOWN, detail)


def _over(publication: Publication) -> PublicationState:
    """How it stands after a no. An earlier try of the same change may have been made all the same: then nobody knows."""
    uncertain = acting.repeats(publication) and publication.begun
    return PublicationState.UNKNOWN if uncertain else PublicationState.FAILED


def _tries(publication: Publication) -> int:
    """How many tries did not reach the network, this one included."""
    return 1 + publication.attempts.filter(outcome=Outcome.NOT_SENT).count()


def _mine(publication: Publication) -> QuerySet[Publication]:
    """The row, as long as no other try has begun."""
    return Publication.objects.filter(pk=publication.pk, state=PublicationState.PUBLISHING, tries=publication.tries)


def backoff(tries: int) -> timedelta:
    """How long to wait after so many tries: 5 s doubling up to 10 minutes, with jitter so that channels don't march."""
    return timedelta(seconds=min(600, 5 * 2 ** (tries - 1)) * random.uniform(0.8, 1.2))  # noqa: S311 - not a secret


@transaction.atomic
def _retry(  # noqa: PLR0913 - what is written down of a try
    publication: Publication,
    attempt: Attempt,
    outcome: Outcome,
    detail: str,
    at: datetime,
    *,
    expected_at: datetime | None = None,
    tells: Callable[[Publication], None] | None = None,
) -> None:
    """It waits for its next try. ``tells`` its people, who find it waiting."""
    post = lock_post(publication.post_id)
    rows = _mine(publication)
    publication.progress.pop("in_flight", None)  # the network has said that nothing went out
    publication.expected_at = expected_at or publication.expected_at
    # Then it asks its people, however long the network wants it to wait.
    at = min(at, late_at(publication, publication.client))
    if rows.update(
        state=PublicationState.SCHEDULED,
        wake_at=at,
        expected_at=publication.expected_at,
        detail=detail[:500],
        progress=publication.progress,
        begun=publication.begun,
        updated_at=timezone.now(),
    ):
        _end(attempt, outcome, detail)
        give_back(publication)
        refresh_state(post)
        if tells:
            tells(publication)
        record_publication(publication, "publication.retry", outcome=str(outcome), at=at.isoformat())


@transaction.atomic
def _leave(publication: Publication, attempt: Attempt, outcome: Outcome, state: PublicationState, detail: str) -> None:
    now = clock.now()
    post = lock_post(publication.post_id)
    unknown = state == PublicationState.UNKNOWN
    if not unknown:
        publication.progress.pop("in_flight", None)
        detail = with_what_is_live(publication, detail)
    if unknown and acting.repeats(publication):
        publication.begun = True  # it may be done: nothing but its end can follow
    hopeless = unknown and outcome != Outcome.UNKNOWN
    rows = _mine(publication)
    if not rows.update(
        state=state,
        wake_at=now + ASK_AFTER[0] if unknown and not hopeless else None,
        asked=0,
        detail=detail[:500],
        progress=publication.progress,
        begun=publication.begun,
        updated_at=now,
    ):
        return
    _end(attempt, outcome, detail)
    refresh_state(post)
    if not unknown:
        give_back(publication)
    if not unknown or hopeless:
        tell_people(publication, "publication_unknown" if unknown else "publication_failed")
    record_publication(publication, f"publication.{state}", outcome=str(outcome))


def end_lease(*, publication_id: int) -> None:
    """Whoever had this row died or hangs. Where nothing was being sent, it goes on; else it is uncertain, and asked at once.

    Where a living worker still holds it, the clock has jumped, and nothing has ended.
    """
    if holding.is_held(publication_id):
        return  # it is looked at again (see ``lanes.HAND_OUT``)
    _end_lease(publication_id)


@transaction.atomic
def _end_lease(publication_id: int) -> None:
    now = clock.now()
    publication = Publication.objects.select_related("version", "client").get(pk=publication_id)
    post = lock_post(publication.post_id)
    attempt = publication.attempts.order_by("number").last()
    # Between two posts of a thread nothing is in doubt: the rest goes out below what is live.
    sent = (attempt is None or attempt.sent_at is not None) and not has_unsent(publication)
    with translation.override(publication.client.language):
        detail = _("The worker that was sending it stopped in the middle.")
    # A message that came late finds another try's lease, which has not ended.
    rows = _mine(publication).filter(wake_at__lte=now + HAND_OUT)
    state = PublicationState.UNKNOWN if sent else PublicationState.SCHEDULED
    begun = publication.begun or (sent and acting.repeats(publication))
    if not rows.update(state=state, wake_at=now, asked=0, detail=detail, begun=begun, updated_at=now):
        return
    if attempt:
        _end(attempt, Outcome.UNKNOWN if sent else Outcome.NOT_SENT, detail)
    if not sent:
        give_back(publication)
    refresh_state(post)
    record_publication(publication, "publication.unknown" if sent else "publication.retry", outcome="lease")
