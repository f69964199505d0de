"""Commands for who runs Filo."""

from io import StringIO

import pytest
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from social.credentials import seal, unseal
from social.models import Channel, NetworkApp, SignIn
from tests.world import World

pytestmark = pytest.mark.django_db

OLD, NEW = (Fernet.generate_key().decode() for _ in range(2))


def rotated() -> str:
    out = StringIO()
    call_command("rotate_keys", stdout=out)
    return out.getvalue()


def test_after_a_rotation_the_old_key_is_not_needed(world: World, settings: Settings) -> None:
    settings.FILO_KEYS = [OLD]
    channel = Channel.objects.get(pk=world.page.pk)
    Channel.objects.update(credentials="")
    Channel.objects.filter(pk=channel.pk).update(credentials=seal({"behaviour": "slow"}))
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
    settings.FILO_KEYS = [NEW, OLD]
    assert rotated() == "1 channels, 1 apps, 1 sign-ins are under the first key.\n"
    settings.FILO_KEYS = [NEW]
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
        f"No key of FILO_KEYS opens the credentials of channel {world.page.pk}: keep the old keys."
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
