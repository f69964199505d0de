"""Signing in at a network by OAuth 2's authorization code (RFC 6749 §4.1) with PKCE (RFC 7636), as RFC 9700 wants it.

A person is sent to the network (`Visit.address`), says yes there, and comes back with a code, which is made tokens of
here (`Visit.exchanged`). State, session and redirect are kept by `social.services.connecting`; here is only what goes over the wire.

| what happens at the token endpoint                       | outcome |
|----------------------------------------------------------|---------|
| 2xx with an `access_token`                               | the credentials |
| 400, 401, 403 `invalid_grant` and the like               | Refused `code_refused`: begin again |
| `invalid_client`, `unauthorized_client`, no app          | Refused `app_refused`, `app_missing`: who runs Filo has to look at the app |
| 429                                                      | Throttled |
| what breaks, 5xx, tokens that are none                   | NotSent: begin again, since a code is good once |

No library: of authlib and oauthlib we would need two strings and one form; requests-oauthlib and authlib's clients bring
`requests` or a client of their own, which have no door for our transport, its time and its guard against addresses inside.
"""

import base64
import datetime as dt
import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.utils.translation import gettext_lazy as _

from social.networks.base import Account, NetworkError, OAuth, Refused
from social.networks.renewing import (
    MAX_TOKEN,
    SECONDS,
    app_in_form,
    app_in_header,
    app_refused,
    ends_at,
    is_about_app,
    span,
)
from social.networks.wire import Answer, Wire, mapping, text
from social.networks.wired import secrets_of


def new_verifier() -> str:
    """Return a fresh code verifier: 256 random bits in 43 characters (RFC 7636 §4.1)."""
    return secrets.token_urlsafe(32)


@dataclass(frozen=True, slots=True)
class Visit:
    """One person's way to the network `name` and back to `redirect`; `account.app` is whom they say yes to."""

    name: str
    oauth: OAuth
    account: Account
    redirect: str
    verifier: str = field(repr=False)

    def address(self, state: str) -> str:
        """Return where the person says yes. A channel with a server of its own has it there, at the path of `authorize`.

        Raises:
            Refused: `app_missing`.
        """
        named = app_in_form(self.name, self.oauth, self.account, always=True)[self.oauth.client_name]
        asked = {
            "response_type": "code",
            self.oauth.client_name: named,
            "redirect_uri": self.redirect,
            "scope": str(self.account.app.get("scopes") or self.oauth.separator.join(self.oauth.scopes)),
            "state": state,
            **self.oauth.more,
        }
        if self.oauth.pkce:
            asked |= {"code_challenge": _challenge(self.verifier), "code_challenge_method": "S256"}
        return f"{place(self.account, self.oauth.authorize)}?{urlencode(asked)}"

    def exchanged(self, code: str) -> Mapping[str, Any]:
        """Return the credentials that the network gives for the code.

        Raises:
            Refused, Throttled, NotSent: as the table says. Nothing of code, verifier or secret is in the error.
        """
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": self.redirect}
        if self.oauth.pkce:
            form["code_verifier"] = self.verifier
        where = urlsplit(place(self.account, self.oauth.token))
        hidden = [code, self.verifier, *secrets_of(self.account)]
        with Wire(self.name, f"{where.scheme}://{where.netloc}", secrets=hidden) as wire:
            answer = wire.call(
                "POST",
                where.path,
                seconds=SECONDS,
                data={**form, **app_in_form(self.name, self.oauth, self.account, always=True)},
                headers=app_in_header(self.oauth, self.account),
                judge=lambda answer: _meaning(self.name, answer),
            )
            return _credentials(self.oauth, answer)

    def issuer_fits(self, named: str) -> bool:
        """Whether `iss` (RFC 9207) is whom the person was sent to; where we know no name for it, its host decides."""
        if self.oauth.issuer and not self.account.server:
            return named == self.oauth.issuer
        return urlsplit(named).netloc == urlsplit(place(self.account, self.oauth.authorize)).netloc


def place(account: Account, whole: str) -> str:
    """Return the address, on the channel's own server where it has one."""
    return account.server.rstrip("/") + urlsplit(whole).path if account.server else whole


def _challenge(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")


def _credentials(oauth: OAuth, answer: Answer) -> Mapping[str, Any]:
    """What is kept of the answer. Pinned to what tokens are: text of a sane length, seconds that are a number."""
    mapping(answer)
    given: dict[str, Any] = {"access_token": text(answer, "access_token", most=MAX_TOKEN)}
    if answer.get("refresh_token"):
        given["refresh_token"] = text(answer, "refresh_token", most=MAX_TOKEN)
    until = ends_at(oauth, answer)
    if until:
        given["expires_at"] = until
    if "refresh_token" in given and answer.get("refresh_token_expires_in") is not None:
        lasts = span(answer, "refresh_token_expires_in")
        given["refresh_expires_at"] = (dt.datetime.now(dt.UTC) + lasts).isoformat(timespec="seconds")
    return given


def _meaning(network: str, answer: Answer) -> NetworkError | None:
    if answer.ok or answer.status not in {400, 401, 403}:
        return None
    if is_about_app(answer):
        return app_refused(network, answer.said)
    return Refused(
        _("%(network)s did not accept the sign-in: it may have taken too long. Begin again."),
        code="code_refused",
        params={"network": network},
        said=answer.said,
    )
