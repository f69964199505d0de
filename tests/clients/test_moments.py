"""Times as people say them."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone, translation

from clients.moments import spoken

ROME = ZoneInfo("Europe/Rome")


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: datetime(2026, 11, 21, 12, 0, tzinfo=UTC))


def test_a_day_people_recognise() -> None:
    with translation.override("en"):
        assert spoken(datetime(2026, 11, 26, 8, 0, tzinfo=UTC), ROME) == "Thursday 26 November, 09:00, Rome time"


def test_the_year_where_it_is_another_one() -> None:
    with translation.override("en"):
        assert spoken(datetime(2027, 7, 1, 7, 0, tzinfo=UTC), ROME) == "Thursday 1 July 2027, 09:00, Rome time"


@pytest.mark.parametrize("language", ["it", "it-formal"])
def test_in_italian_however_one_is_addressed(language: str) -> None:
    with translation.override(language):
        said = spoken(datetime(2026, 11, 26, 8, 0, tzinfo=UTC), ROME)
    assert said == "giovedì 26 novembre, ore 9:00, ora di Roma"
