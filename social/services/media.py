"""Pictures and videos of a client: taken in, described, given captions and a cover."""

from typing import IO, Any, TypedDict, Unpack

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from audit.services import record
from clients.models import STAFF_ROLES, Client
from clients.selectors import require
from social.arriving import Arrived, arrived
from social.captions import clean_captions
from social.digest import content_of, digest_of
from social.models import Media, Post, PostState
from social.services.locks import lock_post
from social.services.posts import WRITABLE, content_changed
from social.services.renditions import keep_still
from social.storing import put
from social.text import clean_text

FACTS = ("kind", "mime", "width", "height", "size", "sha256", "duration", "rate", "codec", "sound", "rotation")


class MediaWords(TypedDict, total=False):
    """What is said of a picture or video; ``captions`` (SubRip) and ``cover`` (a picture of the same client) of videos alone."""

    alt_text: str
    captions: str | bytes
    cover: Media | None


def add_media(*, user: User, client: Client, file: IO[bytes], **words: Unpack[MediaWords]) -> Media:
    """Store a picture or video of a client, without its metadata. The same one with the same words is stored once.

    Raises ``ValidationError`` on ``file`` for what is too heavy, too large, broken or neither of them; on ``captions``
    and ``cover`` for what can't be either.
    """
    require(user, client, STAFF_ROLES)
    alt_text = clean_text(words.get("alt_text", ""), "alt_text").strip()
    with arrived(file) as came:
        facts: dict[str, Any] = {name: getattr(came, name) for name in FACTS}
        media = Media(client=client, added_by=user, **facts)
        _say(media, {**words, "alt_text": alt_text})
        same = {"client": client, "sha256": media.sha256, "alt_text": alt_text}
        twin = Media.objects.filter(**same, captions=media.captions, cover=media.cover).first()
        return twin or _stored(media, came, user)


def _say(media: Media, words: MediaWords) -> list[str]:
    """Write what is said of it, and give the columns."""
    if "alt_text" in words:
        media.alt_text = words["alt_text"]
    if "captions" in words:
        if words["captions"] and not media.is_video:
            raise _of_videos_alone("captions")
        media.captions = clean_captions(words["captions"], media.duration or 0)
    if "cover" in words:
        media.cover = words["cover"]
        if media.cover is not None:
            _require_cover(media, media.cover)
    media.clean_fields(exclude=["client", "added_by", "file", "cover"])
    return list(words)


def _require_cover(media: Media, cover: Media) -> None:
    if not media.is_video:
        raise _of_videos_alone("cover")
    if cover.client_id != media.client_id:
        text = _("There is no %(pk)s here.")
        raise ValidationError({"cover": ValidationError(text, code="does_not_exist", params={"pk": cover.pk})})
    if cover.is_video:
        raise ValidationError({"cover": ValidationError(_("A cover is a picture."), code="not_a_picture")})


def _of_videos_alone(field: str) -> ValidationError:
    return ValidationError({field: ValidationError(_("Only a video has this."), code="not_a_video")})


def _stored(media: Media, came: Arrived, user: User) -> Media:
    lying = Media.objects.filter(client=media.client, sha256=media.sha256).first()
    if lying:
        media.file.name = lying.file.name  # the same bytes lie there once, and never change
    else:
        put(media.file, came.path)
    with transaction.atomic():
        media.save(force_insert=True)
        record(
            client_id=media.client_id,
            actor=user,
            verb="media.added",
            subject_type="media",
            subject_id=media.pk,
            digest=media.sha256,
        )
        if came.still:
            keep_still(media, came.still)
    return media


@transaction.atomic
def describe_media(*, user: User, media: Media, **words: Unpack[MediaWords]) -> Media:
    """Change what is said of it. That goes out with it, so approvals of posts that use it are taken back."""
    require(user, media.client_id, STAFF_ROLES)
    if "alt_text" in words:
        words["alt_text"] = clean_text(words["alt_text"], "alt_text").strip()
    using = Post.objects.filter(media_rows__media=media, state__in=WRITABLE).order_by("pk").distinct()
    posts = [post for post in map(lock_post, using.values_list("pk", flat=True)) if post.state in WRITABLE]
    before = {post.pk: digest_of(content_of(post, renditions=False)) for post in posts}
    media = (
        Media.objects.select_for_update(of=("self",), no_key=True).select_related("client", "cover").get(pk=media.pk)
    )
    columns = _say(media, words)
    media.save(update_fields=[*columns, "updated_at"])
    for post in posts:
        if digest_of(content_of(post, renditions=False)) != before[post.pk] and post.state != PostState.CANCELLED:
            content_changed(post, user)
    record(
        client_id=media.client_id,
        actor=user,
        verb="media.described",
        subject_type="media",
        subject_id=media.pk,
        digest=media.sha256,
    )
    return media
