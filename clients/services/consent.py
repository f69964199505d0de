"""Tacit consent: silence is a yes only where the client agreed to that in writing, and the writing is kept."""

import hashlib
import io
from datetime import date
from typing import IO, Any

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from PIL import Image

from accounts.models import User
from audit.services import record
from clients.models import Client, Role, consent_name
from clients.selectors import require

MOST_BYTES = 10 * 1024 * 1024
MOST_PIXELS = 50_000_000
PICTURES = {"JPEG": "jpg", "PNG": "png", "WEBP": "webp"}
PDF_TAIL = 2048  # bytes in which the end of a whole PDF is found


class Kept:
    """The document that is there already stays."""


KEPT = Kept()


@transaction.atomic
def set_tacit_consent(
    *, user: User, client: Client, agreed_on: date | None, document: IO[bytes] | Kept | None = KEPT
) -> Client:
    """Write down when the client agreed to tacit consent, and the document that says so; both None: it is taken back.

    A day alone, as programs may give it, consents to nothing until its document is there. Managers of the client and agency
    admins. Raises ``ValidationError`` on ``tacit_consent_agreed_on`` or ``tacit_consent_document`` for a document without a
    day, a day to come, and what is neither a PDF nor a picture or is too heavy. The bytes are kept as they came, also after the consent is taken back: they are evidence.
    """
    require(user, client, {Role.MANAGER})
    client = Client.objects.select_for_update(no_key=True).get(pk=client.pk)
    unchanged = isinstance(document, Kept) or (document is None and not client.tacit_consent_document)
    if unchanged and agreed_on == client.tacit_consent_agreed_on:
        return client
    has_document = bool(client.tacit_consent_document) if isinstance(document, Kept) else document is not None
    _check(client, agreed_on, has_document=has_document)
    if not isinstance(document, Kept):
        _put(client, document)
    client.tacit_consent_agreed_on = agreed_on
    client.save(update_fields=["tacit_consent_agreed_on", "tacit_consent_document", "updated_at"])
    about = {"agreed_on": agreed_on.isoformat()} if agreed_on else {}
    record(
        client_id=client.pk,
        actor=user,
        verb="client.tacit_consent_set" if agreed_on else "client.tacit_consent_ended",
        subject_type="client",
        subject_id=client.pk,
        digest=client.tacit_consent_digest,
        **about,
    )
    return client


def _check(client: Client, agreed_on: date | None, *, has_document: bool) -> None:
    if agreed_on is None and has_document:
        text = _("Say on which day it was agreed, or take the document away, too.")
        raise _refused("tacit_consent_agreed_on", text, "required")
    if agreed_on is not None and agreed_on > timezone.now().astimezone(client.zone).date():
        text = _("This day is still to come. Consent counts from the day on which it was given.")
        raise _refused("tacit_consent_agreed_on", text, "future")


def _put(client: Client, document: IO[bytes] | None) -> None:
    """Keep the bytes under their digest; the same ones lie there once."""
    if document is None:
        client.tacit_consent_document = ""
        return
    data = document.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        text = _("This file is too heavy: at most %(limit)d MB.")
        raise _refused("tacit_consent_document", text, "too_heavy", limit=MOST_BYTES // 1024**2)
    digest = hashlib.sha256(data).hexdigest()
    name = consent_name(client, f"{digest}.{_kind(data)}")
    storage = client.tacit_consent_document.storage
    client.tacit_consent_document = name if storage.exists(name) else storage.save(name, ContentFile(data))


def _kind(data: bytes) -> str:
    """What the bytes are, as the end of a file's name. A picture is read whole, so that half of one is none."""
    if data.startswith(b"%PDF-"):
        if b"%%EOF" in data[-PDF_TAIL:]:
            return "pdf"
        raise _refused("tacit_consent_document", _("This PDF is not whole: its end is missing."), "not_whole")
    try:
        with Image.open(io.BytesIO(data), formats=list(PICTURES)) as image:
            if image.width * image.height <= MOST_PIXELS:
                image.load()
                return PICTURES[str(image.format)]
    except Exception as error:
        # Whatever a library makes of a stranger's bytes is an answer about them.
        raise _no_document() from error
    raise _no_document()


def _no_document() -> ValidationError:
    text = _("This is not a document we can keep: a PDF, or a picture as JPEG, PNG or WebP.")
    return _refused("tacit_consent_document", text, "not_a_document")


def _refused(field: str, text: Any, code: str, **params: int) -> ValidationError:
    return ValidationError({field: ValidationError(text, code=code, params=params)})
