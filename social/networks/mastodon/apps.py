"""Registering this installation with a Mastodon server: each server knows its own apps, and gives them without asking anybody.

https://docs.joinmastodon.org/methods/apps/#create (2026-11-29). What comes back is kept once per server and is then
`Account.app` of all channels there. Readers see nothing of it, so whatever breaks, it may be tried again: a second
registration does no harm. Before Mastodon 4.3 servers threw apps away that nobody used for long.
"""

import re
from collections.abc import Mapping, Sequence

from social.networks.base import NetworkError
from social.networks.wire import Wire, text

SECONDS = 10.0  # in all, since somebody waits for the page that leads on; of them 5 to connect, as everywhere
MAX_SECRET = 400
BROAD = ("read", "write")  # what each of them had at first
_KNOWS_BROAD = re.compile(r"pixelfed|friendica", re.IGNORECASE)


def register(server: str, redirects: Sequence[str], scopes: Sequence[str]) -> Mapping[str, str]:
    """Register Filo at the server, and return its `client_id` and `client_secret`; also `scopes`, where it knows others.

    `redirects` are the addresses to which people come back; the server compares them to the letter.

    Raises:
        Refused, Throttled, NotSent: as the table of `social.networks.wire` says; the address is checked as all are.
    """
    with Wire("Mastodon", server, total=SECONDS) as wire:
        asked = " ".join(scopes if _knows(wire, scopes) else BROAD)
        form = {"client_name": "Filo", "redirect_uris": "\n".join(redirects), "scopes": asked}
        answer = wire.call("POST", "/api/v1/apps", seconds=SECONDS, data=form)
        given = {name: text(answer, name, most=MAX_SECRET) for name in ("client_id", "client_secret")}
    return given if asked == " ".join(scopes) else {**given, "scopes": asked}


def _knows(wire: Wire, scopes: Sequence[str]) -> bool:
    """Whether the server knows scopes as narrow as these. It tells them since Mastodon 4.3 (RFC 8414); of others we know it.

    Pixelfed and Friendica refuse a sign-in that asks for others than the broad ones
    (https://github.com/snarfed/bridgy/issues/927, https://github.com/pixelfed/pixelfed/issues/4734).
    """
    try:
        told = wire.call("GET", "/.well-known/oauth-authorization-server", seconds=SECONDS).get("scopes_supported")
    except NetworkError:
        told = None
    if isinstance(told, list) and set(BROAD) <= {scope for scope in told if isinstance(scope, str)}:
        return set(scopes) <= {scope for scope in told if isinstance(scope, str)}
    try:
        version = wire.call("GET", "/api/v1/instance", seconds=SECONDS).get("version")
    except NetworkError:
        return True
    return not _KNOWS_BROAD.search(str(version or ""))
