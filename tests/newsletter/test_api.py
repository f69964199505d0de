"""A program keeps the winery's list: what only its managers may, and what nobody else learns."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from newsletter.models import MailingList, Reader, ReaderState
from tests.newsletter.bringing import HEAD, bring
from tests.newsletter.reading import copy_for, newsletter_of, reader
from tests.newsletter.reports import bounce
from tests.rest.caller import BASE, Caller, fields
from tests.world import World, token

AGREED = {"consent": "Mandatemi la lettera.", "consented_at": "2024-05-31T12:00"}


def hand_in(user: Any, channel: int, raw: bytes, expect: int, kind: str = "message/rfc822", **fields: Any) -> Any:
    """The message at the channel's door."""
    http = APIClient()
    if user is not None:
        http.credentials(HTTP_AUTHORIZATION=f"Token {token(user, **fields)}")
    http_generic: Any = http.generic  # its types know text only
    answer = http_generic("POST", f"{BASE}channels/{channel}/bounces/", raw, content_type=kind)
    assert answer.status_code == expect, answer.content
    return json.loads(answer.content)


def test_a_list_with_its_counts(world: World, harvest: MailingList) -> None:
    for number, state in enumerate([ReaderState.CONFIRMED, ReaderState.CONFIRMED, ReaderState.BOUNCED]):
        reader(harvest, f"r{number}@example.org", state=state)
    told = Caller(world.vito).get(f"lists/{harvest.pk}/")
    assert told["readers"] == {"pending": 0, "confirmed": 2, "unsubscribed": 0, "bounced": 1, "complained": 0}
    assert told["sign_up_url"].endswith(f"/newsletter/{harvest.key}/")
    Caller(world.vito).patch(f"lists/{harvest.pk}/", {"imprint": "Altrove"}, expect=403)
    again = Caller(world.marta).post("lists/", {"channel": harvest.channel_id, "promise": "Nuove parole."})
    assert (again["id"], again["promise"], again["imprint"]) == (harvest.pk, "Nuove parole.", harvest.imprint)
    problem = Caller(world.marta).post("lists/", {"channel": world.page.pk}, expect=400)
    assert fields(problem) == [("channel", "no_newsletter")]


@pytest.mark.parametrize("readers", [1, 3])
def test_queries_do_not_grow(world: World, harvest: MailingList, django_assert_num_queries: Any, readers: int) -> None:
    for number in range(readers):
        reader(harvest, f"r{number}@example.org")
    marta = Caller(world.marta)
    marta.get("me/")  # the token's first use is noted
    for path, queries in [("lists/", 2), ("readers/", 2)]:
        with django_assert_num_queries(queries):
            marta.get(path)


def test_a_reader_is_entered_with_consent(world: World, harvest: MailingList) -> None:
    body = {"mailing_list": harvest.pk, "email": "Rosa@Example.org", "name": "Rosa", "language": "it", **AGREED}
    made = Caller(world.marta).post("readers/", body)
    assert (made["email"], made["state"], made["came_by"]) == ("rosa@example.org", "confirmed", "staff")
    assert made["consented_at"] == "2024-05-31T12:00:00+02:00"
    assert fields(Caller(world.marta).post("readers/", body, expect=400)) == [("email", "unique")]
    assert [row["id"] for row in Caller(world.marta).get("readers/", email="ROSA@example.org")["results"]] == [
        made["id"]
    ]


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        ({"email": "rosa"}, ("email", "invalid")),
        ({"consent": ""}, ("consent", "blank")),
        ({"consented_at": None}, ("consented_at", "required")),
        ({"consented_at": "2199-01-01T00:00"}, ("consented_at", "future")),
        ({"language": "de"}, ("language", "invalid_choice")),
    ],
)
def test_what_is_not_right_is_named(world: World, harvest: MailingList, change: Any, wrong: tuple[str, str]) -> None:
    body = {"mailing_list": harvest.pk, "email": "rosa@example.org", **AGREED, **change}
    assert fields(Caller(world.marta).post("readers/", body, expect=400)) == [wrong]
    assert not Reader.objects.exists()


def test_only_managers_see_and_write_readers(world: World, harvest: MailingList) -> None:
    rosa = reader(harvest)
    body = {"mailing_list": harvest.pk, "email": "bea@example.org", **AGREED}
    for who in (world.vito, world.elena, world.cliente, world.bruno, world.carlo):
        problem = Caller(who).post("readers/", body, expect=400)
        assert fields(problem) == [("mailing_list", "does_not_exist")]
        assert Caller(who).get("readers/")["results"] == []
        Caller(who).get(f"readers/{rosa.pk}/", expect=404)
    Caller(None).post("readers/", body, expect=401)
    assert Reader.objects.count() == 1


@pytest.mark.parametrize("state", ["unsubscribed", "bounced", "complained"])
def test_who_left_is_not_brought_back(world: World, harvest: MailingList, state: str) -> None:
    rosa = reader(harvest, state=state)
    body = {"mailing_list": harvest.pk, "email": "rosa@example.org", **AGREED}
    code = "bounced" if state == "bounced" else "left_before"
    assert Caller(world.marta).post("readers/", body, expect=409)["code"] == code
    rosa.refresh_from_db()
    assert rosa.state == state


def test_erased_is_erased(world: World, harvest: MailingList) -> None:
    rosa = reader(harvest, name="Rosa", ended_why="rosa@example.org")
    copy_for(rosa, state="waiting").issue.copies.update(detail="550 rosa@example.org")
    bring(world, harvest, HEAD + "rosa@example.org;Rosa;;2024-05-31;Sì.\n")
    Caller(world.marta).post(f"readers/{rosa.pk}/erase/", expect=204)
    Caller(world.marta).post(f"readers/{rosa.pk}/erase/", expect=404)
    kept = str(list(Reader.objects.values())) + str(list(rosa.copies.values())) + str(
        [list(found.refused_lines.values()) for found in harvest.imports.all()]
    )  # fmt: skip
    assert "rosa" not in kept.lower()
    body = {"mailing_list": harvest.pk, "email": "ROSA@example.org", **AGREED}
    assert Caller(world.marta).post("readers/", body, expect=409)["code"] == "erased"
    other = reader(harvest, "bea@example.org")
    assert [row["id"] for row in Caller(world.marta).get("readers/")["results"]] == [other.pk]


def test_signing_off_says_why(world: World, harvest: MailingList) -> None:
    rosa = reader(harvest)
    problem = Caller(world.marta).post(f"readers/{rosa.pk}/sign_off/", {"why": " "}, expect=400)
    assert fields(problem) == [("why", "blank")]
    told = Caller(world.marta).post(f"readers/{rosa.pk}/sign_off/", {"why": "Al telefono."}, expect=200)
    assert (told["state"], told["ended_why"]) == ("unsubscribed", "Al telefono.")


def test_an_import_is_followed(world: World, harvest: MailingList) -> None:
    made = bring(world, harvest, HEAD + "rosa@example.org;;;2024-05-31;Sì.\n=1+1;;;2024-05-31;Sì.\n")
    told = Caller(world.marta).get(f"list_imports/{made.pk}/")
    assert (told["state"], told["total"], told["done"], told["added"], told["refused"]) == ("done", 2, 2, 1, 1)
    Caller(world.vito).get(f"list_imports/{made.pk}/", expect=404)
    http = APIClient()
    http.credentials(HTTP_AUTHORIZATION=f"Token {token(world.marta)}")
    answer: Any = http.get(f"{BASE}list_imports/{made.pk}/refused.csv")
    table = b"".join(answer.streaming_content).decode("utf-8-sig")
    assert table == "line,email,code,why\r\n3,'=1+1,bad_address,Non è un indirizzo email.\r\n"
    http.credentials(HTTP_AUTHORIZATION=f"Token {token(world.bruno)}")
    assert http.get(f"{BASE}list_imports/{made.pk}/refused.csv").status_code == 404


def test_a_report_is_handed_in(world: World, harvest: MailingList, gazette: MailingList) -> None:
    rosa = reader(harvest)
    raw = bounce(copy_for(rosa))
    hand_in(None, harvest.channel_id, raw, 401)
    hand_in(world.carlo, harvest.channel_id, raw, 404)
    hand_in(world.bruno, harvest.channel_id, raw, 404)
    hand_in(world.vito, harvest.channel_id, raw, 403)
    hand_in(world.cliente, harvest.channel_id, raw, 403)
    hand_in(world.marta, harvest.channel_id, raw, 403, read_only=True)
    hand_in(world.marta, world.page.pk, raw, 404)  # no newsletter
    hand_in(world.marta, harvest.channel_id, raw, 415, kind="application/json")
    hand_in(world.marta, harvest.channel_id, b"x" * (10 * 1024 * 1024 + 1), 413)
    assert hand_in(world.bruno, gazette.channel_id, raw, 200) == {"became": "ignored", "reader": None}
    rosa.refresh_from_db()
    assert rosa.state == ReaderState.CONFIRMED
    assert hand_in(world.marta, harvest.channel_id, raw, 200) == {"became": "bounced", "reader": rosa.pk}
    assert hand_in(world.marta, harvest.channel_id, b"", 200) == {"became": "ignored", "reader": None}


def test_lists_of_another_client_are_not_there(world: World, harvest: MailingList) -> None:
    theirs = newsletter_of(world.town, "La gazzetta")
    problem = Caller(world.marta).post("lists/", {"channel": theirs.pk}, expect=400)
    assert fields(problem) == [("channel", "does_not_exist")]
    since = (timezone.now() + timedelta(days=1)).strftime("%Y-%m-%dT09:00")
    assert Caller(world.marta).get("lists/", updated_since=since)["results"] == []
    assert [row["id"] for row in Caller(world.marta).get("lists/", client=world.winery.pk)["results"]] == [harvest.pk]
