"""A client's logo: a picture as PNG or JPEG, decoded and written anew, so that nothing but the picture is kept of the file."""

import hashlib
import io
from typing import IO, Any

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import transaction
from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageOps

from accounts.models import User
from audit.services import record
from clients.models import Client, Role, logo_name
from clients.selectors import require

MOST_BYTES = 2 * 1024 * 1024
MOST_PIXELS = 16_000_000
SMALLEST = 16  # pixels of a side
THINNEST = 12  # times as long as wide
ENDINGS = {"PNG": "png", "JPEG": "jpg"}


@transaction.atomic
def set_logo(*, user: User, client: Client, logo: IO[bytes] | None) -> Client:
    """Keep this picture as the client's logo; None: it has none. Managers of the client and agency admins.

    Raises ``ValidationError`` on ``logo`` for what is no PNG or JPEG (SVG is none: it may hold programs), is too heavy, too
    large or too thin.
    """
    require(user, client, {Role.MANAGER})
    data, ending = _rewritten(logo) if logo is not None else (b"", "")
    client = Client.objects.select_for_update(no_key=True).get(pk=client.pk)
    digest = hashlib.sha256(data).hexdigest() if data else ""
    name = logo_name(client, f"{digest}.{ending}") if data else ""
    if client.logo.name == name:
        return client
    if data and not client.logo.storage.exists(name):
        name = client.logo.storage.save(name, ContentFile(data))
    client.logo = name
    client.save(update_fields=["logo", "updated_at"])
    verb = "client.logo_set" if data else "client.logo_removed"
    about: dict[str, Any] = {"subject_type": "client", "subject_id": client.pk}
    record(client_id=client.pk, actor=user, verb=verb, digest=digest, **about)
    return client


def _rewritten(logo: IO[bytes]) -> tuple[bytes, str]:
    """The picture's bytes, upright and bare, and the end of its file's name."""
    data = logo.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise _refused(_("This file is too heavy: at most %(limit)d MB."), "too_heavy", limit=MOST_BYTES // 1024**2)
    try:
        with Image.open(io.BytesIO(data), formats=list(ENDINGS)) as picture:
            _check(*picture.size)
            return _written(picture, str(picture.format))
    except ValidationError:
        raise
    except Exception as error:
        # Whatever a library makes of a stranger's bytes is an answer about them.
        text = _("This is not a picture we can use as a logo: PNG or JPEG. Save an SVG as PNG first.")
        raise _refused(text, "not_a_picture") from error


def _check(width: int, height: int) -> None:
    if width * height > MOST_PIXELS:
        text = _("This picture is too large: at most %(limit)d megapixels.")
        raise _refused(text, "too_large", limit=MOST_PIXELS // 10**6)
    if min(width, height) < SMALLEST:
        raise _refused(
            _("This picture is too small: each side has %(limit)d pixels or more."), "too_small", limit=SMALLEST
        )
    if max(width, height) > THINNEST * min(width, height):
        text = _("This is too long and thin to be shown: one side may be %(limit)d times the other at most.")
        raise _refused(text, "too_thin", limit=THINNEST)


def _written(picture: Image.Image, kind: str) -> tuple[bytes, str]:
    upright = ImageOps.exif_transpose(picture)
    bare = upright.convert("RGB" if kind == "JPEG" else "RGBA")
    out = io.BytesIO()
    clean = Image.new(bare.mode, bare.size)
    clean.paste(bare)
    clean.save(out, kind, **({"quality": 95} if kind == "JPEG" else {}))
    return out.getvalue(), ENDINGS[kind]


def _refused(text: Any, code: str, **params: int) -> ValidationError:
    return ValidationError({"logo": ValidationError(text, code=code, params=params)})
