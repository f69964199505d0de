"""What is said of a section, beside its text on the staff's pages: suggestions and remarks, and what becomes of them."""

from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from strategy.admin.passages import Said, stretches
from strategy.models import Remark, Section, Suggestion
from strategy.services import add_remark, remove_section, suggest
from tests.browsing import Staff, words
from tests.strategy.documents import draft, save, section
from tests.world import World

TALK = "strategy_strategy_talk"


@pytest.fixture
def tone(world: World) -> Section:
    """In a strategy that the client knows; Vito reads English."""
    User.objects.filter(pk=world.vito.pk).update(language="en")
    return section(world, draft(world))


def test_the_text_is_cut_where_something_is_said_of_it() -> None:
    said = [Said(number=1, start=0, end=4), Said(number=2, start=2, end=6), Said(number=3, start=6, end=6)]
    assert [(piece.text, piece.numbers, piece.ends) for piece in stretches("abcdefgh", said)] == [
        ("ab", (1,), ()),
        ("cd", (1, 2), (1,)),
        ("ef", (2,), (2, 3)),
        ("gh", (), ()),
    ]
    assert [(piece.text, piece.ends) for piece in stretches("a", [Said(number=1, start=0, end=0)])] == [
        ("", (1,)),
        ("a", ()),
    ]
    assert list(stretches("", [])) == []


def test_the_clients_words_are_taken_over_with_credit_or_declined(world: World, tone: Section) -> None:
    vito, here = Staff(world.vito), (tone.strategy_id, tone.pk)
    words_of: dict[str, Any] = {"user": world.cliente, "section": tone, "revision": 1}
    first = suggest(**words_of, kind="replace", start=9, quote="piano", words="chiaro")
    second = suggest(**words_of, kind="delete", start=16, quote="Diamo del tu.")
    page = vito.open(TALK, *here)
    assert "<mark>piano</mark>" in page.content.decode()
    heard = "removed: piano (end of what is removed) added: chiaro (end of what is added)"
    assert heard in words(page)
    page = words(vito.send(TALK, *here, data={"do": "accept", "number": first.pk}))
    assert "Taken over: the text reads so now, credited to Piero Roero and you." in page
    tone.refresh_from_db()
    assert tone.body.startswith("Parliamo chiaro.")
    assert tone.revisions.get(number=2).credit == world.cliente
    page = vito.send(TALK, *here, data={"do": "accept", "number": first.pk})
    assert (page.status_code, "Somebody has taken these words over already." in words(page)) == (409, True)
    page = words(vito.send(TALK, *here, data={"do": "decline", "number": second.pk, "words": "Il Lei no."}))
    assert "2 are settled" in page
    assert "Il Lei no." in page


def test_what_the_text_has_overtaken_is_said(world: World, tone: Section) -> None:
    vito, here = Staff(world.vito), (tone.strategy_id, tone.pk)
    late = suggest(user=world.cliente, section=tone, revision=1, kind="replace", start=9, quote="piano", words="forte")
    add_remark(user=world.cliente, section=tone, text="Piano quanto?", revision=1, start=9, quote="piano")
    save(world.elena, tone, body="Parliamo forte.")
    page = words(vito.open(TALK, *here))
    assert "Overtaken: the passage has changed since revision 1." in page
    assert "Said of revision 1: these words don’t stand there any more." in page
    answer = vito.send(TALK, *here, data={"do": "accept", "number": late.pk})
    assert (answer.status_code, Section.objects.get(pk=tone.pk).body) == (409, "Parliamo forte.")


@pytest.mark.parametrize(
    ("sent", "kind", "start", "quote", "after"),
    [
        ({"kind": "replace", "quote": "piano", "words": "chiaro"}, "replace", 9, "piano", "chiaro"),
        ({"kind": "insert", "quote": "piano", "words": " e bene"}, "insert", 14, "", " e bene"),
        ({"kind": "delete", "quote": "Diamo  del\r\ntu.", "words": "x"}, "delete", 16, "Diamo del tu.", ""),
        ({"kind": "replace", "quote": "a", "start": "1", "words": "o"}, "replace", 1, "a", "o"),
    ],
)
def test_words_are_suggested_by_copying_or_pointing(
    world: World, tone: Section, sent: dict[str, str], kind: str, start: int, quote: str, after: str
) -> None:
    vito, here = Staff(world.vito), (tone.strategy_id, tone.pk)
    data = {"do": "say", "audience": "internal", "revision": 1, "token": "clic", "text": "Meglio.", **sent}
    for _click in (1, 2):
        assert "Your suggestion stands beside the text." in words(vito.send(TALK, *here, data=data))
    made = Suggestion.objects.get()
    assert (made.kind, made.start, made.quote, made.words) == (kind, start, quote, after)
    assert (made.comment, made.audience, made.author) == ("Meglio.", "internal", world.vito)


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"kind": "replace", "quote": "", "words": "x"}, "quote"),
        ({"kind": "replace", "quote": "a", "words": "x"}, "quote"),
        ({"kind": "replace", "quote": "nessuno", "words": "x"}, "quote"),
        ({"kind": "replace", "quote": "piano", "words": ""}, "words"),
        ({"kind": "boh", "quote": "piano", "words": "x"}, "kind"),
        ({"kind": "remark", "text": " "}, "text"),
        ({"kind": "remark", "text": "Bello.", "audience": "tutti"}, "audience"),
        ({"kind": "replace", "quote": "piano", "words": "x", "revision": "77"}, "quote"),
    ],
)
def test_what_is_refused_stands_where_it_was_typed(
    world: World, tone: Section, sent: dict[str, str], field: str
) -> None:
    data = {"do": "say", "audience": "client", "revision": "1", "text": "Perché no?", **sent}
    page = Staff(world.vito).send(TALK, tone.strategy_id, tone.pk, data=data)
    assert list(page.context["typed"].errors) == [field]
    assert data["text"] in page.content.decode()
    assert (Suggestion.objects.count(), Remark.objects.count()) == (0, 0)


def test_what_is_said_of_a_section_taken_out_meanwhile_is_not_lost(world: World, tone: Section) -> None:
    vito, here = Staff(world.vito), (tone.strategy_id, tone.pk)
    remove_section(user=world.elena, section=tone)
    sent = {"do": "say", "audience": "client", "revision": "1", "kind": "remark", "text": "Perché no?"}
    page = vito.send(TALK, *here, data=sent)
    assert (page.status_code, "Perché no?</textarea>" in page.content.decode()) == (409, True)
    assert "This section was removed. Put it back first." in words(page)
    assert vito.open(TALK, *here).status_code == 404
    assert not Remark.objects.exists()


def test_people_talk_and_come_to_an_end(world: World, tone: Section) -> None:
    vito, here = Staff(world.vito), (tone.strategy_id, tone.pk)

    def send(**data: Any) -> str:
        return words(vito.send(TALK, *here, data=data))

    said = {
        "do": "say",
        "kind": "remark",
        "quote": "piano",
        "text": "Quanto piano?",
        "audience": "client",
        "revision": 1,
    }
    assert "Your remark stands beside the text." in send(**said)
    first = Remark.objects.get()
    assert (first.place, first.quote, first.audience) == (9, "piano", "client")
    number = first.pk
    assert "Your answer stands below." in send(do="answer:internal", number=number, words="Tra noi.", token="1")
    assert "Write something first." in send(do="answer:client", number=number, words="", token="2")
    assert "Dealt with by Vito Serra" in send(do="resolve", number=number)
    assert "1 is settled" in words(vito.open(TALK, *here))
    assert "Open again." in send(do="reopen", number=number)
    assert [row.audience for row in Remark.objects.order_by("pk")] == ["client", "internal"]
    for data in ({"do": "resolve", "number": 987654}, {"do": "accept", "number": "x"}, {"do": "fly"}):
        assert vito.send(TALK, *here, data=data).status_code == 409
    assert Staff(world.bruno).send(TALK, *here, data=said).status_code == 404


@pytest.mark.parametrize("many", [1, 3])
def test_it_asks_as_much_for_three_as_for_one(
    world: World, tone: Section, many: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _number in range(many):
        suggest(user=world.cliente, section=tone, revision=1, kind="insert", start=9, words="!")
        remark = add_remark(user=world.nonna, section=tone, text="Bello.")
        add_remark(user=world.elena, section=tone, text="Grazie.", parent=remark)
    vito = Staff(world.vito)
    with django_assert_num_queries(7):
        assert len(vito.open(TALK, tone.strategy_id, tone.pk).context["notes"]) == 2 * many
