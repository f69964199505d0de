"""How long a channel may be quiet, when it is silent, and how long before that is told: by tables."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from clients.working_time import Calendar, Closing, Hours
from social.pause_words import per_week_said
from social.pauses import Gap, first_gap, longest_pause, stage_of
from tests.approvals.clock import ROME, rome

ITALY = Calendar(zone=ROME, country="IT")
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("per_week", "days"),
    [("0.01", 700), ("0.25", 28), ("0.3", 24), ("0.5", 14), ("1", 7), ("1.5", 7), ("2", 6), ("3", 5), ("4.99", 4), ("5", 3),
     ("7", 3), ("140", 3)],
)  # fmt: skip
def test_what_a_cadence_can_explain(per_week: str, days: int) -> None:
    assert longest_pause(Decimal(per_week)) == days


@pytest.mark.parametrize(
    ("after", "planned", "gap"),
    [
        (1, [], (1, 9, None)),
        (1, [8], (8, 16, None)),  # a week after, as agreed
        (1, [9], (9, 17, None)),  # a day later: nobody calls that silence
        (1, [10], (1, 9, 10)),
        (1, [3, 8, 20], (8, 16, 20)),
        (1, [20, 8, 8, 3], (8, 16, 20)),  # in any order
        (1, [-5, 2], (2, 10, None)),  # what is older than the last day counts for nothing
        (-20, [], (-20, -12, None)),  # silent for long
        (-20, [6], (6, 14, None)),  # and about to be broken
        (-20, [9], (-20, -12, 9)),  # or not soon
    ],
)
def test_the_first_gap(after: int, planned: list[int], gap: tuple[int, int, int | None]) -> None:
    def day(number: int) -> date:
        return date(2027, 3, 1) + (number - 1) * DAY

    found = first_gap(day(after), [day(number) for number in planned], 7, day(1))
    assert found == Gap(day(gap[0]), day(gap[1]), None if gap[2] is None else day(gap[2]))


@pytest.mark.parametrize(
    ("calendar", "falls_on", "begins"),
    [
        # Easter Monday, and the change to summer time on the Sunday before.
        (ITALY, date(2027, 4, 2), {14: rome(2027, 3, 12, 0), 7: rome(2027, 3, 23, 0), 3: rome(2027, 3, 30, 0)}),
        # All Saints, and the change back; a Sunday.
        (ITALY, date(2027, 11, 7), {14: rome(2027, 10, 18, 0), 7: rome(2027, 10, 27, 0), 3: rome(2027, 11, 3, 0)}),
        # Closed over the holidays: told before they are.
        (
            Calendar(zone=ROME, country="IT", closings=(Closing(date(2026, 12, 24), date(2027, 1, 6)),)),
            date(2027, 1, 7),
            {14: rome(2026, 12, 3, 0), 7: rome(2026, 12, 15, 0), 3: rome(2026, 12, 21, 0)},
        ),
        # Who works on one day of the week, where midnight is skipped on the day of the change (28 March 2027, Beirut).
        (
            Calendar(
                zone=ZoneInfo("Asia/Beirut"),
                hours=(Hours(6, datetime.min.time().replace(hour=9), datetime.min.time().replace(hour=12)),),
            ),
            date(2027, 3, 29),
            {
                14: datetime(2026, 12, 27, tzinfo=ZoneInfo("Asia/Beirut")),
                7: datetime(2027, 2, 14, tzinfo=ZoneInfo("Asia/Beirut")),
                3: datetime(2027, 3, 14, tzinfo=ZoneInfo("Asia/Beirut")),
            },
        ),
    ],
)
def test_how_long_before_it_is_told(calendar: Calendar, falls_on: date, begins: dict[int, datetime]) -> None:
    second = timedelta(seconds=1)
    assert stage_of(calendar, falls_on, begins[14] - second) is None
    for days, moment in begins.items():
        assert stage_of(calendar, falls_on, moment) == days
    assert stage_of(calendar, falls_on, begins[7] - second) == 14
    assert stage_of(calendar, falls_on, begins[3] - second) == 7
    assert stage_of(calendar, falls_on, begins[3] + 400 * DAY) == 3


@pytest.mark.parametrize(
    ("per_week", "words"),
    [
        ("0.25", "a post every 28 days"),
        ("1", "1 post a week"),
        ("3.00", "3 posts a week"),
        ("2.50", "2.5 posts a week"),
    ],
)
def test_in_words(per_week: str, words: str) -> None:
    assert per_week_said(Decimal(per_week)) == words
