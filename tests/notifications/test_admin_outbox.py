"""The outbox on the staff's pages: for agency admins, to be read."""

import pytest
from pytest_django import DjangoAssertNumQueries

from notifications.models import Notification
from tests.browsing import Staff, words
from tests.world import World


def test_admins_read_it_and_nobody_writes_it(world: World) -> None:
    world.submitted()
    notification = Notification.objects.get()
    ada = Staff(world.ada)
    assert "Elena Riva Da approvare In attesa" in words(ada.open("notifications_notification_changelist"))
    assert ada.open("notifications_notification_add").status_code == 403
    assert ada.open("notifications_notification_change", notification.pk).status_code == 403
    assert Staff(world.marta).open("notifications_notification_changelist").status_code == 403


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_asks_a_fixed_number_of_times(
    world: World, rows: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(rows):
        world.submitted(title=f"{number}")
    ada = Staff(world.ada)
    ada.open("notifications_notification_changelist")
    with django_assert_num_queries(4):
        ada.open("notifications_notification_changelist")
