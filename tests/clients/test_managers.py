"""Who reports to whom: never to oneself, never across sides, never in a circle, also not by two at once."""

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction

from accounts.models import User
from audit.models import Event
from clients.models import Client, Membership, Role
from clients.selectors import manager_of
from clients.services import add_person, end_role, set_manager, set_role
from tests.browsing import Staff, words
from tests.races.test_races import together
from tests.rest.caller import Caller, fields
from tests.world import World, person


def role(world: World, user: User) -> Membership:
    return Membership.objects.get(client=world.winery, user=user)


def put(world: World, user: User, manager: User | None) -> Membership:
    return set_manager(user=world.marta, membership=role(world, user), manager=manager)


def refused(world: World, user: User, manager: User) -> str:
    with pytest.raises(ValidationError) as error:
        put(world, user, manager)
    (found,) = error.value.error_dict["manager"]
    return str(found.code)


def test_a_line_of_managers(world: World, django_assert_num_queries: Any) -> None:
    put(world, world.vito, world.elena)
    put(world, world.elena, world.marta)
    put(world, world.nonna, world.cliente)
    with django_assert_num_queries(2):
        assert manager_of(world.vito.pk, world.winery.pk) == world.elena
    with django_assert_num_queries(2):
        assert manager_of(world.vito.pk, world.winery.pk, levels=2) == world.marta
    with django_assert_num_queries(1):
        assert manager_of(world.vito.pk, world.winery.pk, levels=3) is None
    assert manager_of(world.vito.pk, world.winery.pk, levels=10**9) is None
    assert manager_of(world.vito.pk, world.town.pk) is None
    assert manager_of(world.nonna.pk, world.winery.pk) == world.cliente
    world.elena.is_active = False
    world.elena.save(update_fields=["is_active"])
    assert manager_of(world.vito.pk, world.winery.pk) is None
    event = Event.objects.filter(verb="membership.manager_set", subject_id=world.vito.pk).get()
    assert (event.actor, event.data) == (world.marta, {"manager": world.elena.pk, "was": None})
    put(world, world.vito, None)
    assert role(world, world.vito).manager is None


def test_what_a_manager_can_not_be(world: World) -> None:
    put(world, world.vito, world.elena)
    put(world, world.elena, world.marta)
    assert refused(world, world.elena, world.elena) == "oneself"
    assert refused(world, world.elena, world.vito) == "loop"
    assert refused(world, world.marta, world.vito) == "loop"
    assert refused(world, world.vito, world.cliente) == "other_side"
    assert refused(world, world.cliente, world.marta) == "other_side"
    assert refused(world, world.vito, world.bruno) == "not_here"
    assert refused(world, world.vito, world.ada) == "not_here"  # an agency admin without a role here
    world.marta.is_active = False
    world.marta.save(update_fields=["is_active"])
    with pytest.raises(ValidationError):
        set_manager(user=world.ada, membership=role(world, world.vito), manager=world.marta)
    assert [role(world, user).manager for user in (world.vito, world.elena)] == [world.elena, world.marta]
    with pytest.raises(IntegrityError), transaction.atomic():
        Membership.objects.filter(user=world.vito).update(manager=world.vito)


def test_managers_of_the_client_say_it(world: World) -> None:
    for user in (world.elena, world.cliente):
        with pytest.raises(PermissionDenied):
            set_manager(user=user, membership=role(world, world.vito), manager=world.elena)
    for user in (world.bruno, world.carlo):
        with pytest.raises(Client.DoesNotExist):
            set_manager(user=user, membership=role(world, world.vito), manager=world.elena)


def test_who_goes_or_changes_sides_is_nobodys_manager(world: World) -> None:
    put(world, world.vito, world.elena)
    put(world, world.elena, world.marta)
    set_role(user=world.marta, client=world.winery, person=world.elena, role=Role.AUTHOR)
    assert (role(world, world.vito).manager, role(world, world.elena).manager) == (world.elena, world.marta)
    set_role(user=world.marta, client=world.winery, person=world.elena, role=Role.VIEWER)
    assert (role(world, world.vito).manager, role(world, world.elena).manager) == (None, None)
    put(world, world.vito, world.marta)
    end_role(user=world.ada, membership=role(world, world.marta))
    assert role(world, world.vito).manager is None
    assert Event.objects.get(verb="membership.ended").data == {
        "was": "manager",
        "without_manager": [world.vito.pk],
    }


def test_a_new_person_may_come_with_a_manager(world: World) -> None:
    said = {"email": "nuova@filo.example", "name": "Nuova", "role": Role.AUTHOR}
    made = add_person(user=world.marta, client=world.winery, manager=world.elena, **said)
    assert made.manager == world.elena
    with pytest.raises(ValidationError):
        add_person(
            user=world.marta, client=world.winery, manager=world.cliente, **{**said, "email": "altra@filo.example"}
        )
    assert not User.objects.filter(email="altra@filo.example").exists()


def test_the_api_names_managers_by_e_mail(world: World) -> None:
    marta, here = Caller(world.marta), f"memberships/{role(world, world.vito).pk}/"
    assert marta.get(here)["manager"] is None
    assert marta.patch(here, {"manager": "Elena@filo.example"})["manager"] == "elena@filo.example"
    assert marta.patch(here, {"role": "editor"})["manager"] == "elena@filo.example"
    for email, code in [
        ("vito@filo.example", "oneself"),
        ("cliente@filo.example", "other_side"),
        ("bruno@filo.example", "does_not_exist"),
        ("nessuno@filo.example", "does_not_exist"),
        ("no", "invalid"),
    ]:
        assert fields(marta.patch(here, {"manager": email, "role": "author"}, 400)) == [("manager", code)]
    assert (marta.get(here)["manager"], marta.get(here)["role"]) == ("elena@filo.example", "editor")
    above = f"memberships/{role(world, world.elena).pk}/"  # Elena is Vito's manager: he can't be hers
    assert fields(marta.patch(above, {"manager": "vito@filo.example", "role": "author"}, 400)) == [("manager", "loop")]
    assert (marta.get(above)["manager"], marta.get(above)["role"]) == (None, "editor")
    Caller(world.elena).patch(here, {"manager": None}, 403)
    assert marta.patch(here, {"manager": None})["manager"] is None
    body = {"client": world.winery.pk, "email": "n@x.example", "name": "N", "role": "viewer"}
    assert fields(marta.post("memberships/", {**body, "manager": "sindaco@filo.example"}, 400)) == [
        ("manager", "does_not_exist")
    ]
    made = marta.post("memberships/", {**body, "manager": "cliente@filo.example"})
    assert made["manager"] == "cliente@filo.example"
    seen = {row["email"]: row["manager"] for row in Caller(world.cliente).get("memberships/")["results"]}
    assert seen == {"cliente@filo.example": None, "nonna@filo.example": None, "n@x.example": "cliente@filo.example"}


def test_the_form_offers_ones_own_side(world: World) -> None:
    world.marta.language = "en"
    world.marta.save(update_fields=["language"])
    marta, mine = Staff(world.marta), role(world, world.vito)
    page = marta.open("clients_membership_change", mine.pk)
    assert set(page.context["form"].fields["manager"].queryset) == {world.marta, world.elena}
    data = {"role": "author", "manager": world.elena.pk}
    marta.send("clients_membership_change", mine.pk, data=data)
    mine.refresh_from_db()
    assert mine.manager == world.elena
    assert "Elena Riva" in words(marta.open("clients_membership_changelist"))
    theirs = role(world, world.elena)
    answer = marta.send("clients_membership_change", theirs.pk, data={"role": "editor", "manager": world.vito.pk})
    assert "Vito Serra reports to Elena Riva already" in words(answer)
    answer = marta.send("clients_membership_change", mine.pk, data={"role": "author", "manager": world.bruno.pk})
    assert "not one of the available choices" in words(answer)
    answer = marta.send("clients_membership_change", mine.pk, data={"role": "viewer", "manager": world.elena.pk})
    assert "A manager is of the same side" in words(answer)
    mine.refresh_from_db()
    assert (mine.role, mine.manager) == (Role.AUTHOR, world.elena)


@pytest.mark.django_db(transaction=True)
def test_two_at_once_make_no_circle(transactional_db: None) -> None:
    world = World()
    others = [person(f"p{number}", f"P{number}") for number in range(3)]
    for other in others:
        add_person(user=world.marta, client=world.winery, email=other.email, name="", role=Role.AUTHOR)
    rows = [role(world, other) for other in others]
    for _time in range(50):
        results = together(
            *[
                lambda row=row, manager=others[(number + 1) % 3]: set_manager(
                    user=world.marta, membership=row, manager=manager
                )
                for number, row in enumerate(rows)
            ]
        )
        lost = [result for result in results if isinstance(result, Exception)]
        assert [type(error) for error in lost] == [ValidationError]
        for row in rows:
            set_manager(user=world.marta, membership=row, manager=None)
