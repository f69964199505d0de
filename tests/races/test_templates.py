"""Two people in the agency's library, and two clicks on one import, at the same instant."""

from functools import partial
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from accounts.errors import Stale
from strategy.models import Strategy, Template
from strategy.services import create_template, edit_template
from tests.browsing import Staff
from tests.races.meeting import meeting
from tests.strategy.test_admin_import import form_of, read, send
from tests.strategy.test_templates import TONE
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)
TIMES = 20


@pytest.fixture
def town(transactional_db: None) -> World:
    """The agency, in a database that other threads can see."""
    return World()


def test_two_people_choose_the_same_name_and_change_the_same_template(town: World) -> None:
    with meeting() as people:
        for number in range(TIMES):
            made: dict[str, Any] = {"name": f"Cantine {number}", "language": "it", "kind": "year", "sections": [TONE]}
            results = people.together(
                partial(create_template, user=town.marta, **made), partial(create_template, user=town.elena, **made)
            )
            (refused,) = [result for result in results if not isinstance(result, Template)]
            assert isinstance(refused, ValidationError)
            assert list(refused.error_dict) == ["name"]
            template = Template.objects.get(name=made["name"])
            act = partial(edit_template, template=template, seen=template.updated_at)
            results = people.together(
                partial(act, user=town.marta, about="Di Marta."), partial(act, user=town.elena, about="Di Elena.")
            )
            (late,) = [result for result in results if not isinstance(result, Template)]
            (first,) = [result for result in results if isinstance(result, Template)]
            assert isinstance(late, Stale)
            template.refresh_from_db()
            assert template.about == first.about


def test_two_clicks_on_one_import_begin_one_strategy(town: World) -> None:
    vito = Staff(town.vito)
    with meeting() as people:
        for number in range(5):
            typed = form_of(read(vito)) | {"starts_on": "2027-01-01", "title": f"Il {number}"}
            answers = people.together(partial(send, vito, typed), partial(send, vito, typed))
            assert [answer.status_code for answer in answers] == [200, 200]
            assert Strategy.objects.filter(title=f"Il {number}").count() == 1
