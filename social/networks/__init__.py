"""The networks of this installation. A new one is a module beside these and a line in `NETWORKS`."""

import datetime as dt

from social.networks.base import Network
from social.networks.bluesky import Bluesky
from social.networks.facebook import Facebook
from social.networks.google_business import GoogleBusiness
from social.networks.googleplus import GooglePlus
from social.networks.instagram import Instagram
from social.networks.linkedin import LinkedIn
from social.networks.mastodon import Mastodon
from social.networks.newsletter import Newsletter
from social.networks.pinterest import Pinterest
from social.networks.sandbox import Sandbox
from social.networks.telegram import Telegram
from social.networks.threads import Threads
from social.networks.tiktok import TikTok
from social.networks.wordpress import WordPress
from social.networks.x import X
from social.networks.youtube import YouTube

NETWORKS: dict[str, Network] = {
    network.slug: network
    for network in (
        Bluesky(),
        Facebook(),
        GoogleBusiness(),
        GooglePlus(),
        Instagram(),
        LinkedIn(),
        Mastodon(),
        Newsletter(),
        Pinterest(),
        Sandbox(),
        Telegram(),
        Threads(),
        TikTok(),
        WordPress(),
        X(),
        YouTube(),
    )
}


def get(slug: str) -> Network:
    """Return the network of that slug.

    Raises:
        KeyError: there is none.
    """
    return NETWORKS[slug]


def has_ended(slug: str, today: dt.date | None = None) -> bool:
    """Say whether there is no such network any more. What is not known here has not."""
    network = NETWORKS.get(slug)
    day = today or dt.datetime.now(dt.UTC).date()
    return network is not None and network.retired is not None and network.retired <= day
