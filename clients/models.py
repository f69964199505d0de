"""Who the agency works for: clients, and who does what for them."""

import zoneinfo
from pathlib import PurePath
from typing import ClassVar

from django.conf import settings
from django.core.validators import MaxValueValidator, RegexValidator
from django.db import models
from django.db.models.functions import Lower
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from accounts.models import Language, check_timezone
from clients import public_holidays


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


def consent_name(client: "Client", filename: str) -> str:
    """Where the document of a tacit consent lies. ``filename`` is said by the service: the digest of the bytes, never what was typed."""
    return f"consents/{client.pk}/{filename}"


def logo_name(client: "Client", filename: str) -> str:
    """Where a logo lies. ``filename`` is said by the service: the digest of the bytes, never what was typed."""
    return f"logos/{client.pk}/{filename}"


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
    logo = models.FileField(_("logo"), upload_to=logo_name, max_length=200, blank=True)
    lateness_minutes = models.PositiveIntegerField(
        _("may be late by (minutes)"),
        default=30,
        validators=[MaxValueValidator(7 * 24 * 60)],
        help_text=_("What could not go out within this time asks a person instead of going out by itself."),
    )
    tacit_consent_agreed_on = models.DateField(_("tacit consent agreed in writing on"), null=True, blank=True)
    tacit_consent_document = models.FileField(
        _("document of the tacit consent"), upload_to=consent_name, max_length=200, blank=True
    )
    holidays_country = models.CharField(
        _("country of the public holidays"),
        max_length=2,
        default="IT",
        blank=True,
        help_text=_("Its two letters, such as IT. Empty: no public holidays."),
    )
    holidays_region = models.CharField(_("region of the public holidays"), max_length=60, blank=True)
    link_code = models.BooleanField(_("a decision through a link asks for a code by mail"), default=False)
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
            # The other way round has exceptions: dates from before there were documents stay, and consent to nothing.
            models.CheckConstraint(
                condition=models.Q(tacit_consent_document="") | models.Q(tacit_consent_agreed_on__isnull=False),
                name="ck_client_consent_dated",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["updated_at", "id"], name="ix_client_updated")]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Raises ``ValidationError`` for a country or a region whose public holidays nobody knows."""
        public_holidays.check(self.holidays_country, self.holidays_region)

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        """The zone in which this client's people mean their times."""
        return zoneinfo.ZoneInfo(self.timezone)

    @property
    def frozen(self) -> bool:
        """Whether everything of this client is stopped."""
        return self.frozen_at is not None

    @property
    def tacit_consent(self) -> bool:
        """Whether silence may be taken for a yes: only where that was agreed in writing, with a date and a document."""
        return self.tacit_consent_agreed_on is not None and bool(self.tacit_consent_document)

    @property
    def tacit_consent_digest(self) -> str:
        """SHA-256 of the document's bytes, in hex; empty without one. The file is named by it."""
        return PurePath(self.tacit_consent_document.name or "").stem

    @property
    def watched_names(self) -> list[str]:
        """The people whose names in a text make a condition of a step true, in the order they were written. One query."""
        return [watched.name for watched in self.watched.all()]


class WorkingHours(models.Model):
    """One span of one weekday in which a client's people work, on the client's clock. One without any works Mon-Fri 9-18."""

    client = models.ForeignKey(Client, models.PROTECT, related_name="working_hours")
    weekday = models.PositiveSmallIntegerField(_("weekday"), help_text=_("0 is Monday."))
    opens = models.TimeField(_("opens"))
    closes = models.TimeField(_("closes"), help_text=_("Midnight is the end of the day."))

    class Meta:
        ordering: ClassVar = ["weekday", "opens"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["client", "weekday", "opens"], name="uq_working_hours"),
            models.CheckConstraint(condition=models.Q(weekday__lte=6), name="ck_working_hours_weekday"),
            models.CheckConstraint(
                condition=models.Q(opens__lt=models.F("closes")) | models.Q(closes="00:00"),
                name="ck_working_hours_order",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.weekday} {self.opens:%H:%M}–{self.closes:%H:%M}"


class ClosingDay(models.Model):
    """Days on which a client is closed beside the public holidays; both ends are closed, too."""

    client = models.ForeignKey(Client, models.PROTECT, related_name="closing_days")
    first = models.DateField(_("first day"))
    last = models.DateField(_("last day"))
    name = models.CharField(_("name"), max_length=120)

    class Meta:
        ordering: ClassVar = ["first", "last", "id"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(first__lte=models.F("last")), name="ck_closing_day_order"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.first}/{self.last}"


class WatchedName(models.Model):
    """Somebody whose name in a text deserves a second look. A table of its own: the client's row is read everywhere."""

    client = models.ForeignKey(Client, models.PROTECT, related_name="watched")
    name = models.CharField(_("name"), max_length=100)

    class Meta:
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [models.UniqueConstraint("client", Lower("name"), name="uq_watched_name")]

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """A person's role for a client."""

    client = models.ForeignKey(Client, models.PROTECT, related_name="memberships", verbose_name=_("client"))
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="memberships", verbose_name=_("person")
    )
    role = models.CharField(_("role"), max_length=10, choices=Role.choices)
    manager = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("manager")
    )
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("role for a client")
        verbose_name_plural = _("roles for clients")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["client", "user"], name="uq_membership"),
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="ck_membership_role"),
            models.CheckConstraint(
                condition=models.Q(manager__isnull=True) | ~models.Q(manager=models.F("user")),
                name="ck_membership_manager",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["user", "client", "role"], name="ix_membership_user")]

    def __str__(self) -> str:
        return f"{self.user} · {self.get_role_display()}"

    @property
    def is_staff(self) -> bool:
        """Whether this is the agency's side."""
        return self.role in STAFF_ROLES
