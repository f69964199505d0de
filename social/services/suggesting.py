"""Suggested words come into a post, credited to both: who suggested them has written of it, too."""

from collections.abc import Collection, Mapping

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.errors import Conflict
from accounts.models import User
from approvals.models import Comment, Fate
from social.models import Post, Variant
from social.services.locks import lock_post
from social.services.posts import PostFields, VariantPlan, edit_post
from social.services.reviewing import submit_post
from social.services.writers import note_writers

CHANGED = gettext_lazy(
    "The text no longer reads like this at that place, so nothing was changed. "
    "Open the post and put the words in by hand, or decline them."
)


def put_words(*, user: User, comment: Comment, submit: bool) -> None:
    """Write the suggestion in place of its passage; where the channel has no text of its own, into the post's.

    The caller holds the transaction. Raises ``Conflict`` (``passage_changed``) unless the passage reads exactly as quoted,
    and whatever editing, or asking for approval, raises.
    """
    post = lock_post(comment.review.subject_id, "client")
    anchor, words = comment.anchor or {}, comment.suggestion or ""
    variants = list(post.variants.select_related("channel").prefetch_related("media_rows__media"))
    variant = next((variant for variant in variants if str(variant.channel_id) == anchor.get("part")), None)
    if variant is None or "quote" not in anchor:
        raise Conflict("passage_changed", CHANGED)
    text = post.text if variant.text is None else variant.text
    start = anchor["start"] + _moved(comment, anchor["start"], _sharing(variant, variants))
    end = start + len(anchor["quote"])
    if text[start:end] != anchor["quote"]:
        raise Conflict("passage_changed", CHANGED)
    edit_post(user=user, post=post, **_fields(variant, variants, text[:start] + words + text[end:]))
    note_writers(post, [comment.author_id])
    if submit:
        submit_post(user=user, post=post)


def _fields(variant: Variant, variants: Collection[Variant], text: str) -> PostFields:
    if variant.text is None:
        return {"text": text}
    return {"variants": [_plan(other, text if other.pk == variant.pk else other.text) for other in variants]}


def _plan(variant: Variant, text: str | None) -> VariantPlan:
    own = [row.media for row in variant.media_rows.all()] if variant.own_media else None
    return VariantPlan(channel=variant.channel, text=text, media=own)


def _sharing(variant: Variant, variants: Collection[Variant]) -> list[Variant]:
    """The variants on which the same text goes out: all without one of their own, or this one alone."""
    return [variant] if variant.text is not None else [other for other in variants if other.text is None]


def _moved(comment: Comment, start: int, sharing: Collection[Variant]) -> int:
    """By how much the place has moved since, through words taken over from the same version before it."""
    review = comment.review
    taken = Comment.objects.filter(
        review__subject_type=review.subject_type_id,
        review__subject_id=review.subject_id,
        review__version=review.version,
        fate=Fate.TAKEN,
    ).exclude(pk=comment.pk)
    parts = {str(variant.channel_id) for variant in sharing}
    moved = 0
    for other in taken:
        anchor = other.anchor or {}
        if anchor["part"] in parts and anchor["start"] < start:
            moved += len(other.suggestion or "") - len(anchor["quote"])
    return moved


def reach_of(post: Post) -> Mapping[str, str]:
    """Which text a suggestion on each part would change, in words for the button; two queries."""
    variants = list(post.variants.select_related("channel"))
    shared = [variant.channel.name for variant in variants if variant.text is None]
    own = _("Changes the text of %(channel)s alone.")
    if len(shared) > 1:
        base = _("Changes the post’s own text, which goes out on %(channels)s.") % {"channels": ", ".join(shared)}
    else:
        base = _("Changes the post’s own text.")
    return {
        str(variant.channel_id): base if variant.text is None else own % {"channel": variant.channel.name}
        for variant in variants
    }
