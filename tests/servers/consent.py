"""Where somebody says yes (RFC 6749 §4.1, RFC 7636): the part of a network's fake that all of them share.

Ours by necessity: it is as strict as the RFCs, whatever the networks are.
"""

import base64
import hashlib
import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode

from tests.servers.wire import Answer, Request


@dataclass
class Consent:
    """Codes that were given, each good once for the app, the address and the verifier that it was asked with.

    `error` is what is said instead of yes; `iss` is sent along where it is set.
    """

    client_id: str = "id of the app"
    client_secret: str = "secret of the app"
    redirects: tuple[str, ...] = ()
    name: str = "client_id"
    basic: bool = True
    pkce: bool = True
    error: str = ""
    iss: str = ""
    asked: list[Mapping[str, str]] = field(default_factory=list)
    codes: dict[str, Mapping[str, str]] = field(default_factory=dict)
    numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    def authorize(self, request: Request) -> Answer:
        """Send the person back, with a code or with what went wrong. What the app does wrong is no redirect."""
        asked = dict(request.query)
        self.asked.append(asked)
        right = asked.get("response_type") == "code" and asked.get(self.name) == self.client_id
        if not right or (self.redirects and asked.get("redirect_uri") not in self.redirects):
            return Answer(400, {"error": "invalid_request"})
        if self.pkce and (asked.get("code_challenge_method") != "S256" or len(asked.get("code_challenge", "")) != 43):
            return Answer(400, {"error": "invalid_request"})
        given = {"state": asked["state"]}
        if self.error:
            given["error"] = self.error
        else:
            given["code"] = f"code-canary-{next(self.numbers)}"
            self.codes[given["code"]] = asked
        if self.iss:
            given["iss"] = self.iss
        return Answer(302, b"", {"Location": f"{asked['redirect_uri']}?{urlencode(given)}"})

    def redeem(self, request: Request) -> Answer | None:
        """None where the code is good, and now used up; else what the network says of it."""
        form = request.fields
        if not self._is_the_app(request):
            return Answer(401, {"error": "invalid_client"})
        asked = self.codes.pop(str(form.get("code")), None)
        if asked is None or form.get("redirect_uri") != asked["redirect_uri"]:
            return Answer(400, {"error": "invalid_grant"})
        verifier = str(form.get("code_verifier", ""))
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
        if self.pkce and challenge != asked["code_challenge"]:
            return Answer(400, {"error": "invalid_grant"})
        return None

    def _is_the_app(self, request: Request) -> bool:
        form, shown = request.fields, request.headers.get("authorization", "")
        if form.get(self.name) != self.client_id:
            return False
        if not self.basic:
            return form.get("client_secret") == self.client_secret
        pair = "id%20of%20the%20app:secret%20of%20the%20app"
        return shown == "Basic " + base64.b64encode(pair.encode()).decode()
