"""A newsletter channel's credentials, taken apart: through which mail server, and as whom."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.core.validators import DomainNameValidator, EmailValidator
from django.utils.translation import gettext_lazy as _

from social.networks.base import Account, CredentialsRefused, Refused
from social.networks.wired import secrets_of

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

PORTS: Mapping[str, int] = {"starttls": 587, "tls": 465, "none": 25}
_LAST_PORT = 65_535
_domain = DomainNameValidator(accept_idna=False)
_email = EmailValidator()


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sends, and through which mail server. ``most_an_hour`` is 0 where nobody counts; ``secrets`` are never repeated."""

    host: str
    port: int
    security: str
    user: str
    password: str = field(repr=False)
    name: str
    address: str
    reply_to: str = ""
    most_an_hour: int = 0
    bounce_domain: str = ""
    secrets: tuple[Any, ...] = field(default=(), repr=False)

    @property
    def domain(self) -> str:
        """That of the sender's address."""
        return self.address.rpartition("@")[2]


def sender_of(account: Account) -> Sender:
    """Read the credentials, which a person has typed.

    Raises:
        CredentialsRefused: they are not all there.
        Refused: with the field that makes no sense.
    """
    given = {name: _one_line(value) for name, value in account.credentials.items()}
    if not given.get("host") or not given.get("from_address"):
        raise CredentialsRefused(
            _("The newsletter has no mail server or no sender yet. Connect the channel again."), code="not_connected"
        )
    security = given.get("security", "").lower() or "starttls"
    if security not in PORTS:
        raise _wrong(_("Its security"), "starttls, tls, none")
    return Sender(
        host=_host(given["host"]),
        port=_number(given.get("port", ""), _("Its port"), _LAST_PORT) or PORTS[security],
        security=security,
        user=given.get("user", ""),
        password=str(account.credentials.get("password") or ""),
        name=given.get("from_name", ""),
        address=_address(given["from_address"], _("Sender's address")),
        reply_to=_address(given.get("reply_to", ""), _("Address for answers")),
        most_an_hour=_number(given.get("most_an_hour", ""), _("Mails an hour"), 10_000_000),
        bounce_domain=_checked_domain(given.get("bounce_domain", "")),
        secrets=tuple(secrets_of(account)),
    )


def require_own(account: Account, sender: Sender) -> None:
    """Refuse to send as anybody but who was connected.

    Raises:
        Refused: with the code `wrong_account`.
    """
    if account.identity and account.identity != identity_of(sender):
        raise Refused(
            _("These credentials belong to %(handle)s, not to this channel's account. Nothing was published."),
            code="wrong_account",
            params={"handle": sender.address},
        )


def spelled(address: str) -> str:
    """The address with its domain as machines write it (RFC 5891). Raises ``UnicodeError`` where it is none."""
    local, _at, domain = address.rpartition("@")
    return address if domain.isascii() else f"{local}@{domain.encode('idna').decode()}"


def identity_of(sender: Sender) -> str:
    """What tells this sender from others."""
    return sender.address.lower()


def _one_line(value: Any) -> str:
    return " ".join(str("" if value is None else value).split())


def _host(host: str) -> str:
    if any(char.isspace() or char in "/@\\" or not char.isprintable() for char in host):
        raise _wrong(_("Mail server"), "smtp.example.com")
    return host.strip("[]")


def _number(typed: str, label: "StrOrPromise", most: int) -> int:
    if not typed:
        return 0
    if not (typed.isascii() and typed.isdecimal() and 0 < int(typed[:12]) <= most):
        raise _wrong(label, "587" if most == _LAST_PORT else "500")
    return int(typed)


def _address(typed: str, label: "StrOrPromise") -> str:
    if typed:
        try:
            _email(typed)
            typed.encode("ascii")
        except (ValidationError, UnicodeEncodeError):
            raise _wrong(label, "notizie@example.com") from None
    return typed


def _checked_domain(typed: str) -> str:
    if typed:
        try:
            _domain(typed)
        except ValidationError:
            raise _wrong(_("Domain that takes what comes back"), "bounces.example.com") from None
    return typed.lower()


def _wrong(label: "StrOrPromise", example: str) -> Refused:
    return Refused(
        _("%(field)s can't be used like this. It looks like this: %(example)s"),
        code="credentials_not_valid",
        params={"field": label, "example": example},
    )
