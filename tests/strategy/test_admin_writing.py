"""Writing in a section at the staff's desk: under a soft lock, saved as one types, merged by hand, with all that it ever read."""

from datetime import date
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from strategy.models import Section, Strategy
from strategy.selectors import open_beside, sittings
from strategy.services import remove_section, take_lock
from tests.browsing import Staff, words
from tests.rest.caller import Caller
from tests.strategy.documents import TONE, agreed, draft, save, section
from tests.world import World

WRITE, SAVE, LOCK, MERGE, REVISIONS, REVISION = (
    f"strategy_strategy_{name}" for name in ("write", "save", "lock", "merge", "revisions", "revision")
)


@pytest.fixture
def tone(world: World) -> Section:
    """In a strategy that the client knows; Vito and Elena read English."""
    User.objects.filter(pk__in=[world.vito.pk, world.elena.pk]).update(language="en")
    return section(world, draft(world))


def typed(tone: Section, **fields: Any) -> dict[str, Any]:
    """What the form sends."""
    texts = {"title": tone.title, "body": TONE, "why": tone.why, "source": "", "horizon": "evergreen"}
    return {**texts, "revision": tone.revision, **fields}


def test_who_opens_it_is_in_it_and_others_are_told(world: World, tone: Section) -> None:
    vito, elena, here = Staff(world.vito), Staff(world.elena), (tone.strategy_id, tone.pk)
    page = vito.open(WRITE, *here)
    assert TONE in page.content.decode()
    assert "<p>Parliamo piano.<br>" in page.content.decode()  # how it will read
    tone.refresh_from_db()
    assert (tone.locked_by, (tone.locked_until or timezone.now()) > timezone.now()) == (world.vito, True)
    page = elena.open(WRITE, *here)
    assert "Vito Serra is writing in this section just now." in words(page)
    assert 'value="leave"' not in page.content.decode()
    told = elena.send(LOCK, *here).json()
    assert (told["mine"], told["words"].startswith("Vito Serra is writing")) == (False, True)
    page = elena.send(WRITE, *here, data={"do": "enter"})
    assert 'value="leave"' in page.content.decode()
    assert vito.send(LOCK, *here).json()["mine"] is False
    assert elena.send(LOCK, *here, data={"leave": "1"}).json()["mine"] is False
    assert vito.send(LOCK, *here).json()["mine"] is True


def test_it_is_saved_as_one_types(world: World, tone: Section) -> None:
    vito, here = Staff(world.vito), (tone.strategy_id, tone.pk)
    answer = vito.send(SAVE, *here, data=typed(tone, body="Piano."))
    assert (answer.status_code, answer.json()["revision"], answer.json()["beside"]) == (200, 2, False)
    answer = vito.send(SAVE, *here, data=typed(tone, body="Piano, ma chiaro.", revision=2, review_by="2028-01-31"))
    tone.refresh_from_db()
    assert (tone.body, tone.revision, tone.review_by) == ("Piano, ma chiaro.", 3, date(2028, 1, 31))
    wrong = typed(tone, body="<script>x</script>", title="", review_by="1999-01-01")
    answer = vito.send(SAVE, *here, data=wrong)
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["title"])
    answer = vito.send(SAVE, *here, data=wrong | {"title": "Tono"})
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["body"])
    assert Section.objects.get(pk=tone.pk).revision == 3
    assert Staff(world.bruno).send(SAVE, *here, data=typed(tone)).status_code == 404


def test_a_plain_save_keeps_what_was_typed_and_goes_back(world: World, tone: Section) -> None:
    vito, here = Staff(world.vito), (tone.strategy_id, tone.pk)
    page = vito.send(WRITE, *here, data=typed(tone, do="save", body="[qui](javascript:alert(1))", why="Perché sì."))
    assert list(page.context["form"].errors) == ["body"]
    assert "[qui](javascript:alert(1))" in page.content.decode()
    assert "Perché sì." in page.content.decode()
    long = "parola " * 300_000  # 2 MB: a browser would cut it in silence at a maxlength
    page = vito.send(WRITE, *here, data=typed(tone, do="save", body=long, why="p" * 5001))
    assert page.context["form"].errors == {"why": ["Ensure this value has at most 5000 characters (it has 5001)."]}
    assert "maxlength" not in page.content.decode()
    page = vito.send(WRITE, *here, data=typed(tone, do="save", body=long))
    assert page.status_code == 400
    assert page.context["form"].errors == {"body": ["Too long: 2099999 of 100000 characters. Make two sections of it."]}
    assert long in page.content.decode()
    answer = vito.send(SAVE, *here, data=typed(tone, body=long))
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["body"])
    page = vito.send(WRITE, *here, data=typed(tone, do="save", body="Uno.\r\n\r\nDue.", owner=world.elena.pk))
    assert page.request["PATH_INFO"].endswith("/write/")
    page = vito.send(WRITE, *here, data=typed(tone, do="leave", body="Uno.\n\nDue.", owner=world.elena.pk, revision=2))
    assert page.request["PATH_INFO"].endswith("/change/")
    tone.refresh_from_db()
    assert (tone.body, tone.owner, tone.revision, tone.locked_by) == ("Uno.\n\nDue.", world.elena, 2, None)


def test_what_two_wrote_stands_side_by_side_until_it_is_merged(world: World, tone: Section) -> None:
    vito, elena, here = Staff(world.vito), Staff(world.elena), (tone.strategy_id, tone.pk)
    elena.send(SAVE, *here, data=typed(tone, body=TONE.replace("piano", "chiaro")))
    answer = vito.send(SAVE, *here, data=typed(tone, body=f"{TONE}\nSempre."))
    assert (answer.status_code, answer.json()["revision"], answer.json()["beside"]) == (409, 3, True)
    answer = vito.send(SAVE, *here, data=typed(tone, body=f"{TONE}\nSempre e ovunque.", revision=3))
    assert (answer.status_code, answer.json()["revision"]) == (409, 4)
    page = vito.send(WRITE, *here, data=typed(tone, do="save", body=f"{TONE}\nSempre e ovunque, sì.", revision=4))
    assert page.request["PATH_INFO"].endswith("/merge/")
    body = page.content.decode()
    gone, come = "removed: piano (end of what is removed)", "added: chiaro (end of what is added)"
    assert f"{gone} {come}" in words(page)  # heard, too
    assert "Sempre e ovunque, sì.<" in body
    assert "revision 5, begun from revision 1" in words(page)
    assert page.context["numbers"] == [5]
    page = vito.open(MERGE, *here, query="?begin=5")
    assert page.context["form"]["body"].value().endswith("Sempre e ovunque, sì.")
    merged = typed(tone, body="Parliamo chiaro.\nSempre.", revision=2)
    page = vito.send(MERGE, *here, data=merged)
    assert "Say which of the texts beside it this one takes into account." in words(page)
    assert "Parliamo chiaro.\nSempre." in page.content.decode()
    page = words(vito.send(MERGE, *here, data=merged | {"merges": ["5"]}))
    assert "Merged." in page
    tone.refresh_from_db()
    assert (tone.body, tone.revision, open_beside(tone).count()) == ("Parliamo chiaro.\nSempre.", 6, 0)
    page = vito.send(MERGE, *here, data=merged | {"merges": ["5"], "revision": 6})
    assert "Nothing stands beside this section any more." in words(page)
    assert "merges revision 5" in words(vito.open(REVISIONS, *here))


def test_ones_own_two_windows_are_told_that_it_was_oneself(world: World, tone: Section) -> None:
    vito, here = Staff(world.vito), (tone.strategy_id, tone.pk)
    vito.send(SAVE, *here, data=typed(tone, body="Chiaro."))
    answer = vito.send(SAVE, *here, data=typed(tone, body="Forte."))
    assert (answer.status_code, "beside what you have saved yourself meanwhile" in answer.json()["words"]) == (
        409,
        True,
    )
    own = "You have saved this section yourself meanwhile, in another window."
    number = answer.json()["revision"]
    page = vito.send(WRITE, *here, data=typed(tone, do="save", body="Fortissimo.", revision=number))
    assert own in words(page)  # also who goes on from what stands beside
    problem = Caller(world.vito).patch(f"sections/{tone.pk}/", {"revision": 1, "body": "Piano."}, 409)
    assert (problem["code"], problem["detail"].startswith(own)) == ("kept_beside", True)
    save(world.elena, tone, body="Di Elena.")
    page = words(vito.send(WRITE, *here, data=typed(tone, do="save", body="Fortissimo!", revision=number)))
    assert (own in page, "Somebody else has saved this section" in page) == (False, True)


def test_who_writes_while_it_is_taken_out_loses_nothing(world: World, tone: Section) -> None:
    vito, here = Staff(world.vito), (tone.strategy_id, tone.pk)
    remove_section(user=world.elena, section=tone)
    answer = vito.send(SAVE, *here, data=typed(tone, body="Piano."))
    assert (answer.status_code, answer.json()["beside"]) == (409, True)
    assert "beside the section, which was taken out meanwhile." in answer.json()["words"]
    assert "This section was taken out meanwhile." in words(vito.open(MERGE, *here))
    assert "This section was removed. Put it back first." in words(vito.browser.get(page_of(tone), follow=True))
    Strategy.objects.filter(pk=tone.strategy_id).update(state="superseded")
    answer = vito.send(SAVE, *here, data=typed(tone, body="Altro."))
    assert (answer.status_code, "This strategy is over" in answer.json()["words"]) == (400, True)


def page_of(tone: Section) -> str:
    """Where one writes in it."""
    return f"/admin/strategy/strategy/{tone.strategy_id}/sections/{tone.pk}/write/"


def test_an_agreed_one_is_not_changed_by_opening_it(world: World) -> None:
    User.objects.filter(pk=world.vito.pk).update(language="en")
    strategy = agreed(world)
    tone = strategy.sections.get()
    page = Staff(world.vito).open(WRITE, strategy.pk, tone.pk)
    assert "This strategy is agreed. If you save a change, it is a draft again" in words(page)
    assert "data-waits" in page.content.decode()
    strategy.refresh_from_db()
    assert strategy.state == "agreed"


def test_every_saving_stays_to_be_read(world: World, tone: Section) -> None:
    vito, here = Staff(world.vito), (tone.strategy_id, tone.pk)
    for number in range(60):
        save(world.vito if number % 2 else world.elena, tone, body=f"Passo {number}.")
    page = words(vito.open(REVISIONS, *here))
    assert "Saved 61 times." in page
    assert "Revision 60 " in page  # they took turns: each saving was a sitting
    assert "Revision 61 · reads so now Elena Riva" not in page
    assert ("Revision 61 · reads so now Vito Serra" in page, "Revision 11 " in page) == (True, False)
    assert "Revision 11 " in words(vito.open(REVISIONS, *here, query="?page=2"))
    assert "Page 2 of 2" in words(vito.open(REVISIONS, *here, query="?page=99"))
    page = vito.open(REVISION, *here, 40)
    assert "removed: 37 (end of what is removed) added: 38 (end of what is added)" in words(page)
    assert "What it changed of revision 39" in words(page)
    assert "What it began with" in words(vito.open(REVISION, *here, 1))
    page = vito.open(WRITE, *here, query="?like=40")
    assert page.context["form"]["body"].value() == "Passo 38."
    assert page.context["form"]["revision"].value() == 61
    assert [vito.open(REVISION, *here, number).status_code for number in (62, 0)] == [404, 404]


def test_what_was_saved_while_somebody_typed_is_one_sitting(world: World, tone: Section) -> None:
    vito, here = Staff(world.vito), (tone.strategy_id, tone.pk)
    for author, body in [(world.vito, "U"), (world.vito, "Un"), (world.elena, "Un filo"), (world.elena, "Un filo.")]:
        save(author, tone, body=body)
    assert [row.number for row in sittings(tone)] == [5, 3]
    page = vito.open(REVISIONS, *here)
    assert "Here is the last of each time that somebody sat down to write. Show every one" in words(page)
    assert "revisions/5/?since=3" in page.content.decode()
    page = vito.open(REVISION, *here, 5, query="?since=3")
    assert "What it changed of revision 3" in words(page)
    assert "Un added: filo. (end of what is added)" in words(page)
    page = vito.open(REVISIONS, *here, query="?all=1")
    assert [row.number for row, _since in page.context["rows"]] == [5, 4, 3, 2, 1]


@pytest.mark.parametrize("many", [1, 3])
def test_questions_to_the_database_do_not_grow(
    world: World, tone: Section, many: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    vito, here = Staff(world.vito), (tone.strategy_id, tone.pk)
    save(world.elena, tone, body="Nuovo.")
    for number, author in zip(range(many), (world.vito, world.marta, world.ada), strict=False):
        Staff(author).send(SAVE, *here, data=typed(tone, body=f"Mio {number}.", revision=1))
    take_lock(user=world.elena, section=tone)
    with django_assert_num_queries(14):
        vito.open(WRITE, *here)
    with django_assert_num_queries(9):
        assert len(vito.open(MERGE, *here).context["sides"]) == many
    with django_assert_num_queries(7):
        vito.open(REVISIONS, *here)
