"""A client's month: the calendar and what it costs, in the API and on the staff's pages."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from clients.months import Month, month_at
from social import networks
from social.calendars import calendar
from social.models import Channel, Charge, Publication
from social.networks.base import Limit
from social.services import create_channel, edit_post, set_ceiling, submit_post
from tests.rest.caller import Caller, fields
from tests.social.publishing.flood import copies
from tests.social.publishing.stepwise import Stepwise
from tests.world import World

ROME = ZoneInfo("Europe/Rome")


@pytest.fixture
def stepwise() -> Iterator[Stepwise]:
    network = Stepwise()
    networks.NETWORKS[network.slug] = network
    yield network
    del networks.NETWORKS[network.slug]


@pytest.fixture
def channel(world: World, stepwise: Stepwise) -> Channel:
    return create_channel(user=world.marta, client=world.winery, network="stepwise", handle="roero", name="Roero")


@pytest.fixture
def month(world: World) -> Month:
    """The next one."""
    return month_at(world.winery, timezone.now()).next


def at(month: Month, day: int, hour: int) -> datetime:
    return datetime(month.first.year, month.first.month, day, hour, tzinfo=ROME)


def rows(world: World, channel: Channel, many: int, when: datetime) -> list[int]:
    template = world.due(channels=[channel])
    Publication.objects.filter(pk=template.pk).update(state="cancelled")
    return copies(template, channel, world.winery, many, when)


def signed_in(user: Any) -> Browser:
    found = Browser()
    found.force_login(user)
    return found


def test_the_month_has_what_is_scheduled_and_what_is_planned(
    world: World, channel: Channel, stepwise: Stepwise, month: Month
) -> None:
    stepwise.costs = Decimal("0.2")
    stepwise.allowed = (Limit("posts", "Stepwise’s posts a day", 2, timedelta(days=1), zone="Europe/Rome"),)
    found = rows(world, channel, 3, at(month, 3, 9))
    draft = world.draft(title="Bozza", publish_at=at(month, 2, 9), channels=[channel, world.page])
    world.draft(title="Un altro mese", publish_at=month.next.begins)
    world.draft(title="Senza ora")
    told = Caller(world.vito).get(f"clients/{world.winery.pk}/calendar/", month=str(month))
    assert (told["client"], told["month"], told["timezone"]) == (world.winery.pk, str(month), "Europe/Rome")
    assert [
        (entry["publication"], entry["state"], entry["channels"], entry["dollars"]) for entry in told["entries"]
    ] == [
        (None, "draft", ["Cantina Roero (prova)", "Roero"], 0),
        *((pk, "scheduled", ["Roero"], 0.2) for pk in found),
    ]
    assert told["entries"][0]["post"] == draft.pk
    assert told["entries"][0]["at"] == at(month, 2, 9).isoformat()
    assert [entry["waits"] and entry["waits"]["code"] for entry in told["entries"]] == [
        None,
        None,
        None,
        "limit_used_up",
    ]
    assert Caller(world.vito).get(f"publications/{found[2]}/")["waits"] == told["entries"][3]["waits"]
    # The client's people don't see the agency's drafts, and others nothing at all.
    seen = Caller(world.nonna).get(f"clients/{world.winery.pk}/calendar/", month=str(month))
    assert [entry["publication"] for entry in seen["entries"]] == found
    Caller(world.bruno).get(f"clients/{world.winery.pk}/calendar/", 404)
    wrong = Caller(world.vito).get(f"clients/{world.winery.pk}/calendar/", 400, month="2026-13")
    assert fields(wrong)[0][0] == "month"
    # The page says the same.
    page = signed_in(world.vito).get(f"/admin/social/post/calendar/{world.winery.pk}/?month={month}")
    text = page.content.decode()
    assert text.count("Programmato") == 3
    assert "Bozza" in text
    assert "0,20" in text
    assert text.count("all’ora prevista saranno esauriti") == 1
    assert "Senza ora" not in text
    assert signed_in(world.vito).get(f"/admin/social/post/calendar/{world.town.pk}/").status_code == 404
    assert signed_in(world.vito).get(f"/admin/social/post/calendar/{world.winery.pk}/?month=x").status_code == 404
    assert signed_in(world.vito).get("/admin/social/post/calendar/").status_code == 302


@pytest.mark.parametrize("many", [1, 3])
def test_a_month_asks_the_same_however_much_is_in_it(
    world: World, channel: Channel, stepwise: Stepwise, month: Month, many: int
) -> None:
    stepwise.costs = Decimal("0.2")
    stepwise.allowed = (Limit("posts", "Stepwise", 0, timedelta(days=1), "app"),)
    set_ceiling(user=world.marta, client=world.winery, dollars=Decimal(100))
    rows(world, channel, many, at(month, 3, 9))
    for number in range(many):
        world.draft(title=f"{number}", publish_at=at(month, 2, 9))
    with CaptureQueriesContext(connection) as queries:
        assert len(calendar(world.vito, world.winery, month)) == 2 * many
    assert len(queries) == 11


def test_what_a_month_costs_is_the_staff_s_to_know(world: World, channel: Channel, stepwise: Stepwise) -> None:
    stepwise.costs = Decimal("0.2")
    now = timezone.now()
    month = month_at(world.winery, now)
    first, second = rows(world, channel, 2, now)
    for pk in (first, second):
        Charge.objects.create(client=world.winery, publication_id=pk, number=1, at=now, dollars=Decimal("0.2"))
    Publication.objects.filter(pk=second).update(state="publishing")
    Publication.objects.filter(pk=second).update(state="unknown")
    here = f"clients/{world.winery.pk}/spending/"
    told = Caller(world.vito).get(here)
    assert told == {
        "client": world.winery.pk,
        "month": str(month),
        "dollars": 0.4,
        "uncertain": 0.2,
        "reading": 0,
        "deleting": 0,
        "planned": 0.2,
        "ceiling": None,
        "held": 0,
        "channels": [{"channel": channel.pk, "publications": 2, "dollars": 0.4}],
    }
    assert Caller(world.vito).get(here, month=str(month.last))["dollars"] == 0
    Caller(world.cliente).get(here, 404)
    Caller(world.bruno).get(here, 404)
    ceiling = f"clients/{world.winery.pk}/ceiling/"
    Caller(world.elena).post(ceiling, {"dollars": 5}, 403)
    assert fields(Caller(world.marta).post(ceiling, {"dollars": -5}, 400))[0][0] == "dollars"
    assert Caller(world.marta).post(ceiling, {"dollars": 20.5}, 200)["ceiling"] == 20.5
    # On the page the manager has a form, everybody else has not.
    page = f"/admin/social/post/spending/{world.winery.pk}/"
    assert "Fissa il tetto" in signed_in(world.marta).get(page).content.decode()
    shown = signed_in(world.vito).get(page).content.decode()
    assert "Fissa il tetto" not in shown
    assert "0,40" in shown
    assert signed_in(world.marta).post(page, {"dollars": "x"}).status_code == 200
    assert signed_in(world.marta).post(page, {"dollars": "12,50"}).status_code == 302
    assert Caller(world.marta).get(here)["ceiling"] == 12.5
    assert signed_in(world.marta).post(page, {"dollars": ""}).status_code == 302
    assert Caller(world.marta).get(here)["ceiling"] is None


def test_whoever_submits_is_warned_and_a_manager_lets_it_go(
    world: World, channel: Channel, stepwise: Stepwise, month: Month
) -> None:
    stepwise.costs = Decimal("0.2")
    set_ceiling(user=world.marta, client=world.winery, dollars=Decimal("0.1"))
    post = world.draft(publish_at=at(month, 3, 9), channels=[channel])
    (check,) = Caller(world.vito).get(f"posts/{post.pk}/preflight/")
    assert (check["ok"], check["dollars"]) == (True, 0.2)
    assert [(problem["code"], problem["level"]) for problem in check["problems"]] == [("ceiling", "warning")]
    composer = signed_in(world.vito).get(f"/admin/social/post/{post.pk}/change/").content.decode()
    assert "Stepwise chiede 0,20" in composer
    assert "decide un responsabile" in composer
    edit_post(user=world.vito, post=post, revision=post.revision, publish_at=None)
    post.refresh_from_db()
    assert Caller(world.vito).get(f"posts/{post.pk}/preflight/")[0]["problems"] == []
    edit_post(user=world.vito, post=post, revision=post.revision, publish_at=at(month, 3, 9))
    submit_post(user=world.vito, post=post)

    publication = world.due(channels=[channel], text="Un altro")
    page, beyond = (
        f"/admin/social/post/{publication.post_id}/",
        f"/admin/social/post/publication/{publication.pk}/beyond/",
    )
    assert beyond in signed_in(world.marta).get(page).content.decode()
    text = signed_in(world.vito).get(page).content.decode()
    assert "Prezzo: 0,20" in text
    assert beyond not in text
    Caller(world.vito).post(f"publications/{publication.pk}/go_beyond/", {}, 403)
    assert Caller(world.marta).get(f"publications/{publication.pk}/")["waits"]["code"] == "ceiling"
    assert signed_in(world.marta).post(beyond).status_code == 302
    assert Caller(world.marta).get(f"publications/{publication.pk}/")["waits"] is None
    Caller(world.marta).post(f"publications/{publication.pk}/go_beyond/", {}, 409)
