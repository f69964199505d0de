"""A strategy that was written elsewhere is taken in: shown, corrected, and stored once."""

import io
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from docx import Document

from accounts.models import User
from clients.moments import spoken_day
from strategy.markdown.checking import LONGEST
from strategy.models import Pillar, Revision, Strategy, StrategyState
from strategy.papers.archive import archive
from strategy.papers.docx import docx
from strategy.papers.gathering import paper_of
from strategy.reading.safety import BIGGEST
from strategy.services import submit_strategy
from tests.browsing import Staff, words
from tests.strategy import documents
from tests.world import World

TEXT = """# Il 2027 della cantina

## Tono di voce

Parliamo **piano**.

## Le nostre idee

- Una cassetta
- Una cena

## Budget

Pochi soldi.
"""


@pytest.fixture(autouse=True)
def _own_storage(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture(autouse=True)
def _english(world: World) -> None:
    User.objects.update(language="en")
    world.vito.refresh_from_db()


def read(staff: Staff, data: bytes | str = TEXT, name: str = "strategia.md", into: Strategy | None = None) -> Any:
    """The file, sent to be understood."""
    file = SimpleUploadedFile(name, data.encode() if isinstance(data, str) else data)
    if into is not None:
        return staff.send("strategy_strategy_import", into.pk, data={"do": "read", "file": file})
    return staff.send("strategy_strategy_import_new", data={"do": "read", "file": file})


def form_of(answer: Any) -> dict[str, str]:
    """The form as a browser would send it back."""
    text = answer.content.decode()
    found: dict[str, str] = {"do": "take"}
    brought = answer.context["brought"]
    for form in filter(None, [brought.form, brought.carried, *brought.rows.forms, brought.rows.management_form]):
        for field in form:
            value = field.value()
            if value is True:
                found[field.html_name] = "on"
            elif value not in (None, False):
                found[field.html_name] = str(value)
    assert all(f'name="{name}"' in text for name in found if name != "do")
    return found


def send(staff: Staff, typed: dict[str, str], into: Strategy | None = None) -> Any:
    if into is not None:
        return staff.send("strategy_strategy_import", into.pk, data=typed)
    return staff.send("strategy_strategy_import_new", data=typed)


def test_what_was_understood_is_corrected_and_begins_a_strategy_once(world: World) -> None:
    vito = Staff(world.vito)
    answer = read(vito)
    page = words(answer)
    assert "What was understood" in page
    assert "Its kind was guessed by its heading: look whether it is right." in page
    assert "<strong>piano</strong>" in answer.content.decode()
    assert not Strategy.objects.exists()
    typed = form_of(answer)
    assert [typed[f"sections-{number}-kind"] for number in range(3)] == ["tone", "free", "budget"]
    typed |= {"starts_on": "2027-01-01", "sections-0-body": "Parliamo **pianissimo**.", "sections-2-DELETE": "on"}
    typed |= {"sections-0-ORDER": "2", "sections-1-ORDER": "1"}
    done = words(send(vito, typed))
    assert "2 sections were taken in." in done
    assert "This was taken in already, once." in words(send(vito, typed))
    strategy = Strategy.objects.get()
    assert (strategy.title, strategy.client, strategy.language) == ("Il 2027 della cantina", world.winery, "it")
    rows = [(row.kind, row.title, row.body) for row in strategy.sections.order_by("position")]
    assert rows == [
        ("free", "Le nostre idee", "- Una cassetta\n- Una cena"),
        ("tone", "Tono di voce", "Parliamo **pianissimo**."),
    ]


def test_what_is_wrong_is_said_at_its_field_and_nothing_is_lost(world: World) -> None:
    vito = Staff(world.vito)
    typed = form_of(read(vito))
    typed |= {"starts_on": "2027-01-01", "ends_on": "2026-01-01", "sections-2-body": "Ecco: <script>1</script>"}
    answer = send(vito, typed)
    assert answer.status_code == 400
    assert "It can't end before it begins." in words(answer)
    typed["ends_on"] = "2027-12-31"
    answer = send(vito, typed)
    (row,) = [form for form in answer.context["brought"].rows if form.errors]
    assert (row["kind"].value(), list(row.errors)) == ("budget", ["body"])
    assert "Ecco: &lt;script&gt;" in answer.content.decode()
    assert not Strategy.objects.exists()
    typed |= {f"sections-{number}-DELETE": "on" for number in range(3)}
    assert "Nothing is chosen: leave at least one section in." in words(send(vito, typed))
    missing = send(vito, {**typed, "title": ""})
    assert missing.context["brought"].form.errors["title"]
    page = read(vito, "## Tono di voce\n\n" + "parola " * 20_000)
    assert (
        page.content.decode().count("parola") < 40_000
    )  # all of it to be corrected, as it reads only to where a text ends
    assert len(page.context["brought"].rows.forms[0]["body"].value()) > LONGEST


@pytest.mark.parametrize(
    ("data", "name", "said"),
    [
        (b"", "a.md", "The file is empty."),
        (b"PK\x03\x04 half", "a.docx", "The file is damaged: it can't be opened."),
        (b"x" * (BIGGEST + 1), "a.md", "The file is too big: at most 20 MB."),
        (b"\xff\xfe\x00", "a.md", "This is neither Markdown nor DOCX."),
        (b"Solo parole.", "a.docm", "The document has macros or other programs in it."),
    ],
)
def test_a_bad_file_is_refused_in_words(world: World, data: bytes, name: str, said: str) -> None:
    answer = read(Staff(world.vito), data, name)
    assert answer.status_code == 400
    assert said in " ".join(answer.context["form"].errors["file"])
    assert said in words(answer)
    world.vito.language = "it"
    world.vito.save(update_fields=["language"])
    assert said not in words(read(Staff(world.vito), data, name))
    assert answer.context["form"].errors.keys() == {"file"}


def test_into_a_draft_texts_take_the_place_of_those_they_meet(world: World) -> None:
    strategy = documents.draft(world)
    tone = documents.section(world, strategy)
    other = documents.section(world, strategy, "policy", body="Nessun insulto.")
    vito = Staff(world.vito)
    answer = read(vito, into=strategy)
    assert "It takes the place of the text of “Tono di voce”" in words(answer)
    typed = form_of(answer)
    documents.save(world.elena, other, body="Nessun insulto, mai.")
    late = send(vito, typed, into=strategy)
    assert late.status_code == 409
    assert "take it in once more to write over that" in words(late)
    send(vito, form_of(late), into=strategy)
    rows = [(row.kind, row.body) for row in strategy.sections.filter(removed_at=None).order_by("position")]
    assert rows == [
        ("tone", "Parliamo **piano**."),
        ("policy", "Nessun insulto, mai."),
        ("free", "- Una cassetta\n- Una cena"),
        ("budget", "Pochi soldi."),
    ]
    assert Revision.objects.filter(section=tone).count() == 2
    assert Strategy.objects.count() == 1


def test_what_was_taken_away_comes_back_with_its_numbers(world: World) -> None:
    strategy = documents.everything(world)
    data = archive(paper_of(user=world.vito, strategy=strategy, number=1))
    elena = Staff(world.elena)
    answer = read(elena, data, "strategia.zip")
    assert "Visite Measure: " in words(answer)
    assert "Target: " in words(answer)
    typed = form_of(answer)
    typed["title"] = "Il 2028 della cantina"
    send(elena, typed)
    made = Strategy.objects.exclude(pk=strategy.pk).get()
    assert [row.body for row in made.sections.order_by("position")] == [
        row.body for row in strategy.sections.order_by("position")
    ]
    assert made.objectives.get().target == strategy.objectives.get().target
    owners = [row.owner for row in made.sections.order_by("position")]
    assert owners == [row.owner for row in strategy.sections.order_by("position")]
    assert owners[0] == world.elena
    (cadence,) = made.cadences.all()
    assert cadence.owner == strategy.cadences.get().owner == world.vito
    assert (cadence.channel, cadence.per_week, cadence.reason) == (world.page.pk, Decimal("2.5"), "Qui ci leggono.")
    assert made.occasions.get().on == strategy.occasions.get().on
    assert [(row.pillar.name, row.percent) for row in made.shares.all()] == [("La vigna", 100)]
    assert Pillar.objects.count() == 1


def test_an_objective_whose_day_has_passed_keeps_nobody_out(world: World) -> None:
    strategy = documents.everything(world)
    data = archive(paper_of(user=world.vito, strategy=strategy, number=1))
    due_on = strategy.objectives.get().due_on
    with time_machine.travel(datetime.combine(due_on + timedelta(days=1), time(9), world.winery.zone)):
        elena = Staff(world.elena)
        told = "has passed: it stays out. Enter it on the plan, with a day to come."
        answer = read(elena, data, "strategia.zip")
        assert told in words(answer)
        typed = form_of(answer) | {"title": "Il 2030 della cantina"}
        done = words(send(elena, typed))
        assert "were taken in." in done
        assert f"Visite: Its day, {spoken_day(due_on, world.winery.zone)}, {told}" in done
        made = Strategy.objects.exclude(pk=strategy.pk).get()
        assert (made.objectives.count(), made.occasions.count(), made.cadences.count()) == (0, 1, 1)


def test_what_is_there_already_says_so(world: World) -> None:
    strategy = documents.everything(world)
    data = archive(paper_of(user=world.vito, strategy=strategy, number=1))
    answer = read(Staff(world.vito), data, "strategia.zip", into=strategy)
    assert words(answer).count("It is in the strategy already, and stays as it is there: change it on the plan.") == 2
    send(Staff(world.vito), form_of(answer), into=strategy)
    assert (strategy.objectives.count(), strategy.occasions.count()) == (1, 1)


def test_what_went_to_word_and_comes_back_as_it_was_changes_nothing(world: World) -> None:
    strategy = documents.draft(world)
    body = "### Il banco\n\nParliamo *piano*:\n\n- poche parole\n- un numero\n\n#### Mai\n\nSuperlativi."
    documents.chain(world)
    tone = documents.section(world, strategy, body=body)
    strategy.refresh_from_db()
    submit_strategy(user=world.vito, strategy=strategy)
    documents.say(strategy, world.elena)
    documents.say(strategy, world.cliente)
    strategy.refresh_from_db()
    data = docx(paper_of(user=world.vito, strategy=strategy, number=1))
    typed = form_of(read(Staff(world.vito), data, "strategia.docx", into=strategy))
    send(Staff(world.vito), typed, into=strategy)
    strategy.refresh_from_db()
    assert (strategy.state, Revision.objects.filter(section=tone).count()) == (StrategyState.AGREED, 1)
    send(Staff(world.vito), typed | {"sections-0-body": body.replace("poche", "due")}, into=strategy)
    strategy.refresh_from_db()
    assert (strategy.state, Revision.objects.filter(section=tone).count()) == (StrategyState.DRAFT, 2)


def test_a_word_document(world: World) -> None:
    document, out = Document(), io.BytesIO()
    document.add_heading("Il 2027 della cantina", 0)
    document.add_heading("Tono di voce", 1)
    document.add_paragraph("Parliamo piano.")
    document.save(out)
    typed = form_of(read(Staff(world.vito), out.getvalue(), "strategia.docx"))
    assert (typed["title"], typed["sections-0-body"]) == ("Il 2027 della cantina", "Parliamo piano.")


def test_what_is_in_review_is_said_and_what_is_over_stays(world: World) -> None:
    strategy = documents.submitted(world)
    vito = Staff(world.vito)
    assert "Taking something in takes that question back." in words(vito.open("strategy_strategy_import", strategy.pk))
    documents.say(strategy, world.elena)
    documents.say(strategy, world.cliente)
    Staff(world.elena).send("strategy_strategy_close", strategy.pk)
    strategy.refresh_from_db()
    assert strategy.state == StrategyState.SUPERSEDED
    assert "This strategy is over" in words(read(vito, into=strategy))


def test_the_client_is_chosen_among_ones_own(world: World) -> None:
    assert "For which client?" in words(Staff(world.ada).open("strategy_strategy_import_new"))
    vito = Staff(world.vito)
    assert vito.open("strategy_strategy_import_new", query=f"?client={world.town.pk}").status_code == 404
    assert vito.open("strategy_strategy_import_new", query=f"?client={world.winery.pk}").status_code == 200
    assert 'name="file"' in vito.open("strategy_strategy_import_new").content.decode()
