"""Somebody goes to a network and comes back: as a browser does it, on the wire and through our pages."""

import html
import re
from typing import Any
from urllib.parse import urlsplit

import httpx
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from clients.models import Client
from social.models import Channel, NetworkApp, SignIn
from social.services import create_channel, finishing, save_app
from tests.servers.wire import FakeNetwork
from tests.world import World

SECRET = "secret of the app"


def register(
    world: World, network: str, server: FakeNetwork, way: str = "", client_id: str = "id of the app"
) -> NetworkApp:
    """Ada has entered what the network gave for its app."""
    return save_app(
        user=world.ada, network=network, server=server.url, way=way, client_id=client_id, client_secret=SECRET
    )


def unconnected(user: User, client: Client, network: str, server: FakeNetwork, handle: str = "cantinaroero") -> Channel:
    """A channel that is still to be connected."""
    return create_channel(user=user, client=client, network=network, handle=handle, server=server.url)


def browser_of(user: User | None = None) -> Browser:
    """Somebody's browser, signed in here or not."""
    browser = Browser()
    if user is not None:
        browser.force_login(user)
    return browser


def leave(browser: Browser, channel: Channel, way: str = "") -> str:
    """Press “Connect with …” on the channel's page; the address of the network that follows."""
    page = reverse("admin:social_channel_connect", args=[channel.pk])
    answer = browser.post(page, {"way": way})
    assert answer.status_code == 302, answer.content
    return str(answer["Location"])


def say_yes(address: str) -> str:
    """Say yes at the network, or whatever it is set to; the address that it sends the browser back to."""
    answer = httpx.get(address, follow_redirects=False)
    assert answer.status_code == 302, answer.text
    return answer.headers["Location"]


def come_back(browser: Browser, address: str) -> Any:
    """Follow the network's redirect to us, and on to the page that says how it stands, once a worker has gone on with it."""
    parts = urlsplit(address)
    answer = browser.get(f"{parts.path}?{parts.query}", follow=True)
    if answer.redirect_chain and work():
        chain = answer.redirect_chain
        answer = browser.get(chain[-1][0])
        answer.redirect_chain = chain
    answer.text = html.unescape(re.sub(r"<[^>]+>", " ", answer.content.decode()))
    return answer


def work() -> int:
    """Workers go on with what people have brought; with how much that was."""
    found = finishing.hand_out(timezone.now())
    for sign_in_id in found:
        finishing.go_on(sign_in_id=sign_in_id)
    return len(found)


def there_and_back(browser: Browser, channel: Channel, way: str = "") -> Any:
    """The whole way."""
    return come_back(browser, say_yes(leave(browser, channel, way)))


def last() -> SignIn:
    """The way that was begun last."""
    return SignIn.objects.latest("pk")
