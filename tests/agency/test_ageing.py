"""What grows old in the settings is said before it ends, and never keeps Filo from running."""

import datetime as dt
from typing import Any

import pytest
from django.core import checks
from django.utils import timezone

from agency import ageing
from agency.ageing import aged


@pytest.mark.parametrize(
    ("day", "said"),
    [
        (dt.date(2026, 7, 1), []),
        (dt.date(2027, 4, 30), []),
        (dt.date(2027, 5, 1), ["agency.W001"]),
        (dt.date(2027, 6, 30), ["agency.W001"]),
        (dt.date(2027, 7, 1), ["agency.W002"]),
        (dt.date(2029, 1, 1), ["agency.W002"]),
    ],
)
def test_a_version_of_linkedins_is_told_of_before_it_ends(day: dt.date, said: list[str]) -> None:
    found = aged("202607", day)
    assert [message.id for message in found] == said
    assert all(message.level == checks.WARNING and "202607" in message.msg for message in found)


def test_it_is_one_of_djangos_checks(settings: Any) -> None:
    settings.FILO_LINKEDIN_VERSION = "202001"
    assert "agency.W002" in [message.id for message in checks.run_checks()]


def test_a_worker_that_starts_says_so(settings: Any, caplog: pytest.LogCaptureFixture) -> None:
    settings.FILO_LINKEDIN_VERSION = f"{timezone.localdate():%Y%m}"
    ageing.say_so()
    assert "LinkedIn" not in caplog.text
    settings.FILO_LINKEDIN_VERSION = "202001"
    ageing.say_so()
    assert "202001 has ended" in caplog.text
