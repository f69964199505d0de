"""Labels and pillars on the staff's pages: the same pages for both."""

from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from social.models import Label
from social.services import create_label
from strategy.models import Pillar
from strategy.services import create_pillar
from tests.browsing import Staff, words
from tests.world import World

KINDS = ["social_label", "strategy_pillar"]


@pytest.fixture(autouse=True)
def _english(world: World) -> None:
    for person in (world.vito, world.elena, world.ada, world.bruno):
        person.language = "en"
        person.save(update_fields=["language"])


def made(world: World, kind: str, name: str = "Prezzi") -> Any:
    create: Any = create_label if kind == "social_label" else create_pillar
    return create(user=world.elena, client=world.winery, name=name)


@pytest.mark.parametrize("kind", KINDS)
def test_it_is_made_retired_and_taken_up_again(world: World, kind: str) -> None:
    elena = Staff(world.elena)
    assert "Saved." in words(elena.send(f"{kind}_add", data={"name": "  Prezzi "}))
    model = Label if kind == "social_label" else Pillar
    thing = model.objects.get()
    assert (thing.name, thing.client) == ("Prezzi", world.winery)
    page = words(elena.send(f"{kind}_retire", thing.pk))
    assert "“Prezzi” is retired. Posts that have it keep it." in page
    assert "Take it up again" in page
    assert model.objects.get().retired
    assert "Retired" in words(elena.open(f"{kind}_changelist", query="?state=retired"))
    assert "Prezzi" not in words(elena.open(f"{kind}_changelist", query="?state=active"))
    assert "“Prezzi” is in use again." in words(elena.send(f"{kind}_take_up", thing.pk))
    assert not model.objects.get().retired
    assert elena.open(f"{kind}_retire", thing.pk).status_code == 405


@pytest.mark.parametrize(
    ("kind", "word", "other"), [(KINDS[0], "Dismessa", "Dismesso"), (KINDS[1], "Dismesso", "Dismessa")]
)
def test_an_etichetta_is_dismessa_and_a_filone_dismesso(world: World, kind: str, word: str, other: str) -> None:
    User.objects.filter(pk=world.elena.pk).update(language="it")
    thing, elena = made(world, kind), Staff(User.objects.get(pk=world.elena.pk))
    post = world.draft(labels=[thing]) if kind == KINDS[0] else world.draft(pillar=thing)
    assert "Hai dismesso “Prezzi”." in words(elena.send(f"{kind}_retire", thing.pk))
    for page in (elena.open(f"{kind}_changelist"), elena.open(f"{kind}_change", thing.pk)):
        assert (word in words(page), other in words(page)) == (True, False)
    assert f"Prezzi ({word.lower()})" in words(elena.open("social_post_change", post.pk))


@pytest.mark.parametrize("kind", KINDS)
def test_a_name_is_typed_once(world: World, kind: str) -> None:
    thing, elena = made(world, kind), Staff(world.elena)
    answer = elena.send(f"{kind}_add", data={"name": "prezzi"})
    assert list(answer.context["form"].errors) == ["name"]
    assert "“Prezzi” already." in words(answer)
    elena.send(f"{kind}_change", thing.pk, data={"name": "Altro", "why": "Si vende."})
    thing.refresh_from_db()
    assert (thing.name, getattr(thing, "why", "Si vende.")) == ("Prezzi", "Si vende.")


@pytest.mark.parametrize("kind", KINDS)
def test_authors_look_and_strangers_find_nothing(world: World, kind: str) -> None:
    thing, vito, bruno = made(world, kind), Staff(world.vito), Staff(world.bruno)
    assert "Prezzi" in words(vito.open(f"{kind}_changelist"))
    page = words(vito.open(f"{kind}_change", thing.pk))
    assert ("In use" in page, "Retire it" in page) == (True, False)
    assert vito.open(f"{kind}_add").status_code == 403
    assert vito.send(f"{kind}_retire", thing.pk).status_code == 403
    assert "Prezzi" not in words(bruno.open(f"{kind}_changelist"))
    for page in ("change", "retire", "take_up"):
        assert bruno.send(f"{kind}_{page}", thing.pk).status_code == 404
    thing.refresh_from_db()
    assert not thing.retired


@pytest.mark.parametrize("kind", KINDS)
def test_whose_it_is_is_asked_where_there_are_several(world: World, kind: str) -> None:
    ada = Staff(world.ada)
    assert "For which client? Cantina Roero Comune di Alba" in words(ada.open(f"{kind}_add"))
    page = words(ada.open(f"{kind}_add", query=f"?client={world.town.pk}"))
    assert ("Comune di Alba" in page, "Cantina Roero" in page) == (True, False)


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize("kind", KINDS)
def test_the_list_asks_a_fixed_number_of_times(
    world: World, kind: str, rows: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(rows):
        made(world, kind, f"{number}")
    elena = Staff(world.elena)
    elena.open(f"{kind}_changelist")
    with django_assert_num_queries(9):
        elena.open(f"{kind}_changelist")
