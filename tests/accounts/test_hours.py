"""When a person may be disturbed: by the clock on their wall, whatever it does in the nights in which it is changed."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from accounts.hours import morning_of, next_morning, when_to_disturb
from accounts.models import User

ROME = ZoneInfo("Europe/Rome")
MINUTES = st.builds(time, st.integers(0, 23), st.integers(0, 59))
# Whose clocks jump by an hour, by half an hour, at midnight, backwards in the middle of Ramadan; and everybody else's.
ZONES = st.sampled_from(
    ["Europe/Rome", "America/New_York", "Australia/Lord_Howe", "Africa/Cairo", "Africa/Casablanca", "Asia/Kathmandu"]
) | st.sampled_from(sorted(available_timezones() - {"localtime"}))
MOMENTS = st.integers(0, 8 * 366 * 86_400).map(
    lambda seconds: datetime(2024, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
)


@st.composite
def people(draw: st.DrawFn) -> User:
    """Somebody with hours that one may have."""
    night = draw(st.none() | st.tuples(MINUTES, MINUTES).filter(lambda pair: pair[0] != pair[1]))
    begin, end = night or (None, None)
    days = draw(st.sets(st.integers(0, 6), max_size=6))
    user = User(timezone=draw(ZONES), quiet_from=begin, quiet_until=end, quiet_days=sorted(days))
    user.morning_at = draw(MINUTES)
    return user


def wall(user: User, moment: datetime) -> datetime:
    return moment.astimezone(ZoneInfo(user.timezone))


def looks_quiet(user: User, moment: datetime) -> bool:
    """What the wall clock and the calendar say."""
    local = wall(user, moment)
    begin, end, at = user.quiet_from, user.quiet_until, local.time()
    if begin is not None and end is not None and (begin <= at < end if begin < end else not end <= at < begin):
        return True
    return local.weekday() in user.quiet_days


def clock_is_steady(user: User, moment: datetime) -> bool:
    """Whether the clock runs as it should for two days around."""
    offsets = {wall(user, moment + timedelta(hours=hours)).utcoffset() for hours in range(-48, 49)}
    return len(offsets) == 1


def somebody(**hours: Any) -> User:
    fields = {"quiet_from": time(20), "quiet_until": time(7, 30), "quiet_days": [5, 6], "timezone": "Europe/Rome"}
    return User(**{**fields, **hours})


def rome(text: str, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ROME, fold=fold).astimezone(UTC)


@given(people(), MOMENTS)
def test_it_is_never_before_and_then_it_is_allowed(user: User, now: datetime) -> None:
    found = when_to_disturb(user, now)
    assert found >= now
    assert when_to_disturb(user, found) == found
    assert found - now < timedelta(days=15)


@given(people(), MOMENTS, st.floats(0, 1, exclude_max=True))
def test_all_before_it_is_quiet(user: User, now: datetime, part: float) -> None:
    found = when_to_disturb(user, now)
    between = now + (found - now) * part
    assert when_to_disturb(user, between) == found


@given(people(), MOMENTS)
def test_where_the_clock_is_steady_it_is_what_the_clock_says(user: User, now: datetime) -> None:
    found = when_to_disturb(user, now)
    assume(clock_is_steady(user, now) and clock_is_steady(user, found))
    assert (found == now) == (not looks_quiet(user, now))
    assert not looks_quiet(user, found)


@given(people(), MOMENTS, st.timedeltas(timedelta(0), timedelta(days=9)))
def test_who_comes_later_does_not_go_first(user: User, now: datetime, later: timedelta) -> None:
    assert when_to_disturb(user, now) <= when_to_disturb(user, now + later)


@given(people(), MOMENTS)
@example(somebody(timezone="Africa/Cairo", morning_at=time(0, 30)), datetime(2026, 4, 23, 21, 59, tzinfo=UTC))
def test_a_morning_comes_and_is_on_no_quiet_day(user: User, now: datetime) -> None:
    found = next_morning(user, now)
    assert now <= found < now + timedelta(days=9)
    assert wall(user, found).weekday() not in user.quiet_days
    assert next_morning(user, found) == found
    if clock_is_steady(user, found):
        assert wall(user, found).time() == user.morning_at
        assert morning_of(user, wall(user, found).date()) == found


@pytest.mark.parametrize(
    ("now", "then"),
    [
        ("2026-05-28T19:59:59", "2026-05-28T19:59:59"),  # a Thursday
        ("2026-05-28T20:00", "2026-05-29T07:30"),
        ("2026-05-29T03:00", "2026-05-29T07:30"),
        ("2026-05-29T07:30", "2026-05-29T07:30"),
        ("2026-05-29T21:00", "2026-06-01T07:30"),  # Friday evening: Monday
        ("2026-05-31T23:59", "2026-06-01T07:30"),  # Sunday night
        ("2026-03-27T22:00", "2026-03-30T07:30"),  # over the night in which summer time begins
    ],
)
def test_a_week_of_marta_s(now: str, then: str) -> None:
    assert when_to_disturb(somebody(), rome(now)) == rome(then)


def test_nobody_said_anything() -> None:
    now = rome("2026-05-31T03:00")
    assert when_to_disturb(somebody(quiet_from=None, quiet_until=None, quiet_days=[]), now) is now


def test_an_end_that_the_clock_jumps_over_is_the_jump() -> None:
    early = somebody(quiet_until=time(2, 30), quiet_days=[])  # on 29 March 2026, 2:00 is followed by 3:00
    assert when_to_disturb(early, rome("2026-03-29T01:59")) == datetime(2026, 3, 29, 1, tzinfo=UTC)
    assert wall(early, datetime(2026, 3, 29, 1, tzinfo=UTC)).time() == time(3)


def test_an_end_that_comes_twice_is_the_first_one_and_it_is_not_night_again() -> None:
    early = somebody(quiet_until=time(2, 30), quiet_days=[])  # on 25 October 2026, 2:00 to 3:00 comes twice
    assert when_to_disturb(early, rome("2026-10-25T01:00")) == rome("2026-10-25T02:30")
    again = rome("2026-10-25T02:10", fold=1)
    assert again > rome("2026-10-25T02:30")
    assert when_to_disturb(early, again) == again


def test_a_day_that_begins_at_one() -> None:
    cairo = somebody(timezone="Africa/Cairo", quiet_from=None, quiet_until=None, quiet_days=[3])
    wednesday_night = datetime(2026, 4, 22, 22, 30, tzinfo=UTC)  # Thursday, 0:30 there
    over = when_to_disturb(cairo, wednesday_night)
    assert wall(cairo, over).isoformat() == "2026-04-24T01:00:00+03:00"  # the clock goes from 0:00 to 1:00
    assert wall(cairo, over - timedelta(seconds=1)).isoformat() == "2026-04-23T23:59:59+02:00"


@pytest.mark.parametrize(("day", "utc"), [(date(2026, 3, 28), 7), (date(2026, 3, 29), 6), (date(2026, 10, 25), 7)])
def test_half_past_eight_stays_half_past_eight(day: date, utc: int) -> None:
    assert morning_of(somebody(morning_at=time(8, 30)), day) == datetime(
        day.year, day.month, day.day, utc, 30, tzinfo=UTC
    )


def test_the_next_morning() -> None:
    marta = somebody(morning_at=time(8, 30))
    assert next_morning(marta, rome("2026-05-28T08:30")) == rome("2026-05-28T08:30")
    assert next_morning(marta, rome("2026-05-28T08:30:01")) == rome("2026-05-29T08:30")
    assert next_morning(marta, rome("2026-05-29T09:00")) == rome("2026-06-01T08:30")
