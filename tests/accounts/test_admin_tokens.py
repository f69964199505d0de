"""Keys to the API, from the staff's pages: one's own, shown once."""

from accounts.models import ApiToken
from accounts.services import create_token, find_token
from tests.browsing import Staff, words
from tests.world import World


def test_a_key_is_shown_once_and_opens(world: World) -> None:
    vito = Staff(world.vito)
    answer = vito.send("accounts_apitoken_add", data={"name": "Sito", "read_only": "on"})
    key = answer.context["key"]
    assert key in words(answer)
    assert "no-store" in answer["Cache-Control"]
    token = find_token(key=key)
    assert token is not None
    assert (token.user, token.name, token.read_only) == (world.vito, "Sito", True)
    for page in (vito.open("accounts_apitoken_changelist"), vito.open("accounts_apitoken_change", token.pk)):
        assert key not in page.content.decode()
    vito.send("accounts_apitoken_revoke", token.pk)
    assert find_token(key=key) is None


def test_bad_input_makes_no_key(world: World) -> None:
    world.vito.language = "en"
    world.vito.save(update_fields=["language"])
    vito = Staff(world.vito)
    for data, said in [
        ({"name": ""}, "This field is required."),
        ({"name": "x" * 101}, "at most 100 characters"),
        ({"name": "x", "expires_at_0": "domani", "expires_at_1": "09:00"}, "Enter a valid date."),
    ]:
        assert said in words(vito.send("accounts_apitoken_add", data=data))
    assert not ApiToken.objects.exists()


def test_nobody_sees_or_revokes_anothers(world: World) -> None:
    token, key = create_token(user=world.elena, name="CANARINO")
    for person in (world.vito, world.ada):
        staff = Staff(person)
        assert "CANARINO" not in staff.open("accounts_apitoken_changelist").content.decode()
        assert staff.open("accounts_apitoken_change", token.pk).status_code == 404
        assert staff.send("accounts_apitoken_revoke", token.pk).status_code == 404
    assert find_token(key=key) is not None
    assert "CANARINO" in words(Staff(world.elena).open("accounts_apitoken_changelist"))
