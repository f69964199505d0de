"""What a strategy can begin with: the library, and an older strategy without its client's facts."""

from collections import Counter

import pytest
from django.utils import translation

from strategy.markdown import check
from strategy.models import SectionKind
from strategy.starts import KINDS, emptied, start, starts
from tests.strategy.made_up import content, objective, section
from tests.strategy.test_reading import CHANNELS, OCCASIONS


@pytest.mark.parametrize("each", starts(), ids=lambda each: f"{each.client_kind}.{each.language}")
def test_every_beginning_has_every_section_with_why_horizon_and_questions(each: object) -> None:
    assert isinstance(each, type(start("shop", "it")))
    assert [entry.kind for entry in each.sections] == [kind for kind in SectionKind.values if kind != "free"]
    for entry in each.sections:
        assert entry.strange == ()
        assert not entry.guessed
        assert len(entry.why) > 60
        assert entry.horizon in {"evergreen", "seasonal", "volatile"}
        assert entry.body.count("?") >= 3
        check(entry.body, mine=lambda _names: ())
        for line in entry.body.split("\n"):
            assert not line.startswith("- ") or line.endswith("?")  # questions instead of filler
    assert each.about
    assert each.kind == "year"
    with translation.override(each.language):
        labels = {entry.kind: str(SectionKind(entry.kind).label) for entry in each.sections}
    if each.client_kind in {"public", "politics"}:  # no business
        labels["goals"] = {"it": "Che cosa vogliamo ottenere", "en": "What we want to achieve"}[each.language]
    assert {entry.kind: entry.title for entry in each.sections} == labels


def test_both_languages_say_as_much() -> None:
    for kind in KINDS:
        italian, english = start(kind, "it"), start(kind, "en")
        assert [entry.horizon for entry in italian.sections] == [entry.horizon for entry in english.sections]
        for one, other in zip(italian.sections, english.sections, strict=True):
            assert Counter(one.body)["\n"] == Counter(other.body)["\n"]


def test_entries_are_as_templates_have_them() -> None:
    first = start("tourism", "en").entries()[0]
    assert set(first) == {"kind", "title", "body", "why", "source", "horizon"}
    assert (first["kind"], first["horizon"], first["source"]) == ("audience", "evergreen", "")
    with pytest.raises(KeyError):
        start("bank", "it")
    with pytest.raises(KeyError):
        start("shop", "../../secret")


def test_an_older_strategy_leaves_its_client_s_facts_behind() -> None:
    marta = {"id": 1, "name": "Marta Gallo"}
    said = content(
        section(1, kind="audience", title="A chi parliamo", why="Chi parla a tutti non parla a nessuno. Roero lo sa.\nNel 2019 abbiamo sbagliato.", body="Vendiamo barolo a Torino. A chi parliamo davvero?\n\n- Chi compra da Bianca?\n- Chi torna? Chi no?\n\n![Vigna](media:12)", source="Interviste", owner=marta),
        section(2, kind="objectives", title="Obiettivi per la Cantina Roero", objectives=[objective(1)], why="Le prenotazioni contano."),
        section(3, kind="channels", title="Canali", body="Perché il Blog?", channels=CHANNELS, horizon="volatile"),
        section(4, kind="calendar", title="Quando", occasions=OCCASIONS, why="La vendemmia è il momento."),
        pillars=[{"id": 1, "name": "Vigna", "why": "", "share": 100}],
    )  # fmt: skip
    assert emptied(said, names=["Cantina Roero", "Bianca Roero"]) == [
        {"kind": "audience", "title": "A chi parliamo", "body": "- A chi parliamo davvero?\n- Chi torna?\n- Chi no?", "why": "Chi parla a tutti non parla a nessuno.", "source": "", "horizon": "evergreen"},
        {"kind": "objectives", "title": "", "body": "", "why": "", "source": "", "horizon": "evergreen"},
        {"kind": "channels", "title": "Canali", "body": "", "why": "", "source": "", "horizon": "volatile"},
        {"kind": "calendar", "title": "Quando", "body": "", "why": "", "source": "", "horizon": "evergreen"},
    ]  # fmt: skip


def test_a_name_that_is_a_word_of_everybodys_stays_behind() -> None:
    telling = [
        "Massimo non vuole foto.",
        "Conti perde voti.",
        "Will says no.",
        "Mark sells the most.",
        "Don is afraid.",
        "Time to ask booking.com first.",
    ]
    why = ["Chi compra torna.", *telling, start("shop", "en").sections[0].why]
    questions = ["Chi compra su cantinaroero.it?", "Domenica che cosa ha detto?", "Chi torna?"]
    said = content(section(1, kind="free", title="Massimo", why="\n".join(why), body="\n\n".join(questions)))
    (entry,) = emptied(said, names=[])
    assert (entry["title"], entry["body"]) == ("", "- Chi torna?")
    assert entry["why"] == f"Chi compra torna.\n{start('shop', 'en').sections[0].why}"
    for each in ["shop", "tourism", "public", "politics"]:
        for language in ["it", "en"]:
            own = start(each, language).entries()
            kept = emptied(
                content(
                    *(
                        section(n, kind=e["kind"], title=e["title"], why=e["why"], body=e["body"])
                        for n, e in enumerate(own, 1)
                    )
                ),
                names=[],
            )
            assert [e["why"] for e in kept] == [e["why"] for e in own]  # our own words tell nothing
