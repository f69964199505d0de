"""One account on one network, belonging to one client."""

from decimal import Decimal
from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clients.models import Client
from social import networks

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


class ChannelStatus(models.TextChoices):
    """Whether the network still lets us in."""

    CONNECTED = "connected", _("Connected")
    EXPIRING = "expiring", _("Connection expires soon")
    BROKEN = "broken", _("Needs a new connection")
    RETIRED = "retired", _("Retired")


class Channel(models.Model):
    """An account. ``credentials`` is sealed (see ``social.credentials``); ``identity`` is the network's own name for it.

    ``session``, sealed too, is what its network lets all workers go in with for a while (see ``social.services.sessions``).

    ``allows`` is what its server said that it takes when it was last asked (``networks.base.Identity.allows``).
    ``token_ends_at`` is when its token ends, ``renew_at`` when that is to be renewed (null where it can't be), ``ends_at``
    when the connection ends whatever we do. ``renewing`` is the mark of the worker that renews it, until
    ``renewing_until``: nobody else does. ``check_at`` is until when nobody else need ask the network who we are,
    ``checked_at`` when it last answered that.
    """

    client = models.ForeignKey(Client, models.PROTECT, related_name="channels", verbose_name=_("client"))
    network = models.SlugField(_("network"), max_length=30)
    handle = models.CharField(_("handle"), max_length=200)
    name = models.CharField(_("name"), max_length=200)
    server = models.URLField(_("server"), blank=True, help_text=_("For networks with many servers."))
    credentials = models.TextField(blank=True, editable=False)
    session = models.TextField(blank=True, editable=False)
    identity = models.CharField(_("identity on the network"), max_length=300, blank=True, editable=False)
    allows = models.JSONField(default=dict, blank=True, editable=False)
    status = models.CharField(
        _("status"), max_length=10, choices=ChannelStatus.choices, default=ChannelStatus.CONNECTED, editable=False
    )
    status_detail = models.CharField(max_length=500, blank=True, editable=False)
    checked_at = models.DateTimeField(_("checked"), null=True, blank=True, editable=False)
    retired_at = models.DateTimeField(_("retired"), null=True, blank=True, editable=False)
    retired_because = models.CharField(_("why it is retired"), max_length=500, blank=True, editable=False)
    cadence_per_week = models.DecimalField(
        _("posts a week, agreed"),
        max_digits=5,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(Decimal(0))],
    )
    token_ends_at = models.DateTimeField(null=True, blank=True, editable=False)
    ends_at = models.DateTimeField(null=True, blank=True, editable=False)
    renew_at = models.DateTimeField(null=True, blank=True, editable=False)
    renewed_at = models.DateTimeField(null=True, blank=True, editable=False)
    renew_tries = models.PositiveSmallIntegerField(default=0, editable=False)
    renewing = models.CharField(max_length=32, blank=True, editable=False)
    renewing_until = models.DateTimeField(null=True, blank=True, editable=False)
    check_at = models.DateTimeField(null=True, blank=True, editable=False)
    asked_at = models.DateTimeField(null=True, blank=True, editable=False)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, editable=False, related_name="+"
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
        indexes: ClassVar = [
            models.Index(fields=["updated_at", "id"], name="ix_channel_updated"),
            models.Index(fields=["renew_at"], name="ix_channel_renew", condition=models.Q(renew_at__isnull=False)),
            models.Index(fields=["asked_at"], name="ix_channel_asked", condition=models.Q(asked_at__isnull=False)),
            models.Index(fields=["checked_at"], name="ix_channel_checked", condition=~models.Q(status="retired")),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.network}: {self.handle})"

    @property
    def being_asked(self) -> bool:
        """Whether somebody wants its network to be asked who we are, and the answer is not there yet."""
        return self.asked_at is not None

    @property
    def confirmed(self) -> bool:
        """Whether its network has ever said whose account it is."""
        return bool(self.identity)

    @property
    def standing(self) -> tuple[str, "StrOrPromise"]:
        """Its status for people, and the words for it: what no network has confirmed yet is not called connected."""
        if self.status == ChannelStatus.CONNECTED and not self.checked_at and not self.identity:
            return "unconfirmed", _("Not confirmed yet")
        if self.status == ChannelStatus.BROKEN and not self.credentials and not self.identity:
            return "broken", _("Not connected yet")
        return self.status, ChannelStatus(self.status).label

    @property
    def retired(self) -> bool:
        """Whether nothing goes out there any more: it was retired, or its network has come to an end."""
        return self.status == ChannelStatus.RETIRED or networks.has_ended(self.network)
