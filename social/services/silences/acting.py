"""What people do about a silence: take up a proposal, which makes a draft of it; or say that it is wanted."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.errors import Conflict
from accounts.models import User
from audit.services import record
from clients.models import STAFF_ROLES
from clients.selectors import require
from social.models import Post, Silence, SilenceState, WhyQuiet
from social.models.silences import NOTE_LENGTH
from social.proposals import Proposal, ProposalKind, proposal_of
from social.proposals.evergreen import fields_again
from social.services.posts import PostFields, create_post, edit_post
from social.services.silences.sweeping import foresee
from social.text import clean_text

LONGEST = timedelta(days=366)  # a wanted silence


@transaction.atomic
def take_up(*, user: User, silence: Silence, proposal: str, publish_at: datetime | None = None) -> Post:
    """Make a draft of the proposal that this key names (see ``social.proposals``), at the proposed time or at ``publish_at``.

    A draft that lies around is given the time, and the channel where it has none. The silence is over at once if that
    fills it; one that still has to be written fills nothing, so the silence stays ahead until it says something. Two who do so at once queue for its row. Raises ``Conflict`` for one that is over (``over``) and a proposal
    that can't be made any more (``no_proposal``), ``ValidationError`` on ``publish_at``.
    """
    require(user, silence.client_id, STAFF_ROLES)
    silence = _locked(silence)
    chosen = proposal_of(silence, proposal, timezone.now())
    if chosen is None:
        raise Conflict("no_proposal", _("This proposal is not there any more. Choose another one."), field="proposal")
    at = publish_at or chosen.publish_at
    post = _MAKERS[chosen.kind](user, silence, chosen, {"publish_at": at, "publish_zone": silence.client.timezone})
    silence.filled_by = post
    silence.updated_at = timezone.now()
    silence.save(update_fields=["filled_by", "updated_at"])
    record(
        client_id=silence.client_id,
        actor=user,
        verb="silence.taken_up",
        subject_type="silence",
        subject_id=silence.pk,
        proposal=chosen.key,
        post=post.pk,
        publish_at=post.publish_at.isoformat() if post.publish_at else None,
    )
    foresee(now=timezone.now(), channels=[silence.channel_id])
    return post


def _give_time(user: User, silence: Silence, chosen: Proposal, when: PostFields) -> Post:
    post = chosen.post
    assert post is not None  # noqa: S101 - it is the draft
    if not post.variants.exists():
        when = {**when, "channels": [silence.channel]}
    return edit_post(user=user, post=post, **when)


def _repeat(user: User, silence: Silence, chosen: Proposal, when: PostFields) -> Post:
    post = chosen.post
    assert post is not None  # noqa: S101 - it is what comes again
    fields: Any = {**fields_again(post, silence.channel), **when}
    return create_post(user=user, client=silence.client, **fields)


def _begin(user: User, silence: Silence, chosen: Proposal, when: PostFields) -> Post:
    fields: PostFields = {
        "title": chosen.title,
        "text": chosen.text,
        "channels": [silence.channel],
        "pillar": chosen.pillar,
        "occasion": chosen.occasion,
        **when,
    }
    return create_post(user=user, client=silence.client, **fields)


_MAKERS: dict[ProposalKind, Callable[[User, Silence, Proposal, PostFields], Post]] = {
    ProposalKind.DRAFT: _give_time,
    ProposalKind.EVERGREEN: _repeat,
    ProposalKind.OCCASION: _begin,
    ProposalKind.PILLAR: _begin,
    ProposalKind.RETURN: _begin,
}


@transaction.atomic
def dismiss(*, user: User, silence: Silence, why: str, note: str = "", quiet_until: date | None = None) -> Silence:
    """This silence is wanted: nobody is told of it again. With ``quiet_until`` the cadence counts anew from that day on.

    Raises ``Conflict`` for one that is over, ``ValidationError`` on ``why``, on ``note`` where nothing else says why, and on
    ``quiet_until`` for a day before the silence begins, or too far away.
    """
    require(user, silence.client_id, STAFF_ROLES)
    silence = _locked(silence)
    if why not in WhyQuiet.values:
        raise _refused("why", _("Say why: holidays, a pause that was agreed, or something else."), "invalid_choice")
    note = clean_text(note, "note").strip()
    if len(note) > NOTE_LENGTH:
        raise _refused("note", _("At most %(most)d characters."), "max_length", most=NOTE_LENGTH)
    if why == WhyQuiet.OTHER and not note:
        raise _refused("note", _("Say in a few words what it is."), "required")
    _require_day(silence, quiet_until)
    now = timezone.now()
    fields = {
        "state": SilenceState.DISMISSED,
        "why": WhyQuiet(why),
        "note": note,
        "quiet_until": quiet_until,
        "dismissed_by": user,
        "ended_at": now,
        "updated_at": now,
    }
    for name, value in fields.items():
        setattr(silence, name, value)
    silence.save(update_fields=list(fields))
    record(
        client_id=silence.client_id,
        actor=user,
        verb="silence.dismissed",
        subject_type="silence",
        subject_id=silence.pk,
        why=str(why),
        note=note,
        quiet_until=quiet_until.isoformat() if quiet_until else None,
    )
    return silence


def _require_day(silence: Silence, day: date | None) -> None:
    if day is None:
        return
    if day < silence.falls_on:
        raise _refused(
            "quiet_until", _("The silence begins later than that. Choose its last day, or none."), "too_early"
        )
    if day > timezone.now().astimezone(silence.client.zone).date() + LONGEST:
        raise _refused("quiet_until", _("That is more than a year away."), "too_late")


def _locked(silence: Silence) -> Silence:
    rows = Silence.objects.select_for_update(of=("self",), no_key=True)
    silence = rows.select_related("client", "channel__client", "strategy__agreed_version", "filled_by").get(
        pk=silence.pk
    )
    if silence.state != SilenceState.FORESEEN:
        text = _("This silence is over: it was filled, is wanted, or is not asked for any more.")
        raise Conflict("over", text)
    return silence


def _refused(field: str, text: Any, code: str, **params: object) -> ValidationError:
    return ValidationError({field: ValidationError(text, code=code, params=params)})
