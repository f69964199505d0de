"""Pages of months, channels and series as an English reader has them, and what each of them says where there is nothing."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from clients.months import month_at
from social.models import Channel
from social.services import edit_channel, set_ceiling
from social.services.content_rows import PartPlan, VariantPlan
from tests.browsing import Staff, words
from tests.world import World


@pytest.fixture(autouse=True)
def _english(world: World) -> None:
    for person in (world.marta, world.vito, world.bruno):
        person.language = "en"
        person.save(update_fields=["language"])


def here(staff: Staff, name: str, *args: object) -> list[str]:
    """The entries of the menu that are marked as where one is."""
    groups = staff.open(name, *args).context["sidebar_navigation"]
    return [str(item["title"]) for group in groups for item in group["items"] if item["active"]]


def test_a_month_and_what_it_costs(world: World) -> None:
    marta, due = Staff(world.marta), world.due().due_at
    month = month_at(world.winery, due)
    page = words(marta.open("social_calendar", world.winery.pk, query=f"?month={month}"))
    assert "1 thing in this month, on the clock of Cantina Roero." in page
    assert month.name in page
    days = [
        day["name"] for day in marta.open("social_calendar", world.winery.pk, query="?month=2031-02").context["days"]
    ]
    assert days == []  # nothing is planned then
    world.draft(publish_at=datetime(2031, 2, 14, 9, tzinfo=UTC))
    days = marta.open("social_calendar", world.winery.pk, query="?month=2031-02").context["days"]
    assert (len(days), days[0]["short"], days[0]["weekday"]) == (28, "Sat 1", 6)
    assert [day["name"] for day in days if day["entries"]] == ["Friday 14 February 2031"]
    set_ceiling(user=world.marta, client=world.winery, dollars=Decimal("1234.5"))
    page = words(marta.open("social_spending", world.winery.pk))
    assert "Spent $0.00 Scheduled beside it $0.00 Ceiling $1,234.50" in page
    assert "Nothing was spent in this month: only some networks take money for a post." in page
    assert "Set the ceiling" in page
    assert "Set the ceiling" not in words(Staff(world.vito).open("social_spending", world.winery.pk))
    empty = words(marta.open("social_calendar", world.winery.pk, query="?month=2031-01"))
    assert "Nothing is planned in this month. Write a post" in empty


def test_the_menu_says_where_one_is_once(world: World) -> None:
    marta = Staff(world.marta)
    post = world.draft()
    for name, args, title in (
        ("index", (), "Today"),
        ("social_post_changelist", (), "Posts"),
        ("social_post_add", (), "New post"),
        ("social_post_page", (post.pk,), "Posts"),
        ("social_calendar", (world.winery.pk,), "Calendar"),
        ("social_spending", (world.winery.pk,), "Calendar"),
        ("social_channel_slots", (world.page.pk,), "Channels"),
    ):
        assert here(marta, name, *args) == [title]


def test_no_series_says_how_to_have_one(world: World) -> None:
    page = words(Staff(world.marta).open("social_recurrence_changelist"))
    assert "No post comes again by itself yet. Open a post, then choose “Repeat it”." in page


def test_a_channels_page(world: World) -> None:
    edit_channel(user=world.marta, channel=world.page, cadence_per_week=Decimal("2.50"))
    for language, shown in (("en", "2.5"), ("it", "2,5")):
        world.marta.language = language
        world.marta.save(update_fields=["language"])
        page = Staff(world.marta).open("social_channel_change", world.page.pk)
        assert f'value="{shown}"' in page.content.decode()
        typed = {"handle": "cantina-roero", "cadence_per_week": shown}
        Staff(world.marta).send("social_channel_change", world.page.pk, data=typed)
        assert Channel.objects.get(pk=world.page.pk).cadence_per_week == Decimal("2.5")
    page = Staff(world.marta).open("social_channel_change", world.page.pk)  # nobody signs in at the sandbox
    assert f"/admin/social/channel/{world.page.pk}/ask/" not in page.content.decode()
    Channel.objects.update(checked_at=datetime(2027, 3, 2, 8, 30, tzinfo=UTC))
    listed = words(Staff(world.vito).open("social_channel_changelist"))
    assert ("2 Mar" in listed, ", 09:30" in listed) == (True, True)


def test_slots_say_what_each_field_is_where_the_head_is_hidden(world: World) -> None:
    page = Staff(world.marta).open("social_channel_slots", world.page.pk).content.decode()
    for label in ("Day", "Time", "Best hour", "Whose advice"):
        assert page.count(f'data-label="{label}"') == 3


@pytest.mark.parametrize(
    "asked", ["mezzogiorno", "MEZZOGIORNO", "ci scriva", "solo qui", "solo sotto", "un commento suo"]
)
def test_posts_are_found_by_every_word_that_goes_out(world: World, asked: str) -> None:
    own = VariantPlan(
        channel=world.page, text="Solo qui", parts=[PartPlan(text="Solo sotto")], comment="Un commento suo"
    )
    parts = [PartPlan(text="Alle sei"), PartPlan(text="A mezzogiorno si mangia")]
    world.draft(title="Trovato", parts=parts, comment="Chi vuole ci scriva.", variants=[own])
    world.draft(title="Un altro")
    page = Staff(world.vito).open("social_post_changelist", query=f"?q={asked}")
    assert [post.title for post in page.context["cl"].result_list] == ["Trovato"]
