"""Deputies in the staff's admin."""

from datetime import timedelta

import pytest
from django.test import Client as Browser
from django.utils import timezone

from approvals.models import Deputy
from approvals.services import name_deputy
from tests.world import World

LIST = "/admin/approvals/deputy/"


def typed(world: World, **other: object) -> dict[str, object]:
    today = timezone.now().astimezone(world.winery.zone).date()
    return {
        "principal": world.elena.pk,
        "deputy": world.marta.pk,
        "from_at": today.isoformat(),
        "until": (today + timedelta(days=3)).isoformat(),
        **other,
    }


def test_one_names_ones_own_deputy_by_days(world: World, client: Browser) -> None:
    client.force_login(world.elena)
    html = client.get(f"{LIST}add/?client={world.winery.pk}").content.decode()
    assert f'<option value="{world.elena.pk}" selected' in html
    assert client.post(f"{LIST}add/?client={world.winery.pk}", typed(world)).status_code == 302
    named = Deputy.objects.get()
    zone = world.winery.zone
    assert (named.principal, named.deputy, named.named_by) == (world.elena, world.marta, world.elena)
    first, last = named.from_at.astimezone(zone), named.until.astimezone(zone)
    assert (f"{first:%H:%M}", f"{last:%H:%M}", (last.date() - first.date()).days) == ("00:00", "00:00", 4)
    assert "Marta Gallo" in client.get(LIST).content.decode()


def test_only_a_manager_names_anybodys(world: World, client: Browser) -> None:
    client.force_login(world.vito)
    answer = client.post(f"{LIST}add/?client={world.winery.pk}", typed(world))
    assert answer.status_code == 200
    assert not Deputy.objects.exists()
    client.force_login(world.marta)
    assert client.post(f"{LIST}add/?client={world.winery.pk}", typed(world)).status_code == 302


def test_what_cannot_be_stands_beside_its_field_and_nothing_typed_is_lost(world: World, client: Browser) -> None:
    client.force_login(world.marta)
    answer = client.post(f"{LIST}add/?client={world.winery.pk}", typed(world, deputy=world.cliente.pk))
    html = answer.content.decode()
    assert "Piero" in html
    assert f'<option value="{world.cliente.pk}" selected' in html
    assert not Deputy.objects.exists()


def test_it_is_ended_after_asking_once_more(world: World, client: Browser) -> None:
    now = timezone.now()
    named = name_deputy(
        user=world.elena,
        client=world.winery,
        principal=world.elena,
        deputy=world.marta,
        from_at=now,
        until=now + timedelta(days=2),
    )
    client.force_login(world.elena)
    assert f"{LIST}{named.pk}/end/" in client.get(f"{LIST}{named.pk}/change/").content.decode()
    assert "Marta Gallo" in client.get(f"{LIST}{named.pk}/end/").content.decode()
    named.refresh_from_db()
    assert named.cancelled_at is None
    client.post(f"{LIST}{named.pk}/end/")
    named.refresh_from_db()
    assert named.cancelled_by == world.elena


def test_another_clients_deputies_are_nowhere(world: World, client: Browser) -> None:
    now = timezone.now()
    named = name_deputy(
        user=world.bruno,
        client=world.town,
        principal=world.bruno,
        deputy=world.ada,
        from_at=now,
        until=now + timedelta(days=2),
    )
    client.force_login(world.marta)
    assert client.get(f"{LIST}{named.pk}/change/").status_code == 404
    assert client.get(f"{LIST}{named.pk}/end/").status_code == 404
    assert client.get(f"{LIST}add/?client={world.town.pk}").status_code == 404


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_asks_a_fixed_number_of_times(
    world: World, client: Browser, rows: int, django_assert_num_queries: object
) -> None:
    now = timezone.now()
    for number in range(rows):
        name_deputy(
            user=world.elena,
            client=world.winery,
            principal=world.elena,
            deputy=world.marta,
            from_at=now + timedelta(days=10 * number),
            until=now + timedelta(days=10 * number + 2),
        )
    client.force_login(world.elena)
    client.get(LIST)
    with django_assert_num_queries(9):  # type: ignore[operator]
        client.get(LIST)
