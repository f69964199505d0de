"""What people and programs are told while the database is not there."""

from collections.abc import Iterator

import pytest
from django.db import OperationalError, connection
from django.test import Client as Browser
from django.urls import reverse

from accounts.errors import database_away
from accounts.services import create_token
from tests.portal.reaching import link_to
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def away(world: World) -> Iterator[Browser]:
    """A browser of somebody who was signed in before PostgreSQL went."""
    browser = Browser(raise_request_exception=False, headers={"Accept-Language": "it"})
    browser.force_login(world.cliente)
    there = connection.settings_dict
    options = {**there["OPTIONS"], "pool": {"min_size": 0, "max_size": 2, "timeout": 0.5}}
    _forget()
    # Where nobody listens.
    connection.settings_dict = {**there, "HOST": "127.0.0.1", "PORT": "1", "OPTIONS": options}
    yield browser
    _forget()
    connection.settings_dict = there


def _forget() -> None:
    connection.close()
    connection.close_pool()  # type: ignore[attr-defined]  # PostgreSQL's has one


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("address", ["portal:home", "portal:approve_many", "admin:index"])
def test_a_page_that_says_so(away: Browser, address: str, method: str) -> None:
    answer = getattr(away, method)(reverse(address))
    html = answer.content.decode()
    assert (answer.status_code, answer["Retry-After"], answer["Cache-Control"]) == (503, "30", "no-store")
    assert '<html lang="it">' in html
    assert "<h1>Filo in questo momento non c’è</h1>" in html
    assert "Traceback" not in html


@pytest.mark.filterwarnings("ignore")
def test_by_a_link_too(world: World, request: pytest.FixtureRequest) -> None:
    link = link_to(world.submitted(), world.elena)
    browser: Browser = request.getfixturevalue("away")
    assert browser.get(link).status_code == 503


def test_programs(world: World, request: pytest.FixtureRequest) -> None:
    _token, key = create_token(user=world.marta, name="Prova")
    browser: Browser = request.getfixturevalue("away")
    answer = browser.get("/api/v1/posts/", headers={"Authorization": f"Token {key}"})
    assert (answer.status_code, answer["Content-Type"], answer["Retry-After"]) == (
        503,
        "application/problem+json",
        "30",
    )
    assert answer.json()["code"] == "unavailable"


@pytest.mark.parametrize(("sqlstate", "away"), [("08006", True), ("57P01", True), ("53300", True), ("57014", False)])
def test_a_refusal_of_its_own_is_a_defect(sqlstate: str, away: bool) -> None:  # noqa: FBT001 - what is expected
    with pytest.raises(OperationalError) as caught, connection.cursor() as cursor:
        cursor.execute(f"DO $$ BEGIN RAISE EXCEPTION 'so' USING ERRCODE = '{sqlstate}'; END $$")
    assert database_away(caught.value) == away
