"""The rows of what goes out: a post's channels, what differs on each, and the pictures. The caller holds the post's lock."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from social.models import Channel, ChannelStatus, Media, Post, PostMedia, Variant
from social.services.fields import clean_fields
from social.text import clean_text

MOST_PARTS = 100  # far above what any network's thread has


@dataclass(frozen=True, kw_only=True)
class PartPlan:
    """One more post of a thread."""

    text: str
    media: Sequence[Media] = ()


@dataclass(frozen=True, kw_only=True)
class VariantPlan:
    """What differs on one channel; None where the post's own goes out. ``fields``: what its network asks beside the text."""

    channel: Channel
    text: str | None = None
    media: Sequence[Media] | None = None
    parts: Sequence[PartPlan] | None = None
    comment: str | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)


def texts_of(parts: Sequence[PartPlan], name: str) -> list[str]:
    """The texts of a thread's further posts. Raises ``ValidationError`` on ``name`` for what no network could take."""
    if len(parts) > MOST_PARTS:
        text = _("At most %(most)d further posts in a thread.")
        raise ValidationError({name: ValidationError(text, code="too_many", params={"most": MOST_PARTS})})
    return [clean_text(part.text, name) for part in parts]


def plan_of(variant: Variant) -> VariantPlan:
    """What differs on this channel as it is stored; ``channel`` and ``media_rows__media`` read before."""
    return VariantPlan(
        channel=variant.channel,
        text=variant.text,
        media=[row.media for row in variant.media_rows.all() if not row.part] if variant.own_media else None,
        parts=None if variant.parts is None else parts_of(variant.parts, variant.media_rows.all()),
        comment=variant.comment,
        fields=variant.fields,
    )


def parts_of(texts: Sequence[str], rows: Iterable[PostMedia]) -> list[PartPlan]:
    """The further posts of a thread as they are stored; ``media`` read before."""
    found = list(rows)
    return [
        PartPlan(text=text, media=[row.media for row in found if row.part == number])
        for number, text in enumerate(texts, start=1)
    ]


def write_rows(post: Post, fields: Mapping[str, Any]) -> None:
    """Write what ``fields`` (see ``PostFields``) names of channels, pictures and variants."""
    if "channels" in fields:
        _write_channels(post, fields["channels"])
    if "media" in fields:
        _write_media(post, None, [fields["media"]])
    if "parts" in fields:
        _write_media(post, None, [part.media for part in fields["parts"]], first=1)
    if "variants" in fields:
        _write_variants(post, fields["variants"])


def _write_channels(post: Post, channels: Sequence[Channel]) -> None:
    for channel in channels:
        if channel.client_id != post.client_id:
            raise unknown("channels", channel.pk)
        if channel.retired:
            text = _("%(channel)s is retired: nothing goes out there any more.")
            params = {"channel": channel.name}
            raise ValidationError({"channels": ValidationError(text, code="retired", params=params)})
    wanted = {channel.pk for channel in channels}
    post.variants.exclude(channel__in=wanted).delete()
    present = set(post.variants.values_list("channel_id", flat=True))
    Variant.objects.bulk_create(
        Variant(post=post, client_id=post.client_id, channel_id=pk) for pk in sorted(wanted - present)
    )


def _write_variants(post: Post, plans: Sequence[VariantPlan]) -> None:
    rows = {variant.channel_id: variant for variant in post.variants.all()}
    wanted = {plan.channel.pk: plan for plan in plans}
    for channel_id in wanted.keys() - rows.keys():
        raise unknown("variants", channel_id)
    for channel_id, variant in rows.items():
        _write_variant(post, variant, wanted.get(channel_id))


def _write_variant(post: Post, variant: Variant, plan: VariantPlan | None) -> None:
    text, media, parts, comment = (plan.text, plan.media, plan.parts, plan.comment) if plan else (None,) * 4
    variant.text = None if text is None else clean_text(text, "variants")
    variant.own_media = media is not None
    variant.parts = None if parts is None else texts_of(parts, "variants")
    variant.comment = None if comment is None else clean_text(comment, "variants").strip()
    variant.fields = clean_fields(plan.channel.network, plan.fields) if plan else {}
    variant.save(update_fields=["text", "own_media", "parts", "comment", "fields"])
    _write_media(post, variant, [media or (), *(part.media for part in parts or ())])


def _write_media(post: Post, variant: Variant | None, shelves: Sequence[Sequence[Media]], first: int = 0) -> None:
    """These pictures in place of what there is: all of a variant's; of the post's own, or (``first`` 1) of its thread's."""
    for item in (item for shelf in shelves for item in shelf):
        if item.client_id != post.client_id:
            raise unknown("media", item.pk)
    here = PostMedia.objects.filter(post=post, variant=variant)
    if variant is None:
        here = here.filter(part__gt=0) if first else here.filter(part=0)
    here.delete()
    PostMedia.objects.bulk_create(
        PostMedia(post=post, variant=variant, client_id=post.client_id, media=item, part=part, position=position)
        for part, shelf in enumerate(shelves, start=first)
        for position, item in enumerate(shelf)
    )


def copy_rows(post: Post, copy: Post) -> None:
    """Give ``copy`` what ``post`` has, but for channels that are retired."""
    kept = {}
    for variant in post.variants.exclude(channel__status=ChannelStatus.RETIRED):
        kept[variant.pk] = Variant.objects.create(
            post=copy,
            client_id=copy.client_id,
            channel_id=variant.channel_id,
            text=variant.text,
            own_media=variant.own_media,
            parts=variant.parts,
            comment=variant.comment,
            fields=variant.fields,
            says=variant.says,
        )
    PostMedia.objects.bulk_create(
        PostMedia(
            post=copy,
            variant=kept[row.variant_id] if row.variant_id else None,
            client_id=copy.client_id,
            media_id=row.media_id,
            part=row.part,
            position=row.position,
        )
        for row in post.media_rows.all()
        if row.variant_id is None or row.variant_id in kept
    )


def unknown(name: str, pk: int) -> ValidationError:
    """The same words as for a number that exists nowhere: another client's things do not exist."""
    text = _("There is no %(pk)s here.")
    return ValidationError({name: ValidationError(text, code="does_not_exist", params={"pk": pk})})
