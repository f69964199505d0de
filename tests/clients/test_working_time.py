"""Working time: against a model that looks at every minute, over both changes of the clock on two continents."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import holidays
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from clients.models import Client
from clients.services import edit_client, set_working_time
from clients.working_time import (
    DEFAULT_HOURS,
    Calendar,
    Closing,
    Hours,
    NeverOpen,
    calendar_of,
    calendars_of,
)
from tests.world import World

ROME, NEW_YORK = ZoneInfo("Europe/Rome"), ZoneInfo("America/New_York")
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
OFFICE = Calendar(zone=ROME, country="IT")
# The days around which the clock is changed, and Easter, which has its Monday.
NEAR = [
    (ROME, "IT", date(2026, 3, 29)),
    (ROME, "IT", date(2026, 10, 25)),
    (ROME, "IT", date(2026, 4, 6)),
    (NEW_YORK, "US", date(2026, 3, 8)),
    (NEW_YORK, "US", date(2026, 11, 1)),
]
WINDOW = 4 * 24 * 60  # minutes


def rome(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ROME)


class EveryMinute:
    """The model: is each minute of some days a working one? Written so that one sees that it is right."""

    def __init__(self, calendar: Calendar, start: datetime) -> None:
        free = holidays.country_holidays(calendar.country) if calendar.country else {}
        self.start, self.open = start, [False] * WINDOW
        for number in range(WINDOW):
            local = (start + number * MINUTE).astimezone(calendar.zone)
            closed = local.date() in free or any(c.first <= local.date() <= c.last for c in calendar.closings)
            clock = local.strftime("%H:%M")
            self.open[number] = not closed and any(
                item.weekday == local.weekday()
                and f"{item.opens:%H:%M}" <= clock
                and (clock < f"{item.closes:%H:%M}" or item.closes == time())
                for item in calendar.hours
            )

    def after(self, number: int, minutes: int) -> datetime:
        while minutes:
            minutes -= self.open[number]
            number += 1
        return self.start + number * MINUTE


@st.composite
def spans(draw: Any) -> tuple[Hours, ...]:
    """Hours of a week, at night too, where clocks are changed."""
    found = []
    for weekday in range(7):
        edges = draw(st.lists(st.integers(0, 48), max_size=6, unique=True).map(sorted))
        for opens, closes in zip(edges[::2], edges[1::2], strict=False):
            found.append(Hours(weekday, _clock(opens * 30), _clock(closes * 30 % 1440)))
    return tuple(found)


def _clock(minutes: int) -> time:
    return time(minutes // 60, minutes % 60)


@st.composite
def moments_and_calendars(draw: Any) -> tuple[Calendar, EveryMinute, int]:
    """A calendar, what the model knows of the days around a change of the clock, and a minute in them."""
    zone, country, day = draw(st.sampled_from(NEAR))
    closed = day + draw(st.integers(-2, 3)) * DAY
    closings = draw(st.sampled_from([(), (Closing(closed, closed + DAY, "Inventory"),)]))
    calendar = Calendar(zone, draw(spans()), closings, draw(st.sampled_from([country, ""])))
    start = datetime.combine(day - DAY, time(), UTC)
    return calendar, EveryMinute(calendar, start), draw(st.integers(0, WINDOW - 1))


@given(drawn=moments_and_calendars(), data=st.data())
@settings(max_examples=150, deadline=None)
def test_it_counts_as_one_would_by_hand(drawn: tuple[Calendar, EveryMinute, int], data: Any) -> None:
    calendar, model, number = drawn
    moment = model.start + number * MINUTE
    assert calendar.is_open(moment) == model.open[number]
    ahead = sum(model.open[number:])
    minutes = data.draw(st.integers(0, ahead))
    # In UTC: Python calls no two moments equal across zones while one of them is in an hour that comes twice.
    assert calendar.after(moment, minutes).astimezone(UTC) == model.after(number, minutes)
    later = data.draw(st.integers(number, WINDOW))
    end, worked = model.start + later * MINUTE, sum(model.open[number:later])
    assert calendar.minutes_between(moment, end) == worked
    assert calendar.minutes_between(end, moment) == -worked
    if ahead:
        assert calendar.next_opening(moment).astimezone(UTC) == model.start + model.open.index(True, number) * MINUTE


@given(drawn=moments_and_calendars(), seconds=st.integers(0, 59), minutes=st.integers(1, 3000))
@settings(max_examples=50, deadline=None)
def test_there_and_back(drawn: tuple[Calendar, EveryMinute, int], seconds: int, minutes: int) -> None:
    calendar, model, number = drawn
    moment = model.start + number * MINUTE + timedelta(seconds=seconds)
    if not calendar.hours:
        with pytest.raises(NeverOpen):
            calendar.after(moment, minutes)
        return
    assert calendar.minutes_between(moment, calendar.after(moment, minutes)) == minutes


@pytest.mark.parametrize(
    ("start", "minutes", "end"),
    [
        ("2026-05-28T17:00", 60, "2026-05-28T18:00"),  # the end of the day is still that day
        ("2026-05-28T17:00", 61, "2026-05-29T09:01"),
        ("2026-05-28T17:00:30", 5, "2026-05-28T17:05:30"),
        ("2026-05-29T17:30", 60, "2026-06-01T09:30"),  # over the weekend
        ("2026-06-01T17:30", 60, "2026-06-03T09:30"),  # over the Republic
        ("2026-05-30T12:00", 0, "2026-05-30T12:00"),
        ("2026-05-30T12:00", 1, "2026-06-01T09:01"),
    ],
)
def test_an_office_in_rome(start: str, minutes: int, end: str) -> None:
    assert OFFICE.after(rome(start), minutes) == rome(end)
    assert OFFICE.after(rome(start).astimezone(NEW_YORK), minutes).isoformat() == rome(end).isoformat()


def test_a_night_shift_works_real_minutes() -> None:
    night = Calendar(ROME, tuple(Hours(day, time(0), time(6)) for day in range(7)))
    # On 29 March there is no hour from two to three, on 25 October there are two of them.
    assert night.minutes_between(rome("2026-03-29T00:00"), rome("2026-03-30T00:00")) == 300
    assert night.minutes_between(rome("2026-10-25T00:00"), rome("2026-10-26T00:00")) == 420
    assert night.after(rome("2026-03-29T01:30"), 60) == rome("2026-03-29T03:30")
    assert night.after(rome("2026-10-25T01:30"), 60).astimezone(UTC).isoformat() == "2026-10-25T00:30:00+00:00"
    whole = Calendar(ROME, tuple(Hours(day, time(0), time(0)) for day in range(7)))
    assert whole.minutes_between(rome("2026-10-25T00:00"), rome("2026-10-26T00:00")) == 25 * 60
    assert whole.is_open(rome("2026-10-25T23:59:59"))


def test_public_holidays_of_a_region_and_own_closings() -> None:
    assert not OFFICE.is_working_day(date(2026, 4, 6))  # Easter Monday
    assert OFFICE.is_working_day(date(2026, 12, 7))
    milan = Calendar(ROME, country="IT", region="MI", closings=(Closing(date(2026, 8, 3), date(2026, 8, 21), "Ferie"),))
    assert not milan.is_working_day(date(2026, 12, 7))  # Saint Ambrose, of Milan alone
    assert [milan.is_working_day(date(2026, 8, day)) for day in (3, 21, 24)] == [False, False, True]
    assert Calendar(ROME).is_working_day(date(2026, 12, 25))  # no country, no holidays


@pytest.mark.parametrize(
    ("moment", "days", "there"),
    [
        ("2026-05-29T10:15", 1, "2026-05-28T10:15"),
        ("2026-06-01T10:15", 1, "2026-05-29T10:15"),
        ("2026-05-31T10:15", 1, "2026-05-29T10:15"),  # a Sunday's working day before is Friday
        ("2026-06-03T21:00", 2, "2026-05-29T21:00"),  # the second of June is free, and nine in the evening stays it
        ("2026-05-31T10:15", 0, "2026-05-31T10:15"),
        ("2026-03-30T09:00", 1, "2026-03-27T09:00"),  # nine o'clock on both sides of the change
    ],
)
def test_working_days_before_keep_the_hour(moment: str, days: int, there: str) -> None:
    assert OFFICE.working_days_before(rome(moment), days).isoformat() == rome(there).isoformat()


def test_an_hour_that_is_skipped_is_the_next_one() -> None:
    daily = Calendar(ROME, tuple(Hours(day, time(9), time(10)) for day in range(7)))
    assert daily.working_days_before(rome("2026-03-30T02:30"), 1).isoformat() == "2026-03-29T03:30:00+02:00"


def test_what_makes_no_sense_is_said_and_nothing_is_searched_for_ever() -> None:
    closed = Calendar(ROME, hours=())
    now = rome("2026-05-28T17:00")
    asks: list[Callable[[], object]] = [
        lambda: closed.after(now, 1),
        lambda: closed.next_opening(now),
        lambda: closed.working_days_before(now, 1),
    ]
    for ask in asks:
        with pytest.raises(NeverOpen):
            ask()
    assert closed.minutes_between(now, now + 1000 * DAY) == 0
    wrongs: list[Callable[[], object]] = [
        lambda: OFFICE.after(now, -1),
        lambda: OFFICE.working_days_before(now, -1),
        lambda: OFFICE.is_open(datetime(2026, 5, 28, 17)),  # noqa: DTZ001 - that is what is wrong
        lambda: OFFICE.after(datetime(2026, 5, 28, 17), 1),  # noqa: DTZ001
    ]
    for wrong in wrongs:
        with pytest.raises(ValueError, match=r"zone|counted"):
            wrong()


@pytest.fixture
def many(world: World) -> list[Client]:
    """Clients with hours and closings of their own."""
    made = [Client.objects.create(name=f"C{number}", slug=f"c{number}") for number in range(3)]
    for client in made:
        set_working_time(
            user=world.ada,
            client=client,
            hours=[Hours(0, time(8), time(12)), Hours(0, time(14), time(18))],
            closings=[Closing(date(2026, 8, 3), date(2026, 8, 21), "Ferie")],
        )
    return made


@pytest.mark.parametrize("number", [1, 3])
def test_calendars_cost_three_queries(
    world: World, many: list[Client], number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    clients = many[:number]
    with django_assert_num_queries(3):
        found = calendars_of([client.pk for client in clients])
    with django_assert_num_queries(2):
        assert calendar_of(clients[0]) == found[clients[0].pk]
    assert len(found) == number
    assert found[clients[0].pk].after(rome("2026-08-03T08:00"), 30) == rome("2026-08-24T08:30")


def test_who_has_no_hours_works_from_nine_to_six(world: World) -> None:
    assert calendar_of(world.winery) == Calendar(ROME, DEFAULT_HOURS, (), "IT", "")
    edit_client(user=world.marta, client=world.winery, timezone="America/New_York", holidays_country="US")
    world.winery.refresh_from_db()
    assert calendar_of(world.winery) == Calendar(NEW_YORK, DEFAULT_HOURS, (), "US", "")
