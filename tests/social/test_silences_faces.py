"""Silences on the staff's pages, by program, in the calendar and in the morning mail."""

from datetime import date
from typing import Any

import pytest
from django.core import mail

from accounts.models import User
from approvals.models import MorningNote
from notifications.models import Notification
from notifications.services import send_due
from social import mornings
from social.models import Post, Silence
from social.services import edit_post
from tests.approvals.clock import at, rome
from tests.browsing import Staff, words
from tests.rest.caller import Caller, fields
from tests.social.quiet import BEGUN, silence, swept
from tests.world import World


@pytest.fixture
def ahead(world: World) -> Silence:
    """Vito's, who reads English."""
    User.objects.filter(pk=world.vito.pk).update(language="en")
    world.vito.refresh_from_db()
    return silence(world)


def test_two_clicks_to_a_draft(world: World, ahead: Silence) -> None:
    with at(BEGUN):
        vito = Staff(world.vito)
        listed = words(vito.open("social_silence_changelist"))
        assert "Cantina Roero (prova)" in listed
        assert "Tuesday 9 March" in listed
        assert "1 post a week" in listed
        page = vito.open("social_silence_change", ahead.pk)
        told = words(page)
        assert "Ahead Falls silent in 8 days, on Tuesday 9 March. Last heard on Monday 1 March." in told
        assert "nothing is planned" in told
        assert "Coming back after the silence" in told
        address = f"/admin/social/silence/{ahead.pk}/take-up/return:0/"
        assert address in page.content.decode()
        asked = vito.browser.get(address)
        assert "It goes out only when everybody has approved it." in words(asked)
        initial = asked.context["form"].initial
        assert (initial["day"], initial["time"]) == ("2027-03-09", "10:00")
        answer = vito.browser.post(address, initial)
        post = Post.objects.get()
        assert answer.headers["Location"] == f"/admin/social/post/{post.pk}/change/"
        again = vito.browser.post(address, initial)  # a second click
        assert again.headers["Location"] == answer.headers["Location"]
        assert Post.objects.count() == 1
        told = words(vito.open("social_silence_change", ahead.pk))
        assert "Filled Would have fallen silent on Tuesday 9 March." in told
        assert "Last heard" not in told
        assert "This silence is over" in words(vito.browser.get(address, follow=True))
        assert "Cantina Roero (prova)" in words(vito.open("social_silence_changelist", query="?state=filled"))


def test_one_that_has_begun_is_no_longer_ahead(world: World, ahead: Silence) -> None:
    with at(rome(2027, 3, 8, 23)):
        assert "Ahead Falls silent tomorrow" in words(Staff(world.vito).open("social_silence_change", ahead.pk))
    with at(rome(2027, 3, 9, 1)):
        vito = Staff(world.vito)
        assert "Silent Silent since Tuesday 9 March." in words(vito.open("social_silence_change", ahead.pk))
        on_strategy = words(vito.open("strategy_strategy_silences", ahead.strategy_id))
        assert "Silent Cantina Roero (prova) silent from Tuesday 9 March" in on_strategy


def test_what_fills_it_is_said_before_the_next_sweep(world: World, ahead: Silence) -> None:
    over = "As things stand now it is over"
    with at(BEGUN):
        vito = Staff(world.vito)
        late = world.draft(text="Troppo tardi", publish_at=rome(2027, 3, 10, 10))
        page = words(vito.open("social_silence_change", ahead.pk))
        assert (over in page, "What could fill it" in page) == (False, True)
        edit_post(user=world.vito, post=late, publish_at=rome(2027, 3, 8, 10))
        page = words(vito.open("social_silence_change", ahead.pk))
        assert (over in page, "What could fill it" in page) == (True, False)
    swept(BEGUN)
    with at(BEGUN):
        page = words(vito.open("social_silence_change", ahead.pk))
    assert (over in page, "Filled Would have fallen silent" in page) == (False, True)


def test_what_was_typed_stays(world: World, ahead: Silence) -> None:
    with at(BEGUN):
        vito = Staff(world.vito)
        typed = {"token": "a", "proposal": "return:0", "day": "2027-02-01", "time": "18:15"}
        answer = vito.send("social_silence_take_up", ahead.pk, "return:0", data=typed)
        assert "This time has passed. Choose one to come, or none." in words(answer)
        assert 'value="18:15"' in answer.content.decode()
        assert not Post.objects.exists()


def test_it_is_wanted(world: World, ahead: Silence) -> None:
    with at(BEGUN):
        vito = Staff(world.vito)
        answer = vito.send("social_silence_dismiss", ahead.pk, data={"why": "other"})
        assert "Say in a few words what it is." in words(answer)
        done = vito.send(
            "social_silence_dismiss", ahead.pk, data={"why": "pause", "note": "Con Piero", "quiet_until": "2027-03-31"}
        )
        assert (
            "Vito Serra says that it is wanted: A pause that was agreed. Con Piero Until Wednesday 31 March."
            in words(done)
        )
    ahead.refresh_from_db()
    assert (ahead.state, ahead.quiet_until) == ("dismissed", date(2027, 3, 31))


def test_on_the_first_page_and_in_the_calendar(world: World, ahead: Silence) -> None:
    with at(BEGUN):
        vito = Staff(world.vito)
        assert "Silences ahead" in words(vito.open("index"))
        assert "silent from Tuesday 9 March, Vito Serra" in words(vito.open("index"))
        assert "falls silent from here on" in words(
            vito.open("social_calendar", world.winery.pk, query="?month=2027-03")
        )
        assert "falls silent" not in words(vito.open("social_calendar", world.winery.pk, query="?month=2027-04"))
        mine = words(Staff(world.marta).open("social_silence_changelist", query="?owner=me"))
        assert "Cantina Roero (prova)" not in mine
        assert "Cantina Roero (prova)" not in words(Staff(world.bruno).open("social_silence_changelist"))


def test_by_program(world: World, ahead: Silence) -> None:
    with at(BEGUN):
        vito = Caller(world.vito)
        (row,) = vito.get("silences/", state="foreseen", owner="vito@filo.example", channel=world.page.pk)["results"]
        shown = {
            name: row[name] for name in ("id", "per_week", "after", "falls_on", "until", "stage", "state", "owner")
        }
        assert shown == {
            "id": ahead.pk,
            "per_week": 1.0,
            "after": "2027-03-01",
            "falls_on": "2027-03-09",
            "until": None,
            "stage": 7,
            "state": "foreseen",
            "owner": "vito@filo.example",
        }
        (proposal,) = vito.get(f"silences/{ahead.pk}/proposals/")
        assert (proposal["key"], proposal["publish_at"]) == ("return:0", "2027-03-09T10:00:00+01:00")
        for body, wrong in [
            ({"why": "other"}, ("note", "required")),
            ({"why": "?"}, ("why", "invalid_choice")),
            ({"why": "pause", "quiet_until": "2027-03-08"}, ("quiet_until", "too_early")),
        ]:
            assert fields(vito.post(f"silences/{ahead.pk}/dismiss/", body, expect=400)) == [wrong]
        refused = vito.post(f"silences/{ahead.pk}/take_up/", {"proposal": "draft:1"}, expect=409)
        assert refused["code"] == "no_proposal"
        sent = {"proposal": "return:0", "publish_at": "2027-03-08T18:00"}
        made = vito.post(f"silences/{ahead.pk}/take_up/", sent, expect=201)
        assert vito.get(f"posts/{made['post']}/")["publish_at"] == "2027-03-08T18:00:00+01:00"
        assert vito.post(f"silences/{ahead.pk}/take_up/", sent, expect=409)["code"] == "over"
        assert vito.get(f"silences/{ahead.pk}/proposals/") == []
        after = vito.get(f"silences/{ahead.pk}/")
        assert (after["state"], after["filled_by"]) == ("filled", made["post"])


def test_on_the_page_of_its_strategy(world: World, ahead: Silence) -> None:
    assert ahead.strategy is not None
    strategy = ahead.strategy.pk
    with at(BEGUN):
        vito = Staff(world.vito)
        page = vito.open("strategy_strategy_silences", strategy)
        assert "Ahead Cantina Roero (prova) silent from Tuesday 9 March, Vito Serra" in words(page)
        assert f'href="/admin/strategy/strategy/{strategy}/silences/" aria-current="page"' in page.content.decode()
        vito.send("social_silence_dismiss", ahead.pk, data={"why": "holiday", "note": "Ferie"})
        told = words(vito.open("strategy_strategy_silences", strategy))
        assert "No channel is going to fall silent: as much is planned as was agreed." in told
        assert "What became of the last ones" in told
        assert "Wanted Cantina Roero (prova) Tuesday 9 March · Ferie" in told
        assert Staff(world.bruno).open("strategy_strategy_silences", strategy).status_code == 404


# The morning mail


def letters(now: Any) -> list[Any]:
    mail.outbox.clear()
    Notification.objects.exclude(kind="morning").update(state="dropped")
    with at(now):
        send_due()
    return list(mail.outbox)


def morning(now: Any) -> int:
    with at(now):
        return mornings.remind(now=now)


def test_each_stage_once_in_the_owners_morning(world: World, ahead: Silence) -> None:
    assert morning(rome(2027, 3, 1, 8)) == 0
    assert [morning(rome(2027, 3, 1, 9)), morning(rome(2027, 3, 1, 9, 30)), morning(rome(2027, 3, 2, 9))] == [1, 0, 0]
    swept(rome(2027, 3, 4))
    assert [morning(rome(2027, 3, 4, 9)), morning(rome(2027, 3, 5, 9))] == [1, 0]
    assert list(MorningNote.objects.order_by("pk").values_list("user", "key")) == [
        (world.vito.pk, f"{ahead.pk}:7"),
        (world.vito.pk, f"{ahead.pk}:3"),
    ]
    (letter,) = letters(rome(2027, 3, 4, 9))[:1]
    assert (letter.to, letter.subject) == (["vito@filo.example"], "One thing waits for you")
    assert "Cantina Roero: silences" in letter.body
    assert "Agreed: 1 post a week. Nothing is planned after that." in letter.body
    assert "Falls silent in 5 days, on Tuesday 9 March.\nLast heard on Monday 1 March." in letter.body
    assert f"/admin/social/silence/{ahead.pk}/change/" in letter.body
    assert "#7A1F3D" in letter.alternatives[0][0]


def test_the_posts_before_and_after_it_are_told_apart(world: World, ahead: Silence) -> None:
    with at(BEGUN):
        world.draft(publish_at=rome(2027, 3, 5))
        world.draft(publish_at=rome(2027, 3, 15))
    swept(BEGUN)
    swept(rome(2027, 3, 4))
    assert morning(rome(2027, 3, 4, 9)) == 1
    (letter,) = letters(rome(2027, 3, 4, 9))
    assert "Agreed: 1 post a week. The one after the silence goes out on Monday 15 March." in letter.body
    assert "on Saturday 13 March.\nThe last one before it goes out on Friday 5 March." in letter.body


def test_filled_meanwhile_it_is_not_sent(world: World, ahead: Silence) -> None:
    assert morning(rome(2027, 3, 1, 9)) == 1
    with at(rome(2027, 3, 1, 9)):
        world.draft(publish_at=rome(2027, 3, 8))
    swept(rome(2027, 3, 1, 9, 1))
    assert letters(rome(2027, 3, 1, 9, 2)) == []


def test_a_new_owner_is_told(world: World, ahead: Silence) -> None:
    assert morning(rome(2027, 3, 1, 9)) == 1
    world.winery.memberships.filter(user=world.vito).delete()
    swept(rome(2027, 3, 2))
    assert morning(rome(2027, 3, 2, 9)) == 1
    assert MorningNote.objects.latest("pk").user == world.marta
    (letter,) = [found for found in letters(rome(2027, 3, 2, 9)) if found.to == ["marta@filo.example"]]
    assert "Cantina Roero: silenzi" in letter.body
    assert "Concordato: 1 post a settimana." in letter.body
