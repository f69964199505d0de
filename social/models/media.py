"""Pictures and videos of a client, and what networks need them made into."""

from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from audit.triggers import kept_whole
from clients.models import Client

ENDINGS = {"video/quicktime": "mov", "image/jpeg": "jpg"}


class Kind(models.TextChoices):
    """What the bytes are, by content."""

    IMAGE = "image", _("Picture")
    VIDEO = "video", _("Video")


def ending(mime: str) -> str:
    """How the name of a file of this type ends."""
    return ENDINGS.get(mime, mime.rpartition("/")[2])


def stored_name(media: "Media", filename: str) -> str:  # noqa: ARG001 - Django's signature
    """Where the bytes lie: by client and content, never under the name that somebody typed."""
    # Pictures keep the ending that they always had here, so that one that lies there is found.
    last = ending(media.mime) if media.kind == Kind.VIDEO else media.mime.rpartition("/")[2]
    return f"media/{media.client_id}/{media.sha256[:2]}/{media.sha256}.{last}"


def rendition_name(rendition: "Rendition", filename: str) -> str:  # noqa: ARG001 - Django's signature
    """Where a rendition's bytes lie: by client and content."""
    return f"renditions/{rendition.client_id}/{rendition.sha256[:2]}/{rendition.sha256}.{ending(rendition.mime)}"


class Footage(models.Model):
    """What is known of stored bytes. Sizes are in pixels as shown, upright, and in bytes.

    Of a video: how many seconds long, frames a second, codecs of picture and sound as ffprobe names them (no sound:
    empty), and how far it is turned for showing, in degrees.
    """

    mime = models.CharField(max_length=40, blank=True)
    width = models.PositiveIntegerField(_("width"), default=0)
    height = models.PositiveIntegerField(_("height"), default=0)
    size = models.PositiveBigIntegerField(_("size (bytes)"), default=0)
    sha256 = models.CharField(max_length=64, blank=True)
    duration = models.FloatField(_("duration (seconds)"), null=True, blank=True)
    rate = models.FloatField(_("frames a second"), null=True, blank=True)
    codec = models.CharField(max_length=30, blank=True)
    sound = models.CharField(max_length=30, blank=True)
    rotation = models.SmallIntegerField(default=0)

    class Meta:
        abstract = True


class Media(Footage):
    """One picture or video, as it is stored: metadata stripped, kind known by content. The bytes never change.

    ``captions`` are a video's, as SubRip; ``cover`` is the picture that stands for it until somebody plays it.
    """

    client = models.ForeignKey(Client, models.PROTECT, related_name="media", verbose_name=_("client"))
    file = models.FileField(_("file"), upload_to=stored_name, max_length=300)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices, default=Kind.IMAGE)
    alt_text = models.CharField(_("description for who cannot see it"), max_length=1500, blank=True)
    captions = models.TextField(_("captions"), blank=True)
    cover = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("cover picture")
    )
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(_("added"), default=timezone.now)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("picture or video")
        verbose_name_plural = _("pictures and videos")
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(kind__in=Kind.values), name="ck_media_kind"),
            models.CheckConstraint(
                condition=models.Q(kind=Kind.VIDEO, duration__gt=0)
                | models.Q(kind=Kind.IMAGE, captions="", cover=None),
                name="ck_media_video",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["client", "sha256"], name="ix_media_content"),
            models.Index(fields=["updated_at", "id"], name="ix_media_updated"),
        ]

    def __str__(self) -> str:
        return self.alt_text or f"{self.get_kind_display()} {self.pk}"

    @property
    def is_video(self) -> bool:
        """Whether it moves and lasts; an animated GIF is a picture."""
        return self.kind == Kind.VIDEO


class Rendition(Footage):
    """What one picture or video was made into for networks that ask the same of it (see ``social.renditions``).

    The row is the order, and says who works on it: ``wake_at`` is when the next worker may take it (null once it is made
    or can't be), and ``problem`` why it can't be made. ``recipe`` is the digest of ``asked``. Once made, it never changes.
    """

    client = models.ForeignKey(Client, models.PROTECT, related_name="renditions", verbose_name=_("client"))
    source = models.CharField(max_length=64)
    recipe = models.CharField(max_length=64)
    asked = models.JSONField()
    file = models.FileField(_("file"), upload_to=rendition_name, max_length=300, blank=True)
    wake_at = models.DateTimeField(null=True, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    problem = models.CharField(max_length=30, blank=True)
    made_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("rendition")
        verbose_name_plural = _("renditions")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["client", "source", "recipe"], name="uq_rendition"),
            models.CheckConstraint(
                condition=models.Q(made_at=None) | models.Q(wake_at=None, sha256__gt="", file__gt=""),
                name="ck_rendition_made",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["client", "sha256"], name="ix_rendition_content"),
            models.Index(fields=["wake_at"], name="ix_rendition_waiting", condition=models.Q(wake_at__isnull=False)),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(
                name="rendition_kept",
                operation=pgtrigger.Update | pgtrigger.Delete,
                condition=pgtrigger.Q(old__made_at__isnull=False),
            ),
            kept_whole("rendition_not_emptied"),
        ]

    def __str__(self) -> str:
        return f"{self.source[:12]} → {self.recipe[:12]}"

    @property
    def is_video(self) -> bool:
        """Whether it moves and lasts."""
        return self.mime.startswith("video/")
