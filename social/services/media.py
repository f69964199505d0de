"""Pictures in: what they are is said by their bytes, and what they tell of the camera and the place is taken out."""

import hashlib
import io
import warnings
from typing import IO, TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import transaction
from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageOps, UnidentifiedImageError

from accounts.models import User
from audit.services import record
from clients.models import STAFF_ROLES, Client
from clients.selectors import require
from social.digest import content_of, digest_of
from social.models import Media, Post, PostState
from social.services.locks import lock_post
from social.services.posts import WRITABLE, content_changed
from social.text import clean_text

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

MOST_BYTES = 20 * 1024 * 1024
MOST_PIXELS = 50_000_000  # a decoded picture takes four bytes a pixel of a worker's memory
FORMATS = {"JPEG": "image/jpeg", "PNG": "image/png", "GIF": "image/gif", "WEBP": "image/webp"}


def add_media(*, user: User, client: Client, file: IO[bytes], alt_text: str = "") -> Media:
    """Store a picture of a client, without its metadata. The same picture with the same words is stored once.

    Raises ``ValidationError`` on ``file`` for what is too heavy, too large or no picture.
    """
    require(user, client, STAFF_ROLES)
    alt_text = clean_text(alt_text, "alt_text").strip()
    mime, size, bare = _stripped(_bytes(file))
    media = Media(
        client=client,
        mime=mime,
        width=size[0],
        height=size[1],
        size=len(bare),
        sha256=hashlib.sha256(bare).hexdigest(),
        alt_text=alt_text,
        added_by=user,
    )
    media.clean_fields(exclude=["client", "added_by", "file"])
    twin = Media.objects.filter(client=client, sha256=media.sha256, alt_text=alt_text).first()
    return twin or _stored(media, bare, user)


def _stored(media: Media, bare: bytes, user: User) -> Media:
    lying = Media.objects.filter(client=media.client, sha256=media.sha256).first()
    if lying:
        media.file.name = lying.file.name  # the same bytes lie there once, and never change
    else:
        media.file.save("picture", ContentFile(bare), save=False)
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
    return media


def _bytes(file: IO[bytes]) -> bytes:
    data = file.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise _refused(_("This file is too heavy: at most %(limit)d MB."), "too_heavy", limit=MOST_BYTES // 1024**2)
    return data


def _stripped(data: bytes) -> tuple[str, tuple[int, int], bytes]:
    """The type, the size in pixels and the bytes of the picture, upright, without metadata."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # Pillow only warns of a decompression bomb below twice its limit
            with Image.open(io.BytesIO(data), formats=list(FORMATS)) as image:
                if image.width * image.height > MOST_PIXELS:
                    raise _too_large()
                return _written(image)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise _too_large() from None
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError, Warning):
        raise _refused(_("This is not a picture we can use: JPEG, PNG, GIF or WebP."), "not_a_picture") from None


def _written(image: Image.Image) -> tuple[str, tuple[int, int], bytes]:
    kind = str(image.format)
    out = io.BytesIO()
    if getattr(image, "is_animated", False):
        image.info.pop("comment", None)
        image.save(out, format=kind, save_all=True, exif=b"", xmp=b"")
        return FORMATS[kind], image.size, out.getvalue()
    profile = image.info.get("icc_profile")
    upright = ImageOps.exif_transpose(image)
    upright.load()
    bare = Image.new(upright.mode, upright.size)
    bare.paste(upright)
    if upright.mode == "P" and (palette := upright.getpalette()):
        bare.putpalette(palette)
    extra = {"transparency": upright.info["transparency"]} if "transparency" in upright.info else {}
    bare.save(out, format=kind, icc_profile=profile, quality=95, **extra)
    return FORMATS[kind], bare.size, out.getvalue()


def _too_large() -> ValidationError:
    return _refused(
        _("This picture is too large: at most %(limit)d megapixels."), "too_large", limit=MOST_PIXELS // 10**6
    )


def _refused(text: "StrOrPromise", code: str, **params: int) -> ValidationError:
    return ValidationError({"file": ValidationError(text, code=code, params=params)})


@transaction.atomic
def describe_media(*, user: User, media: Media, alt_text: str) -> Media:
    """Change a picture's description. It goes out with the picture, so approvals of posts that use it are taken back."""
    require(user, media.client_id, STAFF_ROLES)
    alt_text = clean_text(alt_text, "alt_text").strip()
    using = Post.objects.filter(media_rows__media=media, state__in=WRITABLE).order_by("pk").distinct()
    posts = [post for post in map(lock_post, using.values_list("pk", flat=True)) if post.state in WRITABLE]
    before = {post.pk: digest_of(content_of(post)) for post in posts}
    media = Media.objects.select_for_update(of=("self",), no_key=True).select_related("client").get(pk=media.pk)
    media.alt_text = alt_text
    media.clean_fields(exclude=["client", "added_by", "file"])
    media.save(update_fields=["alt_text", "updated_at"])
    for post in posts:
        if digest_of(content_of(post)) != before[post.pk] and post.state != PostState.CANCELLED:
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
