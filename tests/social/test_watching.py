"""What is out is read back and counted on a schedule; what is not told is unknown."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import trans_real
from httpx import Headers

from clients.months import month_at
from notifications.letters import write
from notifications.models import Notification
from social import networks
from social.costs import spending
from social.models import Channel, Publication, Reading, SandboxPost, Watch
from social.networks.base import (
    CannotTell,
    CredentialsRefused,
    NotReady,
    NotSent,
    Numbers,
    Price,
    Published,
    Refused,
    Throttled,
)
from social.networks.failing import Failing
from social.networks.hiding import Secrets
from social.services import edit_channel, retire_channel, set_ceiling, watching
from social.services.watching import COUNTS, HOUR, MINUTE
from tests.rest.caller import Caller
from tests.social.publishing.stepwise import Stepwise
from tests.social.test_publishing import run
from tests.world import PASSWORD, World

DAY = timedelta(days=1)


@pytest.fixture
def live(world: World) -> Publication:
    return run(world.due())


def watch(live: Publication) -> Watch:
    return Watch.objects.get(publication=live)


def due(live: Publication, ago: timedelta = timedelta(0)) -> None:
    """As if it had gone out so long ago, and everything were to be looked at now."""
    now = timezone.now()
    Publication.objects.filter(pk=live.pk).update(published_at=now - ago)
    Watch.objects.filter(publication=live).update(look_at=now, count_at=now)


def test_it_is_read_back_a_minute_later_and_then_more_rarely(world: World, live: Publication) -> None:
    assert live.published_at is not None
    assert watch(live).look_at == live.published_at + MINUTE
    assert watching.hand_out("look_at", live.published_at) == []
    assert watching.hand_out("look_at", live.published_at + MINUTE) == [live.pk]
    assert watching.hand_out("look_at", live.published_at + MINUTE) == []  # somebody has it
    watching.look(publication_id=live.pk)
    found = watch(live)
    assert (found.seen, found.looks, found.verified_at is not None) == ("there", 1, True)
    assert found.look_at is not None
    assert timedelta(minutes=58) < found.look_at - timezone.now() < HOUR
    for _turn in range(9):
        due(live)
        watching.look(publication_id=live.pk)
    assert (watch(live).looks, watch(live).look_at) == (10, None)


def test_what_is_not_there_any_more_is_said_and_not_counted(world: World, live: Publication) -> None:
    watching.look(publication_id=live.pk)
    seen_at = watch(live).verified_at
    SandboxPost.objects.all().delete()
    for _turn in range(2):
        watching.look(publication_id=live.pk)
    assert (watch(live).seen, watch(live).verified_at, watch(live).count_at) == ("gone", seen_at, None)
    live.refresh_from_db()
    assert live.state == "published"  # it was; what we know is where it is not now


def test_numbers_thin_out_and_missed_times_are_not_made_up_for(world: World, live: Publication) -> None:
    due(live, HOUR)
    watching.count(publication_id=live.pk)
    due(live, 4 * DAY)
    SandboxPost.objects.update(views=7)
    watching.count(publication_id=live.pk)
    watching.count(publication_id=live.pk)  # told twice at the same mark is told once
    told = Reading.objects.values_list("mark", "views", "reach")
    assert list(told) == [(0, 0, None), (3, 7, None)]
    live.refresh_from_db()
    assert live.published_at is not None
    assert watch(live).count_at == live.published_at + COUNTS[4]
    due(live, 91 * DAY)
    watching.count(publication_id=live.pk)
    assert watch(live).count_at is None


class Told(Stepwise):
    """A network whose answers are given."""

    slug = "told"
    counts = True

    def __init__(self) -> None:
        super().__init__()
        self.answer: Any = None

    def read_back(self, account: Any, live: Published) -> Any:
        return self._told()

    def numbers(self, account: Any, live: Published) -> Any:
        return self._told()

    def _told(self) -> Any:
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@pytest.fixture
def told(world: World, live: Publication, monkeypatch: pytest.MonkeyPatch) -> Told:
    network = Told()
    monkeypatch.setitem(networks.NETWORKS, "told", network)
    Publication.objects.filter(pk=live.pk).update(network="told")
    return network


def test_a_refused_token_found_out_by_looking_or_counting_asks_for_a_new_connection(
    live: Publication, told: Told
) -> None:
    told.answer = CredentialsRefused("No.")
    for ask in (watching.look, watching.count):
        Channel.objects.filter(pk=live.channel_id).update(status="connected")
        due(live)
        ask(publication_id=live.pk)
        live.channel.refresh_from_db()
        assert (live.channel.status, live.channel.status_detail) == ("broken", "No.")
    found = watch(live)
    assert (found.seen, found.looks, found.detail, found.count_detail) == ("", 0, "No.", "No.")
    due(live)
    told.answer = Published("1", "https://elsewhere.example/1")
    watching.look(publication_id=live.pk)
    assert watch(live).looks == 0  # nobody asks before somebody has connected it anew
    Channel.objects.filter(pk=live.channel_id).update(status="connected")
    due(live)
    watching.look(publication_id=live.pk)
    assert (watch(live).looks, watch(live).detail) == (1, "")


@pytest.mark.parametrize(
    ("answer", "seen", "again"),
    [
        (Published("1", "https://elsewhere.example/1"), "differs", HOUR),
        (CannotTell("No."), "unreadable", None),
        (Refused("No."), "unreadable", HOUR),
        (CredentialsRefused("No."), "", 6 * HOUR),
        (NotSent("No."), "", 10 * MINUTE),
        (ValueError("?"), "", 10 * MINUTE),
    ],
)
def test_whatever_the_network_answers_is_told_as_it_is(
    live: Publication, told: Told, answer: Any, seen: str, again: timedelta | None
) -> None:
    told.answer = answer
    watching.look(publication_id=live.pk)
    found = watch(live)
    assert found.seen == seen
    if again is None:
        assert found.look_at is None
    else:
        assert found.look_at is not None
        assert abs(found.look_at - timezone.now() - again) < 2 * MINUTE
    live.channel.refresh_from_db()
    assert live.channel.status == ("broken" if isinstance(answer, CredentialsRefused) else "connected")


def test_what_readers_do_not_get_is_told_and_never_called_verified(world: World, live: Publication, told: Told) -> None:
    told.answer = NotReady("It is still at it.", retry_at=timezone.now() + 10 * MINUTE)
    watching.look(publication_id=live.pk)
    found = watch(live)
    assert (found.seen, found.looks, found.detail) == ("", 0, "It is still at it.")
    assert found.look_at is not None
    assert 9 * MINUTE < found.look_at - timezone.now() <= 10 * MINUTE
    told.answer = Published(live.remote_id, live.permalink, lacks="The video does not play.")
    for _turn in range(2):
        due(live)
        watching.look(publication_id=live.pk)
    assert (watch(live).seen, watch(live).verified_at, watch(live).looks) == ("lacking", None, 2)
    notices = Notification.objects.filter(kind="publication_lacking").order_by("user__name")
    assert [notice.user.name for notice in notices] == ["Marta Gallo", "Vito Serra"]
    letter = write(notices[0])
    assert letter is not None
    assert "The video does not play." in letter.paragraphs
    browser = Browser()
    browser.force_login(world.marta)
    shown = browser.get(reverse("admin:social_post_page", args=[live.post_id])).content.decode()
    assert "The video does not play." in shown
    assert "è al suo posto" not in shown
    told.answer = Published(live.remote_id, live.permalink)
    due(live)
    watching.look(publication_id=live.pk)
    assert (watch(live).seen, watch(live).verified_at is not None, watch(live).detail) == ("there", True, "")
    assert write(notices[0]) is None  # nobody has to look any more


def test_what_is_there_again_is_counted_again_whole_or_not(live: Publication, told: Told) -> None:
    for answer in (None, None, Published(live.remote_id, live.permalink, lacks="The video does not play.")):
        told.answer = answer
        Watch.objects.filter(publication=live).update(look_at=timezone.now())
        watching.look(publication_id=live.pk)
        assert (watch(live).count_at is None) == (watch(live).looks == 2)
    assert watch(live).seen == "lacking"


def test_what_readers_do_not_get_is_still_told_where_the_next_look_hears_nothing(
    world: World, live: Publication, told: Told
) -> None:
    told.answer = Published(live.remote_id, live.permalink, lacks="The video does not play.")
    watching.look(publication_id=live.pk)
    for silence in (
        NotSent("No."),
        NotReady("At it.", retry_at=timezone.now()),
        Throttled("Later.", retry_at=timezone.now()),
        CredentialsRefused("Gone."),
    ):
        told.answer = silence
        due(live)
        watching.look(publication_id=live.pk)
        assert (watch(live).seen, watch(live).detail) == ("lacking", "The video does not play.")


@pytest.mark.parametrize("language", ["it", "en"])
def test_of_what_is_out_it_is_never_said_that_nothing_was_published(
    world: World, live: Publication, told: Told, language: str
) -> None:
    """As the sentences for a try say: of each that a network may have for a question, too."""
    world.winery.language = language
    world.winery.save(update_fields=["language"])
    quiet, plain = Failing("Sandbox", Secrets()), Headers()
    errors = [
        quiet.not_the_network(""),
        quiet.no_answer(""),
        quiet.unreadable(""),
        quiet.of_status(503, plain, "", None),
        quiet.of_status(400, plain, "", None),
    ]
    for error in errors:
        for question in (watching.look, watching.count):
            told.answer = error
            due(live)
            question(publication_id=live.pk)
        kept = watch(live)
        for said in (kept.detail, kept.count_detail):
            assert said
            assert "Nothing was published" not in said
            assert "Non è uscito niente" not in said


def test_that_nothing_was_published_is_said_in_the_same_words_everywhere() -> None:
    """Else it could not be left out."""
    italian: Any = trans_real.translation("it")
    said = dict(italian._catalog.items())
    other = [one for one in said if "Nothing was published." in one and "Non è uscito niente." not in said[one]]
    assert (len(said) > 1000, other) == (True, [])


def test_a_count_that_is_none_is_unknown(live: Publication, told: Told) -> None:
    due(live, HOUR)
    answers: Any = {"reach": -1, "views": True, "reactions": "12", "comments": 2**70, "clicks": 4, "conversions": 2}
    told.answer = Numbers(**answers)
    watching.count(publication_id=live.pk)
    (reading,) = Reading.objects.all()
    names = ("reach", "views", "reactions", "comments", "shares", "clicks", "conversions")
    assert [getattr(reading, name) for name in names] == [None, None, None, None, None, 4, 2]


def test_questions_stay_within_the_networks_limits(live: Publication, told: Told, monkeypatch: Any) -> None:
    limit = networks.get("told").reads[0]
    monkeypatch.setattr(Told, "reads", (type(limit)(limit.name, limit.label, 1, limit.window),))
    told.answer = Published("1", live.permalink)
    watching.look(publication_id=live.pk)
    due(live)
    watching.look(publication_id=live.pk)
    found = watch(live)
    assert found.looks == 1
    assert found.look_at is not None
    assert timedelta(minutes=58) < found.look_at - timezone.now() <= HOUR


def test_a_retired_channel_ends_it_and_what_was_counted_stays(world: World, live: Publication) -> None:
    due(live, HOUR)
    watching.count(publication_id=live.pk)
    retire_channel(user=world.marta, channel=world.page)
    due(live)
    watching.look(publication_id=live.pk)
    assert (watch(live).look_at, watch(live).count_at, Reading.objects.count()) == (None, None, 1)


def test_a_broken_channel_waits(world: World, live: Publication) -> None:
    type(world.page).objects.update(status="broken")
    watching.look(publication_id=live.pk)
    found = watch(live)
    assert (found.looks, found.look_at is not None and found.look_at > timezone.now() + HOUR) == (0, True)


def test_the_sandbox_counts_who_was_shown_its_page(world: World, live: Publication) -> None:
    browser = Browser()
    browser.login(email="nonna@filo.example", password=PASSWORD)
    for _turn in range(2):
        assert browser.get("/sandbox/cantina-roero/").status_code == 200
    browser.get("/sandbox/cantina-roero/?format=json")
    watching.count(publication_id=live.pk)
    assert Reading.objects.get().views == 2


def test_what_was_sent_again_by_hand_is_not_looked_for(world: World) -> None:
    edit_channel(user=world.marta, channel=world.page, credentials={})
    publication = world.due()
    watching.begin(publication, Published("", ""), timezone.now())
    assert (watch(publication).seen, watch(publication).look_at) == ("unreadable", None)


@pytest.mark.parametrize("column", ["look_at", "count_at"])
def test_the_sweep_reads_an_index(world: World, live: Publication, column: str) -> None:
    values: dict[str, Any] = {"now": timezone.now(), "until": timezone.now(), "batch": 100}
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("EXPLAIN " + watching.DUE.format(column=column), values)
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert f"ix_watch_{column.removesuffix('_at')}" in plan


@pytest.fixture
def paid(told: Told, live: Publication, monkeypatch: pytest.MonkeyPatch) -> Told:
    """A thread of three on a network that takes a cent for each post that is asked for."""
    monkeypatch.setattr(Told, "read_price", Price(Decimal("0.01"), "made up"))
    monkeypatch.setattr(Told, "posts_read", lambda _self, live: live.remote_id.count(",") + 1)
    Publication.objects.filter(pk=live.pk).update(remote_id="1,2,3")
    return told


def paid_for(world: World) -> tuple[Decimal, Decimal]:
    """What this month's page says: all, and of that for looking."""
    told = spending(world.vito, world.winery, month_at(world.winery, timezone.now()))
    return told.dollars, told.reading


def test_what_looking_costs_is_the_clients_month_s(world: World, live: Publication, paid: Told) -> None:
    due(live, HOUR)
    paid.answer = Published("1,2,3", live.permalink)
    watching.look(publication_id=live.pk)
    assert paid_for(world) == (Decimal("0.03"), Decimal("0.03"))
    paid.answer = Numbers(reactions=1)
    watching.count(publication_id=live.pk)
    assert paid_for(world) == (Decimal("0.04"), Decimal("0.04"))
    for error in (NotSent("No."), Throttled("No.", retry_at=timezone.now())):  # nobody pays for no answer
        paid.answer = error
        due(live, HOUR)
        watching.look(publication_id=live.pk)
    assert paid_for(world) == (Decimal("0.04"), Decimal("0.04"))
    assert Caller(world.vito).get(f"clients/{world.winery.pk}/spending/")["reading"] == 0.04
    page = Browser()
    page.login(username=world.vito.email, password=PASSWORD)
    assert "di cui 0,04" in page.get(f"/admin/social/post/spending/{world.winery.pk}/").content.decode()
    # And what went out there is not taken to be paid by that.
    assert live.charges.filter(cause="publishing").count() == 0


def test_a_ceiling_that_is_reached_keeps_questions_too(world: World, live: Publication, paid: Told) -> None:
    set_ceiling(user=world.marta, client=world.winery, dollars=Decimal("0.02"))
    due(live, HOUR)
    paid.answer = AssertionError("it was asked")
    watching.look(publication_id=live.pk)
    found = watch(live)
    assert (found.looks, found.detail) == (
        0,
        "Stepwise fa pagare ogni controllo e il tetto del mese è raggiunto: per ora nessuno controlla.",
    )
    assert found.look_at is not None
    assert found.look_at > timezone.now()
    paid.answer = Numbers(reactions=1)
    watching.count(publication_id=live.pk)  # that is one post, and fits
    assert paid_for(world) == (Decimal("0.01"), Decimal("0.01"))
    set_ceiling(user=world.marta, client=world.winery, dollars=Decimal("0.04"))
    due(live, HOUR)
    paid.answer = Published("1,2,3", live.permalink)
    watching.look(publication_id=live.pk)
    assert (watch(live).seen, watch(live).detail) == ("there", "")
