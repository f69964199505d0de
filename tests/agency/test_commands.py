"""Commands for who runs Filo."""

import json
import re
from io import StringIO

import pytest
from cryptography.fernet import Fernet, InvalidToken
from django.apps import apps
from django.core.management import CommandError, call_command
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from newsletter.services.lists import make_list
from newsletter.services.signing_up import sign_up
from notifications.mails import carry
from social.credentials import seal, unseal
from social.models import Channel, NetworkApp, SignIn
from tests.newsletter.reading import newsletter_of
from tests.rest.caller import Caller
from tests.world import World

pytestmark = pytest.mark.django_db

TOKEN = re.compile(r"gAAAA[\w-]+=*")  # how Fernet's begin: the version, then the time
OLD, NEW = (Fernet.generate_key().decode() for _ in range(2))


def rotated() -> str:
    out = StringIO()
    call_command("rotate_keys", stdout=out)
    return out.getvalue()


def everywhere() -> list[str]:
    """All that is sealed in the whole database, in whatever table and column."""
    found: list[str] = []
    for model in apps.get_models():
        for row in model._default_manager.values_list():
            found += TOKEN.findall(json.dumps(row, default=str))
    return found


def opened_by(token: str) -> str:
    """The one key that opens it."""
    (key,) = [key for key in (OLD, NEW) if _opens(key, token)]
    return key


def _opens(key: str, token: str) -> bool:
    try:
        Fernet(key).decrypt(token)
    except InvalidToken:
        return False
    return True


def test_after_a_rotation_the_old_key_is_not_needed(world: World, settings: Settings) -> None:
    settings.FILO_KEYS = [OLD]
    channel = Channel.objects.get(pk=world.page.pk)
    Channel.objects.update(credentials="")
    Channel.objects.filter(pk=channel.pk).update(credentials=seal({"behaviour": "slow"}), session=seal({"access": "a"}))
    app = NetworkApp.objects.create(network="x", client_id="id", secret=seal({"client_secret": "s"}))
    away = SignIn.objects.create(
        channel=channel,
        client=world.winery,
        user=world.marta,
        state_digest="a",
        browser_digest="b",
        redirect="https://filo.example/",
        secret=seal({"verifier": "v"}),
        expires_at=timezone.now(),
    )
    assert carry(world.marta, "account/email/login_code", {"code": "123456"})
    newsletter = make_list(user=world.marta, channel=newsletter_of(world.winery, "Lettera"), imprint="Cantina Roero")
    sign_up(mailing_list=newsletter, email="rosa@example.org", consent="Sì.")
    once = {"Idempotency-Key": "once"}
    pillar = {"client": world.winery.pk, "name": "Vigna"}
    marta = Caller(world.marta).http
    assert marta.post("/api/v1/pillars/", pillar, headers=once).status_code == 201
    assert {opened_by(token) for token in everywhere()} == {OLD}
    settings.FILO_KEYS = [NEW, OLD]
    told = rotated()
    assert (
        told
        == "Under the first key. channel: 1, session: 1, app: 1, sign-in: 1, mail: 1, upload: 0, mail to confirm: 1, answer: 1.\n"
    )
    assert rotated() == told  # once more changes nothing
    assert [opened_by(token) for token in everywhere()] == [NEW] * 7
    settings.FILO_KEYS = [NEW]
    assert marta.post("/api/v1/pillars/", pillar, headers=once)["Idempotency-Replayed"] == "true"
    channel.refresh_from_db()
    assert unseal(channel.credentials) == {"behaviour": "slow"}
    app.refresh_from_db()
    away.refresh_from_db()
    assert [unseal(app.secret), unseal(away.secret)] == [{"client_secret": "s"}, {"verifier": "v"}]


def test_a_missing_key_is_said_and_nothing_is_lost(world: World, settings: Settings) -> None:
    settings.FILO_KEYS = [OLD]
    Channel.objects.update(credentials="")
    Channel.objects.filter(pk=world.page.pk).update(credentials=seal({"behaviour": "slow"}))
    settings.FILO_KEYS = [NEW]
    with pytest.raises(CommandError) as refused:
        rotated()
    assert str(refused.value) == (
        f"No key of FILO_KEYS opens the secrets of channel {world.page.pk}: keep the old keys."
    )
    settings.FILO_KEYS = [OLD]
    assert unseal(Channel.objects.get(pk=world.page.pk).credentials) == {"behaviour": "slow"}


def test_the_first_person() -> None:
    out = StringIO()
    call_command("create_admin", "Nora@Studio.example", "--name", "Nora", stdout=out)
    nora = User.objects.get()
    assert (nora.email, nora.is_agency_admin, nora.has_usable_password()) == ("nora@studio.example", True, False)
    assert out.getvalue().splitlines()[-1].startswith("http://127.0.0.1:8000/")


def test_who_is_there_already(world: World) -> None:
    with pytest.raises(CommandError):
        call_command("create_admin", world.vito.email.upper(), "--name", "Vito")
