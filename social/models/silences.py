"""Silences: a channel that is going to be quiet for longer than was agreed."""

from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from audit.triggers import States
from clients.models import Client
from social.models.channels import Channel
from social.models.posts import Post
from strategy.models import Strategy

USER = settings.AUTH_USER_MODEL
NOTE_LENGTH = 500
STAGES = (14, 7, 3)  # working days of the client's before it begins


class SilenceState(models.TextChoices):
    """What became of it."""

    FORESEEN = "foreseen", _("Ahead")
    FILLED = "filled", _("Filled")
    DISMISSED = "dismissed", _("Wanted")
    MOOT = "moot", _("No longer asked")


class WhyQuiet(models.TextChoices):
    """Why a silence is wanted."""

    HOLIDAY = "holiday", _("Holidays")
    PAUSE = "pause", _("A pause that was agreed")
    OTHER = "other", _("Something else")


class Silence(models.Model):
    """A channel falls silent on ``falls_on`` unless something goes out before; there is one ahead at most for each channel.

    ``after`` is the last day with something on it (or from which its cadence counts), ``until`` the first one after the
    silence, null where nothing is planned. All are days of the client's clock. ``per_week`` is what was agreed, in
    ``strategy`` or (null) on the channel itself. ``stage`` is the nearest of ``STAGES`` that has come: what lowers it claims
    it. ``staged_at`` is when that was; null where nobody need be told, since the one before was filled just now.

    ``filled_by`` is the post that somebody made of a proposal. One that is wanted says why, and may say until when.
    """

    client = models.ForeignKey(Client, models.PROTECT, related_name="silences", verbose_name=_("client"))
    channel = models.ForeignKey(Channel, models.PROTECT, related_name="silences", verbose_name=_("channel"))
    strategy = models.ForeignKey(
        Strategy, models.PROTECT, null=True, blank=True, related_name="silences", verbose_name=_("strategy")
    )
    per_week = models.DecimalField(_("posts a week, agreed"), max_digits=5, decimal_places=2)
    owner = models.ForeignKey(USER, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("owner"))
    state = models.CharField(_("state"), max_length=10, choices=SilenceState.choices, default=SilenceState.FORESEEN)
    after = models.DateField(_("last heard"))
    falls_on = models.DateField(_("silent from"))
    until = models.DateField(_("until"), null=True, blank=True)
    stage = models.PositiveSmallIntegerField()
    staged_at = models.DateTimeField(null=True, blank=True)
    filled_by = models.ForeignKey(Post, models.PROTECT, null=True, blank=True, related_name="+")
    dismissed_by = models.ForeignKey(USER, models.PROTECT, null=True, blank=True, related_name="+")
    why = models.CharField(_("why"), max_length=10, choices=WhyQuiet.choices, blank=True)
    note = models.CharField(_("note"), max_length=NOTE_LENGTH, blank=True)
    quiet_until = models.DateField(_("quiet until"), null=True, blank=True)
    created_at = models.DateTimeField(_("foreseen"), default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("silence")
        verbose_name_plural = _("silences")
        ordering: ClassVar = ["falls_on", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["channel"], condition=models.Q(state="foreseen"), name="uq_silence_ahead"),
            models.CheckConstraint(condition=models.Q(state__in=SilenceState.values), name="ck_silence_state"),
            models.CheckConstraint(
                condition=models.Q(state="foreseen", ended_at=None)
                | (~models.Q(state="foreseen") & models.Q(ended_at__isnull=False)),
                name="ck_silence_ended",
            ),
            models.CheckConstraint(
                condition=models.Q(state="dismissed", dismissed_by__isnull=False, why__in=WhyQuiet.values)
                | (~models.Q(state="dismissed") & models.Q(dismissed_by=None, why="", quiet_until=None)),
                name="ck_silence_wanted",
            ),
            models.CheckConstraint(condition=models.Q(stage__in=STAGES), name="ck_silence_stage"),
            models.CheckConstraint(condition=models.Q(falls_on__gt=models.F("after")), name="ck_silence_after"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["client", "state", "falls_on"], name="ix_silence_client"),
            models.Index(fields=["owner", "falls_on"], name="ix_silence_owner", condition=models.Q(state="foreseen")),
            models.Index(fields=["channel", "-ended_at"], name="ix_silence_channel"),
            models.Index(fields=["updated_at", "id"], name="ix_silence_updated"),
        ]
        triggers: ClassVar = [
            States(
                name="silence_states",
                transitions=[("foreseen", "filled"), ("foreseen", "dismissed"), ("foreseen", "moot")],
            ),
            pgtrigger.ReadOnly(name="silence_of_one", fields=["client", "channel"]),
            pgtrigger.Protect(name="silence_kept", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.channel.name}"
