"""Hours, closings and watch list of a client: written by its managers, refused where they make no sense."""

from datetime import date, time
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction

from audit.models import Event
from clients.models import Client, ClosingDay, WatchedName, WorkingHours
from clients.services import edit_client, set_watched_names, set_working_time
from clients.working_time import DEFAULT_HOURS, Closing, Hours, calendar_of
from tests.browsing import Staff, words
from tests.clients.test_admin_clients import RECORD
from tests.world import World

MORNING, AFTERNOON = Hours(0, time(9), time(13)), Hours(0, time(14, 30), time(18))
FERIE = Closing(date(2026, 8, 3), date(2026, 8, 21), "Ferie")


@pytest.fixture(autouse=True)
def _english(world: World) -> None:
    world.marta.language = "en"
    world.marta.save(update_fields=["language"])


def save(world: World, **parts: Any) -> Any:
    return set_working_time(user=world.marta, client=world.winery, **parts)


def test_several_spans_a_day_and_the_evidence_of_it(world: World) -> None:
    given = [AFTERNOON, MORNING, Hours(5, time(20), time(0))]
    saved = save(world, hours=given, closings=[FERIE])
    assert saved == calendar_of(world.winery)
    assert saved.hours == (MORNING, AFTERNOON, Hours(5, time(20), time(0)))
    event = Event.objects.get(verb="client.working_time_set")
    assert event.data == {
        "hours": [[0, "09:00", "13:00"], [0, "14:30", "18:00"], [5, "20:00", "00:00"]],
        "closings": [["2026-08-03", "2026-08-21", "Ferie"]],
    }
    save(world, hours=given)  # the same again is no change
    assert Event.objects.filter(verb="client.working_time_set").count() == 1
    assert save(world, closings=[]).hours == saved.hours
    before = world.winery.updated_at
    world.winery.refresh_from_db()
    assert world.winery.updated_at > before


def test_saying_the_usual_hours_is_no_change(world: World) -> None:
    save(world, hours=DEFAULT_HOURS)
    assert not WorkingHours.objects.exists()
    assert not Event.objects.filter(verb="client.working_time_set").exists()


@pytest.mark.parametrize(
    ("parts", "field", "code"),
    [
        ({"hours": []}, "working_hours", "never_open"),
        ({"hours": [Hours(0, time(9), time(9, 59))]}, "working_hours", "never_open"),
        ({"hours": [Hours(0, time(18), time(9))]}, "working_hours", "order"),
        ({"hours": [Hours(0, time(9), time(9))]}, "working_hours", "order"),
        ({"hours": [MORNING, Hours(0, time(12, 59), time(18))]}, "working_hours", "overlap"),
        ({"hours": [Hours(0, time(20), time(0)), Hours(0, time(22), time(23))]}, "working_hours", "overlap"),
        ({"hours": [MORNING, MORNING]}, "working_hours", "overlap"),
        ({"hours": [Hours(7, time(9), time(18))]}, "working_hours", "weekday"),
        ({"hours": [Hours(0, time(9, 0, 30), time(18))]}, "working_hours", "minute"),
        ({"hours": [Hours(0, time(0, n), time(0, n + 1)) for n in range(59)] * 2}, "working_hours", "too_many"),
        ({"closings": [Closing(date(2026, 8, 21), date(2026, 8, 3), "x")]}, "closing_days", "order"),
        ({"closings": [Closing(date(2026, 8, 3), date(2026, 8, 3), " ")]}, "closing_days", "name"),
        ({"closings": [Closing(date(2026, 8, 3), date(2026, 8, 3), "x" * 121)]}, "closing_days", "name"),
        ({"closings": [Closing(date(1026, 8, 3), date(1026, 8, 3), "x")]}, "closing_days", "year"),
        ({"closings": [Closing(date(2026, 8, 3), date(9999, 12, 31), "x")]}, "closing_days", "year"),
        ({"closings": [Closing(date(2026, 8, 3), date(2027, 8, 3), "x")]}, "closing_days", "never_open"),
        (
            {
                "closings": [
                    Closing(date(2040, 1, 1), date(2040, 8, 1), "x"),
                    Closing(date(2040, 8, 2), date(2041, 3, 1), "y"),
                ]
            },
            "closing_days",
            "never_open",
        ),
        ({"closings": [FERIE] * 201}, "closing_days", "too_many"),
    ],
)
def test_what_makes_no_sense_is_refused_and_nothing_written(
    world: World, parts: dict[str, Any], field: str, code: str
) -> None:
    with pytest.raises(ValidationError) as raised:
        save(world, **parts)
    ((name, (error,)),) = raised.value.error_dict.items()
    assert (name, error.code) == (field, code)
    assert not WorkingHours.objects.exists()
    assert not ClosingDay.objects.exists()


def test_touching_spans_and_nearly_a_year_are_fine(world: World) -> None:
    save(world, hours=[Hours(0, time(9), time(12)), Hours(0, time(12), time(18))])
    save(world, hours=DEFAULT_HOURS, closings=[Closing(date(2040, 1, 9), date(2040, 12, 28), "Sabbatico")])


@pytest.mark.parametrize(("country", "region"), [("XX", ""), ("it", ""), ("IT", "ZZ"), ("", "CN"), ("GR", "CN")])
def test_holidays_that_nobody_knows(world: World, country: str, region: str) -> None:
    with pytest.raises(ValidationError) as raised:
        edit_client(user=world.marta, client=world.winery, holidays_country=country, holidays_region=region)
    (name,) = raised.value.error_dict
    assert name == ("holidays_region" if country in {"IT", "GR"} else "holidays_country")
    client = edit_client(user=world.marta, client=world.winery, holidays_country="DE", holidays_region="BY")
    assert (client.holidays_country, client.holidays_region) == ("DE", "BY")
    client = edit_client(user=world.marta, client=world.winery, holidays_country="", holidays_region="")
    assert (client.holidays_country, client.holidays_region) == ("", "")


def test_managers_write_it(world: World) -> None:
    for user in (world.elena, world.cliente):
        for act in (set_working_time, set_watched_names):
            with pytest.raises(PermissionDenied):
                act(user=user, client=world.winery, **({"names": []} if act is set_watched_names else {}))
    with pytest.raises(Client.DoesNotExist):
        set_working_time(user=world.bruno, client=world.winery)


def test_the_database_refuses_too(world: World) -> None:
    rows: list[Any] = [
        WorkingHours(client=world.winery, weekday=7, opens=time(9), closes=time(18)),
        WorkingHours(client=world.winery, weekday=0, opens=time(18), closes=time(9)),
        ClosingDay(client=world.winery, first=date(2026, 8, 3), last=date(2026, 8, 2), name="x"),
    ]
    for row in rows:
        with pytest.raises(IntegrityError, match="ck_"), transaction.atomic():
            row.save()
    for twice in (
        lambda: WorkingHours.objects.create(client=world.winery, weekday=0, opens=time(9), closes=time(18)),
        lambda: WatchedName.objects.create(client=world.winery, name="Gino"),
    ):
        twice()
        with pytest.raises(IntegrityError, match="uq_"), transaction.atomic():
            twice()


def test_the_watch_list_is_kept_in_its_order_without_doubles(world: World, django_assert_num_queries: Any) -> None:
    names = ["Zoe  Roero", "", "ANNA Neri", "zoe roero", "Nicolo\u0300"]
    assert set_watched_names(user=world.marta, client=world.winery, names=names) == ["Zoe Roero", "ANNA Neri", "Nicolò"]
    with django_assert_num_queries(1):
        assert world.winery.watched_names == ["Zoe Roero", "ANNA Neri", "Nicolò"]
    event = Event.objects.get(verb="client.watched_names_set")
    assert event.data == {"names": 3}  # how many, not who
    for wrong in ([f"N{number}" for number in range(501)], ["x" * 101]):
        with pytest.raises(ValidationError) as raised:
            set_watched_names(user=world.marta, client=world.winery, names=wrong)
        assert list(raised.value.error_dict) == ["watched_names"]
    set_watched_names(user=world.marta, client=world.winery, names=[f"N{number}" for number in range(500)])
    assert len(world.winery.watched_names) == 500


HOURS = {
    "working_hours-table": "1",
    "working_hours-0-0-opens": "09:00",
    "working_hours-0-0-closes": "13:00",
    "working_hours-0-1-opens": "14:30",
    "working_hours-0-1-closes": "18:00",
    "working_hours-5-0-opens": "20:00",
    "working_hours-5-0-closes": "24:00",
}
CLOSINGS = {
    "closing_days-table": "1",
    "closing_days-0-first": "2026-08-03",
    "closing_days-0-last": "2026-08-21",
    "closing_days-0-name": "Ferie",
    "closing_days-2-first": "2026-12-07",
    "closing_days-2-name": "Ponte",
}


def test_the_form_has_tables_of_plain_inputs(world: World) -> None:
    marta, here = Staff(world.marta), world.winery.pk
    page = marta.open("clients_client_change", here).content.decode()
    assert 'name="working_hours-4-0-opens" value="09:00"' in page
    assert 'name="working_hours-5-0-opens" value=""' in page
    data = {**RECORD, **HOURS, **CLOSINGS, "watched_names": "Anna Neri\r\n\r\nZoe", "link_code": "on"}
    marta.send("clients_client_change", here, data={**data, "holidays_region": "CN"})
    world.winery.refresh_from_db()
    calendar = calendar_of(world.winery)
    assert calendar.hours == (MORNING, AFTERNOON, Hours(5, time(20), time(0)))
    assert calendar.closings == (FERIE, Closing(date(2026, 12, 7), date(2026, 12, 7), "Ponte"))
    assert (calendar.region, world.winery.link_code, world.winery.watched_names) == ("CN", True, ["Anna Neri", "Zoe"])
    page = marta.open("clients_client_change", here).content.decode()
    assert 'name="working_hours-0-2-opens" value=""' in page  # there is room for one more
    assert "Anna Neri\nZoe" in page
    # Without the tables, as from an older page, nothing of them is touched.
    marta.send("clients_client_change", here, data=RECORD)
    assert calendar_of(world.winery).hours == calendar.hours
    assert not world.winery.watched_names
    marta.send("clients_client_change", here, data={**RECORD, "closing_days-table": "1"})
    assert calendar_of(world.winery).closings == ()


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"working_hours-0-1-closes": ""}, "Monday: give both hours, or none."),
        ({"working_hours-0-1-closes": "25:00"}, "Monday: “25:00” is no time. A time reads like 9:00."),
        ({"working_hours-0-1-closes": "tardi"}, "Monday: “tardi” is no time."),
        ({"working_hours-0-1-opens": "12:00"}, "Monday: two spans overlap."),
        ({"working_hours-0-1-opens": "19:00"}, "Monday: it closes before it opens."),
        ({"closing_days-0-first": "domani"}, "“domani” is no day. A day reads like 2026-08-15."),
        ({"closing_days-0-last": "2026-08-01"}, "“Ferie” ends before it begins."),
        ({"closing_days-0-name": ""}, "Give each closing a name"),
        ({"closing_days-3-name": "Chissà"}, "Give a closing its days."),
        ({"closing_days-0-last": "2029-08-01"}, "The client would be closed for a whole year."),
        ({"holidays_region": "ZZ"}, "“IT” has no region “ZZ”. A region is its code, such as AG"),
        ({"holidays_country": "XX"}, "not one of the available choices"),
        ({"watched_names": "x" * 101}, "A name has at most 100 characters."),
    ],
)
def test_a_bad_line_is_said_and_what_was_typed_stays(world: World, typed: dict[str, str], said: str) -> None:
    answer = Staff(world.marta).send(
        "clients_client_change", world.winery.pk, data={**RECORD, **HOURS, **CLOSINGS, **typed}
    )
    assert said in words(answer)
    (value,) = typed.values()
    assert not value or value in answer.content.decode()
    assert 'name="working_hours-0-0-opens" value="09:00"' in answer.content.decode()
    # The group with the fault is open.
    opened = [group.title for group in answer.context["form"].groups() if group.open]
    assert opened == ["The client", "Approvals" if "watched_names" in typed else "Working time"]
    assert not WorkingHours.objects.exists()


def test_an_emptied_week_is_refused_and_others_only_read(world: World) -> None:
    answer = Staff(world.marta).send(
        "clients_client_change", world.winery.pk, data={**RECORD, "working_hours-table": "1"}
    )
    assert "The client is never open like this." in words(answer)
    page = Staff(world.elena).open("clients_client_change", world.winery.pk).content.decode()
    assert 'value="09:00" aria-label="' in page
    assert page.count(" disabled") > 20
