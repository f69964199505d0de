"""Bluesky's AppView at the wire, as a PDS asks it in an account's name: its posts, with counts; and where it has their videos."""

import base64
import json
from dataclasses import dataclass, field
from typing import Any

from tests.servers.wire import Answer, FakeNetwork, Request, route

DID = "did:web:appview.test"
METHOD = "app.bsky.feed.getPosts"


@dataclass(eq=False)
class AppView(FakeNetwork):
    """`posts` are those that it shows, by address, with what it counts of each; `prepared` the videos that it can play."""

    posts: dict[str, dict[str, Any]] = field(default_factory=dict)
    prepared: set[str] = field(default_factory=set)
    asked_by: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    @route(f"GET /xrpc/{METHOD}", outside="no specification of Bluesky's")
    def get_posts(self, request: Request) -> Any:
        """See https://docs.bsky.app/docs/api/app-bsky-feed-get-posts; who asks shows it by a token of the PDS for this call."""
        claims = json.loads(base64.urlsafe_b64decode(request.token.split(".")[1] + "=="))
        assert (claims["aud"].partition("#")[0], claims["lxm"]) == (DID, METHOD)
        self.asked_by.append(claims["iss"])
        asked = request.query["uris"].split(",")
        return {"posts": [self.posts[address] for address in asked if address in self.posts]}

    def show_video(self, address: str, cid: str) -> None:
        """Show the post with its video, which may be prepared or not (`app.bsky.embed.video#view`)."""
        playlist = f"{self.url}/watch/{cid}/playlist.m3u8"
        embed = {"$type": "app.bsky.embed.video#view", "cid": cid, "playlist": playlist}
        self.posts[address] = {"uri": address, "embed": embed}

    @route("HEAD /watch/{cid}/playlist.m3u8", outside="no specification of Bluesky's")
    def playlist(self, request: Request) -> Answer:
        """See it as the app does; what is not prepared is a page that says so."""
        return Answer(200, b"#EXTM3U") if request.args["cid"] in self.prepared else Answer(404, b"<html>Not found")
