"""Strategies by program."""

import hashlib
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client as Browser
from pytest_django import DjangoAssertNumQueries

from strategy.models import Objective, Strategy
from strategy.selectors import pictures_of
from strategy.services import edit_strategy, set_number, submit_strategy
from tests.rest.caller import BASE, Caller, fields
from tests.social.pictures import stored
from tests.strategy.documents import TONE, agreed, chain, draft, everything, say, section
from tests.world import World

SECTIONS = [
    {"kind": "tone", "title": "Tono", "body": TONE, "why": "Fiducia.", "horizon": "evergreen"},
    {"kind": "free", "title": "Formati", "body": "Reel.", "horizon": "volatile"},
]


def test_the_way_of_a_strategy(world: World) -> None:
    chain(world)
    marta, cliente = Caller(world.marta), Caller(world.cliente)
    pillars = [{"name": "Vigna", "share": 60}, {"name": "Persone", "share": 40}]
    sent = {"client": world.winery.pk, "title": "Il 2027", "sections": SECTIONS, "pillars": pillars}
    made = marta.post("strategies/", sent)
    assert [(row["kind"], row["title"], row["revision"]) for row in made["sections"]] == [
        ("tone", "Tono", 1),
        ("free", "Formati", 1),
    ]
    assert [(row["name"], row["share"]) for row in made["pillars"]] == [("Vigna", 60), ("Persone", 40)]
    assert (made["state"], made["version"], made["digest"], made["review"]) == ("draft", None, None, None)
    address = f"strategies/{made['id']}/"
    cliente.get(address, 404)
    assert marta.get(address + "problems/") == []
    asked = marta.post(address + "submit/", {"note": "Ecco."}, 200)
    assert (asked["state"], asked["version"]) == ("in_review", 1)
    review = marta.get(f"reviews/{asked['review']}/")
    assert (review["subject"], review["digest"]) == (
        {"type": "strategy", "id": made["id"], "title": "Il 2027"},
        asked["digest"],
    )
    Caller(world.elena).post(f"reviews/{asked['review']}/approve/", {"digest": asked["digest"]}, 200)
    cliente.post(f"reviews/{asked['review']}/approve/", {"digest": asked["digest"]}, 200)
    seen = cliente.get(address)
    assert (seen["state"], seen["agreed_version"], seen["digest"]) == ("agreed", 1, asked["digest"])
    assert [row["number"] for row in cliente.get(address + "versions/")["results"]] == [1]
    assert cliente.get(address + "versions/1/")["content"]["sections"][0]["body"] == TONE
    assert [row["version"] for row in cliente.get(address + "agreements/")["results"]] == [1]


def test_what_was_read_can_be_sent_back_and_changes_nothing(world: World) -> None:
    agreed(world)
    marta = Caller(world.marta)
    there = marta.get("strategies/")["results"][0]
    assert marta.patch(f"strategies/{there['id']}/", there) == there


def test_sections_are_replaced_as_a_whole(world: World) -> None:
    marta = Caller(world.marta)
    made = marta.post("strategies/", {"client": world.winery.pk, "title": "Il 2027", "sections": SECTIONS})
    tone, formats = made["sections"]
    changed = [{"kind": "budget", "body": "Poco."}, {**formats, "body": "Storie."}, {"kind": "free", "title": "Altro"}]
    now = marta.patch(f"strategies/{made['id']}/", {"sections": changed})["sections"]
    assert [(row["kind"], row["title"], row["body"], row["revision"]) for row in now] == [
        ("budget", "Budget", "Poco.", 1),
        ("free", "Formati", "Storie.", 2),
        ("free", "Altro", "", 1),
    ]
    assert now[1]["id"] == formats["id"]
    assert marta.get(f"sections/{tone['id']}/")["removed"] is True
    wrong = [
        ([{"kind": "tone", "id": 999999999}], "sections.0.id", "does_not_exist"),
        ([{**formats, "kind": "tone"}], "sections.0.kind", "fixed"),
        ([formats, formats], "sections.1", "twice"),
        ([{"kind": "tone", "body": "<script>"}], "sections.0.body", "html"),
        ([{"kind": "tone"}, {"kind": "tone"}], "sections.1.kind", "unique"),
    ]
    for sections, field, code in wrong:
        assert fields(marta.patch(f"strategies/{made['id']}/", {"sections": sections}, 400)) == [(field, code)]
    assert marta.get(f"strategies/{made['id']}/")["sections"] == now


def test_a_lost_update_is_no_update(world: World) -> None:
    strategy = draft(world)
    marta = Caller(world.marta)
    path = f"{BASE}strategies/{strategy.pk}/"
    tag = marta.http.get(path)["ETag"]
    edit_strategy(user=world.vito, strategy=strategy, title="Di Vito")

    def patch(given: str) -> Any:
        return marta.http.patch(path, {"title": "Di Marta"}, format="json", headers={"If-Match": given})

    stale = patch(tag)
    assert (stale.status_code, stale.json()["code"]) == (412, "changed_meanwhile")
    strategy.refresh_from_db()
    assert strategy.title == "Di Vito"
    fresh = patch(marta.http.get(path)["ETag"])
    assert (fresh.status_code, fresh.json()["title"]) == (200, "Di Marta")
    assert fresh["ETag"] == marta.http.get(path)["ETag"] != tag
    assert patch("*").status_code == 200
    assert patch('W/"1", ' + fresh["ETag"]).status_code == 200


def test_who_saves_over_somebody_gets_both_texts(world: World) -> None:
    found = section(world, draft(world))
    elena, marta = Caller(world.elena), Caller(world.marta)
    elena.patch(f"sections/{found.pk}/", {"revision": 1, "body": "Di Elena."})
    met = marta.patch(f"sections/{found.pk}/", {"revision": 1, "body": "Di Marta."}, 409)
    assert met["code"] == "kept_beside"
    assert [(row["number"], row["author"], row["body"]) for row in met["revisions"]] == [
        (3, "marta@filo.example", "Di Marta."),
        (2, "elena@filo.example", "Di Elena."),
    ]
    assert [row["number"] for row in marta.get(f"sections/{found.pk}/beside/")["results"]] == [3]
    merged = marta.post(f"sections/{found.pk}/merge/", {"revision": 2, "merges": [3], "body": "Di due."}, 200)
    assert (merged["body"], merged["revision"]) == ("Di due.", 4)
    assert fields(marta.patch(f"sections/{found.pk}/", {"body": "x"}, 400)) == [("revision", "required")]
    marta.post(f"sections/{found.pk}/lock/", {}, 200)
    assert elena.post(f"sections/{found.pk}/lock/", {}, 409)["code"] == "locked"
    assert elena.post(f"sections/{found.pk}/lock/", {"anyway": True}, 200)["locked_by"] == "elena@filo.example"


def test_the_client_gets_the_pictures_that_stand_in_it_and_no_others(world: World) -> None:
    strategy = everything(world)
    (shown,) = pictures_of(strategy)
    hidden = stored(world.vito, world.winery, colour="#1F5A7A")
    cliente, at = Caller(world.cliente), f"strategies/{strategy.pk}/"
    told = cliente.get(f"{at}pictures/")
    assert told == cliente.get(f"{at}versions/1/")["pictures"]
    assert [(row["id"], row["alt_text"], row["mime"]) for row in told] == [(shown.id, shown.alt_text, "image/png")]
    assert hashlib.sha256(Browser().get(told[0]["url"]).getvalue()).hexdigest() == told[0]["sha256"]
    cliente.get(f"media/{shown.id}/", 404)
    # Nobody of theirs gets at another by naming it, who writes in the section neither.
    edit_strategy(user=world.vito, strategy=strategy, contacts_write=True)
    tone = strategy.sections.get(kind="tone")
    for number, status in ((hidden.pk, 400), (shown.id, 200)):
        said = {"revision": 1, "body": f"{tone.body}\n\n![Ancora](media:{number})"}
        answer = cliente.patch(f"sections/{tone.pk}/", said, status)
        assert [error["field"] for error in answer.get("errors", [])] == ["body"] * (status == 400)
    said = {"section": tone.pk, "revision": 1, "kind": "insert", "start": 0, "words": f"![Io](media:{hidden.pk})"}
    assert [error["field"] for error in cliente.post("suggestions/", said, 400)["errors"]] == ["words"]
    Caller(world.sindaco).get(f"{at}pictures/", 404)


def test_the_client_suggests_and_remarks_and_hears_nothing_internal(world: World) -> None:
    found = section(world, draft(world))
    cliente, vito = Caller(world.cliente), Caller(world.vito)
    place = {"section": found.pk, "revision": 1, "kind": "replace", "start": 0, "quote": "Parliamo", "words": "Diciamo"}
    made = cliente.post("suggestions/", place)
    assert (made["state"], made["author"], made["audience"]) == ("open", "cliente@filo.example", "client")
    inside = vito.post("suggestions/", {**place, "audience": "internal"})
    cliente.get(f"suggestions/{inside['id']}/", 404)
    said = vito.post("remarks/", {"section": found.pk, "text": "Tra noi.", "audience": "internal"})
    cliente.get(f"remarks/{said['id']}/", 404)
    cliente.post("remarks/", {"section": found.pk, "text": "E io?", "parent": said["id"]}, 400)
    vito.post(f"suggestions/{inside['id']}/accept/", None, 200)
    seen = cliente.get(f"sections/{found.pk}/revisions/", ordering="-id")["results"][0]
    assert (seen["number"], seen["credit"]) == (2, None)
    assert vito.get(f"sections/{found.pk}/revisions/", ordering="-id")["results"][0]["credit"] == "vito@filo.example"
    assert vito.post(f"suggestions/{made['id']}/accept/", None, 409)["code"] == "outdated"
    assert cliente.get("suggestions/", state="outdated")["results"][0]["id"] == made["id"]
    Caller(world.bruno).post("suggestions/", place, 400)


def refused() -> list[tuple[str, dict[str, Any], str]]:
    aim = {"name": "Visite", "measure": "Prenotazioni", "target": 40, "due_on": "2199-01-01"}
    return [
        ("objectives/", {**aim, "measure": " "}, "measure"),
        ("objectives/", {**aim, "due_on": "2020-01-01"}, "due_on"),
        ("objectives/", {**aim, "measure": "", "due_on": "2020-01-01"}, "measure due_on"),
        ("objectives/", {**aim, "target": 1e300}, "target"),
        ("cadences/", {"channel": 0, "per_week": 3}, "channel"),
        ("cadences/", {"channel": 999999999, "per_week": 3}, "channel"),
        ("cadences/", {"name": "TikTok", "per_week": 3}, "left_out"),
        ("occasions/", {"name": "Fiera", "on": "someday"}, "on"),
        ("sections/", {"kind": "tone", "body": "[x](javascript:x)"}, "body"),
    ]


@pytest.mark.parametrize(("path", "body", "field"), refused())
def test_what_can_not_be_is_said_at_its_field(world: World, path: str, body: dict[str, Any], field: str) -> None:
    strategy = draft(world)
    problem = Caller(world.vito).post(path, {"strategy": strategy.pk, **body}, 400)
    assert " ".join(name for name, _code in fields(problem)) == field


@pytest.mark.parametrize("per_week", [0, -1, 3500, 140.01, None])
def test_a_cadence_that_nobody_could_want(world: World, per_week: float | None) -> None:
    strategy = draft(world)
    body = {"strategy": strategy.pk, "channel": world.page.pk, "per_week": per_week, "reason": "Sì."}
    vito = Caller(world.vito)
    assert [name for name, _code in fields(vito.post("cadences/", body, 400))] == ["per_week"]
    out = vito.post("cadences/", {**body, "per_week": None, "left_out": True})
    assert (out["left_out"], out["per_week"]) == (True, None)
    again = vito.post("cadences/", {**body, "per_week": 2.5, "left_out": False})
    assert (again["id"], again["per_week"]) == (out["id"], 2.5)


def test_how_an_objective_stands(world: World) -> None:
    strategy = draft(world)
    vito = Caller(world.vito)
    aim = {"strategy": strategy.pk, "name": "Visite", "measure": "Prenotazioni", "target": 40, "due_on": "2199-01-01"}
    made = vito.post("objectives/", aim)
    assert made["baseline"] is None
    address = f"objectives/{made['id']}/numbers/"
    vito.post(address, {"month": "2026-01-20", "value": 7}, 200)
    vito.post(address, {"month": "2026-01-01", "value": 8.5, "note": "Ricontate."}, 200)
    assert [(row["month"], row["value"], row["source"], row["by"]) for row in vito.get(address)] == [
        ("2026-01-01", 8.5, "hand", "vito@filo.example")
    ]
    assert fields(vito.post(address, {"month": "2199-01-01", "value": 7}, 400)) == [("month", "future")]
    # Who entered it, and what stands beside it, is the agency's own; what networks told is everybody's to read.
    told: dict[str, Any] = {"month": date(2026, 2, 1), "value": Decimal(9), "note_text": "Di 3 post su 4."}
    set_number(user=None, objective=Objective.objects.get(pk=made["id"]), source="network", **told)
    assert [row["note"] for row in vito.get(address)] == ["Ricontate.", "Di 3 post su 4."]
    assert [(row["by"], row["note"]) for row in Caller(world.cliente).get(address)] == [
        (None, ""),
        (None, "Di 3 post su 4."),
    ]


@pytest.mark.parametrize("many", [1, 3])
def test_lists_cost_the_same_however_long_they_are(
    world: World, many: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    chain(world)
    for number in range(many):
        strategy = draft(world, title=f"Strategia {number}")
        section(world, strategy, "tone")
        section(world, strategy, "budget")
        submit_strategy(user=world.vito, strategy=strategy)
        say(strategy, world.elena)
        say(strategy, world.cliente)
    caller = Caller(world.vito)
    for path, expected in [("strategies/", 5), ("sections/", 2)]:
        with django_assert_num_queries(expected):
            rows = caller.get(path)["results"]
        assert len(rows) == many * (1 if path == "strategies/" else 2)
    assert Strategy.objects.count() == many
