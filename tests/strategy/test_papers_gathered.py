"""A strategy's paper, from what is stored: who gets which, and what is not on it."""

import hashlib

import pytest
from django.utils import timezone

from approvals.models import Audience
from approvals.services import add_comment
from strategy.models import StrategyVersion
from strategy.papers.gathering import paper_of
from strategy.papers.pdf import pdf
from strategy.selectors import strategies
from strategy.services import submit_strategy
from tests.strategy.documents import agreed, draft, save, say, section, submitted
from tests.strategy.test_pdf import opened, words
from tests.world import World


def test_a_version_with_its_minutes(world: World) -> None:
    strategy = submitted(world)
    say(strategy, world.elena)
    assert strategy.review
    for text, audience in (("Non lo dica nessuno.", Audience.INTERNAL), ("Manca il dialetto.", Audience.CLIENT)):
        add_comment(review=strategy.review, user=world.elena, text=text, audience=audience)
    say(strategy, world.cliente, "request_changes", "Troppo serio.")
    strategy.refresh_from_db()
    save(world.vito, strategy.sections.get(), body="Parliamo piano, e ridiamo.")
    strategy.refresh_from_db()
    strategy = submit_strategy(user=world.vito, strategy=strategy)
    say(strategy, world.marta)
    say(strategy, world.cliente, comment="Adesso sì.")
    strategy.refresh_from_db()

    made = paper_of(user=world.vito, strategy=strategy, number=2)
    assert (made.version, made.client, made.colour) == (2, world.winery.name, world.winery.colour)
    assert made.digest == hashlib.sha256(made.exact).hexdigest()
    assert made.made_at.tzinfo == world.winery.zone
    assert made.minutes
    assert made.minutes.agreed_at
    assert [(told.step, told.name, told.said, told.comment) for told in made.minutes.told] == [
        ("1. Agenzia", world.marta.name, "approved", ""),
        ("1. Agenzia", world.elena.name, "nothing", ""),
        ("2. Cliente", world.cliente.name, "approved", "Adesso sì."),
    ]
    assert [(said.name, said.text) for said in made.minutes.contested] == [
        (world.elena.name, "Manca il dialetto."),
        (world.cliente.name, "Troppo serio."),
    ]
    on_paper = words(opened(made))
    assert "Troppo serio." in on_paper
    assert "Non lo dica nessuno." not in on_paper
    # The earlier version is there as it was, with how it ended.
    first = paper_of(user=world.vito, strategy=strategy, number=1)
    assert first.content["sections"][0]["body"].startswith("Parliamo piano.\n")
    assert first.minutes
    assert first.minutes.agreed_at is None
    assert pdf(first).startswith(b"%PDF")


def test_what_staff_said_to_each_other_is_not_on_it(world: World) -> None:
    strategy = submitted(world)
    say(strategy, world.elena, "request_changes", "Così il cliente si offende.")
    made = paper_of(user=world.vito, strategy=strategy, number=1)
    assert made.minutes
    assert "si offende" not in words(opened(made))
    assert [said.text for said in made.minutes.contested] == ["Ha chiesto modifiche"]


def test_a_draft_is_one(world: World) -> None:
    strategy = draft(world, title="La città, perché no? 2027")
    section(world, strategy)
    made = paper_of(user=world.vito, strategy=strategy)
    assert (made.version, made.digest, made.minutes) == (None, "", None)
    assert made.made_at <= timezone.now()
    assert made.stem == "la-citta-perche-no-2027-draft"


def test_only_what_one_may_see(world: World) -> None:
    strategy = agreed(world)
    with pytest.raises(StrategyVersion.DoesNotExist):
        paper_of(user=world.vito, strategy=strategy, number=7)
    with pytest.raises(StrategyVersion.DoesNotExist):
        paper_of(user=world.sindaco, strategy=strategy, number=1)
    assert not strategies(world.sindaco).filter(pk=strategy.pk).exists()
    seen = strategies(world.cliente).get(pk=strategy.pk)
    assert (
        paper_of(user=world.cliente, strategy=seen, number=1).minutes
        == paper_of(user=world.vito, strategy=strategy, number=1).minutes
    )
