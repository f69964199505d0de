"""Suggested words come into a post, credited to both: who suggested them has written of it, too."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from django.utils.translation import gettext_lazy

from accounts.errors import Conflict
from accounts.models import User
from approvals.models import Comment, Fate
from social.entries import COMMENT, field_spot, key_of, part_spot, spot_in
from social.models import Post, Variant
from social.services.content_rows import PartPlan, VariantPlan, parts_of, plan_of
from social.services.locks import lock_post
from social.services.posts import PostFields, edit_post
from social.services.reviewing import submit_post
from social.services.writers import note_writers

CHANGED = gettext_lazy(
    "The text no longer reads like this at that place, so nothing was changed. "
    "Open the post and put the words in by hand, or decline them."
)


# What a suggestion changes, by where it stands: for one channel alone, for the post, for the post on several channels.
REACHES = {
    "": (
        gettext_lazy("Changes the text of %(channel)s alone."),
        gettext_lazy("Changes the post’s own text."),
        gettext_lazy("Changes the post’s own text, which goes out on %(channels)s."),
    ),
    "part": (
        gettext_lazy("Changes the thread of %(channel)s alone."),
        gettext_lazy("Changes the post’s own thread."),
        gettext_lazy("Changes the post’s own thread, which goes out on %(channels)s."),
    ),
    COMMENT: (
        gettext_lazy("Changes the first comment of %(channel)s alone."),
        gettext_lazy("Changes the post’s own first comment."),
        gettext_lazy("Changes the post’s own first comment, which goes out on %(channels)s."),
    ),
    "field": (gettext_lazy("Changes it on %(channel)s alone."),) * 3,
}


@dataclass(frozen=True)
class Place:
    """Where words stand in a post: on a channel, there in its text, its thread, its comment or one of its fields."""

    post: Post
    variant: Variant
    spot: str

    @property
    def kind(self) -> str:
        """What it is, whichever of several."""
        return self.spot.partition(":")[0]

    @property
    def name(self) -> str:
        """Which of several."""
        return self.spot.partition(":")[2]

    @property
    def own(self) -> bool:
        """Whether the channel has its own there, which goes out nowhere else."""
        variant = self.variant
        kept = {"": variant.text, "part": variant.parts, COMMENT: variant.comment}
        return kept.get(self.kind, variant.fields) is not None

    def text(self) -> str | None:
        """What stands there; None where there is no such place any more."""
        source: Post | Variant = self.variant if self.own else self.post
        match self.kind:
            case "":
                return source.text
            case "part":
                texts, number = source.parts or [], int(self.name)
                return texts[number - 1] if number <= len(texts) else None
            case "comment":
                return source.comment
        found = self.variant.fields.get(self.name)
        return found if isinstance(found, str) else None

    def with_words(self, variants: Collection[Variant], text: str) -> PostFields:
        """What to write so that ``text`` stands there, and all else as it was."""
        if self.own:
            return {"variants": [self._planned(variant, text) for variant in variants]}
        match self.kind:
            case "":
                return {"text": text}
            case "part":
                rows = self.post.media_rows.filter(variant=None).select_related("media")
                return {"parts": self._parts(parts_of(self.post.parts, rows), text)}
        return {"comment": text}

    def _planned(self, variant: Variant, text: str) -> VariantPlan:
        plan = plan_of(variant)
        if variant.pk != self.variant.pk:
            return plan
        match self.kind:
            case "":
                return replace(plan, text=text)
            case "part":
                return replace(plan, parts=self._parts(plan.parts or (), text))
            case "comment":
                return replace(plan, comment=text)
        return replace(plan, fields={**plan.fields, self.name: text})

    def _parts(self, parts: Sequence[PartPlan], text: str) -> list[PartPlan]:
        number = int(self.name)
        return [replace(part, text=text) if n == number else part for n, part in enumerate(parts, start=1)]


def put_words(*, user: User, comment: Comment, submit: bool) -> None:
    """Write the suggestion in place of its passage; where the channel has nothing of its own there, into the post's.

    The caller holds the transaction. Raises ``Conflict`` (``passage_changed``) unless the passage reads exactly as quoted,
    and whatever editing, or asking for approval, raises.
    """
    post = lock_post(comment.review.subject_id, "client")
    anchor, words = comment.anchor or {}, comment.suggestion or ""
    variants = list(post.variants.select_related("channel").prefetch_related("media_rows__media"))
    channel, spot = spot_in(anchor.get("part", ""))
    variant = next((variant for variant in variants if str(variant.channel_id) == channel), None)
    if variant is None or "quote" not in anchor:
        raise Conflict("passage_changed", CHANGED)
    place = Place(post, variant, spot)
    text = place.text() or ""
    start = anchor["start"] + _moved(comment, anchor["start"], _sharing(place, variants), spot)
    end = start + len(anchor["quote"])
    if text[start:end] != anchor["quote"]:
        raise Conflict("passage_changed", CHANGED)
    edit_post(user=user, post=post, **place.with_words(variants, text[:start] + words + text[end:]))
    note_writers(post, [comment.author_id])
    if submit:
        submit_post(user=user, post=post)


def _sharing(place: Place, variants: Collection[Variant]) -> list[Variant]:
    """The variants on which the same words go out there: all without their own, or this one alone."""
    if place.own:
        return [place.variant]
    return [other for other in variants if not Place(place.post, other, place.spot).own]


def _moved(comment: Comment, start: int, sharing: Collection[Variant], spot: str) -> int:
    """By how much the place has moved since, through words taken over from the same version before it."""
    review = comment.review
    taken = Comment.objects.filter(
        review__subject_type=review.subject_type_id,
        review__subject_id=review.subject_id,
        review__version=review.version,
        fate=Fate.TAKEN,
    ).exclude(pk=comment.pk)
    parts = {key_of(variant.channel_id, spot) for variant in sharing}
    moved = 0
    for other in taken:
        anchor = other.anchor or {}
        if anchor["part"] in parts and anchor["start"] < start:
            moved += len(other.suggestion or "") - len(anchor["quote"])
    return moved


def reach_of(post: Post) -> Mapping[str, str]:
    """Which words a suggestion on each part would change, in words for the button; two queries."""
    variants = list(post.variants.select_related("channel"))
    return {
        key_of(variant.channel_id, spot): _reach(Place(post, variant, spot), variants)
        for variant in variants
        for spot in _spots(post, variant)
    }


def _spots(post: Post, variant: Variant) -> list[str]:
    parts = post.parts if variant.parts is None else variant.parts
    fields = [field_spot(name) for name in variant.fields]
    return ["", *(part_spot(number) for number in range(1, len(parts) + 1)), COMMENT, *fields]


def _reach(place: Place, variants: Collection[Variant]) -> str:
    alone, base, shared = REACHES[place.kind]
    if place.own:
        return str(alone) % {"channel": place.variant.channel.name}
    names = [variant.channel.name for variant in _sharing(place, variants)]
    return str(shared) % {"channels": ", ".join(names)} if len(names) > 1 else str(base)
