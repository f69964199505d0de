"""Pictures of a client."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clients.models import Client


class Kind(models.TextChoices):
    """What the bytes are, by content."""

    IMAGE = "image", _("Picture")


def stored_name(media: "Media", filename: str) -> str:  # noqa: ARG001 - Django's signature
    """Where the bytes lie: by client and content, never under the name that somebody typed."""
    return f"media/{media.client_id}/{media.sha256[:2]}/{media.sha256}.{media.mime.rpartition('/')[2]}"


class Media(models.Model):
    """One picture, as it is stored: metadata stripped, kind known by content. The bytes never change."""

    client = models.ForeignKey(Client, models.PROTECT, related_name="media", verbose_name=_("client"))
    file = models.FileField(_("file"), upload_to=stored_name, max_length=300)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices, default=Kind.IMAGE)
    mime = models.CharField(max_length=40)
    width = models.PositiveIntegerField(_("width"))
    height = models.PositiveIntegerField(_("height"))
    duration = models.FloatField(_("duration (seconds)"), null=True, blank=True)
    size = models.PositiveIntegerField(_("size (bytes)"))
    sha256 = models.CharField(max_length=64)
    alt_text = models.CharField(_("description for who cannot see it"), max_length=1500, blank=True)
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(_("added"), default=timezone.now)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("picture")
        verbose_name_plural = _("pictures")
        indexes: ClassVar = [
            models.Index(fields=["client", "sha256"], name="ix_media_content"),
            models.Index(fields=["updated_at", "id"], name="ix_media_updated"),
        ]

    def __str__(self) -> str:
        return self.alt_text or f"{self.get_kind_display()} {self.pk}"
