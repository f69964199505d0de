"""What a channel's credentials hold is a secret unless it is declared public; a network that says it back is not repeated."""

import html
import json
import logging
from typing import Any

import pytest

from audit.models import Event
from social.credentials import seal
from social.models import Attempt, Channel
from social.networks import NETWORKS, get
from social.networks.asking import PUBLIC
from social.networks.base import Account, NetworkError
from social.networks.hiding import Secrets
from social.networks.wire import Wire
from social.networks.wired import secrets_of
from social.services import create_channel
from tests.rest.caller import Caller
from tests.servers.raw import Raw, answer
from tests.servers.wire import Answer, FakeNetwork
from tests.servers.x import FakeX
from tests.social.test_publishing import run
from tests.world import World

SECRETS: dict[str, Any] = {
    "access_token": "canary-of-the-access-token",
    "app_password": "canary-of-the-app-password",
    "bot_token": "123456789:canary-of-the-bot-token-0123456789a",
    "client_secret": "canary-of-the-client-secret",
    "id_token": "canary-of-the-id-token",
    "page_token": "canary-of-the-page-token",
    "password": "canary-of-the-password",
    "refresh_token": "canary-of-the-refresh-token",
    "sessions": {"web": ["canary-of-a-session"]},
}
OPEN = {
    "expires_at": "2026-12-01T09:00:00+00:00",
    "login": "facebook",
    "username": "roero",
    "chat_id": "-1001234567890",
}
ALL = [word for value in SECRETS.values() for word in (["canary-of-a-session"] if isinstance(value, dict) else [value])]
SAID = " ".join([*ALL, *OPEN.values()])
WIRED = sorted(NETWORKS.keys() - {"googleplus", "newsletter", "sandbox"})  # those that an HTTP server can be of


def test_what_nobody_has_declared_is_a_secret() -> None:
    hidden = secrets_of(Account("roero", credentials={**SECRETS, **OPEN}, app={"client_secret": "of the app"}))
    assert hidden == [*SECRETS.values(), "of the app"]


@pytest.mark.parametrize("slug", sorted(NETWORKS))
def test_no_field_is_public_that_sounds_like_a_secret(slug: str) -> None:
    kept = {need.name for need in get(slug).needs if need.secret}
    assert kept <= {"access_token", "app_password", "bot_token", "password", "refresh_token"}
    assert not [name for name in PUBLIC if "token" in name or "secret" in name or "password" in name or "key" in name]


def test_a_secret_is_known_again_as_pages_write_it() -> None:
    """A site's pages, and its messages that are HTML in JSON, write some characters otherwise."""
    password = "T&nt0<s3>'\"g"
    hide = Secrets([password])
    php = password.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
    written = [html.escape(password), html.escape(password, quote=False), php, php.replace("'", "&#039;")]
    for words in [*written, html.escape(html.escape(password)), password.replace("&", "&#38;").replace("<", "&#x3C;")]:
        assert hide.said(f"you are {words}, no?") == "you are …, no?"
        with Raw(answer(f"<p>you are {words}</p>".encode(), "400 No", "text/html")) as server:
            with Wire("X", server.url, secrets=[password]) as wire, pytest.raises(NetworkError) as ended:
                wire.call("GET", "/", seconds=5)
            assert ended.value.said.strip() == "HTTP 400 you are …"


@pytest.mark.parametrize("slug", WIRED)
@pytest.mark.parametrize("status", ["400 No", "401 No", "403 No", "429 No", "500 No"])
def test_a_network_that_says_it_back_is_not_repeated(slug: str, status: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    body = json.dumps({"detail": SAID, "message": SAID, "error": {"message": SAID}, "description": SAID}).encode()
    with Raw(answer(body, status)) as server, pytest.raises(NetworkError) as ended:
        get(slug).identity(Account("roero", server.url, {**SECRETS, **OPEN, "location": "accounts/1/locations/2"}))
    told = f"{ended.value!s} {ended.value.detail} {ended.value.params} {ended.value.said} {caplog.text}"
    assert [word for word in ALL if word in told] == []
    assert server.connections >= 1


def test_what_is_public_is_told_as_it_was_said() -> None:
    body = json.dumps({"error": {"message": "Sign in with facebook as roero", "code": 10}}).encode()
    with Raw(answer(body, "400 No")) as server, pytest.raises(NetworkError) as ended:
        get("facebook").identity(Account("roero", server.url, {**SECRETS, **OPEN}))
    assert "Sign in with facebook as roero" in ended.value.said


@pytest.mark.django_db
def test_nothing_of_it_is_in_log_attempt_evidence_or_api(world: World, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with FakeX() as x:
        channel = connected(world, x)
        x.on("POST /2/tweets", Answer(403, {"title": "Forbidden", "detail": " ".join([*ALL[1:], "the end"])}))
        publication = run(world.due(channels=[channel]))
    attempt = Attempt.objects.get(publication=publication)
    assert (publication.state, "the end" in attempt.detail) == ("failed", True)
    kept = [str(vars(attempt)), str(list(Event.objects.values())), caplog.text]
    kept += [json.dumps(Caller(world.marta).get(path)) for path in ("publications/", "events/", "channels/", "posts/")]
    kept.append(json.dumps(Caller(world.marta).get(f"publications/{publication.pk}/")))
    assert [word for word in ALL for text in kept if word in text] == []


def connected(world: World, x: FakeNetwork) -> Channel:
    """A channel at X that has more in its credentials than anybody has asked for."""
    channel = create_channel(
        user=world.marta, client=world.winery, network="x", handle="cantinaroero", server=x.url,
        credentials={"access_token": FakeX.token},
    )  # fmt: skip
    channel.credentials = seal({**SECRETS, "access_token": FakeX.token})
    channel.save(update_fields=["credentials"])
    return channel
