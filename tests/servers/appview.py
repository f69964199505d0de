"""Bluesky's AppView at the wire, as a PDS asks it in an account's name: the counts of posts, nothing more."""

import base64
import json
from dataclasses import dataclass, field
from typing import Any

from tests.servers.wire import FakeNetwork, Request, route

DID = "did:web:appview.test"
METHOD = "app.bsky.feed.getPosts"


@dataclass(eq=False)
class AppView(FakeNetwork):
    """`posts` are those that it shows, by address, with what it counts of each."""

    posts: dict[str, dict[str, Any]] = field(default_factory=dict)
    asked_by: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    @route(f"GET /xrpc/{METHOD}", outside="no specification of Bluesky's")
    def get_posts(self, request: Request) -> Any:
        """See https://docs.bsky.app/docs/api/app-bsky-feed-get-posts; who asks shows it by a token of the PDS for this call."""
        claims = json.loads(base64.urlsafe_b64decode(request.token.split(".")[1] + "=="))
        assert (claims["aud"].partition("#")[0], claims["lxm"]) == (DID, METHOD)
        self.asked_by.append(claims["iss"])
        found = self.posts.get(request.query["uris"])
        return {"posts": [found] if found else []}
