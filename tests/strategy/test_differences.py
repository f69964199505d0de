"""What is new between two versions of a strategy."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from approvals.rewording import Piece
from strategy.differences import Field, Row, SectionDifference, StrategyDifference, differences
from tests.strategy.made_up import content, objective, section


def changed(pk: int, title: str, **more: Any) -> SectionDifference:
    return SectionDifference(id=pk, kind="free", title=title, horizon="evergreen", fate="changed", **more)


def test_nothing_is_new_in_the_same() -> None:
    assert not differences(content(section(1)), content(section(1)))
    assert differences(content(section(1)), content(section(1))) == StrategyDifference()


def test_words_of_a_section() -> None:
    old = content(section(1, title="Chi siamo", body="Oggi si vendemmia.", why="Perché sì."), section(2))
    new = content(
        section(1, title="Chi siamo", body="Domani si vendemmia.", why="Perché sì.", source="Marta"), section(2)
    )
    assert differences(old, new).sections == (
        changed(
            1,
            "Chi siamo",
            fields=(
                Field(
                    name="body",
                    words=(Piece("removed", "Oggi"), Piece("added", "Domani"), Piece("same", " si vendemmia.")),
                ),
                Field(name="source", words=(Piece("added", "Marta"),)),
            ),
        ),
    )


def test_what_is_no_text_is_told_before_and_after() -> None:
    old = content(section(1, owner={"id": 1, "name": "Marta Gallo"}, horizon="volatile"))
    new = content(section(1, owner=None, review_by="2027-01-31"))
    (found,) = differences(old, new).sections
    assert found.fields == (
        Field(name="horizon", before="volatile", after="evergreen"),
        Field(name="review_by", before=None, after="2027-01-31"),
        Field(name="owner", before="Marta Gallo", after=None),
    )
    # A condition of a step asks whether only fast-changing sections changed: this one is no longer one.
    assert differences(old, new).horizons == {"volatile", "evergreen"}


def test_sections_come_go_and_move() -> None:
    old = content(section(1), section(2, title="Budget", body="Mille euro."), section(3), section(4), section(5))
    new = content(section(4), section(1), section(6, title="Crisi", why="Succede."), section(3), section(5))
    found = differences(old, new).sections
    assert [(each.id, each.fate, each.moved) for each in found] == [
        (4, None, True),
        (2, "removed", False),
        (6, "added", False),
    ]
    assert found[1].fields == (Field(name="body", words=(Piece("removed", "Mille euro."),)),)
    assert found[2].fields == (Field(name="why", words=(Piece("added", "Succede."),)),)
    assert differences(old, content(*old["sections"][::-1])).horizons == frozenset()


@given(st.permutations(range(1, 8)), st.permutations(range(4, 11)))
def test_what_moved_is_as_little_as_can_be(before: list[int], after: list[int]) -> None:
    found = differences(content(*map(section, before)), content(*map(section, after))).sections
    assert {each.id for each in found if each.fate == "removed"} == {1, 2, 3}
    assert {each.id for each in found if each.fate == "added"} == {8, 9, 10}
    moved = {each.id for each in found if each.moved}
    stayed = [pk for pk in after if 4 <= pk <= 7 and pk not in moved]
    assert stayed == [pk for pk in before if pk in stayed]
    assert len(moved) <= 3


def test_objectives_channels_occasions_pillars_and_pictures() -> None:
    bookings, visits = objective(1, target="600"), objective(2, name="Visite")
    blog = {
        "channel": 4,
        "network": "wordpress",
        "name": "Blog",
        "handle": "",
        "per_week": "1",
        "reason": "Nostro.",
        "left_out": False,
        "owner": None,
    }
    tiktok = {
        **blog,
        "channel": None,
        "name": "TikTok",
        "per_week": None,
        "left_out": True,
        "reason": "Non è lì che ci cercano.",
    }
    old = content(
        section(1, kind="objectives", objectives=[bookings, visits]),
        section(2, kind="channels", channels=[blog, tiktok]),
        pillars=[
            {"id": 1, "name": "Vigna", "why": "", "share": 60},
            {"id": 2, "name": "Cantina", "why": "", "share": 40},
        ],
        media=[{"id": 1, "sha256": "00", "name": "v.jpg", "alt_text": "Vigna", "mime": "image/jpeg"}],
    )
    new = content(
        section(1, kind="objectives", objectives=[{**bookings, "target": "800", "baseline": None}]),
        section(2, kind="channels", channels=[{**blog, "per_week": "2"}, tiktok]),
        pillars=[
            {"id": 1, "name": "Vigna", "why": "", "share": 50},
            {"id": 3, "name": "Persone", "why": "", "share": 50},
        ],
        media=[],
    )
    found = differences(old, new)
    assert found.sections[0].rows == (
        Row(
            fate="changed",
            name="Prenotazioni",
            fields=(Field(name="baseline", before="120", after=None), Field(name="target", before="600", after="800")),
        ),
        Row(fate="removed", name="Visite"),
    )
    assert found.sections[1].rows == (
        Row(fate="changed", name="Blog", fields=(Field(name="per_week", before="1", after="2"),)),
    )
    assert found.pillars == (
        Row(fate="changed", name="Vigna", fields=(Field(name="share", before=60, after=50),)),
        Row(fate="removed", name="Cantina"),
        Row(fate="added", name="Persone"),
    )
    assert found.pictures == (Row(fate="removed", name="v.jpg"),)


def test_the_document_itself() -> None:
    assert differences(content(), content(title="L'anno della città", ends_on=None)).fields == (
        Field(name="title", words=(Piece("same", "L'anno della "), Piece("removed", "vigna"), Piece("added", "città"))),
        Field(name="ends_on", before="2026-12-31", after=None),
    )


@pytest.mark.parametrize("name", ["sections", "pillars", "media"])
def test_an_empty_strategy_differs_from_none(name: str) -> None:
    assert not differences(content(), {**content(), name: []})
