"""Who signs in: people, their API tokens, their one-time addresses."""

import zoneinfo
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Lower
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _


class Language(models.TextChoices):
    """The languages a person may read Filo in. A client's people may also be addressed formally."""

    ENGLISH = "en", "English"
    ITALIAN = "it", "Italiano"


def check_timezone(name: str) -> None:
    """Refuse a name that is not in the IANA time zone database."""
    if name not in zoneinfo.available_timezones():
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
    """A person: agency staff or a client's contact. What they may do is said by their memberships."""

    email = models.EmailField(
        _("e-mail"), unique=True, error_messages={"unique": _("There is already a person with this e-mail.")}
    )
    name = models.CharField(_("name"), max_length=200)
    language = models.CharField(_("language"), max_length=10, choices=Language.choices, default=Language.ITALIAN)
    timezone = models.CharField(_("time zone"), max_length=64, default="Europe/Rome", validators=[check_timezone])
    is_agency_admin = models.BooleanField(_("agency admin"), default=False, help_text=_("Sees every client."))
    is_active = models.BooleanField(_("active"), default=True)
    joined_at = models.DateTimeField(_("joined"), default=now, editable=False)

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
        ]

    def __str__(self) -> str:
        return self.name or self.email

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
