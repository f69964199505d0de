"""The outbox: what people must be told, written with the change that makes it necessary; and what they need not be told."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class State(models.TextChoices):
    """Where one mail stands."""

    QUEUED = "queued", _("Waiting")
    SENDING = "sending", _("Being sent")
    SENT = "sent", _("Sent")
    DROPPED = "dropped", _("No longer needed")
    FAILED = "failed", _("Not delivered")


class Notification(models.Model):
    """One thing one person must be told. ``key`` makes it unique: the insert is the claim, nothing goes twice.

    ``wake_at`` is when it is to be looked at next: the first try, a retry, the end of the reader's quiet time, or that of a
    sender's lease. Who is to be served before the others is given a time past.
    ``until`` is by when it has to be there to be of use. Where the reader's quiet time lasts longer, it does not wait.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="notifications", verbose_name=_("to")
    )
    client_id = models.BigIntegerField(_("client"), null=True)
    kind = models.CharField(_("kind"), max_length=40)
    key = models.CharField(max_length=200)
    context = models.JSONField(default=dict)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.QUEUED)
    wake_at = models.DateTimeField(default=timezone.now)
    until = models.DateTimeField(_("of use until"), null=True, blank=True)
    tries = models.PositiveSmallIntegerField(_("tries"), default=0)
    subject = models.CharField(_("subject"), max_length=300, blank=True)
    error = models.CharField(_("error"), max_length=300, blank=True)
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)

    class Meta:
        verbose_name = _("notification")
        verbose_name_plural = _("notifications")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "kind", "key"], name="uq_notification"),
            models.CheckConstraint(condition=models.Q(state__in=State.values), name="ck_notification_state"),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["wake_at"],
                name="ix_notification_due",
                condition=models.Q(state__in=[State.QUEUED, State.SENDING]),
            ),
            models.Index(fields=["client_id", "-id"], name="ix_notification_client"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"


class Mute(models.Model):
    """A person wants no more mail of this kind. Only news can be muted (see ``letters.Kind``)."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="mutes", verbose_name=_("person"))
    kind = models.CharField(_("kind"), max_length=40)
    created_at = models.DateTimeField(_("since"), default=timezone.now)

    class Meta:
        verbose_name = _("mail switched off")
        verbose_name_plural = _("mails switched off")
        constraints: ClassVar = [models.UniqueConstraint(fields=["user", "kind"], name="uq_mute")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.kind}"
