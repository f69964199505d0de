"""Rules of RFC 5545: what is taken, what is refused, when they come over both changes of the clock, and how they are said."""

import time
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation

from social.recurrence import MOST, check_span, read_rule
from social.recurrence_words import in_words

ROME = ZoneInfo("Europe/Rome")


def begin(text: str, zone: ZoneInfo = ROME) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


def times(rule: str, first: str, zone: ZoneInfo = ROME) -> list[str]:
    """Its moments in UTC."""
    return [f"{at:%Y-%m-%d %H:%M}" for at in check_span(read_rule(rule, zone), begin(first, zone))]


def code(rule: str, first: str = "2027-03-02T09:00") -> str:
    """Why it is refused."""
    begun = time.monotonic()
    with pytest.raises(ValidationError) as error:
        check_span(read_rule(rule, ROME), begin(first))
    assert time.monotonic() - begun < 10  # it is refused rather than counted out
    [problem] = error.value.error_dict["rule"]
    return str(problem.code)


@pytest.mark.parametrize(
    ("rule", "wrong"),
    [
        ("", "invalid"),
        ("weekly", "invalid"),
        ("FREQ=WEEKLY;;COUNT=2", "invalid"),
        ("FREQ=WEEKLY;FREQ=DAILY;COUNT=2", "invalid"),
        ("COUNT=2", "freq"),
        ("FREQ=SECONDLY;COUNT=2", "freq"),
        ("FREQ=MINUTELY;COUNT=2", "freq"),
        ("FREQ=HOURLY;UNTIL=20270401", "freq"),
        ("FREQ=DAILY;BYSECOND=0,1,2;COUNT=2", "unknown"),
        ("FREQ=DAILY;BYHOUR=1;COUNT=2", "unknown"),
        ("FREQ=MONTHLY;BYDAY=MO,TU;BYSETPOS=-1;COUNT=2", "unknown"),
        ("FREQ=DAILY;X-BOMB=1;COUNT=2", "unknown"),
        ("FREQ=DAILY", "end"),
        ("FREQ=DAILY;COUNT=2;UNTIL=20270401", "end"),
        ("FREQ=DAILY;COUNT=0", "number"),
        ("FREQ=DAILY;COUNT=-1", "number"),
        ("FREQ=DAILY;COUNT=367", "number"),
        ("FREQ=DAILY;COUNT=1e2", "number"),
        ("FREQ=DAILY;COUNT=٣", "number"),
        ("FREQ=DAILY;COUNT=99999999999999999999", "number"),
        ("FREQ=DAILY;INTERVAL=0;COUNT=2", "number"),
        ("FREQ=DAILY;INTERVAL=100;COUNT=2", "number"),
        ("FREQ=WEEKLY;WKST=SU;COUNT=2", "wkst"),
        ("FREQ=WEEKLY;BYDAY=DO;COUNT=2", "byday"),
        ("FREQ=WEEKLY;BYDAY=TU,TU;COUNT=2", "byday"),
        ("FREQ=MONTHLY;BYDAY=6TU;COUNT=2", "byday"),
        ("FREQ=WEEKLY;BYDAY=2TU;COUNT=2", "together"),
        ("FREQ=DAILY;BYDAY=TU;COUNT=2", "together"),
        ("FREQ=MONTHLY;BYDAY=TU;BYMONTHDAY=13;COUNT=2", "together"),
        ("FREQ=MONTHLY;BYMONTH=2;COUNT=2", "together"),
        ("FREQ=YEARLY;BYMONTHDAY=13;COUNT=2", "together"),
        ("FREQ=MONTHLY;BYMONTHDAY=32;COUNT=2", "number"),
        ("FREQ=MONTHLY;BYMONTHDAY=0;COUNT=2", "number"),
        ("FREQ=YEARLY;BYMONTH=13;COUNT=2", "number"),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30;COUNT=2", "never"),
        ("FREQ=MONTHLY;INTERVAL=12;BYMONTHDAY=31;COUNT=2", "too_long"),
        ("FREQ=DAILY;UNTIL=20270230", "until"),
        ("FREQ=DAILY;UNTIL=20270401T090000", "until"),
        ("FREQ=DAILY;UNTIL=99999999", "until"),
        ("FREQ=DAILY;UNTIL=20270301", "never"),
        ("FREQ=DAILY;UNTIL=20280302", "too_many"),
        ("FREQ=DAILY;UNTIL=99991231", "too_many"),
        ("FREQ=MONTHLY;INTERVAL=2;UNTIL=20500101", "too_long"),
        ("FREQ=YEARLY;COUNT=12", "too_long"),
        ("FREQ=DAILY;COUNT=2;" + "X" * 300, "max_length"),
    ],
)
def test_what_is_no_rule_here(rule: str, wrong: str) -> None:
    # The first of these begins in a month of 30 days that comes every twelve months: without a guard it is sought for ever.
    first = "2027-04-01T09:00" if "INTERVAL=12" in rule else "2027-03-02T09:00"
    assert code(rule, first) == ("never" if "INTERVAL=12" in rule else wrong)


def test_a_rule_is_written_in_one_way() -> None:
    rule = read_rule(" rrule:until=20270331;byday=th,TU;wkst=mo;interval=2;freq=weekly ", ROME)
    assert str(rule) == "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,TH;UNTIL=20270331T215959Z"
    assert read_rule(str(rule), ZoneInfo("UTC")) == rule


def test_nine_o_clock_stays_nine_o_clock() -> None:
    assert times("FREQ=WEEKLY;COUNT=3", "2027-03-21T09:00") == [
        "2027-03-21 08:00",
        "2027-03-28 07:00",
        "2027-04-04 07:00",
    ]
    assert times("FREQ=DAILY;UNTIL=20271101", "2027-10-30T09:00") == [
        "2027-10-30 07:00",
        "2027-10-31 08:00",
        "2027-11-01 08:00",
    ]


def test_a_time_that_the_clock_skips_is_left_out_and_not_counted() -> None:
    assert times("FREQ=DAILY;COUNT=3", "2027-03-27T02:30") == [
        "2027-03-27 01:30",
        "2027-03-29 00:30",
        "2027-03-30 00:30",
    ]
    # On the last day: nothing of it is left there.
    assert times("FREQ=DAILY;UNTIL=20270328", "2027-03-27T02:30") == ["2027-03-27 01:30"]


def test_a_time_that_comes_twice_is_the_first() -> None:
    assert times("FREQ=DAILY;COUNT=3", "2027-10-30T02:30") == [
        "2027-10-30 00:30",
        "2027-10-31 00:30",
        "2027-11-01 01:30",
    ]


def test_months_without_such_a_day_are_left_out() -> None:
    assert times("FREQ=MONTHLY;COUNT=3", "2027-01-31T12:00") == [
        "2027-01-31 11:00",
        "2027-03-31 10:00",
        "2027-05-31 10:00",
    ]
    assert times("FREQ=MONTHLY;BYMONTHDAY=-1;COUNT=2", "2027-01-31T12:00") == ["2027-01-31 11:00", "2027-02-28 11:00"]
    assert times("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29;COUNT=2", "2027-01-01T12:00") == [
        "2028-02-29 11:00",
        "2032-02-29 11:00",
    ]


def test_the_ends() -> None:
    assert len(times(f"FREQ=DAILY;COUNT={MOST}", "2027-03-02T09:00")) == MOST
    assert len(times("FREQ=DAILY;UNTIL=20280301", "2027-03-02T09:00")) == MOST
    # A moment in UTC ends it to the second; a day lasts to its end, where the client is.
    assert len(times("FREQ=DAILY;UNTIL=20270303T080000Z", "2027-03-02T09:00")) == 2
    assert len(times("FREQ=DAILY;UNTIL=20270303T075959Z", "2027-03-02T09:00")) == 1
    kiritimati = ZoneInfo("Pacific/Kiritimati")
    assert times("FREQ=DAILY;UNTIL=20270303", "2027-03-02T23:59", kiritimati) == [
        "2027-03-02 09:59",
        "2027-03-03 09:59",
    ]
    # What begins on another day than it comes: the first that fits.
    assert times("FREQ=WEEKLY;BYDAY=TH;COUNT=1", "2027-03-02T09:00") == ["2027-03-04 08:00"]


@pytest.mark.parametrize(
    ("rule", "italian", "english"),
    [
        (
            "FREQ=WEEKLY;BYDAY=TU;UNTIL=20270331",
            "ogni martedì alle 9:00, fino a mercoledì 31 marzo 2027",
            "every Tuesday at 09:00, until Wednesday 31 March 2027",
        ),
        ("FREQ=WEEKLY;COUNT=1", "ogni martedì alle 9:00, 1 volta", "every Tuesday at 09:00, 1 time"),
        (
            "FREQ=WEEKLY;INTERVAL=2;BYDAY=TH,MO,SA;COUNT=10",
            "ogni 2 settimane di lunedì, giovedì e sabato alle 9:00, 10 volte",
            "every 2 weeks on Monday, Thursday, and Saturday at 09:00, 10 times",
        ),
        ("FREQ=DAILY;COUNT=5", "ogni giorno alle 9:00, 5 volte", "every day at 09:00, 5 times"),
        ("FREQ=DAILY;INTERVAL=3;COUNT=5", "ogni 3 giorni alle 9:00, 5 volte", "every 3 days at 09:00, 5 times"),
        ("FREQ=MONTHLY;COUNT=5", "ogni mese il giorno 2 alle 9:00, 5 volte", "every month on day 2 at 09:00, 5 times"),
        (
            "FREQ=MONTHLY;BYMONTHDAY=15,-1;COUNT=5",
            "ogni mese il giorno 15 e l’ultimo giorno alle 9:00, 5 volte",
            "every month on day 15 and on the last day at 09:00, 5 times",
        ),
        (
            "FREQ=MONTHLY;INTERVAL=3;BYDAY=2TU,-1SU;COUNT=5",
            "ogni 3 mesi il secondo martedì e l’ultima domenica alle 9:00, 5 volte",
            "every 3 months on the second Tuesday and on the last Sunday at 09:00, 5 times",
        ),
        (
            "FREQ=YEARLY;BYMONTH=3,9;BYDAY=1SU;COUNT=5",
            "ogni anno la prima domenica di marzo e settembre alle 9:00, 5 volte",
            "every year on the first Sunday of March and September at 09:00, 5 times",
        ),
        (
            "FREQ=YEARLY;INTERVAL=2;COUNT=3",
            "ogni 2 anni il giorno 2 di marzo alle 9:00, 3 volte",
            "every 2 years on day 2 of March at 09:00, 3 times",
        ),
    ],
)
def test_said_in_words(rule: str, italian: str, english: str) -> None:
    read: Any = read_rule(rule, ROME)
    first = datetime(2027, 3, 2, 9, tzinfo=ROME)
    for language, said in (("it", italian), ("it-formal", italian), ("en", english)):
        with translation.override(language):
            assert in_words(read, first) == said


def test_an_hour_is_that_of_the_place() -> None:
    first = datetime(2027, 3, 2, 8, tzinfo=UTC).astimezone(ZoneInfo("America/New_York"))
    with translation.override("en"):
        assert in_words(read_rule("FREQ=DAILY;COUNT=2", ROME), first) == "every day at 03:00, 2 times"
