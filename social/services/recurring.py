"""Series: a post comes again by a rule. Each time is a post of its own, made ahead and approved by itself.

An approval is of one version going out once: that the words were right in March says nothing of June. So nothing of a series
goes out that was not approved for itself, though its words, and with them its digest, be the pattern's.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone, translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.errors import Conflict
from accounts.models import User
from audit.services import record
from clients.models import STAFF_ROLES, Client, Status
from clients.selectors import require, role_of
from clients.times import in_zone
from notifications.services import tell
from social import networks
from social.digest import content_of
from social.models import Channel, ChannelStatus, Occurrence, Post, PostState, Recurrence, WhyEnded
from social.models.recurring import MOST_AHEAD
from social.recurrence import Rule, check_span, coming, read_rule
from social.selectors import people_in_charge
from social.services import clock
from social.services.checks import check_content, require_ready
from social.services.locks import lock_post
from social.services.posts import WRITABLE, cancel_post, duplicate_post, edit_post
from social.services.reviewing import submit_post
from social.services.writers import note_writers

AHEAD = 14  # days
MOST_RUNNING = 100  # series of one client
BATCH = 200  # series, and posts, that one sweep looks after
# While a client is paused or its work has ended, or everything of it is stopped, its series make nothing.
WORKING = Q(client__frozen_at=None, client__status__in=[Status.PROSPECT, Status.ACTIVE])


@dataclass(frozen=True)
class Series:
    """What a series will be: its rule, and all its moments in UTC."""

    rule: Rule
    first: datetime
    moments: Sequence[datetime]


def plan_series(post: Post, *, rule: str, starts_at: datetime) -> Series:
    """The series that this post would be the pattern of. Writes nothing.

    ``starts_at`` without offset is on the client's clock. Raises ``ValidationError`` on ``rule``, ``starts_at`` or
    ``pattern``: for what is no rule, never comes or has begun already, for a text that a network does not take again so
    soon, and for what a network would not take at all.
    """
    zone = post.client.zone
    first = in_zone(starts_at, zone, "starts_at").astimezone(zone)
    if first.second or first.microsecond:
        raise _refused("starts_at", _("A series begins at a full minute."), "minute")
    read = read_rule(rule, zone)
    moments = check_span(read, first)
    if moments[0] <= timezone.now():
        raise _refused("starts_at", _("This time has passed. Let it begin later."), "past")
    channels = living_channels(post)
    if not channels:
        raise _refused("pattern", _("This post has no channel on which it could go out."), "no_channel")
    _require_apart(channels, moments)
    content = {**content_of(post)}
    living = {channel.pk for channel in channels}
    content["channels"] = [entry for entry in content["channels"] if entry["channel"] in living]
    try:
        require_ready(check_content(post.client_id, content))
    except ValidationError as error:
        raise ValidationError({"pattern": error.messages}) from error
    return Series(read, first, moments)


def living_channels(post: Post) -> list[Channel]:
    """Where copies of it would go out: its channels that are not retired."""
    living = post.variants.exclude(channel__status=ChannelStatus.RETIRED).select_related("channel")
    return [variant.channel for variant in living.order_by("channel_id")]


def _require_apart(channels: Sequence[Channel], moments: Sequence[datetime]) -> None:
    """Refuse beforehand what a network would not take: the same text again within its time."""
    shortest = min((after - before for before, after in pairwise(moments)), default=None)
    for channel in channels:
        network = networks.get(channel.network)
        if shortest is not None and network.repeats_after is not None and shortest < network.repeats_after:
            text = _("%(network)s does not take the same text again within %(hours)d hours. Let it come less often.")
            hours = network.repeats_after // timedelta(hours=1)
            raise _refused("rule", text, "repeats", network=network.name, hours=hours)


@transaction.atomic
def create_recurrence(
    *, user: User, pattern: Post, rule: str, starts_at: datetime, ahead_days: int = AHEAD
) -> Recurrence:
    """Let this post come again by this rule (see ``social.recurrence``), each time as a copy that is made ``ahead_days`` before.

    The pattern itself goes its own way. Raises ``Conflict`` for a cancelled pattern (``cancelled``) and where a client has
    too many series (``too_many``), ``ValidationError`` as ``plan_series``, and on ``ahead_days``.
    """
    require(user, pattern.client_id, STAFF_ROLES)
    pattern = lock_post(pattern.pk, "client")
    if pattern.state == PostState.CANCELLED:
        raise Conflict("cancelled", _("This post is cancelled. Duplicate it to use its text again."))
    if not 1 <= ahead_days <= MOST_AHEAD:
        raise _refused("ahead_days", _("Between 1 and %(most)d days."), "ahead_days", most=MOST_AHEAD)
    series = plan_series(pattern, rule=rule, starts_at=starts_at)
    Client.objects.select_for_update(of=("self",), no_key=True).get(pk=pattern.client_id)
    if Recurrence.objects.filter(client=pattern.client_id, ended_at=None).count() >= MOST_RUNNING:
        text = _("This client has %(most)d series already. End one first.") % {"most": MOST_RUNNING}
        raise Conflict("too_many", text)
    made = Recurrence.objects.create(
        client=pattern.client,
        pattern=pattern,
        author=user,
        rule=str(series.rule),
        starts_at=series.first,
        zone=pattern.client.timezone,
        ahead_days=ahead_days,
        next_at=series.moments[0],
        wake_at=series.moments[0] - timedelta(days=ahead_days),
    )
    _record(made, "recurrence.created", user, rule=made.rule, starts_at=series.first.isoformat(), pattern=pattern.pk)
    return made


@transaction.atomic
def end_recurrence(*, user: User, recurrence: Recurrence, cancel_posts: bool = False) -> tuple[Recurrence, int]:
    """No more posts of it are made. Those that are stay, or are cancelled with it as far as nothing of them has begun.

    How many were cancelled stands beside it. Raises ``Conflict`` for one that has ended already.
    """
    require(user, recurrence.client_id, STAFF_ROLES)
    # The pattern is older than all that was made of it: posts are locked in the order of their numbers, then the series.
    lock_post(recurrence.pattern_id)
    posts = [lock_post(pk) for pk in _made_and_to_come(recurrence)] if cancel_posts else []
    recurrence = Recurrence.objects.select_for_update(of=("self",), no_key=True).get(pk=recurrence.pk)
    if recurrence.ended_at:
        raise Conflict("ended", _("This series has ended already."))
    cancelled = sum(_cancelled(user, post) for post in posts)
    _end(recurrence, WhyEnded.PERSON, user, cancelled=cancelled)
    return recurrence, cancelled


def _made_and_to_come(recurrence: Recurrence) -> list[int]:
    found = Post.objects.filter(occurrence__recurrence=recurrence, state__in=WRITABLE).order_by("pk")
    return list(found.values_list("pk", flat=True))


def _cancelled(user: User, post: Post) -> bool:
    try:
        cancel_post(user=user, post=post)
    except Conflict:
        return False  # it is going out already
    return True


def _end(recurrence: Recurrence, why: WhyEnded, by: User | None, **data: object) -> None:
    now = timezone.now()
    _write(recurrence, ended_at=now, why_ended=why, next_at=None, wake_at=None)
    _record(recurrence, "recurrence.ended", by, why=str(why), **data)
    if by is None and why != WhyEnded.RUN_OUT:
        _tell(recurrence, "series_ended", f"recurrence:{recurrence.pk}:ended")


# What the sweep does


def due(now: datetime) -> list[int]:
    """The series of which a post is to be made now, and those whose pattern was cancelled."""
    waiting = Recurrence.objects.filter(
        WORKING, Q(wake_at__lte=now) | Q(pattern__state=PostState.CANCELLED), ended_at=None
    )
    return list(waiting.order_by("wake_at").values_list("pk", flat=True)[:BATCH])


def unasked() -> list[int]:
    """The occurrences whose post is made and whose review has still to begin."""
    waiting = Occurrence.objects.filter(WORKING, asked_at=None).order_by("pk")
    return list(waiting.values_list("pk", flat=True)[:BATCH])


def make(*, recurrence_id: int) -> int:
    """Make all posts of this series that are to be made by now, each in a transaction of its own. How many that were.

    Killed in the middle, the rest is made by the next one; run twice, or by two at once, each is made once.
    """
    made = 0
    while (step := _make_next(recurrence_id, clock.now())) is not None:
        made += step
    return made


@transaction.atomic
def _make_next(pk: int, now: datetime) -> int | None:
    """One post (1), or past times left out (0); None where there is nothing to do."""
    pattern = lock_post(Recurrence.objects.values_list("pattern_id", flat=True).get(pk=pk))
    found: QuerySet[Recurrence] = Recurrence.objects.select_for_update(of=("self",), no_key=True)
    recurrence = found.select_related("client", "author").get(pk=pk)
    if recurrence.ended_at or not _works(recurrence.client):
        return None
    if why := _why_not(recurrence, pattern):
        _end(recurrence, why, None)
        return None
    if recurrence.next_at is None or recurrence.wake_at is None or recurrence.wake_at > now:
        return None
    if recurrence.next_at <= now:
        _skip(recurrence, now)
        return 0
    _make(recurrence, pattern, recurrence.next_at)
    _advance(recurrence, recurrence.next_at)
    return 1


def _works(client: Client) -> bool:
    return not client.frozen and client.status in {Status.PROSPECT, Status.ACTIVE}


def _why_not(recurrence: Recurrence, pattern: Post) -> WhyEnded | None:
    """Why no further post of it can be made."""
    if pattern.state == PostState.CANCELLED:
        return WhyEnded.PATTERN
    if not living_channels(pattern):
        return WhyEnded.CHANNELS
    if role_of(recurrence.author, recurrence.client_id) not in STAFF_ROLES:
        return WhyEnded.AUTHOR
    return None


def _make(recurrence: Recurrence, pattern: Post, at: datetime) -> None:
    if recurrence.occurrences.filter(at=at).exists():
        return
    author = recurrence.author
    copy = duplicate_post(user=author, post=pattern)
    # Whoever wrote the pattern wrote this, too, and does not approve it where four eyes are wanted.
    note_writers(copy, {pattern.written_by_id, *pattern.writers.values_list("user_id", flat=True)})
    copy = edit_post(user=author, post=copy, publish_at=at, publish_zone=recurrence.zone)
    made = Occurrence.objects.create(recurrence=recurrence, client_id=recurrence.client_id, at=at, post=copy)
    _record(recurrence, "recurrence.made", None, post=copy.pk, publish_at=made.at.isoformat())


def _skip(recurrence: Recurrence, now: datetime) -> None:
    """Times that have passed before their post was made (a pause, an outage) don't come any more: nothing goes out late."""
    missed = [at for at in coming(recurrence) if at <= now]
    _record(recurrence, "recurrence.skipped", None, times=[at.isoformat() for at in missed])
    key = f"recurrence:{recurrence.pk}:{missed[-1].isoformat()}"
    _tell(recurrence, "series_skipped", key, many=len(missed), last=missed[-1].isoformat())
    _advance(recurrence, now)


def _advance(recurrence: Recurrence, after: datetime) -> None:
    """To its next time, or to its end."""
    following = next((at for at in coming(recurrence) if at > after), None)
    if following is None:
        _end(recurrence, WhyEnded.RUN_OUT, None)
        return
    _write(recurrence, next_at=following, wake_at=following - timedelta(days=recurrence.ahead_days))


def ask(*, occurrence_id: int) -> None:
    """Begin the review of a post that was made for a series; where that can't be, say why to its people.

    Each is asked once: a post that a person took in hand meanwhile, or took back, is theirs.
    """
    row = Occurrence.objects.select_related("post__client", "recurrence__author", "client").get(pk=occurrence_id)
    if row.asked_at or not _works(row.client):
        return
    if row.post.state != PostState.DRAFT or row.post.versions.exists():
        _settle(row, "")
        return
    with translation.override(row.client.language):
        try:
            submit_post(user=row.recurrence.author, post=row.post)
        except Conflict as conflict:
            if conflict.code == "not_ready":
                return  # a picture or video is still being made: next time
            _settle(row, "" if conflict.code == "not_a_draft" else str(conflict.detail))
        except ValidationError as error:
            _settle(row, " ".join(error.messages))
        except (PermissionDenied, Client.DoesNotExist):
            _settle(row, gettext("Whoever made the series does not work for this client any more."))
        else:
            _settle(row, "")


@transaction.atomic
def _settle(row: Occurrence, problem: str) -> None:
    asked = Occurrence.objects.filter(pk=row.pk, asked_at=None).update(asked_at=timezone.now(), problem=problem)
    if asked and problem:
        tell(
            users=people_in_charge(row.post),
            client_id=row.client_id,
            kind="series_problem",
            key=f"occurrence:{row.pk}",
            occurrence=row.pk,
        )


def _tell(recurrence: Recurrence, kind: str, key: str, **context: Any) -> None:
    tell(
        users=people_in_charge(recurrence.pattern) | _author_still_here(recurrence),
        client_id=recurrence.client_id,
        kind=kind,
        key=key,
        recurrence=recurrence.pk,
        **context,
    )


def _author_still_here(recurrence: Recurrence) -> set[int]:
    return {recurrence.author_id} if role_of(recurrence.author, recurrence.client_id) in STAFF_ROLES else set()


def _write(recurrence: Recurrence, **fields: Any) -> None:
    for name, value in {**fields, "updated_at": timezone.now()}.items():
        setattr(recurrence, name, value)
    recurrence.save(update_fields=[*fields, "updated_at"])


def _record(recurrence: Recurrence, verb: str, by: User | None, **data: Any) -> None:
    record(
        client_id=recurrence.client_id,
        actor=by,
        verb=verb,
        subject_type="recurrence",
        subject_id=recurrence.pk,
        **data,
    )


def _refused(field: str, text: Any, code: str, **params: object) -> ValidationError:
    return ValidationError({field: ValidationError(text, code=code, params=params)})
