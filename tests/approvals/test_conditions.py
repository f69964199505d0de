"""What conditions find in texts, Italian and English, and what they leave alone."""

from dataclasses import replace
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given, settings
from hypothesis import strategies as st

from approvals.conditions import clean, has_price, in_words, is_met, names_in, part_of
from approvals.subjects import Choices, Facts
from tests.computing import computing

PRICES = """12,50 €|€ 1.200|€1 200,00|10 euro|10 EURO|EUR 12|EUR12|12.50€|0,99€|12,50€/kg|(€9.99)|CHF 1'200.–|1’200 CHF
£5|$1,200.00|¥500|solo…10 €|solo...10 €|Costo:10€.|da 5€ in su|x10€al kg|10-20 €|100 000 €|1.000.000 euro|1.234,5 euro
10 mila euro|2 milioni di euro|10k €|mille euro|dieci euro|un euro|ten dollars|five pounds|50 cent|99 centesimi
12,-|12,--|Euro 10|USD 5|€\u00a012|12\u202f€|Prezzo: 7\u00a0€|solo per oggi 19,90¶euro"""
NO_PRICES = """alle 9,30|2024|nel 2019|dal 25.12.2024|9.30-12.30|alle 9,30-10,30|il 12 e il 13|3,5|12,5 km|10 centimetri
5%|-20% su tutto|€uro|€|euro|$ome|neuro 5|10 eurozone|10 euristiche|2 franchising|mille grazie|cento passi|venti minuti
prezzo alto|gratis|free|chiamate 0173 12345|+39 0173 123456|13 gradi|75 cl|annata 2019,|i 100 metri"""


@pytest.mark.parametrize("text", PRICES.replace("\n", "|").split("|"))
def test_a_price(text: str) -> None:
    assert has_price([text.replace("¶", "\n")])


@pytest.mark.parametrize("text", NO_PRICES.replace("\n", "|").split("|"))
def test_no_price(text: str) -> None:
    assert not has_price([text])


NAMES = ["Nicolò D'Angelo", "Mario Rossi", "M. Rossi", "Jean-Luc Müller", "Straße"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Ieri Nicolò D'Angelo era qui.", ["Nicolò D'Angelo"]),
        ("nicolo d’angelo", ["Nicolò D'Angelo"]),
        ("NICOLÒ\nD' ANGELO", ["Nicolò D'Angelo"]),
        ("Nicolo\u0300 D`Angelo", ["Nicolò D'Angelo"]),
        ("mario\n  rossi,", ["Mario Rossi"]),
        ("Mario\u00a0Rossi", ["Mario Rossi"]),
        ("Ma\u00adrio Ros\u00adsi", ["Mario Rossi"]),
        ("il vino di Mario Rossi's", ["Mario Rossi"]),
        ("(Mario Rossi)", ["Mario Rossi"]),
        ("#MarioRossi e @mariorossi", ["Mario Rossi"]),
        ("jean luc muller", ["Jean-Luc Müller"]),
        ("jean\u2011luc\nMÜLLER", ["Jean-Luc Müller"]),
        ("M. Rossi e STRASSE", ["M. Rossi", "Straße"]),
        ("Mario Rossini", []),
        ("Gianmario Rossi", []),
        ("Mario. Rossi di sera", []),
        ("Mario, Rossi", []),
        ("M Rossi", []),
        ("MarioRossi", []),
        ("", []),
    ],
)
def test_names(text: str, found: list[str]) -> None:
    assert names_in([text], NAMES) == found
    assert names_in(["Altro.", text], [*NAMES, "", "  "]) == found


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="0123456789 .,'’€$-–eurodlamikcnt \u00a0\n#@", max_size=200), st.integers(1, 10_000))
def test_no_text_takes_long(seed: str, length: int) -> None:
    text = (seed * (length // max(1, len(seed)) + 1))[:10_000]
    with computing() as seconds:
        has_price([text])
        names_in([text], ["Nicolò D'Angelo", seed[:100]])
        assert seconds() < 0.5


@pytest.mark.parametrize(
    "part", ["1", "1.", "111 ", "111.111", "€ ", "euro ", "1,-", "1 k", "venti ", "1\u00a0", "-", "'1"]
)
def test_nor_do_the_worst(part: str) -> None:
    with computing() as seconds:
        has_price([part * (10_000 // len(part))])
        assert seconds() < 0.2


@settings(max_examples=300, deadline=None)
@given(st.lists(st.text(max_size=20), max_size=3), st.text(max_size=200))
def test_a_name_is_found_wherever_it_is_put(watched: list[str], text: str) -> None:
    for name in watched:
        found = names_in([f"{text} | {name} | {text}"], [name])
        assert found in ([name], [])
        if any(sign.isalnum() for sign in name):
            assert found == [name]


CHOICES = Choices(
    networks=[("sandbox", "Sandbox"), ("bluesky", "Bluesky")],
    channels=[(1, "Cantina"), (2, "Vigna")],
    labels=[("Legale", "Legale")],
    pillars=[("Persone", "Persone")],
    changes=[("law", "another law")],
)
FACTS = Facts(
    networks=frozenset({"sandbox"}),
    channels=frozenset({1}),
    labels=frozenset({"Legale"}),
    texts=("Mario Rossi, 10 €",),
    changed=frozenset({"law"}),
    parts={1: "a", 2: "b"},
)


@pytest.mark.parametrize(
    ("only", "met"),
    [
        ({}, True),
        ({"networks": []}, True),
        ({"networks": ["sandbox", "bluesky"]}, True),
        ({"networks": ["bluesky"]}, False),
        ({"channels": [1]}, True),
        ({"channels": [2]}, False),
        ({"labels": ["Legale"]}, True),
        ({"pillars": ["Persone"]}, False),
        ({"pillars": ["Persone"], "labels": ["Legale"]}, True),
        ({"text": ["link"]}, False),
        ({"text": ["link", "price"]}, True),
        ({"text": ["name"]}, True),
        ({"changed": ["law"]}, True),
        ({"changed": ["order"]}, False),
    ],
)
def test_a_step_is_asked_where_one_of_its_conditions_is_met(only: dict[str, list[object]], *, met: bool) -> None:
    assert is_met(only, FACTS, ["Mario Rossi"]) is met


def test_a_condition_has_one_shape() -> None:
    assert clean({"channels": (2, 1, 2), "labels": [], "text": ["price", "link"]}, CHOICES) == {
        "channels": [1, 2],
        "text": ["link", "price"],
    }
    assert clean({"networks": "sandbox"}, CHOICES) == {"networks": ["sandbox"]}  # a word alone is a list of one
    wrong: list[tuple[dict[str, object], list[str]]] = [
        ({"channels": ["1"]}, ["channels"]),
        ({"channels": [True]}, ["channels"]),
        ({"labels": [{}], "pillars": [["x"]], "moon": []}, ["", "labels", "pillars"]),
        ({"text": ["poem"]}, ["text"]),
        ({"changed": ["order"]}, ["changed"]),
    ]
    for only, fields in wrong:
        with pytest.raises(ValidationError) as refused:
            clean(only, CHOICES)
        assert sorted(refused.value.error_dict) == fields


def test_a_condition_in_words() -> None:
    only = {"networks": ["bluesky"], "channels": [2, 9], "labels": ["Legale"], "text": ["name", "price"]}
    said = in_words(only, CHOICES)
    assert said == "Bluesky, Vigna, 9, label “Legale”, a price in the text, a watched name in the text"
    assert in_words({"changed": ["law"]}, CHOICES) == "another law"


def test_a_step_looks_at_its_channels_alone_where_it_is_for_them_alone() -> None:
    alone = part_of({"channels": [1], "labels": []}, FACTS, "whole")
    assert alone not in {"whole", part_of({"channels": [2]}, FACTS, "whole")}
    assert part_of({"channels": [1], "text": ["price"]}, FACTS, "whole") == "whole"
    assert part_of({}, FACTS, "whole") == "whole"


SHOP = {"networks": ["bluesky"], "labels": []}


@pytest.mark.parametrize(
    ("only", "other_text", "other_channel", "same"),
    [
        (SHOP, {2: "B"}, {}, False),  # of Bluesky's own channel
        (SHOP, {1: "A"}, {}, True),  # of the sandbox's
        (SHOP, {3: "c"}, {3: "bluesky"}, False),  # one channel more on Bluesky
        (SHOP, {3: "c"}, {3: "sandbox"}, True),
        ({"networks": ["bluesky", "sandbox"]}, {1: "A"}, {}, False),
        ({"networks": ["bluesky"], "channels": [1]}, {1: "A"}, {}, False),
        ({"networks": ["bluesky"], "channels": [1]}, {2: "B"}, {}, False),
        ({"networks": ["bluesky"], "channels": [2]}, {1: "A"}, {}, True),
        ({"networks": ["bluesky"], "text": ["price"]}, {1: "A"}, {}, False),  # a price may stand anywhere
        ({"networks": ["bluesky"], "pillars": ["Persone"]}, {1: "A"}, {}, False),
    ],
)
def test_and_at_its_networks_channels_alone(
    only: dict[str, Any], other_text: dict[int, str], other_channel: dict[int, str], *, same: bool
) -> None:
    before = replace(FACTS, part_networks={1: "sandbox", 2: "bluesky"})
    after = replace(
        before, parts={**before.parts, **other_text}, part_networks={**before.part_networks, **other_channel}
    )
    assert (part_of(only, before, "whole") == part_of(only, after, "another")) is same
