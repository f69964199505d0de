"""Clients and their people on the staff's pages."""

from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from clients.models import Client, Membership, Role
from tests.browsing import Staff, words
from tests.world import World


@pytest.fixture(autouse=True)
def _english(world: World) -> None:
    for person in (world.ada, world.marta, world.elena):
        person.language = "en"
        person.save(update_fields=["language"])


RECORD = {
    "name": "Cantina Roero",
    "slug": "cantina-roero",
    "colour": "#7A1F3D",
    "status": "active",
    "timezone": "Europe/Rome",
    "language": "it",
    "lateness_minutes": "30",
    "holidays_country": "IT",
}


def test_an_admin_adds_a_client_and_nobody_else(world: World) -> None:
    data = {**RECORD, "name": "Pro Loco", "slug": "pro-loco"}
    Staff(world.ada).send("clients_client_add", data=data)
    assert Client.objects.get(slug="pro-loco").name == "Pro Loco"
    assert Staff(world.marta).open("clients_client_add").status_code == 403
    assert Staff(world.marta).send("clients_client_add", data={**data, "slug": "altra"}).status_code == 403


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"name": ""}, "This field is required."),
        ({"slug": "alba"}, "Client with this Short name already exists."),
        ({"slug": "con spazi"}, "Enter a valid “slug”"),
        ({"colour": "rosso"}, "A colour reads like #7A1F3D."),
        ({"timezone": "Europe/Alba"}, "“Europe/Alba” is not a known time zone."),
        ({"lateness_minutes": "-5"}, "greater than or equal to 0"),
        ({"lateness_minutes": "999999999"}, "less than or equal to"),
        ({"lateness_minutes": "99999999999999999999"}, "less than or equal to"),
        ({"status": "gone"}, "not one of the available choices"),
        ({"tacit_consent_agreed_on": "31/31/2026"}, "Enter a valid date."),
    ],
)
def test_bad_input_stands_beside_the_field(world: World, fields: dict[str, str], said: str) -> None:
    answer = Staff(world.marta).send("clients_client_change", world.winery.pk, data={**RECORD, **fields})
    assert said.lower() in words(answer).lower()
    (name,) = fields
    assert answer.context["form"][name].value() == fields[name]
    assert answer.context["form"][name].errors
    world.winery.refresh_from_db()
    assert (world.winery.name, world.winery.slug) == ("Cantina Roero", "cantina-roero")


def test_a_manager_writes_the_record_and_others_read_it(world: World) -> None:
    Staff(world.marta).send("clients_client_change", world.winery.pk, data={**RECORD, "formal": "on"})
    world.winery.refresh_from_db()
    assert world.winery.formal
    elena = Staff(world.elena)
    assert "Save" not in words(elena.open("clients_client_change", world.winery.pk))
    assert elena.send("clients_client_change", world.winery.pk, data=RECORD).status_code == 403
    assert elena.open("clients_client_change", world.town.pk).status_code == 404
    assert world.town.name not in elena.open("clients_client_changelist").content.decode()


def test_stop_everything_and_lift_it(world: World) -> None:
    elena, marta = Staff(world.elena), Staff(world.marta)
    page = elena.open("clients_client_freeze", world.winery.pk)
    assert "Nothing of Cantina Roero goes out from this moment on." in words(page)
    assert "#7A1F3D" in page.content.decode()
    answer = elena.send("clients_client_freeze", world.winery.pk, data={"reason": " "})
    assert "Say why: whoever finds the stop will ask." in words(answer)
    world.winery.refresh_from_db()
    assert not world.winery.frozen
    assert "is stopped" in words(elena.send("clients_client_freeze", world.winery.pk, data={"reason": "Grandine"}))
    again = elena.send("clients_client_freeze", world.winery.pk, data={"reason": "Ancora"})
    assert "Everything of this client is already stopped." in words(again)
    for name in ("index", "social_post_add"):
        assert "stopped" in words(marta.open(name)).lower()
    assert "Grandine" in words(marta.open("index"))
    assert elena.send("clients_client_unfreeze", world.winery.pk).status_code == 403
    assert "Lift the stop" in words(marta.open("clients_client_unfreeze", world.winery.pk))
    assert "The stop is lifted." in words(marta.send("clients_client_unfreeze", world.winery.pk))
    assert "Nothing of this client is stopped." in words(marta.send("clients_client_unfreeze", world.winery.pk))
    assert elena.send("clients_client_freeze", world.town.pk, data={"reason": "x"}).status_code == 404


def give(world: World, **fields: Any) -> Any:
    """Marta gives somebody a role."""
    data = {"client": world.winery.pk, "email": "nuova@filo.example", "name": "Nuova", "role": "author", **fields}
    return Staff(world.marta).send("clients_membership_add", data=data)


def test_people_get_roles_by_e_mail(world: World) -> None:
    give(world)
    give(world, email="Carlo@filo.example", name="", role="viewer")
    found = Membership.objects.filter(client=world.winery, user__email__in=["nuova@filo.example", "carlo@filo.example"])
    assert sorted(found.values_list("user__name", "role")) == [("Carlo Nessuno", "viewer"), ("Nuova", "author")]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"email": "vito@filo.example"}, "This person already has a role for this client."),
        ({"email": "no"}, "Enter a valid email address."),
        ({"email": "altra@filo.example", "name": ""}, "This field cannot be blank."),
        ({"role": "king"}, "not one of the available choices"),
        ({"client": "x"}, "not one of the available choices"),
    ],
)
def test_bad_roles(world: World, fields: dict[str, str], said: str) -> None:
    before = User.objects.count()
    assert said in words(give(world, **fields))
    assert User.objects.count() == before


def test_roles_of_another_client_are_out_of_reach(world: World) -> None:
    assert "not one of the available choices" in words(give(world, client=world.town.pk))
    theirs = Membership.objects.get(client=world.town, user=world.sindaco)
    marta = Staff(world.marta)
    for name in ("change", "end"):
        assert marta.open(f"clients_membership_{name}", theirs.pk).status_code == 404
        assert marta.send(f"clients_membership_{name}", theirs.pk, data={"role": "viewer"}).status_code == 404
        assert Staff(world.bruno).open(f"clients_membership_{name}", theirs.pk).status_code == 200
    assert "Sindaco" not in marta.open("clients_membership_changelist").content.decode()
    assert Staff(world.elena).open("clients_membership_add").status_code == 403


def test_a_role_is_changed_and_ended(world: World) -> None:
    mine = Membership.objects.get(client=world.winery, user=world.vito)
    marta = Staff(world.marta)
    # What is locked stays, whatever is sent.
    marta.send(
        "clients_membership_change", mine.pk, data={"role": "editor", "client": world.town.pk, "email": "x@y.it"}
    )
    mine.refresh_from_db()
    assert (mine.role, mine.client, mine.user) == (Role.EDITOR, world.winery, world.vito)
    assert Staff(world.elena).send("clients_membership_end", mine.pk).status_code == 403
    page = words(marta.open("clients_membership_end", mine.pk))
    assert "Vito Serra sees nothing of Cantina Roero any more" in page
    assert "Vito Serra has no role for Cantina Roero any more." in words(marta.send("clients_membership_end", mine.pk))
    assert not Membership.objects.filter(pk=mine.pk).exists()
    assert Staff(world.vito).open("index").status_code == 302


def test_people_are_for_admins_and_oneself(world: World) -> None:
    ada, marta = Staff(world.ada), Staff(world.marta)
    person = {"email": "z@filo.example", "name": "Zoe", "language": "it", "timezone": "Europe/Rome", "is_active": "on"}
    ada.send("accounts_user_add", data=person)
    zoe = User.objects.get(email="z@filo.example")
    assert not zoe.has_usable_password()
    ada.send("accounts_user_change", zoe.pk, data={**person, "name": "Zoe Neri", "is_agency_admin": "on"})
    zoe.refresh_from_db()
    assert (zoe.name, zoe.is_agency_admin) == ("Zoe Neri", True)
    assert "There is already a person with this e-mail." in words(ada.send("accounts_user_add", data=person))
    answer = ada.send("accounts_user_change", world.ada.pk, data={**person, "email": world.ada.email})
    assert "You can't take this from yourself: ask another agency admin." in words(answer)
    assert marta.open("accounts_user_change", zoe.pk).status_code == 404
    assert marta.open("accounts_user_add").status_code == 403
    marta.send("accounts_user_change", world.marta.pk, data={**person, "name": "Marta G.", "is_agency_admin": "on"})
    world.marta.refresh_from_db()
    assert (world.marta.name, world.marta.is_agency_admin, world.marta.email) == (
        "Marta G.",
        False,
        "marta@filo.example",
    )
    assert [user.pk for user in marta.open("accounts_user_changelist").context["cl"].result_list] == [world.marta.pk]


def test_the_evidence_is_read_and_never_written(world: World) -> None:
    world.draft()
    world.town_post("CANARINO")
    marta, ada = Staff(world.marta), Staff(world.ada)
    page = marta.open("audit_event_changelist")
    assert "post.created" in words(page)
    clients = {event.client_id for event in page.context["cl"].result_list}
    assert clients == {world.winery.pk}
    assert world.town.name not in page.content.decode()
    assert marta.open("audit_event_changelist", query=f"?client={world.town.pk}").context["cl"].result_count == 0
    assert {event.client_id for event in ada.open("audit_event_changelist").context["cl"].result_list} >= {
        world.winery.pk,
        world.town.pk,
    }
    event = page.context["cl"].result_list[0]
    for name in ("change", "delete", "history"):
        assert marta.open(f"audit_event_{name}", event.pk).status_code in {403, 404}
    assert marta.open("audit_event_add").status_code == 403


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize(
    ("name", "queries"),
    [("clients_client", 5), ("clients_membership", 8), ("audit_event", 5), ("accounts_user", 5)],
)
def test_the_lists_ask_a_fixed_number_of_times(
    world: World, name: str, queries: int, rows: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    if rows == 1:
        Membership.objects.filter(client=world.town).delete()
    ada = Staff(world.ada)
    ada.open(f"{name}_changelist")
    with django_assert_num_queries(queries):
        ada.open(f"{name}_changelist")
