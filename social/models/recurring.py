"""Series: a rule by which a post comes again, and what has been made by it."""

from datetime import datetime
from typing import ClassVar
from zoneinfo import ZoneInfo

import pgtrigger
from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import check_timezone
from audit.triggers import kept_whole
from clients.models import Client
from social.models.posts import Post

USER = settings.AUTH_USER_MODEL
MOST_AHEAD = 60


class WhyEnded(models.TextChoices):
    """What ended a series."""

    RUN_OUT = "run_out", _("All of it is made")
    PERSON = "person", _("Somebody ended it")
    PATTERN = "pattern", _("Its pattern is cancelled")
    CHANNELS = "channels", _("All its channels are retired")
    AUTHOR = "author", _("Whoever made it does not work for the client any more")


class Recurrence(models.Model):
    """A series: ``pattern`` comes again by ``rule`` (RFC 5545, see ``social.recurrence``), first at ``starts_at`` or later.

    Its clock is that of ``zone``. Posts are made ``ahead_days`` before their time. ``next_at`` is the first time of which
    no post is made yet, ``wake_at`` when that one is to be made; both are null once it has ended. But for these and its
    end it never changes: another rule is another series.
    """

    client = models.ForeignKey(Client, models.PROTECT, related_name="recurrences", verbose_name=_("client"))
    pattern = models.ForeignKey(Post, models.PROTECT, related_name="recurrences", verbose_name=_("pattern"))
    author = models.ForeignKey(USER, models.PROTECT, related_name="+", verbose_name=_("made by"))
    rule = models.CharField(max_length=300)
    starts_at = models.DateTimeField(_("begins"))
    zone = models.CharField(max_length=64, validators=[check_timezone])
    ahead_days = models.PositiveSmallIntegerField(_("made so many days before"), default=14)
    next_at = models.DateTimeField(_("next"), null=True, blank=True)
    wake_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    why_ended = models.CharField(max_length=10, choices=WhyEnded.choices, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("series")
        verbose_name_plural = _("series")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(ended_at=None, why_ended="", next_at__isnull=False, wake_at__isnull=False)
                | models.Q(ended_at__isnull=False, why_ended__in=WhyEnded.values, next_at=None, wake_at=None),
                name="ck_recurrence_ended",
            ),
            models.CheckConstraint(
                condition=models.Q(ahead_days__gte=1, ahead_days__lte=MOST_AHEAD), name="ck_recurrence_ahead"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["wake_at"], name="ix_recurrence_wake", condition=models.Q(ended_at=None)),
            models.Index(fields=["updated_at", "id"], name="ix_recurrence_updated"),
        ]
        triggers: ClassVar = [
            pgtrigger.ReadOnly(
                name="recurrence_made_once",
                fields=["client", "pattern", "author", "rule", "starts_at", "zone", "ahead_days", "created_at"],
            ),
            pgtrigger.Protect(name="recurrence_kept", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.pattern}"

    @property
    def first(self) -> datetime:
        """When it begins, on its own clock."""
        return self.starts_at.astimezone(ZoneInfo(self.zone))


class Occurrence(models.Model):
    """One time of a series, and the post that was made for it. The row is the claim: there is one for each time.

    ``asked_at`` is when its review was begun, or was found to need a person first: ``problem`` says why.
    """

    recurrence = models.ForeignKey(Recurrence, models.PROTECT, related_name="occurrences")
    client = models.ForeignKey(Client, models.PROTECT, related_name="+")
    at = models.DateTimeField(_("goes out"))
    post = models.OneToOneField(Post, models.PROTECT, related_name="occurrence")
    asked_at = models.DateTimeField(null=True, blank=True)
    problem = models.TextField(blank=True)

    class Meta:
        verbose_name = _("occurrence")
        verbose_name_plural = _("occurrences")
        ordering: ClassVar = ["at"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["recurrence", "at"], name="uq_occurrence"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["id"], name="ix_occurrence_unasked", condition=models.Q(asked_at=None)),
        ]
        triggers: ClassVar = [
            pgtrigger.ReadOnly(name="occurrence_made_once", fields=["recurrence", "client", "at", "post"]),
            kept_whole("occurrence_not_emptied"),
            pgtrigger.Protect(name="occurrence_kept", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.recurrence_id}: {self.at:%Y-%m-%d %H:%M}"
