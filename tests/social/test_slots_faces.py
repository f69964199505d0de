"""Slots and the queue by program, on the page of a channel, and in the composer."""

from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from social.models import Post
from social.services import cancel_post, retire_channel, set_slots
from social.services.slots import SlotPlan
from tests.browsing import Staff, words
from tests.rest.caller import Caller, fields
from tests.world import World, sandbox

ROME = ZoneInfo("Europe/Rome")


@pytest.fixture(autouse=True)
def _english(world: World) -> None:
    for person in (world.vito, world.marta, world.elena):
        person.language = "en"
        person.save(update_fields=["language"])


def mornings(world: World) -> None:
    set_slots(user=world.marta, channel=world.page, slots=[SlotPlan(day, time(9), day == 4) for day in range(7)])


def next_nine() -> datetime:
    now = timezone.now().astimezone(ROME)
    nine = datetime.combine(now.date(), time(9), ROME)
    return nine if nine > now else datetime.combine(now.date() + timedelta(days=1), time(9), ROME)


# By program


def test_written_filtered_and_taken_away(world: World) -> None:
    elena = Caller(world.elena)
    made = elena.post("slots/", {"channel": world.page.pk, "weekday": 1, "at": "18:30", "advice": "Piero"})
    shown = {name: made[name] for name in ("client", "channel", "weekday", "at", "best", "advice")}
    assert shown == {
        "client": world.winery.pk,
        "channel": world.page.pk,
        "weekday": 1,
        "at": "18:30",
        "best": True,
        "advice": "Piero",
    }
    elena.post("slots/", {"channel": world.page.pk, "weekday": 0, "at": "09:00"})
    for query in ({"best": "true"}, {"weekday": "1"}, {"channel": world.page.pk, "weekday": ["1", "5"]}):
        assert [row["id"] for row in elena.get("slots/", **query)["results"]] == [made["id"]]
    changed = elena.patch(f"slots/{made['id']}/", {"best": False, "advice": ""})
    assert (changed["best"], changed["advice"]) == (False, "")
    elena.delete(f"slots/{made['id']}/")
    elena.get(f"slots/{made['id']}/", expect=404)


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ({"weekday": 7}, ("weekday", "max_value")),
        ({"weekday": "x"}, ("weekday", "invalid")),
        ({"at": "25:00"}, ("at", "invalid")),
        ({"at": "9"}, ("at", "invalid")),
        ({"at": "09:00"}, ("at", "unique")),
        ({"best": "yes"}, ("best", "invalid")),
        ({"advice": "x" * 201}, ("advice", "max_length")),
    ],
)
def test_what_is_no_slot_names_its_field(world: World, body: dict[str, Any], wrong: tuple[str, str]) -> None:
    mornings(world)
    whole = {"channel": world.page.pk, "weekday": 0, "at": "10:00", **body}
    assert fields(Caller(world.elena).post("slots/", whole, expect=400)) == [wrong]


def test_queued_by_program(world: World) -> None:
    vito, post = Caller(world.vito), world.draft()
    refused = vito.post(f"posts/{post.pk}/queue/", {}, expect=409)
    assert refused["code"] == "no_slots"
    mornings(world)
    free = vito.get(f"channels/{world.page.pk}/free_slots/")
    assert [datetime.fromisoformat(row["at"]) for row in free[:1]] == [next_nine()]
    assert len(free) == 10
    assert vito.post(f"posts/{post.pk}/queue/", {}, expect=200)["publish_at"] == free[0]["at"]
    assert vito.get(f"channels/{world.page.pk}/free_slots/")[0] == free[1]
    after = free[2]["at"]
    assert vito.post(f"posts/{post.pk}/queue/", {"after": after}, expect=200)["publish_at"] == free[3]["at"]
    best = vito.post(f"posts/{post.pk}/queue/", {"best": True, "channel": world.page.pk}, expect=200)
    assert datetime.fromisoformat(best["publish_at"]).weekday() == 4
    wrong = vito.post(f"posts/{post.pk}/queue/", {"channel": world.town_page.pk}, expect=400)
    assert fields(wrong) == [("channel", "does_not_exist")]
    cancel_post(user=world.vito, post=post)
    assert vito.post(f"posts/{post.pk}/queue/", {}, expect=409)["code"] == "cancelled"


# On the channel's page


def typed(*rows: tuple[str, str, str, str]) -> dict[str, str]:
    names = ("weekday", "at", "best", "advice")
    cells = {f"slots-{number}-{name}": row[i] for number, row in enumerate(rows) for i, name in enumerate(names)}
    return {"slots-table": "1", **cells}


def test_the_table_of_a_channel(world: World, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    elena = Staff(world.elena)
    assert "None yet. Add a day and an hour above" in words(elena.open("social_channel_slots", world.page.pk))
    rows = [("0", "09:00", "", ""), ("", "", "", ""), ("3", "18:30:00", "", "Piero: dopo la chiusura")]
    page = elena.send("social_channel_slots", world.page.pk, data=typed(*rows))
    assert "Saved." in words(page)
    assert "best hour: Piero: dopo la chiusura" in words(page)
    found = list(world.page.slots.values_list("weekday", "at", "best"))
    assert found == [(0, time(9), False), (3, time(18, 30), True)]
    page = elena.send("social_channel_slots", world.page.pk, data=typed(("2", "", "", "Elena"), ("", "10:00", "", "")))
    assert "“Wednesday Elena” is no slot" in words(page)
    assert "“10:00” is no slot" in words(page)
    page = elena.send("social_channel_slots", world.page.pk, data=typed(rows[0], rows[0]))
    assert "A slot stands here twice." in words(page)
    assert list(world.page.slots.values_list("weekday", "at", "best")) == found
    url = reverse("admin:social_channel_slots", args=[world.page.pk])
    with django_assert_num_queries(11):
        elena.browser.get(url)
    mornings(world)
    with django_assert_num_queries(11):
        elena.browser.get(url)


def test_an_author_reads_the_table_and_nobody_writes_where_nothing_goes_out(world: World) -> None:
    vito = Staff(world.vito)
    assert "Save" not in words(vito.open("social_channel_slots", world.page.pk))
    assert vito.send("social_channel_slots", world.page.pk, data=typed(("0", "09:00", "", ""))).status_code == 403
    retire_channel(user=world.marta, channel=world.page)
    marta = Staff(world.marta)
    assert marta.send("social_channel_slots", world.page.pk, data=typed(("0", "09:00", "", ""))).status_code == 403
    assert not world.page.slots.exists()


# In the composer


def test_the_composer_shows_the_next_ones_and_gives_the_first(world: World) -> None:
    mornings(world)
    sandbox(world.marta, world.winery, "altra")
    vito = Staff(world.vito)
    page = vito.open("social_post_add", query=f"?client={world.winery.pk}")
    assert "Next free slots" not in words(page)
    form: dict[str, Any] = {"text": "Oggi si vendemmia.", "channels": [world.page.pk], "token": "x1"}
    preview = vito.send("social_post_preview", world.winery.pk, data=form)
    assert f"Next free slots of {world.page.name} " in words(preview)
    page = vito.send("social_post_add", query=f"?client={world.winery.pk}", data={**form, "do": "queue"})
    assert "Saved. It has the next free slot:" in words(page)
    post = Post.objects.get()
    assert (post.publish_at, post.state) == (next_nine(), "draft")
    # Whatever time was typed, the button is the slot; its own counts as free.
    again = {**form, "revision": post.revision, "day": "2020-01-01", "time": "10:00", "do": "queue"}
    vito.send("social_post_change", post.pk, data=again)
    post.refresh_from_db()
    assert post.publish_at == next_nine()


def test_the_composer_says_why_there_is_no_slot(world: World) -> None:
    vito = Staff(world.vito)
    form = {"text": "Oggi si vendemmia.", "channels": [world.page.pk], "do": "queue", "token": "x2"}
    page = vito.send("social_post_add", query=f"?client={world.winery.pk}", data=form)
    assert "It is saved, without a slot: None of its channels has slots." in words(page)
    assert Post.objects.get().publish_at is None
