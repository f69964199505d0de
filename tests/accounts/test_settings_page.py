"""What people say of themselves: one form, in the admin for staff and in the portal for everybody."""

from datetime import time
from typing import Any

import pytest
from django.test import Client as Browser
from django.urls import reverse

from accounts.models import User
from accounts.services import set_hours
from audit.models import Event
from notifications.selectors import muted
from tests.browsing import Staff
from tests.rest.caller import Caller, fields
from tests.world import World

DOORS = ["portal:settings", "admin:accounts_user_settings"]
TYPED = {
    "name": "Marta G.",
    "language": "en",
    "timezone": "Europe/Paris",
    "morning_at": "09:15",
    "quiet_from": "19:00",
    "quiet_until": "08:00",
    "quiet_days": ["6"],
    "news": ["withdrawn", "superseded", "approved"],
}


@pytest.mark.parametrize("door", DOORS)
def test_saved_by_one_service_whichever_the_door(world: World, client: Browser, door: str) -> None:
    client.force_login(world.marta)
    page = client.get(reverse(door))
    assert page.context["form"]["timezone"].value() == "Europe/Rome"
    assert "step_over" in page.context["form"]["news"].value()
    kinds = [kind for kind, _name in page.context["form"].fields["news"].choices]
    typed = {**TYPED, "news": [kind for kind in kinds if kind != "step_over"]}
    answer = client.post(reverse(door), typed)
    assert (answer.status_code, answer["Location"]) == (302, reverse(door) + "?saved")
    marta = User.objects.get(pk=world.marta.pk)
    assert (marta.name, marta.language, marta.timezone) == ("Marta G.", "en", "Europe/Paris")
    assert (marta.morning_at, marta.quiet_from, marta.quiet_until) == (time(9, 15), time(19), time(8))
    assert (marta.quiet_days, muted(marta)) == ([6], ["step_over"])
    assert "Saved." in client.get(answer["Location"]).content.decode()
    told = list(Event.objects.filter(verb="person.edited").order_by("seq").values_list("actor", "data"))
    assert told == [
        (marta.pk, {"fields": ["language", "name", "timezone"]}),
        (marta.pk, {"fields": ["morning_at", "quiet_days", "quiet_from", "quiet_until", "muted"]}),
    ]
    client.post(reverse(door), typed)  # nothing new, nothing to tell
    assert Event.objects.filter(verb="person.edited").count() == 2


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"quiet_from": ""}, "quiet_from"),
    ({"quiet_until": ""}, "quiet_until"),
    ({"quiet_until": "19:00"}, "quiet_until"),
    ({"morning_at": "07:59"}, "morning_at"),
    ({"morning_at": "23:00"}, "morning_at"),
    ({"quiet_days": list("0123456")}, "quiet_days"),
    ({"quiet_days": ["7"]}, "quiet_days"),
    ({"timezone": "Europe/Roma"}, "timezone"),
    ({"language": "de"}, "language"),
    ({"news": ["turn"]}, "news"),
    ({"name": ""}, "name"),
]


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize(("slip", "field"), WRONG)
def test_a_slip_is_said_beside_its_field_and_nothing_is_saved(
    world: World, client: Browser, door: str, slip: dict[str, Any], field: str
) -> None:
    client.force_login(world.marta)
    page = client.post(reverse(door), {**TYPED, **slip})
    assert page.status_code == 200
    assert page.context["form"].errors.keys() == {field}
    marta = User.objects.get(pk=world.marta.pk)
    assert (marta.name, marta.language, muted(marta)) == ("Marta Gallo", "it", [])
    assert not Event.objects.filter(verb="person.edited").exists()


def test_the_other_door_speaks_as_the_reader_is_spoken_to(world: World, client: Browser) -> None:
    world.winery.formal = True
    world.winery.save(update_fields=["formal"])
    client.force_login(world.cliente)
    page = client.get(reverse("portal:settings"))
    assert (page["Content-Language"], page.wsgi_request.LANGUAGE_CODE) == ("it", "it-formal")
    kinds = {kind for kind, _name in page.context["form"].fields["news"].choices}
    assert kinds >= {"step_over", "withdrawn", "superseded"}
    assert "approved" not in kinds  # authors get that
    assert client.get(reverse("admin:accounts_user_settings")).status_code in {302, 403}


def test_for_people_who_are_signed_in(client: Browser, world: World) -> None:
    for door in DOORS:
        assert client.get(reverse(door)).status_code == 302
        assert client.post(reverse(door), TYPED).status_code == 302
    assert set(User.objects.values_list("language", flat=True)) == {"it", "en"}


def test_it_is_found(world: World, client: Browser) -> None:
    client.force_login(world.cliente)
    assert f'href="{reverse("portal:settings")}"' in client.get("/").content.decode()
    assert reverse("admin:accounts_user_settings") in Staff(world.marta).open("index").content.decode()


def test_a_zone_by_an_old_name_can_be_kept(world: World, client: Browser) -> None:
    User.objects.filter(pk=world.marta.pk).update(timezone="US/Eastern")
    client.force_login(world.marta)
    assert client.post(reverse("portal:settings"), {**TYPED, "timezone": "US/Eastern"}).status_code == 302


def test_hours_are_one_s_own_to_change_by_program(world: World) -> None:
    marta = Caller(world.marta)
    said = marta.patch("me/", {"quiet_from": "20:30", "quiet_until": "07:00", "quiet_days": [6, 5, 6]})
    assert (said["quiet_from"], said["quiet_until"], said["quiet_days"]) == ("20:30", "07:00", [5, 6])
    assert marta.patch("me/", {"muted": ["withdrawn"], "language": "en"})["muted"] == ["withdrawn"]
    assert marta.patch("me/", {"morning_at": "10:00"})["muted"] == ["withdrawn"]
    assert marta.patch("me/", {"quiet_from": None, "quiet_until": None})["quiet_from"] is None
    assert marta.get("me/")["morning_at"] == "10:00"
    assert marta.patch("me/", {})["language"] == "en"
    assert User.objects.get(pk=world.vito.pk).morning_at == time(8, 30)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"morning_at": "8:30"}, "morning_at"),
        ({"morning_at": "24:00"}, "morning_at"),
        ({"morning_at": None}, "morning_at"),
        ({"morning_at": 830}, "morning_at"),
        ({"quiet_from": "20:00"}, "quiet_until"),
        ({"quiet_from": "08:00", "quiet_until": "09:00"}, "morning_at"),
        ({"quiet_days": [7]}, "quiet_days.0"),
        ({"quiet_days": "6"}, "quiet_days"),
        ({"quiet_days": [0, 1, 2, 3, 4, 5, 6]}, "quiet_days"),
        ({"muted": ["turn"]}, "muted"),
        ({"muted": "withdrawn"}, "muted"),
        ({"timezone": "Roma"}, "timezone"),
        ({"language": "it-formal"}, "language"),
        ({"name": ""}, "name"),
    ],
)
def test_what_a_program_gets_wrong(world: World, body: dict[str, Any], field: str) -> None:
    problem = Caller(world.marta).patch("me/", body, 400)
    assert [name for name, _code in fields(problem)] == [field]


def test_what_is_not_one_s_own_to_change_stays(world: World) -> None:
    said = Caller(world.marta).patch("me/", {"email": "x@example.org", "is_agency_admin": True, "id": 1})
    assert (said["email"], said["is_agency_admin"], said["id"]) == ("marta@filo.example", False, world.marta.pk)


def test_a_read_only_key_changes_nothing(world: World) -> None:
    Caller(world.marta, read_only=True).patch("me/", {"morning_at": "10:00"}, 403)


def test_unknown_hours_are_a_mistake_of_ours(world: World) -> None:
    with pytest.raises(TypeError):
        set_hours(user=world.marta, email="x@example.org")
