"""Registering this installation with a Mastodon server: each server knows its own apps, and gives them without asking anybody.

https://docs.joinmastodon.org/methods/apps/#create (2026-11-29). What comes back is kept once per server and is then
`Account.app` of all channels there. Readers see nothing of it, so whatever breaks, it may be tried again: a second
registration does no harm. Before Mastodon 4.3 servers threw apps away that nobody used for long.
"""

from collections.abc import Mapping, Sequence

from social.networks.wire import Wire, text

SECONDS = 10.0  # in all, since somebody waits for the page that leads on; of them 5 to connect, as everywhere
MAX_SECRET = 400


def register(server: str, redirects: Sequence[str], scopes: Sequence[str]) -> Mapping[str, str]:
    """Register Filo at the server, and return its `client_id` and `client_secret`.

    `redirects` are the addresses to which people come back; the server compares them to the letter.

    Raises:
        Refused, Throttled, NotSent: as the table of `social.networks.wire` says; the address is checked as all are.
    """
    form = {"client_name": "Filo", "redirect_uris": "\n".join(redirects), "scopes": " ".join(scopes)}
    with Wire("Mastodon", server) as wire:
        answer = wire.call("POST", "/api/v1/apps", seconds=SECONDS, data=form)
        return {name: text(answer, name, most=MAX_SECRET) for name in ("client_id", "client_secret")}
