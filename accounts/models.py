"""Who signs in: people, their API tokens, their one-time addresses."""

import zoneinfo
from collections.abc import Iterator
from datetime import time
from functools import cache
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Lower
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _


class Language(models.TextChoices):
    """The languages a person may read Filo in. A client's people may also be addressed formally."""

    ENGLISH = "en", "English"
    ITALIAN = "it", "Italiano"


class Weekday(models.IntegerChoices):
    """The days of the week, as ``date.weekday`` numbers them."""

    MONDAY = 0, _("Monday")
    TUESDAY = 1, _("Tuesday")
    WEDNESDAY = 2, _("Wednesday")
    THURSDAY = 3, _("Thursday")
    FRIDAY = 4, _("Friday")
    SATURDAY = 5, _("Saturday")
    SUNDAY = 6, _("Sunday")


@cache
def timezones() -> frozenset[str]:
    """Every name in the IANA time zone database, read once: it is hundreds of files."""
    return frozenset(zoneinfo.available_timezones())


def check_timezone(name: str) -> None:
    """Refuse a name that is not in the IANA time zone database."""
    if name not in timezones():
        raise ValidationError(_("“%(name)s” is not a known time zone."), code="timezone", params={"name": name})


class UserManager(BaseUserManager["User"]):
    """People by e-mail, whatever the case they type it in."""

    def get_by_natural_key(self, username: str | None) -> "User":
        """The person with this e-mail; case does not matter."""
        return self.get(email__iexact=username)

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """A new person; without a password they sign in by a code sent by mail."""
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.full_clean()
        user.save(force_insert=True)
        return user


class User(AbstractBaseUser):
    """A person: agency staff or a client's contact. What they may do is said by their memberships.

    Their hours are on their own clock (``accounts.hours`` reads them): ``quiet_from`` to ``quiet_until`` may span midnight,
    both empty mean no such hours; on ``quiet_days`` nothing is sent at all. What can't wait is sent all the same.
    """

    email = models.EmailField(
        _("e-mail"), unique=True, error_messages={"unique": _("There is already a person with this e-mail.")}
    )
    name = models.CharField(_("name"), max_length=200)
    language = models.CharField(_("language"), max_length=10, choices=Language.choices, default=Language.ITALIAN)
    timezone = models.CharField(_("time zone"), max_length=64, default="Europe/Rome", validators=[check_timezone])
    is_agency_admin = models.BooleanField(_("agency admin"), default=False, help_text=_("Sees every client."))
    is_active = models.BooleanField(_("active"), default=True)
    joined_at = models.DateTimeField(_("joined"), default=now, editable=False)
    morning_at = models.TimeField(_("morning mail at"), default=time(8, 30))
    quiet_from = models.TimeField(_("no mail from"), null=True, blank=True)
    quiet_until = models.TimeField(_("no mail until"), null=True, blank=True)
    quiet_days: Any = ArrayField(
        models.PositiveSmallIntegerField(choices=Weekday.choices),
        verbose_name=_("no mail on"),
        blank=True,
        default=list,
    )

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]
    objects = UserManager()

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        constraints: ClassVar = [
            # Stored in lower case, so that one person is one row whatever the case they type it in.
            models.CheckConstraint(condition=models.Q(email=Lower("email")), name="ck_user_email_lower"),
            models.CheckConstraint(
                condition=models.Q(quiet_from=None, quiet_until=None)
                | models.Q(quiet_from__isnull=False, quiet_until__isnull=False)
                & ~models.Q(quiet_from=models.F("quiet_until")),
                name="ck_user_quiet_hours",
            ),
            # Each week has a day on which a person can be reached.
            models.CheckConstraint(
                condition=models.Q(quiet_days__contained_by=Weekday.values, quiet_days__len__lt=len(Weekday)),
                name="ck_user_quiet_days",
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.email

    def clean(self) -> None:
        """Raises ``ValidationError``, by field, for hours that say only half of it or leave no time to be reached."""
        super().clean()
        wrong = {field: ValidationError(text, code=code) for field, code, text in self._wrong_hours()}
        if wrong:
            raise ValidationError(wrong)

    def _wrong_hours(self) -> Iterator[tuple[str, str, Any]]:
        begin, end = self.quiet_from, self.quiet_until
        if len(set(self.quiet_days)) == len(Weekday):
            yield "quiet_days", "all", _("Leave one day a week on which mail may reach you.")
        if (begin is None) != (end is None):
            half = _("Give both times, or neither.")
            yield "quiet_from" if begin is None else "quiet_until", "half", half
        if begin is None or end is None:
            return
        if begin == end:
            yield "quiet_until", "same", _("This is the same time twice: it leaves no time, or all of it.")
        elif (begin <= self.morning_at < end) if begin < end else not end <= self.morning_at < begin:
            yield "morning_at", "quiet", _("This is within the hours without mail.")

    def get_full_name(self) -> str:
        """How the admin calls this person."""
        return str(self)

    def has_perm(self, perm: str, obj: object = None) -> bool:  # noqa: ARG002 - Django's signature
        """Django's model permissions are not used: selectors and services decide. Only an agency admin has them all."""
        return self.is_active and self.is_agency_admin

    def has_module_perms(self, app_label: str) -> bool:  # noqa: ARG002 - Django's signature
        """See ``has_perm``."""
        return self.is_active and self.is_agency_admin


class ApiToken(models.Model):
    """A program's key to the API, in the name of a person. Kept hashed (SHA-256 of 256 random bits)."""

    user = models.ForeignKey(User, models.CASCADE, related_name="tokens")
    name = models.CharField(_("name"), max_length=100)
    prefix = models.CharField(_("begins with"), max_length=12)
    digest = models.CharField(max_length=64, unique=True)
    read_only = models.BooleanField(_("read only"), default=False)
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    created_at = models.DateTimeField(_("created"), default=now)
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)

    class Meta:
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"


class LoginLink(models.Model):
    """A one-time address that signs a person in. Kept hashed; used up by a conditional UPDATE."""

    user = models.ForeignKey(User, models.CASCADE, related_name="login_links")
    digest = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.user_id} {self.expires_at:%Y-%m-%d %H:%M}"
