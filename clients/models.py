"""Who the agency works for: clients, and who does what for them."""

import zoneinfo
from typing import ClassVar

from django.conf import settings
from django.core.validators import MaxValueValidator, RegexValidator
from django.db import models
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from accounts.models import Language, check_timezone


class Role(models.TextChoices):
    """What a person does for a client. The first three are agency staff, the last two the client's own people."""

    MANAGER = "manager", _("Manager")
    EDITOR = "editor", _("Editor")
    AUTHOR = "author", _("Author")
    APPROVER = "approver", _("Approver (client)")
    VIEWER = "viewer", _("Viewer (client)")


STAFF_ROLES = frozenset({Role.MANAGER, Role.EDITOR, Role.AUTHOR})
CONTACT_ROLES = frozenset({Role.APPROVER, Role.VIEWER})
DECIDING_ROLES = STAFF_ROLES | {Role.APPROVER}  # a viewer sees, and decides nothing


class Status(models.TextChoices):
    """Where the work with a client stands."""

    PROSPECT = "prospect", _("Prospect")
    ACTIVE = "active", _("Active")
    PAUSED = "paused", _("Paused")
    ENDED = "ended", _("Ended")


class Client(models.Model):
    """A firm the agency works for."""

    name = models.CharField(_("name"), max_length=200)
    slug = models.SlugField(_("short name"), max_length=60, unique=True)
    timezone = models.CharField(_("time zone"), max_length=64, default="Europe/Rome", validators=[check_timezone])
    language = models.CharField(_("language"), max_length=10, choices=Language.choices, default=Language.ITALIAN)
    formal = models.BooleanField(
        _("formal address"), default=False, help_text=_("In Italian, its people are addressed with Lei instead of tu.")
    )
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.ACTIVE)
    colour = models.CharField(
        _("colour"),
        max_length=7,
        default="#5B6770",
        validators=[RegexValidator(r"\A#[0-9A-Fa-f]{6}\Z", _("A colour reads like #7A1F3D."), code="colour")],
        help_text=_("Marks everything of this client, such as #7A1F3D."),
    )
    lateness_minutes = models.PositiveIntegerField(
        _("may be late by (minutes)"),
        default=30,
        validators=[MaxValueValidator(7 * 24 * 60)],
        help_text=_("What could not go out within this time asks a person instead of going out by itself."),
    )
    tacit_consent_agreed_on = models.DateField(_("tacit consent agreed in writing on"), null=True, blank=True)
    frozen_at = models.DateTimeField(_("stopped at"), null=True, blank=True, editable=False)
    frozen_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, editable=False, related_name="+"
    )
    lifted_at = models.DateTimeField(_("stop lifted at"), null=True, blank=True, editable=False)
    freeze_reason = models.CharField(_("reason of the stop"), max_length=500, blank=True, editable=False)
    created_at = models.DateTimeField(_("since"), default=now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("client")
        verbose_name_plural = _("clients")
        ordering: ClassVar = ["name", "id"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(status__in=Status.values), name="ck_client_status"),
            models.CheckConstraint(condition=models.Q(colour__regex=r"^#[0-9A-Fa-f]{6}$"), name="ck_client_colour"),
        ]
        indexes: ClassVar = [models.Index(fields=["updated_at", "id"], name="ix_client_updated")]

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        """The zone in which this client's people mean their times."""
        return zoneinfo.ZoneInfo(self.timezone)

    @property
    def frozen(self) -> bool:
        """Whether everything of this client is stopped."""
        return self.frozen_at is not None


class Membership(models.Model):
    """A person's role for a client."""

    client = models.ForeignKey(Client, models.PROTECT, related_name="memberships", verbose_name=_("client"))
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="memberships", verbose_name=_("person")
    )
    role = models.CharField(_("role"), max_length=10, choices=Role.choices)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("role for a client")
        verbose_name_plural = _("roles for clients")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["client", "user"], name="uq_membership"),
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="ck_membership_role"),
        ]
        indexes: ClassVar = [models.Index(fields=["user", "client", "role"], name="ix_membership_user")]

    def __str__(self) -> str:
        return f"{self.user} · {self.get_role_display()}"

    @property
    def is_staff(self) -> bool:
        """Whether this is the agency's side."""
        return self.role in STAFF_ROLES
