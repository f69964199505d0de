"""Mails to somebody who has typed an address into a sign-up form: an outbox of its own, since readers are no users."""

from typing import ClassVar

import pgtrigger
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clients.models import Client
from newsletter.models.lists import Reader
from notifications.models import State


class Confirmation(models.Model):
    """One such mail, and what was typed and read when it was asked for. It becomes the reader's own by confirming.

    ``secret_hash`` is the SHA-256 of the secret in its link, ``sealed`` the secret itself until the mail is sent. A row
    without a secret tells somebody who is on the list that they are: no link, nothing to confirm. ``until`` is when the link
    stops opening. ``wake_at`` is the next try, or the end of the lease of who is sending it.
    """

    reader = models.ForeignKey(Reader, models.CASCADE, related_name="confirmations", verbose_name=_("reader"))
    client = models.ForeignKey(Client, models.PROTECT, related_name="+", verbose_name=_("client"))
    name = models.CharField(max_length=200, blank=True)
    language = models.CharField(max_length=10)
    consent = models.TextField()
    secret_hash = models.CharField(max_length=64, blank=True, editable=False)
    sealed = models.TextField(blank=True, editable=False)
    until = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.QUEUED)
    wake_at = models.DateTimeField(default=timezone.now)
    tries = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("mail to confirm")
        verbose_name_plural = _("mails to confirm")
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(state__in=State.values), name="ck_confirmation_state"),
            models.UniqueConstraint(
                fields=["secret_hash"], condition=~models.Q(secret_hash=""), name="uq_confirmation_secret"
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["wake_at"],
                name="ix_confirmation_due",
                condition=models.Q(state__in=[State.QUEUED, State.SENDING]),
            ),
            models.Index(fields=["until"], name="ix_confirmation_until"),
        ]
        triggers: ClassVar = [
            pgtrigger.ReadOnly(name="confirmation_belongs", fields=["reader", "client", "consent", "created_at"])
        ]

    def __str__(self) -> str:
        return f"{self.reader} {self.created_at:%Y-%m-%d}"
