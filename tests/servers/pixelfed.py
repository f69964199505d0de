"""Pixelfed as its source has it, in memory: it speaks Mastodon's API and knows but broad scopes (`AuthServiceProvider`)."""

from dataclasses import dataclass, field
from typing import ClassVar

from tests.servers.consent import Consent
from tests.servers.mastodon import Compatible
from tests.servers.wire import Answer, Request, route

_SCOPES = frozenset({"read", "write", "follow", "push"})


@dataclass(eq=False)
class Pixelfed(Compatible):
    """See the module. `supported` is what it tells of its scopes, where it does (RFC 8414)."""

    version: ClassVar[str] = "3.5.3 (compatible; Pixelfed 0.12.5)"
    supported: list[str] = field(default_factory=list)
    consent: Consent = field(default_factory=lambda: Consent(basic=False))

    @route("GET /.well-known/oauth-authorization-server")
    def tell(self, request: Request) -> Answer:
        if self.supported:
            return Answer(200, {"issuer": self.url, "scopes_supported": self.supported})
        return Answer(404, b"<html>Not found", {"Content-Type": "text/html"})

    @route("GET /api/v1/instance")
    def older_instance(self, request: Request) -> Answer:
        return Answer(200, {"uri": "pix.example", "version": self.version})

    @route("POST /api/v1/apps")
    def register(self, request: Request) -> Answer:
        known = {"client_id": self.consent.client_id, "client_secret": self.consent.client_secret}
        return Answer(200, {"id": "1", "name": request.fields["client_name"], **known})

    @route("GET /oauth/authorize")
    def authorize(self, request: Request) -> Answer:
        narrow = not set(request.query["scope"].split()) <= (set(self.supported) or _SCOPES)
        self.consent.error = "invalid_scope" if narrow else ""
        return self.consent.authorize(request)

    @route("POST /oauth/token")
    def give_token(self, request: Request) -> Answer:
        given = {
            "token_type": "Bearer",
            "access_token": self.token,
            "refresh_token": "pix-refresh",
            "expires_in": 31_536_000,
        }
        return self.consent.redeem(request) or Answer(200, given)
