"""One account on one network, belonging to one client."""

from decimal import Decimal
from typing import ClassVar

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clients.models import Client


class ChannelStatus(models.TextChoices):
    """Whether the network still lets us in."""

    CONNECTED = "connected", _("Connected")
    EXPIRING = "expiring", _("Connection expires soon")
    BROKEN = "broken", _("Needs a new connection")
    RETIRED = "retired", _("Retired")


class Channel(models.Model):
    """An account. ``credentials`` is sealed (see ``social.credentials``); ``identity`` is the network's own name for it.

    ``allows`` is what its server said that it takes when it was last asked (``networks.base.Identity.allows``).
    """

    client = models.ForeignKey(Client, models.PROTECT, related_name="channels", verbose_name=_("client"))
    network = models.SlugField(_("network"), max_length=30)
    handle = models.CharField(_("handle"), max_length=200)
    name = models.CharField(_("name"), max_length=200)
    server = models.URLField(_("server"), blank=True, help_text=_("For networks with many servers."))
    credentials = models.TextField(blank=True, editable=False)
    identity = models.CharField(_("identity on the network"), max_length=300, blank=True, editable=False)
    allows = models.JSONField(default=dict, blank=True, editable=False)
    status = models.CharField(
        _("status"), max_length=10, choices=ChannelStatus.choices, default=ChannelStatus.CONNECTED, editable=False
    )
    status_detail = models.CharField(max_length=500, blank=True, editable=False)
    checked_at = models.DateTimeField(_("checked"), null=True, blank=True, editable=False)
    cadence_per_week = models.DecimalField(
        _("posts a week, agreed"),
        max_digits=5,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(Decimal(0))],
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("channel")
        verbose_name_plural = _("channels")
        ordering: ClassVar = ["client", "network", "handle"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                "network",
                "server",
                Lower("handle"),
                condition=~models.Q(status="retired"),
                name="uq_channel_account",
                violation_error_message=_("This account is already a channel here."),
            ),
            models.CheckConstraint(condition=models.Q(status__in=ChannelStatus.values), name="ck_channel_status"),
        ]
        indexes: ClassVar = [models.Index(fields=["updated_at", "id"], name="ix_channel_updated")]

    def __str__(self) -> str:
        return f"{self.name} ({self.network}: {self.handle})"
