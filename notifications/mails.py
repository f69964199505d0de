"""Mails about a person's own account: the code they sign in with, the way to a new password. They asked a moment ago."""

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from allauth.account import app_settings
from cryptography.fernet import InvalidToken
from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import posting
from accounts.addressing import language_of
from accounts.models import User
from accounts.sealing import seal, unseal
from notifications import letters
from notifications.letters import Letter
from notifications.models import Notification
from notifications.services import drop_older, tell

CODE, PASSWORD = "sign_in_code", "new_password"
CARRIED = {  # django-allauth's template: our kind, and which of its words we need
    "account/email/login_code": (CODE, "code"),
    "account/email/password_reset_key": (PASSWORD, "password_reset_url"),
}
AHEAD = timedelta(days=1)  # somebody sits and waits for it: before all that is merely due


def register() -> None:
    """Say who writes them, and that the outbox carries them."""
    now: dict[str, bool] = {"duty": True, "quiet": False, "secret": True}
    letters.register(CODE, _code, gettext_lazy("Your code to sign in"), **now)
    letters.register(PASSWORD, _password, gettext_lazy("A new password"), **now)
    posting.register(carry)


def carry(reader: User, what: str, words: Mapping[str, Any]) -> bool:
    """Write such a mail into the outbox, its secret sealed; False for mails of which we know nothing. The last one counts."""
    if what not in CARRIED:
        return False
    kind, name = CARRIED[what]
    drop_older(user=reader, kind=kind)
    now = timezone.now()
    tell(
        users=[reader],
        client_id=None,
        kind=kind,
        key=secrets.token_hex(16),
        at=now - AHEAD,
        until=now + _life(kind),
        sealed=seal({name: str(words[name])}),
    )
    return True


def _life(kind: str) -> timedelta:
    seconds: int = app_settings.LOGIN_BY_CODE_TIMEOUT if kind == CODE else settings.PASSWORD_RESET_TIMEOUT
    return timedelta(seconds=seconds)


def _secret(notification: Notification, name: str) -> str | None:
    """What was sealed; None once it opens nothing any more, or where its key was taken away meanwhile."""
    until: datetime | None = notification.until
    if until is None or until <= timezone.now():
        return None
    try:
        return str(unseal(notification.context["sealed"])[name])
    except InvalidToken:
        return None


def _code(notification: Notification) -> Letter | None:
    code = _secret(notification, "code")
    if code is None:
        return None
    with translation.override(language := language_of(notification.user)):
        return Letter(
            language=language,
            subject=_("Your code to sign in"),
            client_name="",
            client_colour="",
            paragraphs=(_("Type this code where you asked for it:"),),
            code=code,
            footer=" ".join(
                [
                    _("It works once, for a few minutes. Nobody from the agency will ever ask you for it."),
                    _("If you did not ask for it, do nothing: without the code nobody gets in."),
                ]
            ),
        )


def _password(notification: Notification) -> Letter | None:
    address = _secret(notification, "password_reset_url")
    if address is None:
        return None
    with translation.override(language := language_of(notification.user)):
        return Letter(
            language=language,
            subject=_("A new password"),
            client_name="",
            client_colour="",
            paragraphs=(_("Here you choose a new password."),),
            button=(_("Choose a new password"), address),
            footer=_("If you did not ask for it, do nothing: your password stays as it is."),
        )
