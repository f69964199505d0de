"""Writing posts. A change of what would go out, or of what decides who is asked, takes back every approval."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Unpack
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.errors import Conflict
from accounts.models import User
from approvals.models import Chain, ReviewState
from approvals.services import chain_for, supersede, withdraw
from approvals.services import move as move_review
from audit.services import record
from clients.models import STAFF_ROLES, Client
from clients.selectors import require
from clients.times import in_zone
from social.digest import content_of, digest_of
from social.kind import CORRECTION, POST
from social.models import Act, Channel, Label, Media, Post, PostLabel, PostState
from social.services.content_rows import PartPlan, VariantPlan, copy_rows, texts_of, write_rows
from social.services.labels import write_labels
from social.services.locks import lock_post, require_edition
from social.services.renditions import order_for
from social.services.repeating import note_what_is_said
from social.services.scheduling import move, unschedule
from social.services.serving import NAMES, Serving, still_served, told, write_serving
from social.services.states import set_post
from social.services.subject import SORTED
from social.services.writers import note_writers
from social.text import clean_text

WRITABLE = frozenset(
    {
        PostState.DRAFT,
        PostState.CHANGES_REQUESTED,
        PostState.IN_REVIEW,
        PostState.APPROVED,
        PostState.SCHEDULED,
        PostState.LATE,
        PostState.FAILED,
    }
)
RELATED = ("client", "author", "written_by", *NAMES, "chain", "version", "review", "corrects", "before")
# What is among these may be a picture on a channel that it was not on before.
SHOWN = frozenset({"media", "parts", "variants", "channels"})
COLUMNS = (
    *("title", "text", "link", "parts", "comment", "because", "pillar", "objective", "occasion", "chain"),
    *("publish_at", "publish_zone", "revision", "updated_at"),
)
# What is among these may say something else.
SAID = frozenset({"text", "link", "parts", "comment", "variants", "channels"})
UNASKED = frozenset({PostState.DRAFT, PostState.CHANGES_REQUESTED})


class PostFields(Serving, total=False):
    """What can be written of a post; what is not named stays. ``publish_at`` without offset is on ``publish_zone``'s clock."""

    title: str
    text: str
    link: str
    channels: Sequence[Channel]
    variants: Sequence[VariantPlan]
    media: Sequence[Media]
    parts: Sequence[PartPlan]
    comment: str
    labels: Sequence[Label]
    chain: Chain | None
    publish_at: datetime | None
    publish_zone: str
    because: str


@transaction.atomic
def create_post(*, user: User, client: Client, **fields: Unpack[PostFields]) -> Post:
    """A new draft. Raises ``ValidationError`` with the field's name for what can't be, such as another client's channel."""
    require(user, client, STAFF_ROLES)
    post = Post(client=client, author=user, written_by=user)
    return begin_post(user, post, "post.created", fields)


def begin_post(user: User, post: Post, verb: str, fields: PostFields) -> Post:
    """Store a draft that is not yet stored, with these fields. In the caller's transaction, which has asked who may."""
    _write_columns(post, fields)
    post.save(force_insert=True)
    write_rows(post, fields)
    note_what_is_said(post)
    if fields.get("media") or fields.get("parts") or fields.get("variants"):
        order_for(post)
    labelled = write_labels(post, fields.get("labels", ()))
    note_writers(post, [user.pk])
    record(
        client_id=post.client_id,
        actor=user,
        verb=verb,
        subject_type="post",
        subject_id=post.pk,
        **_correcting(post),
        **(_sorting(post) if labelled or post.pillar else {}),
        **(told(post) if post.objective or post.occasion else {}),
    )
    return post


@transaction.atomic
def edit_post(
    *, user: User, post: Post, revision: int | None = None, edition: str | None = None, **fields: Unpack[PostFields]
) -> Post:
    """Change what ``fields`` names.

    If that changes what would go out, the post is a draft again: its open review or approval is superseded, what was
    scheduled goes back, whoever voted is told. So it is where labels or pillar change: they decide who is asked, though
    they don't go out. A new ``publish_at``, objective or occasion alone keeps the approval.
    Raises ``ValidationError`` on ``publish_at`` where a step under review would have had to be over before now; ``Conflict`` once anything has gone out or is going (``already_published``), is cancelled (``cancelled``), or
    when ``revision`` is given and somebody saved in between (``changed_meanwhile``); ``Stale`` for another ``edition``.
    """
    require(user, post.client_id, STAFF_ROLES)
    post = lock_post(post.pk, "client", "chain", "review", "version")
    require_edition(post, edition)
    _require_writable(post, revision)
    _require_of_its_kind(post, fields)
    before, was_at, served = digest_of(content_of(post, renditions=False)), post.publish_at, _served(post)
    _write_columns(post, fields)
    post.revision += 1
    post.updated_at = timezone.now()
    post.save(update_fields=COLUMNS)
    write_rows(post, fields)
    if SAID & fields.keys():
        note_what_is_said(post)
    if SHOWN & fields.keys():
        order_for(post)
    relabelled = "labels" in fields and write_labels(post, fields["labels"])
    resorted = relabelled or post.pillar_id != served[0]
    changed = digest_of(content_of(post, renditions=False)) != before
    record(
        client_id=post.client_id,
        actor=user,
        verb="post.edited",
        subject_type="post",
        subject_id=post.pk,
        fields=sorted(fields),
        content_changed=changed,
        **(_sorting(post) if resorted else {}),
        **(told(post) if _served(post)[1:] != served[1:] else {}),
    )
    if changed:
        content_changed(post, user)
    elif resorted and post.state not in UNASKED:
        _ask_anew(post, user, because=SORTED)
    elif post.publish_at != was_at:
        _time_changed(post, user)
    return post


def content_changed(post: Post, user: User) -> None:
    """The locked post's content has changed: every approval of the old one is taken back."""
    _ask_anew(post, user, written_by=user)
    note_writers(post, [user.pk])


def _ask_anew(post: Post, user: User, because: str = "", **fields: User) -> None:
    unschedule(post, user)
    if post.review and post.review.state in {ReviewState.OPEN, ReviewState.APPROVED}:
        supersede(review=post.review, user=user, because=because)
    state = post.state if post.state in UNASKED else PostState.DRAFT
    set_post(post, state=state, version=None, review=None, **fields)


def _sorting(post: Post) -> dict[str, Any]:
    """What decides, beside the content, who is asked: for the evidence, since no digest is over it."""
    return {
        "pillar": post.pillar.name if post.pillar else None,
        "labels": sorted(post.labels.values_list("name", flat=True)),
    }


def _served(post: Post) -> tuple[int | None, int | None, int | None]:
    return post.pillar_id, post.objective_id, post.occasion_id


def _correcting(post: Post) -> dict[str, Any]:
    return {"act": post.act, "of": post.corrects_id, "because": post.because} if post.corrects_id else {}


def _time_changed(post: Post, user: User) -> None:
    if post.review and post.review.state == ReviewState.OPEN:
        move_review(review=post.review, goes_out_at=post.publish_at, time_field="publish_at")
    if post.state in {PostState.APPROVED, PostState.SCHEDULED, PostState.FAILED}:
        move(post, user)
    elif post.state == PostState.LATE:
        if post.review and post.review.state == ReviewState.OPEN:
            set_post(post, state=PostState.IN_REVIEW)
        else:
            move(post, user)


def _require_writable(post: Post, revision: int | None) -> None:
    if post.state == PostState.CANCELLED:
        raise Conflict("cancelled", _("This post is cancelled. Duplicate it to use its text again."))
    if post.state == PostState.PUBLISHING:
        text = _("It is going out already: nothing of it can be changed any more.")
        raise Conflict("already_published", text)
    if post.state not in WRITABLE:
        raise Conflict(
            "already_published",
            _("This post is out: it can't be changed any more. Duplicate it instead."),
        )
    if revision is not None and revision != post.revision:
        raise Conflict(
            "changed_meanwhile",
            _("Somebody else has saved this post while you were writing. Your text is still here: compare, then save."),
        )


def _require_of_its_kind(post: Post, fields: PostFields) -> None:
    """What acts on something live stays where that is; what takes it down shows what was live, and nothing else."""
    if post.corrects is None:
        return
    if "channels" in fields and [channel.pk for channel in fields["channels"]] != [post.corrects.channel_id]:
        text = _("A correction goes out where what it corrects is.")
        raise ValidationError({"channels": ValidationError(text, code="correction")})
    told: dict[str, Any] = {"text": post.text, "link": post.link, "variants": [], "media": None, "parts": None}
    told["comment"] = post.comment
    changed = [name for name, was in told.items() if name in fields and (was is None or fields.get(name) != was)]
    if post.act == Act.TAKE_DOWN and changed:
        text = _("What is taken down stays as it was live. Only the reason can be changed.")
        raise ValidationError({changed[0]: ValidationError(text, code="take_down")})


def _write_columns(post: Post, fields: PostFields) -> None:
    if "title" in fields:
        post.title = clean_text(fields["title"], "title").strip()
    if "text" in fields:
        post.text = clean_text(fields["text"], "text")
    if "link" in fields:
        post.link = clean_text(fields["link"], "link").strip()
    if "parts" in fields:
        post.parts = texts_of(fields["parts"], "parts")
    if "comment" in fields:
        post.comment = clean_text(fields["comment"], "comment").strip()
    if "because" in fields:
        _write_reason(post, fields["because"])
    write_serving(post, fields)
    if "chain" in fields:
        _write_chain(post, fields["chain"])
    if "publish_at" in fields:
        _write_time(post, fields["publish_at"], fields.get("publish_zone", ""))
    post.clean_fields(exclude=[*RELATED])


def _write_chain(post: Post, chain: Chain | None) -> None:
    post.chain = chain
    if chain:
        subjects = {POST, CORRECTION} if post.corrects_id else {POST}
        subject = chain.subject if chain.subject in subjects else POST
        chain_for(client=post.client, subject=subject, chosen=chain)


def _write_reason(post: Post, because: str) -> None:
    post.because = clean_text(because, "because").strip()
    if post.act == Act.TAKE_DOWN and not post.because:
        text = _("Say why: it is kept with what was live, and whoever approves it reads it.")
        raise ValidationError({"because": ValidationError(text, code="required")})


def _write_time(post: Post, when: datetime | None, zone: str) -> None:
    zone = zone or post.client.timezone
    if when is None:
        post.publish_at, post.publish_zone = None, ""
        return
    moment = in_zone(when, ZoneInfo(zone))
    if moment != post.publish_at and moment <= timezone.now():
        text = _("This time has passed. Choose one to come, or none.")
        raise ValidationError({"publish_at": ValidationError(text, code="past")})
    post.publish_at, post.publish_zone = moment, zone


@transaction.atomic
def cancel_post(*, user: User, post: Post, edition: str | None = None) -> Post:
    """Give the post up: nothing of it goes out any more.

    Raises ``Conflict`` once anything has gone out or is going, ``Stale`` for another ``edition``.
    """
    require(user, post.client_id, STAFF_ROLES)
    post = lock_post(post.pk, "client", "chain", "review", "version")
    require_edition(post, edition)
    _require_writable(post, None)
    unschedule(post, user)
    if post.review and post.review.state == ReviewState.OPEN:
        withdraw(review=post.review, user=user)
    set_post(post, state=PostState.CANCELLED)
    record(client_id=post.client_id, actor=user, verb="post.cancelled", subject_type="post", subject_id=post.pk)
    return post


@transaction.atomic
def duplicate_post(*, user: User, post: Post) -> Post:
    """A new draft with the same words, channels, pictures, labels and pillar, without a time.

    Retired channels are left out. Retired labels and a retired pillar stay, so that nobody is asked less for it. Its
    objective and occasion stay as long as they stand in a strategy that is not over.
    """
    require(user, post.client_id, STAFF_ROLES)
    copy = Post.objects.create(
        client=post.client,
        author=user,
        written_by=user,
        title=post.title,
        text=post.text,
        link=post.link,
        parts=post.parts,
        comment=post.comment,
        pillar=post.pillar,
        **still_served(post),
        chain=post.chain,
    )
    note_writers(copy, [user.pk])
    PostLabel.objects.bulk_create(
        PostLabel(post=copy, client_id=copy.client_id, label_id=pk)
        for pk in post.label_rows.order_by("label").values_list("label_id", flat=True)
    )
    copy_rows(post, copy)
    record(
        client_id=copy.client_id,
        actor=user,
        verb="post.duplicated",
        subject_type="post",
        subject_id=copy.pk,
        original=post.pk,
    )
    return copy
