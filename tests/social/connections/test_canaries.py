"""No token, code, verifier or password in logs, errors, evidence, mails, pages, addresses, the API, or plain in the database."""

import json
import logging
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from django.apps import apps
from django.core import mail
from django.utils import timezone

from social.credentials import unseal
from social.models import Channel, SignIn
from social.services import checking, renewing, revoke_asks
from tests.rest.caller import BASE, Caller
from tests.servers.wire import Answer, Echo
from tests.servers.x import FakeX
from tests.social.connections.going import browser_of, come_back, leave, register, say_yes, unconnected
from tests.world import World

pytestmark = pytest.mark.django_db
TOKEN = "POST /2/oauth2/token"


@pytest.fixture
def x(world: World) -> Iterator[FakeX]:
    with FakeX() as server:
        register(world, "x", server)
        yield server


def everything_stored() -> str:
    """All rows of all tables, but the sessions, which hold their person's number alone."""
    rows = {model._meta.label: list(model._default_manager.values()) for model in apps.get_models()}
    return json.dumps(rows, default=str)


def test_nothing_of_it_is_anywhere(world: World, x: FakeX, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    secrets: set[str] = {"secret of the app", "secret%20of%20the%20app"}
    seen: list[str] = []
    channel = unconnected(world.marta, world.winery, "x", x)
    marta = browser_of(world.marta)

    def turn() -> None:
        """One way to the network and back, with all that it has in it remembered."""
        address = leave(marta, channel)
        secrets.add(parse_qs(urlsplit(address).query)["state"][0])
        way = SignIn.objects.latest("pk")
        secrets.add(unseal(way.secret)["verifier"])
        secrets.add(marta.cookies[f"filo_connect_{way.pk}"].value)
        back = say_yes(address)
        secrets.add(parse_qs(urlsplit(back).query).get("code", ["code-canary-"])[0])
        page = come_back(marta, back)
        secrets.update({x.token, x.refresh})
        seen.extend([page.content.decode(), str(page.headers), str(page.redirect_chain)])

    turn()
    for day in (Echo(400), Echo(500), Answer(200, {"access_token": ["access-canary-wrong-type"]})):
        x.on(TOKEN, day, None)
        turn()
        x.on(TOKEN, None)
    secrets.add("access-canary-wrong-type")
    for day in (Echo(400), Echo(403), Echo(503)):
        given = {"access_token": "access-canary-old", "refresh_token": "refresh-canary-old"}
        secrets.update(given.values())
        until = timezone.now().isoformat()
        Caller(world.marta).patch(
            f"channels/{_new(world, x).pk}/", {"credentials": {**given, "expires_at": until}}, expect=200
        )
        x.on(TOKEN, day, None)
        for pk in Channel.objects.filter(renew_at__isnull=False).values_list("pk", flat=True):
            Channel.objects.filter(pk=pk).update(renew_at=timezone.now())
            renewing.renew(channel_id=pk)
            seen.append(Channel.objects.get(pk=pk).status_detail)
    x.on("GET /2/users/me", Echo(401))
    for pk in Channel.objects.filter(network="x").values_list("pk", flat=True):
        checking.check(channel_id=pk)
    channel.refresh_from_db()
    link = _asked(world, channel)
    secrets.add(link.split("/")[2])
    revoke_asks(user=world.marta, channel=channel)
    gone = browser_of().get(link)
    seen += [gone.content.decode(), caplog.text]
    seen += [str(letter.subject) + str(letter.body) for letter in mail.outbox if "/c/" not in str(letter.body)]
    api = Caller(world.ada)
    seen += [json.dumps(api.get(path)) for path in ("channels/", "events/", "networks/", f"channels/{channel.pk}/")]
    for path in ("/admin/", f"/admin/social/channel/{channel.pk}/change/", "/admin/audit/event/", f"{BASE}channels/"):
        seen.append(browser_of(world.ada).get(path).content.decode())
    seen += [everything_stored(), Path("/proc/self/cmdline").read_text(), Path("/proc/self/environ").read_text()]
    assert len(secrets) >= 20
    heard = [(secret, number) for number, text in enumerate(seen) for secret in secrets if secret in text]
    assert heard == []


def _new(world: World, x: FakeX) -> Channel:
    number = Channel.objects.count()
    return unconnected(world.marta, world.winery, "x", x, handle=f"roero{number}")


def _asked(world: World, channel: Channel) -> str:
    from tests.social.connections.test_asks import ask

    return ask(world, channel)


def test_djangos_own_line_about_a_refused_request_holds_no_code() -> None:
    from agency.logs import WithoutSecretAddresses

    line = "GET '/connect/back/x/?state=state-canary&code=code-canary' and /c/link-canary/"
    record = logging.LogRecord("django.request", logging.WARNING, "", 0, "Not Found: %s", (line,), None)
    record.__dict__["request"] = f"<WSGIRequest: {line}>"
    WithoutSecretAddresses().filter(record)
    assert "canary" not in record.getMessage() + str(record.__dict__["request"])
