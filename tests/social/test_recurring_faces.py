"""Series by program and in the admin: their times are shown before they are saved, and rules in words alone."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from social.models import Post, Recurrence
from social.services import cancel_post, create_recurrence, recurring
from tests.browsing import Staff, words
from tests.rest.caller import Caller, fields
from tests.world import World

RULES = ("FREQ", "BYDAY", "COUNT", "UNTIL", "RRULE", "DAILY", "WEEKLY")


@pytest.fixture(autouse=True)
def _english(world: World) -> None:
    for person in (world.vito, world.marta, world.elena):
        person.language = "en"
        person.save(update_fields=["language"])


def tomorrow(world: World) -> datetime:
    day = timezone.now().astimezone(world.winery.zone).date() + timedelta(days=1)
    return datetime(day.year, day.month, day.day, 9, tzinfo=world.winery.zone)


def typed(world: World, **changes: Any) -> dict[str, Any]:
    """The form, filled in."""
    at = tomorrow(world)
    form = {"token": "t1", "how": "daily", "interval": "1", "day": f"{at:%Y-%m-%d}", "time": "09:00", "until": ""}
    return {**form, "times": "6", "ahead_days": "3", "do": "save", **changes}


def no_rules(page: str) -> bool:
    return not any(word in page for word in RULES)


# By program


def test_made_read_and_ended(world: World) -> None:
    vito, post = Caller(world.vito), world.draft()
    at = tomorrow(world)
    body = {"pattern": post.pk, "rule": "FREQ=DAILY;COUNT=6", "starts_at": f"{at:%Y-%m-%dT%H:%M}", "ahead_days": 3}
    made = vito.post("recurrences/", body)
    assert made["next"] == [(at + timedelta(days=day)).isoformat() for day in range(5)]
    assert (made["words"], made["zone"], made["why_ended"]) == ("every day at 09:00, 6 times", "Europe/Rome", "")
    recurring.make(recurrence_id=made["id"])
    found = vito.get("posts/", recurrence=made["id"])["results"]
    assert [row["publish_at"] for row in found] == made["next"][: len(found)]
    assert vito.get(f"recurrences/{made['id']}/")["next"][0] == made["next"][len(found)]
    assert [row["id"] for row in vito.get("recurrences/", running="true", pattern=post.pk)["results"]] == [made["id"]]
    ended = vito.post(f"recurrences/{made['id']}/end/", {"cancel_posts": True}, expect=200)
    assert (ended["why_ended"], ended["next"]) == ("person", [])
    assert {row["state"] for row in vito.get("posts/", recurrence=made["id"])["results"]} == {"cancelled"}
    assert vito.post(f"recurrences/{made['id']}/end/", {}, expect=409)["code"] == "ended"
    assert vito.get("recurrences/", running="true")["results"] == []


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        ({"rule": "FREQ=SECONDLY;COUNT=3"}, ("rule", "freq")),
        ({"rule": "FREQ=DAILY"}, ("rule", "end")),
        ({"rule": ""}, ("rule", "blank")),
        ({"rule": 7}, ("rule", "invalid")),
        ({"starts_at": "2020-01-01T09:00"}, ("starts_at", "past")),
        ({"starts_at": "2027-03-28T02:30"}, ("starts_at", "skipped_time")),
        ({"ahead_days": 0}, ("ahead_days", "min_value")),
        ({"pattern": 999_999}, ("pattern", "does_not_exist")),
    ],
)
def test_what_is_no_series_names_its_field(world: World, change: dict[str, Any], wrong: tuple[str, str]) -> None:
    body = {"pattern": world.draft().pk, "rule": "FREQ=DAILY;COUNT=6", "starts_at": tomorrow(world).isoformat()}
    assert fields(Caller(world.vito).post("recurrences/", {**body, **change}, expect=400)) == [wrong]


# In the admin


def test_its_times_are_shown_before_it_is_saved(world: World) -> None:
    vito, post = Staff(world.vito), world.draft()
    page = words(vito.open("social_recurrence_new", post.pk))
    assert "Every " in page  # what is proposed is shown at once
    assert page.count("09:00, Rome time") == 6
    assert "13 times in all" in page
    looked = words(vito.send("social_recurrence_new", post.pk, data=typed(world, do="look")))
    assert "Every day at 09:00, 6 times." in looked
    assert "6 times in all, the last one:" in looked
    times = words(vito.send("social_recurrence_times", post.pk, data=typed(world)))
    assert times.startswith("Every day at 09:00, 6 times.")
    assert not Recurrence.objects.exists()
    saved = words(vito.send("social_recurrence_new", post.pk, data=typed(world)))
    vito.send("social_recurrence_new", post.pk, data=typed(world))  # a second click
    row = Recurrence.objects.get()
    assert "Every day at 09:00, 6 times" in saved
    assert (row.rule, row.ahead_days, row.starts_at) == ("FREQ=DAILY;COUNT=6", 3, tomorrow(world))
    assert no_rules(saved + looked + times + page + words(vito.open("social_recurrence_changelist")))


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"how": "weekly", "interval": "2", "days": ["TH", "MO"]}, "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TH;COUNT=6"),
        ({"how": "weekly", "day": "2027-09-14"}, "FREQ=WEEKLY;BYDAY=TU;COUNT=6"),
        ({"how": "monthly", "day": "2027-09-14"}, "FREQ=MONTHLY;BYMONTHDAY=14;COUNT=6"),
        ({"how": "nth", "day": "2027-09-14"}, "FREQ=MONTHLY;BYDAY=2TU;COUNT=6"),
        ({"how": "last", "day": "2027-09-28"}, "FREQ=MONTHLY;BYDAY=-1TU;COUNT=6"),
        ({"how": "yearly", "day": "2027-09-14"}, "FREQ=YEARLY;BYMONTH=9;BYMONTHDAY=14;COUNT=6"),
        (
            {"day": "2027-09-14", "times": "", "until": "2027-09-20"},
            "FREQ=DAILY;UNTIL=20270920T215959Z",
        ),
    ],
)
def test_what_is_typed_is_the_rule(world: World, changes: dict[str, Any], rule: str) -> None:
    Staff(world.vito).send("social_recurrence_new", world.draft().pk, data=typed(world, **changes))
    assert Recurrence.objects.get().rule == rule


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"until": "2027-09-14"}, "Give it one end"),
        ({"times": ""}, "Give it one end"),
        ({"times": "400"}, "less than or equal to 366"),
        ({"interval": "0"}, "greater than or equal to 1"),
        ({"day": "2020-01-01"}, "This time has passed. Let it begin later."),
        ({"day": "2027-02-30"}, "Enter a valid date."),
        ({"time": "25:00"}, "Enter a valid time."),
        ({"how": "hourly"}, "Select a valid choice."),
        ({"days": ["XX"], "how": "weekly"}, "Select a valid choice."),
        ({"day": "2027-03-28", "time": "02:30"}, "02:30 does not exist that night"),
        ({"how": "nth", "day": "2027-08-31", "times": "60"}, "It would go on for more than ten years."),
    ],
)
def test_bad_input(world: World, changes: dict[str, Any], said: str) -> None:
    vito, post = Staff(world.vito), world.draft()
    page = words(vito.send("social_recurrence_new", post.pk, data=typed(world, **changes)))
    assert said in page
    assert said in words(vito.send("social_recurrence_times", post.pk, data=typed(world, **changes)))
    assert no_rules(page)
    assert not Recurrence.objects.exists()


def test_a_post_that_can_not_be_repeated_says_so(world: World) -> None:
    vito = Staff(world.vito)
    long = world.draft(text="x" * 2000)
    assert "2000" in words(vito.open("social_recurrence_new", long.pk)).replace(",", "")
    cancel_post(user=world.vito, post=long)
    assert "This post is cancelled." in words(vito.send("social_recurrence_new", long.pk))
    assert "Repeat it" not in words(vito.open("social_post_page", long.pk))
    assert "Repeat it" in words(vito.open("social_post_page", world.draft().pk))


def test_its_page_and_its_end(world: World) -> None:
    vito = Staff(world.vito)
    row = create_recurrence(
        user=world.vito, pattern=world.draft(), rule="FREQ=DAILY;COUNT=9", starts_at=tomorrow(world), ahead_days=2
    )
    assert "None yet." in words(vito.open("social_recurrence_change", row.pk))
    recurring.make(recurrence_id=row.pk)
    page = words(vito.open("social_recurrence_change", row.pk))
    assert "A change of the pattern does not reach them" in page
    assert "Each post is made 2 days before its time." in page
    assert "End this series" in page
    asked = words(vito.open("social_recurrence_end", row.pk))
    assert "Cancel the posts that are made already, too" in asked
    page = words(vito.send("social_recurrence_end", row.pk, data={"cancel_posts": "on"}))
    assert "The series has ended." in page
    assert "Somebody ended it" in page
    assert {post.state for post in Post.objects.filter(occurrence__recurrence=row)} == {"cancelled"}
    assert "This series has ended already." in words(vito.send("social_recurrence_end", row.pk))


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_asks_a_fixed_number_of_times(
    world: World, rows: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _number in range(rows):
        create_recurrence(user=world.vito, pattern=world.draft(), rule="FREQ=DAILY;COUNT=9", starts_at=tomorrow(world))
    vito = Staff(world.vito)
    vito.open("social_recurrence_changelist")
    with django_assert_num_queries(7):
        page = vito.open("social_recurrence_changelist")
    assert words(page).count("every day at 09:00, 9 times") == rows
