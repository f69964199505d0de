"""A client's strategies in the portal: what is shown to whom, history, files; nothing before it is shared."""

import re
import time
from datetime import date
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
from django.test import Client as Browser
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from strategy.models import Pillar
from strategy.services import (
    add_objective,
    add_occasion,
    add_remark,
    close_strategy,
    create_pillar,
    edit_pillar,
    set_cadence,
    set_number,
    set_shares,
    submit_strategy,
    suggest,
)
from tests.browsing import words
from tests.strategy.documents import TONE, agreed, draft, everything, save, say, section, submitted, today
from tests.world import World

INTERNAL = "Questo resta qui"


def page(browser: Browser, person: User, path: str, status: int = 200) -> str:
    """The words that this person reads there."""
    browser.force_login(person)
    answer = browser.get(path)
    assert answer.status_code == status
    return words(answer)


def english(*people: User) -> None:
    User.objects.filter(pk__in=[person.pk for person in people]).update(language="en")
    for person in people:
        person.refresh_from_db()


def test_nothing_before_it_is_shared_and_nothing_of_others(world: World, client: Browser) -> None:
    english(world.cliente, world.nonna)
    hidden = draft(world, shared=False, title="Segreta")
    inside = section(world, hidden)
    assert "No strategy has been shared with you yet." in page(client, world.cliente, "/strategies/")
    for path in [f"/strategies/{hidden.pk}/", f"/sections/{inside.pk}/", f"/strategies/{hidden.pk}/versions/"]:
        page(client, world.cliente, path, 404)
    shown = draft(world)
    found = section(world, shown)
    below = ["", "suggestions/", "versions/", "versions/1/", "differences/", "document.pdf", "versions/1/document.zip"]
    paths = [f"/strategies/{shown.pk}/{rest}" for rest in below]
    paths += [f"/sections/{found.pk}/{rest}" for rest in ["", "write/", "beside/1/"]]
    for person in [world.sindaco, world.carlo, world.bruno]:
        for path in paths:
            page(client, person, path, 404)
        assert "La cantina nel 2027" not in page(client, person, "/strategies/")
    for person in [world.cliente, world.nonna, world.vito]:
        assert "La cantina nel 2027" in page(client, person, "/strategies/")
    client.logout()
    for path in paths:
        assert client.get(path).status_code == 302


def whole(world: World) -> Any:
    """A strategy with one of everything."""
    strategy = draft(world)
    found = section(world, strategy, source="Censimento 2025", horizon="seasonal", owner=world.elena)
    pillars = [create_pillar(user=world.marta, client=world.winery, name=name) for name in ["La vigna", "La tavola"]]
    set_shares(user=world.vito, strategy=strategy, shares=[(pillars[0], 60), (pillars[1], 40)])
    aim: dict[str, Any] = {"measure": "ordini", "unit": "ordini", "target": Decimal(1200), "due_on": date(2027, 12, 31)}
    objective = add_objective(user=world.vito, strategy=strategy, name="Vendere in rete", **aim)
    set_number(user=world.vito, objective=objective, month=today().replace(day=1), value=Decimal("1180.5"))
    set_cadence(user=world.vito, strategy=strategy, channel=world.page.pk, per_week=Decimal(3), reason="Ci leggono.")
    set_cadence(user=world.vito, strategy=strategy, name="TikTok", left_out=True, reason="Non siamo lì.")
    add_occasion(user=world.vito, strategy=strategy, name="Vendemmia", on=date(2027, 9, 15), yearly=True)
    add_remark(user=world.vito, section=found, text=INTERNAL, audience="internal")
    suggest(
        user=world.vito, section=found, kind="replace", revision=1, start=0, quote="Parliamo", words=INTERNAL,
        audience="internal",
    )  # fmt: skip
    return strategy


def test_one_is_read_whole_and_nothing_internal_ever(world: World, client: Browser) -> None:
    english(world.cliente)
    strategy = whole(world)
    html = page(client, world.cliente, f"/strategies/{strategy.pk}/")
    for said in [
        "Draft Nothing of it is agreed yet.",
        "The year · 1 January 2027 to 31 December 2027",
        "Contents",
        "Why: Chi compra vino compra fiducia.",
        "Parliamo piano.",
        "Source: Censimento 2025",
        "Horizon: Seasonal · Owner: Elena Riva",
        "At the beginning unknown Target 1,200 ordini Until 31 December 2027",
        "1,180.5 ordini Entered by hand",
        "Cadence 3 posts a week",
        "Ci leggono.",
        "TikTok Cadence left out",
        "Day 15 September 2027 Again every year",
        "La vigna Share 60 %",
    ]:
        assert said in html
    for person in [world.cliente, world.nonna, world.vito]:
        pages = [f"/strategies/{strategy.pk}/", f"/sections/{strategy.sections.get(kind='tone').pk}/"]
        for path in pages:
            assert INTERNAL not in page(client, person, path)
    assert "Suggest or comment" in html
    assert "Suggest or comment ( 1" not in html  # what stays in the agency is not counted either
    assert "Write here" not in html


@pytest.mark.parametrize("many", [1, 4])
def test_the_pages_ask_as_often_for_many_as_for_one(
    world: World, client: Browser, many: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    strategies = [draft(world, title=f"Strategia {number}") for number in range(many)]
    for strategy in strategies:
        sections = [section(world, strategy, kind="free", title=f"Parte {each}") for each in range(many)]
        for found in [*sections, *sections[:1]]:
            first = add_remark(user=world.cliente, section=found, text="Bene")
            add_remark(user=world.vito, section=found, text="Grazie", parent=first)
            suggest(user=world.cliente, section=found, kind="insert", revision=1, start=0, words="E poi ")
    client.force_login(world.cliente)
    client.get("/strategies/")
    with django_assert_num_queries(6):
        client.get("/strategies/")
    strategy, found = strategies[-1], strategies[-1].sections.earliest("pk")
    with django_assert_num_queries(12):
        client.get(f"/strategies/{strategy.pk}/")
    with django_assert_num_queries(11):
        client.get(f"/sections/{found.pk}/")
    with django_assert_num_queries(5):
        client.get(f"/strategies/{strategy.pk}/suggestions/")


def test_what_was_agreed_can_be_read_for_ever(world: World, client: Browser) -> None:
    english(world.cliente)
    strategy = agreed(world)
    found = strategy.sections.get()
    save(world.vito, found, body=TONE.replace("piano", "chiaro"))
    strategy.refresh_from_db()
    strategy = submit_strategy(user=world.vito, strategy=strategy, remark="Più chiari.")
    at = f"/strategies/{strategy.pk}/"
    html = page(client, world.cliente, at)
    assert "In review Version 1 is agreed and holds since" in html
    assert "Parliamo chiaro." in html
    say(strategy, world.elena)
    assert "Waits for you" in page(client, world.cliente, at)
    say(strategy, world.cliente)
    html = page(client, world.cliente, f"{at}versions/")
    assert re.search(r"Version 2 ✓ Holds now Since .* Più chiari\. Version 1 → Held until the next one", html)
    old = page(client, world.cliente, f"{at}versions/1/")
    assert "Parliamo piano." in old
    assert "Agreed once, holds no more" in old
    both = page(client, world.cliente, f"{at}differences/?from=1&to=2")
    assert "What is new in version 2 since version 1" in both
    assert "[gone: piano end] [new: chiaro end]" in both
    assert "Nothing: it is the same" in page(client, world.cliente, f"{at}differences/")
    for wrong in ["?from=9&to=2", "?from=uno", "?from=1&to=99999999999"]:
        assert "There is no such version here." in page(client, world.cliente, f"{at}differences/{wrong}")
    page(client, world.cliente, f"{at}versions/9/", 404)
    page(client, world.cliente, f"{at}versions/{2**40}/", 404)
    for form, begins in [("docx", b"PK"), ("zip", b"PK"), ("pdf", b"%PDF")]:
        answer = client.get(f"{at}versions/1/document.{form}")
        assert (answer.status_code, answer.content[:4].startswith(begins)) == (200, True)
    assert client.get(f"{at}document.zip").status_code == 200
    close_strategy(user=world.marta, strategy=strategy)
    assert "It is over, and stays here to be read." in page(client, world.cliente, at)
    assert "Parliamo chiaro." in page(client, world.cliente, f"{at}versions/2/")


def test_the_client_sees_the_pictures_in_it(world: World, client: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    """They stand in no post that the client was asked about."""
    strategy = everything(world)
    say(strategy, world.elena)
    strategy.refresh_from_db()
    client.force_login(world.cliente)
    at, address = f"/strategies/{strategy.pk}/", ""
    for path in [at, f"{at}versions/1/", f"/reviews/{strategy.review_id}/"]:
        found = re.findall(r'<img src="(/media/[^"]+)" alt="Filare"', client.get(path).content.decode())
        (address,) = map(unescape, found)
        picture = client.get(address)
        assert (picture.status_code, picture.getvalue()[:4]) == (200, b"\x89PNG")
        assert client.get(address.partition("?")[0]).status_code == 404  # it is for who has the page
    opened = time.time()
    for hours, status in [(23, 200), (25, 404)]:  # a page that lay open meanwhile
        then = opened + hours * 3600
        monkeypatch.setattr("django.core.signing.time.time", lambda then=then: then)
        late = client.get(address)
        assert (late.status_code, late.getvalue()[:4] == b"\x89PNG") == (status, status == 200)


def test_what_is_agreed_reads_as_it_was_agreed(world: World, client: Browser) -> None:
    """A pillar's reason is the client's own row: whoever rewrites it changes no agreement."""
    english(world.cliente)
    strategy = everything(world)
    edit_pillar(user=world.marta, pillar=Pillar.objects.get(), why="Perché sì.", retired=True)
    for state, who in (("In review", world.elena), ("In review", world.cliente), ("Version 1 is agreed", None)):
        html = page(client, world.cliente, f"/strategies/{strategy.pk}/")
        assert (state in html, "Si fida chi vede." in html, "Perché sì." in html) == (True, True, False)
        if who:
            say(strategy, who)


def test_nothing_agreed_yet_says_so(world: World, client: Browser) -> None:
    english(world.cliente)
    strategy = draft(world)
    at = f"/strategies/{strategy.pk}/"
    assert "Nothing is written in it yet." in page(client, world.cliente, at)
    assert "Nothing has been agreed yet. Once everybody" in page(client, world.cliente, f"{at}versions/")
    assert "so there is nothing to compare" in page(client, world.cliente, f"{at}differences/")
    assert "You have suggested nothing yet." in page(client, world.cliente, f"{at}suggestions/")


def test_in_italian(world: World, client: Browser) -> None:
    html = page(client, world.cliente, f"/strategies/{submitted(world).pk}/")
    assert "In approvazione" in html
    assert "Niente è ancora concordato." in html
    assert "Perché: Chi compra vino compra fiducia." in html
