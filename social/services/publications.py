"""What people do with publications: send again, say what happened, give up."""

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from accounts.errors import Conflict
from accounts.models import User
from clients.models import STAFF_ROLES
from clients.selectors import require
from social.models import Post, Publication, PublicationState
from social.networks.base import Published
from social.services import acting, clock, watching
from social.services.contents import SEEN, more_was_to_follow
from social.services.giving_up import give_up
from social.services.how_far import with_what_is_live
from social.services.locks import lock_post
from social.services.outbox import is_approved, record_publication, retired_reason
from social.services.scheduling import begin_anew
from social.services.sending_rest import changed_first, require_free
from social.services.spending import give_back
from social.services.states import refresh_state


def _locked(publication: Publication, user: User) -> tuple[Post, Publication]:
    require(user, publication.client_id, STAFF_ROLES)
    post = lock_post(publication.post_id)
    fresh = Publication.objects.select_related("version", "channel", "client", "post").get(pk=publication.pk)
    return post, fresh


@transaction.atomic
def retry_publication(*, user: User, publication: Publication) -> Publication:
    """Send what failed or missed its time, now. What was approved is what goes out: nothing else may have changed.

    Raises ``Conflict`` when it is neither (``not_retryable``), no longer approved (``not_approved``), its channel is
    retired (``retired``), what is live of it is being acted on (``acted_on``), is or will be taken down (``taken_down``),
    is to be changed (``change_asked``), stands below what only a person saw (``not_known_there``) or has an answer where the rest would stand (``answered``).
    """
    post, publication = _locked(publication, user)
    require_free(publication)
    if publication.state not in {PublicationState.FAILED, PublicationState.LATE}:
        raise Conflict("not_retryable", _("Only what was not published, or missed its time, can be sent again."))
    if not is_approved(post, publication):
        raise Conflict("not_approved", _("This version is not approved: submit the post first."))
    if publication.channel.retired:
        raise Conflict("retired", _("This channel is retired."))
    begin_anew(publication)
    _send_now(publication, was=publication.state)
    refresh_state(post)
    record_publication(publication, "publication.sent_again", by=user)
    return publication


def _send_now(publication: Publication, was: str) -> None:
    now = clock.now()
    rows = Publication.objects.filter(pk=publication.pk, state=was)
    publication.progress.pop("in_flight", None)
    rows.update(
        state=PublicationState.SCHEDULED, due_at=now, wake_at=now, progress=publication.progress, updated_at=now
    )
    publication.refresh_from_db(fields=["state", "due_at", "wake_at", "updated_at"])


@transaction.atomic
def resolve_publication(
    *, user: User, publication: Publication, outcome: str, permalink: str = "", tries: int | None = None
) -> Publication:
    """A person has looked: it is live (``published``, with its address), or it is not (``not_published``: send it now).

    Of a thread that is about the post in doubt. Where more was to follow it, that was never sent, nor can it be: where it would
    stand is not known. It is not published then, and says how much of it is live.
    ``tries``: how often it had been sent when they looked. What they saw says nothing of a try since, and would double that.
    Raises ``Conflict`` unless the outcome is uncertain (``not_unknown``) and of that try (``sent_since``); ``ValidationError``
    on ``outcome`` or ``permalink``.
    """
    if outcome not in {"published", "not_published"}:
        raise ValidationError({"outcome": ValidationError(_("Is it live, or is it not?"), code="invalid_choice")})
    if permalink:
        try:
            URLValidator(schemes=["http", "https"])(permalink)
        except ValidationError as error:
            raise ValidationError({"permalink": error}) from None
    require(user, publication.client_id, STAFF_ROLES)
    changed_first(publication)
    post, publication = _locked(publication, user)
    if publication.state != PublicationState.UNKNOWN:
        raise Conflict("not_unknown", _("There is no doubt about this publication."))
    if tries is not None and tries != publication.tries:
        raise Conflict(
            "sent_since", _("It was sent once more since you looked: look there again, then say what you see.")
        )
    now = timezone.now()
    if outcome == "published" and more_was_to_follow(publication):
        _half_live(publication, permalink, now)
    elif outcome == "published":
        Publication.objects.filter(pk=publication.pk).update(
            state=PublicationState.PUBLISHED, wake_at=None, permalink=permalink, published_at=now, updated_at=now
        )
        acting.follow(publication, Published("", permalink), now)
        watching.begin(publication, Published("", permalink), now)
        publication.refresh_from_db(fields=["state", "wake_at", "permalink", "published_at", "updated_at"])
    elif publication.channel.retired:
        with translation.override(publication.client.language):
            because = retired_reason(publication.channel)
        give_up(publication, because, was=[PublicationState.UNKNOWN])
        publication.refresh_from_db(fields=["state", "wake_at", "detail", "updated_at"])
    else:
        _send_now(publication, was=PublicationState.UNKNOWN)
        give_back(publication)
    refresh_state(post)
    record_publication(publication, "publication.resolved", by=user, outcome=outcome, permalink=permalink)
    return publication


def _half_live(publication: Publication, permalink: str, now: datetime) -> None:
    progress = publication.progress
    step = progress.pop("in_flight", "" if publication.begun else "publish")
    because = _("The rest was not sent.")
    if step:
        progress["steps"] = {**progress.get("steps", {}), step: {"given": {"url": permalink}, "until": None}}
        progress["live"], progress[SEEN] = progress.get("live", 0) + 1, step
        because = _("Somebody saw it there. The rest was not sent: below which number it would stand is not known.")
    publication.begun = True
    with translation.override(publication.client.language):
        detail = with_what_is_live(publication, str(because))[:500]
    fields: dict[str, Any] = {"begun": True, "progress": progress, "detail": detail, "wake_at": None, "updated_at": now}
    if step == "publish":
        fields["permalink"] = permalink
    Publication.objects.filter(pk=publication.pk).update(state=PublicationState.FAILED, **fields)
    publication.refresh_from_db(fields=["state", "begun", "progress", "detail", "wake_at", "permalink", "updated_at"])


@transaction.atomic
def cancel_publication(*, user: User, publication: Publication) -> Publication:
    """Give one channel's publication up before it begins. Raises ``Conflict`` once it has begun or is over."""
    post, publication = _locked(publication, user)
    rows = Publication.objects.filter(
        pk=publication.pk,
        state__in=[PublicationState.SCHEDULED, PublicationState.LATE, PublicationState.FAILED],
        begun=False,
    )
    if not rows.update(state=PublicationState.CANCELLED, wake_at=None, updated_at=timezone.now()):
        raise Conflict("not_cancellable", _("This publication has begun, or is over: it can't be cancelled."))
    publication.refresh_from_db(fields=["state", "wake_at", "updated_at"])
    refresh_state(post)
    record_publication(publication, "publication.cancelled", by=user)
    return publication
