"""Clients, roles and the evidence, by the API."""

from typing import Any

import pytest

from accounts.models import User
from audit.models import Event
from tests.rest.caller import Caller, fields
from tests.world import World


def test_an_agency_admin_makes_a_client_and_its_manager_changes_it(world: World) -> None:
    made = Caller(world.ada).post("clients/", {"name": "Bar Sport", "slug": "bar-sport", "colour": "#AA3300"})
    assert {name: made[name] for name in ("timezone", "language", "status", "lateness_minutes", "frozen")} == {
        "timezone": "Europe/Rome",
        "language": "it",
        "status": "active",
        "lateness_minutes": 30,
        "frozen": False,
    }
    Caller(world.marta).post("clients/", {"name": "X", "slug": "x"}, 403)
    changed = Caller(world.marta).patch(f"clients/{world.winery.pk}/", {"lateness_minutes": 5, "link_code": True})
    assert (changed["lateness_minutes"], changed["link_code"]) == (5, True)
    assert (changed["name"], changed["colour"]) == ("Cantina Roero", "#7A1F3D")


def test_a_stop_and_its_lifting(world: World) -> None:
    vito, marta, here = Caller(world.vito), Caller(world.marta), f"clients/{world.winery.pk}/"
    assert fields(vito.post(here + "freeze/", {"reason": " "}, 400)) == [("reason", "blank")]
    assert vito.post(here + "freeze/", {"reason": "Crisi."}, 200)["frozen"] is True
    assert vito.post(here + "freeze/", {"reason": "Crisi."}, 409)["code"] == "already_frozen"
    vito.post(here + "unfreeze/", expect=403)
    assert marta.post(here + "unfreeze/", expect=200)["frozen"] is False
    assert marta.post(here + "unfreeze/", expect=409)["code"] == "not_frozen"


def test_people_come_change_role_and_go(world: World) -> None:
    marta = Caller(world.marta)
    body = {"client": world.winery.pk, "email": "Nuovo@Filo.example", "name": "Nuovo Nato", "role": "viewer"}
    made = marta.post("memberships/", body)
    assert (made["email"], made["name"], made["role"]) == ("nuovo@filo.example", "Nuovo Nato", "viewer")
    assert User.objects.get(email="nuovo@filo.example").has_usable_password() is False
    assert fields(marta.post("memberships/", body, 400)) == [("email", "unique")]
    here = f"memberships/{made['id']}/"
    assert marta.patch(here, {"role": "approver"})["role"] == "approver"
    assert fields(marta.patch(here, {"email": "altro@filo.example"}, 400)) == [("email", "fixed")]
    assert fields(marta.patch(here, {"client": world.town.pk}, 400)) == [("client", "fixed")]
    # What a program read may be sent back whole.
    assert marta.patch(here, {**made, "role": "viewer"})["role"] == "viewer"
    marta.delete(here)
    marta.get(here, expect=404)
    assert User.objects.filter(email="nuovo@filo.example").exists()


def test_a_clients_people_see_their_own_side_only(world: World) -> None:
    seen = {row["email"] for row in Caller(world.cliente).get("memberships/")["results"]}
    assert seen == {"cliente@filo.example", "nonna@filo.example"}
    assert len(Caller(world.vito).get("memberships/")["results"]) == 5


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ({"name": ""}, "name", "blank"),
        ({"name": 5}, "name", "invalid"),
        ({"name": "a\x00b"}, "name", "null_characters_not_allowed"),
        ({"name": "\ud83c"}, "name", "surrogate_characters_not_allowed"),
        ({"name": "x" * 201}, "name", "max_length"),
        ({"slug": "non va"}, "slug", "invalid"),
        ({"slug": "alba"}, "slug", "unique"),
        ({"timezone": "Mars/Olympus"}, "timezone", "timezone"),
        ({"timezone": "../../etc/passwd"}, "timezone", "timezone"),
        ({"language": "xx"}, "language", "invalid_choice"),
        ({"status": "\udc00"}, "status", "invalid_choice"),
        ({"colour": "red"}, "colour", "colour"),
        ({"lateness_minutes": -1}, "lateness_minutes", "min_value"),
        ({"lateness_minutes": 10**30}, "lateness_minutes", "max_value"),
        ({"lateness_minutes": "5"}, "lateness_minutes", "invalid"),
        ({"lateness_minutes": True}, "lateness_minutes", "invalid"),
        ({"lateness_minutes": 1.5}, "lateness_minutes", "invalid"),
        ({"lateness_minutes": 1e300}, "lateness_minutes", "max_value"),
        ({"tacit_consent_agreed_on": "yesterday"}, "tacit_consent_agreed_on", "invalid"),
        ({"tacit_consent_agreed_on": "2999-05-04"}, "tacit_consent_agreed_on", "future"),
        ({"holidays_country": "XX"}, "holidays_country", "unknown"),
        ({"holidays_country": "it"}, "holidays_country", "unknown"),
        ({"holidays_country": "ITA"}, "holidays_country", "max_length"),
        ({"holidays_country": "", "holidays_region": "CN"}, "holidays_country", "required"),
        ({"holidays_region": "ZZ"}, "holidays_region", "unknown"),
        ({"holidays_country": "GR", "holidays_region": "CN"}, "holidays_region", "unknown"),
        ({"link_code": "yes"}, "link_code", "invalid"),
        ({"working_hours": "always"}, "working_hours", "not_a_list"),
        ({"working_hours": []}, "working_hours", "never_open"),
        (
            {"working_hours": [{"weekday": 7, "opens": "09:00", "closes": "18:00"}]},
            "working_hours.0.weekday",
            "max_value",
        ),
        ({"working_hours": [{"weekday": 0, "opens": "9", "closes": "18:00"}]}, "working_hours.0.opens", "invalid"),
        ({"working_hours": [{"weekday": 0, "opens": "09:00"}]}, "working_hours.0.closes", "required"),
        ({"working_hours": [{"weekday": 0, "opens": "18:00", "closes": "09:00"}]}, "working_hours", "order"),
        (
            {
                "working_hours": [
                    {"weekday": 0, "opens": "09:00", "closes": "13:00"},
                    {"weekday": 0, "opens": "12:00", "closes": "18:00"},
                ]
            },
            "working_hours",
            "overlap",
        ),
        ({"closing_days": [{"first": "2026-08-21", "last": "2026-08-03", "name": "Ferie"}]}, "closing_days", "order"),
        ({"closing_days": [{"first": "2026-08-03", "last": "x", "name": "Ferie"}]}, "closing_days.0.last", "invalid"),
        ({"closing_days": [{"first": "2026-08-03", "last": "2026-08-04", "name": ""}]}, "closing_days.0.name", "blank"),
        (
            {"closing_days": [{"first": "2026-01-01", "last": "2028-12-31", "name": "Restauro"}]},
            "closing_days",
            "never_open",
        ),
        ({"closing_days": [{"first": "1026-01-01", "last": "1026-01-02", "name": "x"}]}, "closing_days", "year"),
        ({"watched_names": ["x" * 101]}, "watched_names.0", "max_length"),
        ({"watched_names": ["x"] * 501}, "watched_names", "max_length"),
        ([], "", "invalid"),
        ("text", "", "invalid"),
    ],
)
def test_what_a_client_cannot_be_names_its_field(world: World, body: Any, field: str, code: str) -> None:
    here = f"clients/{world.winery.pk}/"
    before = Caller(world.marta).get(here)
    assert fields(Caller(world.marta).patch(here, body, 400)) == [(field, code)]
    assert Caller(world.marta).get(here) == before


@pytest.mark.parametrize(
    ("sent", "kind", "status", "code"),
    [
        (b"{", "application/json", 400, "parse_error"),
        (b'{"name": NaN}', "application/json", 400, "parse_error"),
        (b'{"name": "\xff"}', "application/json", 400, "parse_error"),
        (b"[" * 100_000, "application/json", 400, "parse_error"),
        (b"1" * 5000, "application/json", 400, "parse_error"),
        (b'{"lateness_minutes": 1e999}', "application/json", 400, "invalid"),
        (b'"' + b"x" * 9_000_000 + b'"', "application/json", 413, "too_large"),
        (b"name=x", "application/x-www-form-urlencoded", 415, "unsupported_media_type"),
        (b"<x/>", "application/xml", 415, "unsupported_media_type"),
    ],
)
def test_what_is_no_json(world: World, sent: bytes, kind: str, status: int, code: str) -> None:
    caller = Caller(world.marta)
    here = f"/api/v1/clients/{world.winery.pk}/"
    answer = caller.http.generic("PATCH", here, sent, content_type=kind)  # type: ignore[arg-type]  # bytes are taken, too
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")
    assert answer.json()["code"] == code


def test_working_time_is_read_and_written_whole(world: World) -> None:
    here, marta = f"clients/{world.winery.pk}/", Caller(world.marta)
    usual = [{"weekday": day, "opens": "09:00", "closes": "18:00"} for day in range(5)]
    found = marta.get(here)
    assert (found["working_hours"], found["closing_days"]) == (usual, [])
    assert (found["holidays_country"], found["holidays_region"], found["link_code"]) == ("IT", "", False)
    sent: dict[str, Any] = {
        "working_hours": [
            {"weekday": 5, "opens": "20:00", "closes": "00:00"},
            {"weekday": 5, "opens": "08:30", "closes": "12:00"},
        ],
        "closing_days": [{"first": "2026-08-03", "last": "2026-08-21", "name": "Ferie"}],
        "holidays_country": "CH",
        "holidays_region": "TI",
    }
    changed = marta.patch(here, sent)
    assert changed["working_hours"] == sent["working_hours"][::-1]
    assert {name: changed[name] for name in sent if name != "working_hours"} == {
        name: value for name, value in sent.items() if name != "working_hours"
    }
    # What a program read may be sent back whole, and changes nothing.
    events = Event.objects.count()
    again = marta.patch(here, {name: value for name, value in changed.items() if name not in {"id", "frozen"}})
    assert (again["working_hours"], Event.objects.count()) == (changed["working_hours"], events)
    assert Caller(world.cliente).get(here)["working_hours"] == changed["working_hours"]
    for who in (world.elena, world.cliente):
        Caller(who).patch(here, {"closing_days": []}, 403)
    Caller(world.bruno).patch(here, {"closing_days": []}, 404)
    assert marta.patch(here, {"closing_days": []})["closing_days"] == []
    body = {"name": "Bar Sport", "slug": "bar-sport", "watched_names": ["Gino"], **sent}
    made = Caller(world.ada).post("clients/", body)
    assert (made["holidays_region"], len(made["working_hours"]), made["watched_names"]) == ("TI", 2, ["Gino"])


def test_a_client_that_is_wrong_in_one_thing_is_not_made(world: World) -> None:
    body = {"name": "Bar Sport", "slug": "bar-sport", "working_hours": []}
    assert fields(Caller(world.ada).post("clients/", body, 400)) == [("working_hours", "never_open")]
    assert Caller(world.ada).get("clients/", slug="bar-sport")["results"] == []


def test_the_watch_list_is_the_staffs_own(world: World) -> None:
    here = f"clients/{world.winery.pk}/"
    names = ["Zoe  Roero", "Bartolo Mascarello", "zoe roero", " "]
    assert fields(Caller(world.marta).patch(here, {"watched_names": names}, 400)) == [("watched_names.3", "blank")]
    changed = Caller(world.marta).patch(here, {"watched_names": names[:3]})
    assert changed["watched_names"] == ["Zoe Roero", "Bartolo Mascarello"]
    assert Caller(world.vito).get(here)["watched_names"] == ["Zoe Roero", "Bartolo Mascarello"]
    assert Caller(world.ada).get(here)["watched_names"] == ["Zoe Roero", "Bartolo Mascarello"]
    for who in (world.cliente, world.nonna):
        assert Caller(who).get(here)["watched_names"] is None
        assert [row["watched_names"] for row in Caller(who).get("clients/")["results"]] == [None]
    assert Caller(world.marta).patch(here, {"watched_names": None})["watched_names"] == changed["watched_names"]
    assert "Mascarello" not in str(Caller(world.marta).get("events/"))


def test_evidence_is_read_by_staff_and_written_by_nobody(world: World) -> None:
    world.approved()
    marta = Caller(world.marta)
    events = marta.get("events/", client=world.winery.pk, page_size=200)["results"]
    stored = Event.objects.filter(client_id=world.winery.pk).order_by("seq")
    assert [event["hash"] for event in events] == [bytes(event.hash).hex() for event in stored]
    assert events[-1]["subject"] == {"type": "review", "id": world.winery.reviews.get().pk}
    assert (events[-1]["actor"], events[-1]["at"][-6:]) == ("cliente@filo.example", "+01:00")
    assert marta.http.post("/api/v1/events/", {}).status_code == 405
    assert marta.http.delete(f"/api/v1/events/{events[0]['id']}/").status_code == 405
    assert Caller(world.cliente).get("events/")["results"] == []
