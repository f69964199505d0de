"""The operations on strategies, for the table of the contract."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

from strategy.models import Section, Strategy
from strategy.services import (
    add_objective,
    add_occasion,
    add_remark,
    remove_section,
    resolve_remark,
    save_section,
    set_cadence,
    suggest,
)
from tests.rest.rows import CANARY, Row
from tests.strategy import documents
from tests.world import World


def _strategy(world: World) -> Strategy:
    strategy = documents.draft(world, title=CANARY)
    documents.section(world, strategy, body=CANARY)
    documents.chain(world)
    return strategy


def _draft(world: World) -> int:
    return _strategy(world).pk


def _submitted(world: World) -> int:
    return documents.submitted(world).pk


def _agreed(world: World) -> int:
    return documents.agreed(world).pk


def _section(world: World) -> Section:
    return _strategy(world).sections.get()


def _met(world: World) -> int:
    """A section beside which something stands."""
    section = _section(world)
    documents.save(world.elena, section, body="Uno.")
    assert save_section(user=world.marta, section=section, begun_from=1, body="Due.").beside
    return section.pk


def _removed(world: World) -> int:
    return remove_section(user=world.marta, section=_section(world)).pk


def _suggestion(world: World) -> int:
    place: dict[str, Any] = {"revision": 1, "kind": "replace", "start": 0, "quote": CANARY, "words": "Canto"}
    return suggest(user=world.nonna, section=_section(world), **place).pk


def _remark(world: World) -> int:
    return add_remark(user=world.cliente, section=_section(world), text=CANARY).pk


def _resolved(world: World) -> int:
    remark = add_remark(user=world.cliente, section=_section(world), text=CANARY)
    return resolve_remark(user=world.cliente, remark=remark).pk


def _objective(world: World) -> int:
    due = documents.today() + timedelta(days=90)
    aim: dict[str, Any] = {"name": CANARY, "measure": "Prenotazioni", "target": Decimal(40), "due_on": due}
    return add_objective(user=world.vito, strategy=_strategy(world), **aim).pk


def _cadence(world: World) -> int:
    how: dict[str, Any] = {"per_week": Decimal("2.5"), "reason": CANARY}
    return set_cadence(user=world.vito, strategy=_strategy(world), channel=world.page.pk, **how).pk


def _occasion(world: World) -> int:
    return add_occasion(user=world.vito, strategy=_strategy(world), name=CANARY, on=documents.today()).pk


def _text(_world: World) -> dict[str, Any]:
    return {"revision": 1, "body": "Altro."}


STRATEGIES = [
    Row("get", "strategies/{id}/", "vito", _draft, contact=200),
    Row("patch", "strategies/{id}/", "vito", _draft, lambda _world: {"title": "Altro"}),
    Row("post", "strategies/{id}/submit/", "vito", _draft, lambda _world: {"note": "La prima."}),
    Row("post", "strategies/{id}/withdraw/", "vito", _submitted),
    Row("post", "strategies/{id}/share/", "vito", _draft),
    Row("post", "strategies/{id}/close/", "elena", _draft),
    Row("post", "strategies/{id}/template/", "elena", _draft, lambda _world: {"name": "Cantine"}, expect=201),
    Row("get", "strategies/{id}/problems/", "vito", _draft, contact=200),
    Row("get", "strategies/{id}/pictures/", "vito", _draft, contact=200),
    Row("get", "strategies/{id}/report/", "vito", _draft, contact=200),
    Row("get", "strategies/{id}/versions/", "vito", _agreed, contact=200),
    Row("get", "strategies/{id}/versions/{number}/", "vito", _agreed, contact=200),
    Row("get", "strategies/{id}/agreements/", "vito", _agreed, contact=200),
    Row("get", "sections/{id}/", "vito", lambda world: _section(world).pk, contact=200),
    Row("patch", "sections/{id}/", "vito", lambda world: _section(world).pk, _text),
    Row("delete", "sections/{id}/", "vito", lambda world: _section(world).pk, expect=204),
    Row("post", "sections/{id}/restore/", "vito", _removed, contact=404),
    Row("post", "sections/{id}/move/", "vito", lambda world: _section(world).pk, lambda _world: {"position": 1}),
    Row("post", "sections/{id}/confirm/", "vito", lambda world: _section(world).pk),
    Row("post", "sections/{id}/lock/", "vito", lambda world: _section(world).pk, lambda _world: {}),
    Row("post", "sections/{id}/unlock/", "vito", lambda world: _section(world).pk),
    Row("post", "sections/{id}/merge/", "vito", _met, lambda _world: {"revision": 2, "merges": [3], "body": "Tutto."}),
    Row("get", "sections/{id}/revisions/", "vito", lambda world: _section(world).pk, contact=200),
    Row("get", "sections/{id}/beside/", "vito", _met, contact=200),
    Row("get", "suggestions/{id}/", "vito", _suggestion, contact=200),
    Row("post", "suggestions/{id}/accept/", "vito", _suggestion),
    Row("post", "suggestions/{id}/decline/", "vito", _suggestion, lambda _world: {"reason": "Così va bene."}),
    Row("get", "remarks/{id}/", "vito", _remark, contact=200),
    Row("post", "remarks/{id}/resolve/", "vito", _remark, contact=200),
    Row("post", "remarks/{id}/reopen/", "vito", _resolved, contact=200),
    Row("get", "objectives/{id}/", "vito", _objective, contact=200),
    Row("patch", "objectives/{id}/", "vito", _objective, lambda _world: {"target": 50}),
    Row("delete", "objectives/{id}/", "vito", _objective, expect=204),
    Row("get", "objectives/{id}/numbers/", "vito", _objective, contact=200),
    Row("post", "objectives/{id}/numbers/", "vito", _objective, lambda _world: {"month": "2026-01-01", "value": 7}),
    Row("get", "cadences/{id}/", "vito", _cadence, contact=200),
    Row("delete", "cadences/{id}/", "vito", _cadence, expect=204),
    Row("get", "occasions/{id}/", "vito", _occasion, contact=200),
    Row("patch", "occasions/{id}/", "vito", _occasion, lambda _world: {"yearly": True}),
    Row("delete", "occasions/{id}/", "vito", _occasion, expect=204),
]
STRATEGY_LISTS: dict[str, Callable[[World], int]] = {
    "strategies/": _draft,
    "sections/": lambda world: _section(world).pk,
    "suggestions/": _suggestion,
    "remarks/": _remark,
    "objectives/": _objective,
    "cadences/": _cadence,
    "occasions/": _occasion,
}
STRATEGY_MAKERS: dict[str, Callable[[World], Any]] = {
    "strategies/": lambda world: {"client": world.winery.pk, "title": "Il 2027"},
    "sections/": lambda world: {"strategy": _draft(world), "kind": "free", "title": "Altro"},
    "objectives/": lambda world: {
        "strategy": _draft(world),
        "name": "Visite",
        "measure": "Prenotazioni",
        "target": 40,
        "due_on": str(documents.today()),
    },
    "cadences/": lambda world: {"strategy": _draft(world), "channel": world.page.pk, "per_week": 3},
    "occasions/": lambda world: {"strategy": _draft(world), "name": "Vendemmia", "on": str(documents.today())},
}
