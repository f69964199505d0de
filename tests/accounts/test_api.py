"""Who is asking, and with which key."""

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.models import ApiToken
from accounts.services import hash_secret, revoke_token
from tests.rest.caller import Caller
from tests.world import World


def test_a_token_knows_whose_it_is(world: World) -> None:
    assert Caller(world.vito).get("me/") == {
        "id": world.vito.pk,
        "email": "vito@filo.example",
        "name": "Vito Serra",
        "language": "it",
        "timezone": "Europe/Rome",
        "is_agency_admin": False,
        "memberships": [{"client": world.winery.pk, "role": "author"}],
        "morning_at": "08:30",
        "quiet_from": None,
        "quiet_until": None,
        "quiet_days": [],
        "muted": [],
    }
    assert Caller(world.ada).get("me/")["is_agency_admin"] is True
    assert Caller(world.carlo).get("me/")["memberships"] == []


def printed(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    call_command("create_token", *words)
    return capsys.readouterr().out.splitlines()[-1]


def test_the_command_prints_a_key_that_opens(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    key = printed(capsys, "Vito@filo.example", "--name", "Newsletter", "--expires", "30")
    token = ApiToken.objects.get()
    assert (token.name, token.read_only, token.digest) == ("Newsletter", False, hash_secret(key))
    assert key.startswith(token.prefix)
    assert key not in str(ApiToken.objects.values())
    assert token.expires_at is not None
    assert abs(token.expires_at - timezone.now() - timedelta(days=30)) < timedelta(minutes=1)
    caller = Caller(None)
    caller.http.credentials(HTTP_AUTHORIZATION=f"Token {key}")
    assert caller.get("me/")["email"] == "vito@filo.example"
    caller.post("posts/", {"client": world.winery.pk})


def test_a_read_only_key_reads(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    caller = Caller(None)
    key = printed(capsys, "vito@filo.example", "--name", "Lettore", "--read-only")
    caller.http.credentials(HTTP_AUTHORIZATION=f"Token {key}")
    caller.get("posts/")
    assert caller.post("posts/", {"client": world.winery.pk}, 403)["code"] == "permission_denied"


@pytest.mark.parametrize(
    "words",
    [
        ["nobody@filo.example", "--name", "x"],
        ["vito@filo.example", "--name", " "],
        ["vito@filo.example", "--name", "x" * 101],
        ["vito@filo.example", "--name", "x", "--expires", "0"],
        ["vito@filo.example"],
    ],
)
def test_the_command_says_what_it_cannot_do(world: World, words: list[str]) -> None:
    with pytest.raises(CommandError):
        call_command("create_token", *words)
    assert not ApiToken.objects.exists()


def test_an_expired_or_revoked_key_or_a_person_who_left_opens_nothing(world: World) -> None:
    expired = Caller(world.vito, expires_at=timezone.now() - timedelta(seconds=1))
    assert expired.get("me/", expect=401)["code"] == "authentication_failed"
    revoked = Caller(world.elena)
    revoked.get("me/")
    revoke_token(token=ApiToken.objects.get(user=world.elena))
    revoked.get("me/", expect=401)
    left = Caller(world.marta)
    world.marta.is_active = False
    world.marta.save(update_fields=["is_active"])
    left.get("me/", expect=401)


def test_what_a_person_may_changes_at_once(world: World) -> None:
    vito = Caller(world.vito)
    assert len(vito.get("clients/")["results"]) == 1
    world.vito.memberships.all().delete()
    assert vito.get("clients/")["results"] == []
