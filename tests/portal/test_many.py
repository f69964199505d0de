"""Several versions on one page, approved with one confirmation."""

from datetime import timedelta

import pytest
from django.test import Client as Browser
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from approvals.models import Decision
from social.services import edit_post
from tests.world import World, approve, review_of

PAGE = "/approve/"


def asked(world: World, **fields: object) -> object:
    """A post that waits for the winery's own person."""
    post = world.submitted(**fields)
    approve(post, world.elena)
    approve(post, world.marta)
    return post


def value(post: object) -> str:
    review = review_of(post)  # type: ignore[arg-type]
    return f"{review.pk}:{review.digest}"


def test_each_is_shown_and_only_those_chosen_are_approved(world: World, client: Browser) -> None:
    first, second = asked(world, title="Uno", text="Il primo."), asked(world, title="Due", text="Il secondo.")
    client.force_login(world.cliente)
    html = client.get(PAGE).content.decode()
    assert "Il primo." in html
    assert "Il secondo." in html
    told = client.post(PAGE, {"seen": [value(first)]}).content.decode()
    assert "Uno" in told
    assert [review_of(post).state for post in (first, second)] == ["approved", "open"]  # type: ignore[arg-type]
    decision = Decision.objects.get(seat__user=world.cliente)
    assert decision.via == "portal"


def test_what_changed_meanwhile_is_not_approved_and_says_why(world: World, client: Browser) -> None:
    first, second = asked(world, title="Uno"), asked(world, title="Due")
    chosen = [value(first), value(second)]
    edit_post(user=world.vito, post=second, text="Altro.")  # type: ignore[arg-type]
    client.force_login(world.cliente)
    told = client.post(PAGE, {"seen": chosen}).content.decode()
    assert told.count("tone-good") == 1
    assert told.count("tone-wrong") == 1
    assert Decision.objects.filter(seat__user=world.cliente).count() == 1


def test_nothing_chosen_keeps_the_page(world: World, client: Browser) -> None:
    asked(world)
    client.force_login(world.cliente)
    answer = client.post(PAGE, {})
    assert answer.status_code == 400
    assert not Decision.objects.filter(seat__user=world.cliente).exists()


def in_english(browser: Browser, person: User) -> None:
    person.language = "en"
    person.save(update_fields=["language"])
    browser.force_login(person)


@pytest.mark.parametrize("many", [101, 10_000, 40_000])
def test_too_many_are_refused_whole_and_without_noise(
    world: World, client: Browser, many: int, caplog: pytest.LogCaptureFixture
) -> None:
    post = asked(world, title="Uno")
    in_english(client, world.cliente)
    digest = review_of(post).digest  # type: ignore[arg-type]
    chosen = [value(post), *(f"{number}:{digest}" for number in range(10**6, 10**6 + many - 1))]
    answer = client.post(PAGE, {"seen": chosen})
    html = answer.content.decode()
    assert answer.status_code == 400
    assert "At most 100 at once." in html
    assert "Uno" in html
    assert not Decision.objects.filter(seat__user=world.cliente).exists()
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []


@pytest.mark.parametrize(
    "nonsense", ["9" * 5000 + ":" + "0" * 64, "9" * 19 + ":", "x:y", "", "-1:a", "١:a", "1" * 19, ":"]
)
def test_what_no_page_sends_is_refused_whole(world: World, client: Browser, nonsense: str) -> None:
    post = asked(world)
    in_english(client, world.cliente)
    answer = client.post(PAGE, {"seen": [value(post), nonsense]})
    assert answer.status_code == 400
    assert "What was sent can’t be read. Choose again." in answer.content.decode()
    assert "checked" in answer.content.decode()
    assert not Decision.objects.filter(seat__user=world.cliente).exists()


def test_a_number_of_no_review_has_its_line(world: World, client: Browser) -> None:
    post = asked(world)
    in_english(client, world.cliente)
    html = client.post(PAGE, {"seen": [value(post), "9" * 18 + ":" + "0" * 64]}).content.decode()
    assert html.count("tone-good") == 1
    assert "There is no such review here." in html


def test_without_the_forms_token_nothing_is_taken(world: World) -> None:
    post = asked(world)
    browser = Browser(enforce_csrf_checks=True)
    browser.force_login(world.cliente)
    assert browser.post(PAGE, {"seen": [value(post)]}).status_code == 403
    assert browser.post(PAGE, {"seen": [value(post)] * 10_000}).status_code == 400
    assert not Decision.objects.filter(seat__user=world.cliente).exists()
    token = browser.get(PAGE).content.decode().split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]
    assert browser.post(PAGE, {"seen": [value(post)], "csrfmiddlewaretoken": token}).status_code == 200
    assert Decision.objects.filter(seat__user=world.cliente).count() == 1


def test_a_refusal_keeps_what_was_chosen_and_chooses_nothing_more(world: World, client: Browser) -> None:
    first = asked(world, title="Uno")
    asked(world, title="Due")
    client.force_login(world.cliente)
    assert client.get(f"{PAGE}?all=1").content.decode().count(" checked") == 2
    html = client.post(f"{PAGE}?all=1", {"seen": [value(first), value(first)]}).content.decode()
    assert html.count(" checked") == 1


def test_another_clients_review_is_nowhere(world: World, client: Browser) -> None:
    town = world.town_post(text="Segreto")
    client.force_login(world.cliente)
    assert "Segreto" not in client.get(PAGE).content.decode()
    told = client.post(PAGE, {"seen": [value(town)]}).content.decode()
    assert "Segreto" not in told
    assert not Decision.objects.exists()


def test_a_week_and_its_empty_state(world: World, client: Browser) -> None:
    asked(world, title="Fra un mese", publish_at=timezone.now() + timedelta(days=30))
    client.force_login(world.cliente)
    assert "Fra un mese" in client.get(PAGE).content.decode()
    assert "Fra un mese" not in client.get(PAGE, {"when": "week"}).content.decode()


@pytest.mark.parametrize("rows", [1, 3])
def test_it_asks_a_fixed_number_of_times(
    world: World, client: Browser, rows: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(rows):
        asked(world, title=f"Numero {number}")
    client.force_login(world.cliente)
    client.get(PAGE)
    with django_assert_num_queries(9):
        client.get(PAGE)
