"""One section by thumb: suggesting, remarking, writing, and putting together what two people wrote."""

import re
from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from clients.models import Client
from strategy.models import Remark, Revision, Section, Strategy, Suggestion
from strategy.selectors import open_beside
from strategy.services import (
    accept_suggestion,
    edit_strategy,
    is_in,
    remove_section,
    restore_section,
    save_section,
    share_strategy,
    suggest,
    take_lock,
)
from tests.browsing import words
from tests.strategy.documents import TONE, draft, save, section, submitted
from tests.world import World


@pytest.fixture
def tone(world: World) -> Section:
    """A section that the client reads; Piero and Nonna read English."""
    User.objects.update(language="en")
    world.cliente.refresh_from_db()
    world.nonna.refresh_from_db()
    return section(world, draft(world))


@pytest.fixture
def written(world: World, tone: Section) -> Section:
    """The same where Piero may write."""
    edit_strategy(user=world.vito, strategy=tone.strategy, contacts_write=True)
    return tone


def at(found: Section, below: str = "") -> str:
    return f"/sections/{found.pk}/{below}"


def passage(quote: str, revision: int = 1, body: str = TONE) -> dict[str, Any]:
    start = body.index(quote)
    return {"passage": f"{start}-{start + len(quote)}", "revision": revision}


def test_a_sentence_is_tapped_and_other_words_suggested(world: World, client: Browser, tone: Section) -> None:
    client.force_login(world.nonna)
    html = client.get(at(tone)).content.decode()
    ways = re.findall(r'href="(\?revision=1&amp;passage=(\d+)-(\d+)#say)"', html)
    assert [TONE[int(start) : int(end)] for _way, start, end in ways] == TONE.split("\n")
    chosen = client.get(at(tone) + ways[0][0].replace("&amp;", "&"))
    assert 'name="instead" rows="4" dir="auto">\nParliamo piano.</textarea>' in chosen.content.decode()
    sent = {**passage("Parliamo piano."), "instead": "Parliamo sottovoce.", "comment": "È più nostro."}
    answer = client.post(at(tone), {**sent, "do": "replace"})
    found = Suggestion.objects.get()
    assert answer["Location"] == at(tone, f"?sent#suggestion-{found.pk}")
    told = (found.author, found.kind, found.quote, found.words, found.comment, found.audience)
    assert told == (
        world.nonna,
        "replace",
        "Parliamo piano.",
        "Parliamo sottovoce.",
        "È più nostro.",
        "client",
    )
    assert "Nonna Roero (you)" in words(client.get(at(tone)))
    accept_suggestion(user=world.vito, suggestion=found)
    own = words(client.get(f"/strategies/{tone.strategy_id}/suggestions/"))
    assert "Taken over by Vito Serra" in own
    assert "it stands in the text, with the name of Nonna Roero." in own
    assert "Last written by Vito Serra in words of Nonna Roero" in words(client.get(at(tone)))


def test_leaving_out_adding_and_taking_back(world: World, client: Browser, tone: Section) -> None:
    client.force_login(world.nonna)
    client.post(at(tone), {**passage("Diamo del tu."), "instead": "Diamo del tu.", "do": "delete"})
    client.post(at(tone), {**passage("Parliamo piano."), "more": "Sempre.", "instead": "x", "do": "insert"})
    out, more = Suggestion.objects.order_by("pk")
    assert (out.kind, out.quote, out.words) == ("delete", "Diamo del tu.", "")
    assert (more.kind, more.start, more.words) == ("insert", len("Parliamo piano."), " Sempre.")
    accept_suggestion(user=world.vito, suggestion=more)
    tone.refresh_from_db()
    assert tone.body.startswith("Parliamo piano. Sempre.\nDiamo del tu.")
    client.post(at(tone), {"row": out.pk, "do": "decline"})
    assert "Taken back." in words(client.get(at(tone)))
    answer = client.post(at(tone), {"row": out.pk, "do": "decline"})
    assert (answer.status_code, "Somebody has declined these words already." in words(answer)) == (409, True)
    assert client.post(at(tone), {"row": out.pk, "do": "accept"}).status_code == 403


def test_nothing_typed_is_lost(world: World, client: Browser, tone: Section) -> None:
    client.force_login(world.nonna)
    sent = {**passage("piano"), "instead": "piano", "comment": "Mi piace di più.", "do": "replace"}
    answer = client.post(at(tone), sent)
    assert answer.status_code == 400
    assert "This is what stands there already." in words(answer)
    assert "Mi piace di più.</textarea>" in answer.content.decode()
    save(world.vito, tone, body=TONE.replace("piano", "chiaro"))
    answer = client.post(at(tone), {**sent, "instead": "sottovoce"})
    html = answer.content.decode()
    assert answer.status_code == 409
    assert "The text has changed at that place since." in words(answer)
    assert ">\nsottovoce</textarea>" in html
    assert "Mi piace di più.</textarea>" in html
    place = passage("chiaro", 2, TONE.replace("piano", "chiaro"))
    chosen = client.post(at(tone), {**sent, "instead": "sottovoce", "do": f"choose:{place['passage']}"})
    html = chosen.content.decode()
    assert ">\nsottovoce</textarea>" in html
    assert f'name="passage" value="{place["passage"]}"' in html
    assert client.post(at(tone), {**sent, **place, "instead": "sottovoce"}).status_code == 302
    assert Suggestion.objects.get().quote == "chiaro"


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"do": "replace"},
        {"do": "replace", "passage": "x-y", "revision": "1", "instead": "a"},
        {"do": "replace", "passage": "0-99999", "revision": "1", "instead": "a"},
        {"do": "replace", "passage": "0-4", "revision": "77", "instead": "a"},
        {"do": "delete", "passage": "", "revision": ""},
        {"do": "insert", "passage": "0-4", "revision": "1", "more": " "},
        {"do": "say", "comment": "  "},
        {"do": "say", "comment": "a\x00b"},
        {"do": "replace", "passage": "0-8", "revision": "1", "instead": "x" * 10_001},
    ],
)
def test_what_is_no_answer(world: World, client: Browser, tone: Section, sent: dict[str, str]) -> None:
    client.force_login(world.nonna)
    assert client.post(at(tone), sent).status_code == 400
    assert not Suggestion.objects.exists()
    assert not Remark.objects.exists()


def test_conversations(world: World, client: Browser, tone: Section) -> None:
    client.force_login(world.nonna)
    client.post(at(tone), {**passage("tu"), "comment": "E con i clienti anziani?", "do": "say"})
    client.post(at(tone), {"comment": "Bello.", "do": "say"})
    about, whole = Remark.objects.order_by("pk")
    assert (about.quote, about.revision, whole.quote) == ("tu", 1, "")
    client.force_login(world.cliente)
    client.post(at(tone), {"row": about.pk, "words": "Lei.", "do": "answer"})
    empty = client.post(at(tone), {"row": about.pk, "words": " ", "do": "answer"})
    assert (empty.status_code, "Write something first." in words(empty)) == (400, True)
    client.post(at(tone), {"row": about.pk, "do": "resolve"})
    save(world.vito, tone, body="Tutto nuovo.")
    html = words(client.get(at(tone)))
    assert "✓ Dealt with by Piero Roero: E con i clienti anziani?" in html
    assert "It no longer stands here like this." in html
    assert "Lei." in html
    client.post(at(tone), {"row": about.pk, "do": "reopen"})
    about.refresh_from_db()
    assert about.resolved_at is None
    for row in ["", "x", str(10**17), "9" * 30]:
        assert client.post(at(tone), {"row": row, "do": "resolve"}).status_code == 404


def test_who_may_not_write_is_led_to_suggesting(world: World, client: Browser, tone: Section) -> None:
    for person in [world.cliente, world.nonna]:
        client.force_login(person)
        answer = client.get(at(tone, "write/"))
        assert (answer.status_code, answer["Location"]) == (302, at(tone))
        answer = client.post(at(tone, "write/"), texts(title="Altro"))
        assert (answer.status_code, given_back(answer, "Altro")) == (403, True)
        assert client.get(at(tone, "beside/2/")).status_code == 404
    assert Revision.objects.count() == 1


def texts(**more: Any) -> dict[str, Any]:
    told = {"title": "Tono", "body": TONE, "why": "Perché sì.", "source": "", "begun_from": 1, "do": "save"}
    return {**told, **more}


def test_writing_by_thumb(world: World, client: Browser, written: Section) -> None:
    client.force_login(world.cliente)
    assert "Write here" in words(client.get(f"/strategies/{written.strategy_id}/"))
    entered = client.post(at(written, "write/"), {"do": "enter"})
    assert (entered.status_code, entered["Location"]) == (302, at(written, "write/"))
    written.refresh_from_db()
    assert is_in(written) == world.cliente
    answer = client.post(at(written, "write/"), texts(body="", title="", why="x" * 5001))
    html = answer.content.decode()
    assert answer.status_code == 400
    assert "x" * 5001 in html
    assert Revision.objects.count() == 1
    long = client.post(at(written, "write/"), texts(body="è" * 2_500_000))
    assert "Too long: 2500000 of 100000 characters. Make two sections of it." in words(long)
    assert "è" * 2_500_000 in long.content.decode()
    bad = client.post(at(written, "write/"), texts(body="[clicca](javascript:alert(1))"))
    assert (bad.status_code, "javascript:alert(1)" in bad.content.decode()) == (400, True)
    saved = client.post(at(written, "write/"), texts(body="Parliamo chiaro."))
    page = f"/strategies/{written.strategy_id}/?saved={written.pk}#section-{written.pk}"
    assert (saved.status_code, saved["Location"]) == (302, page)
    written.refresh_from_db()
    assert (written.body, written.title, written.why, is_in(written)) == (
        "Parliamo chiaro.",
        "Tono",
        "Perché sì.",
        None,
    )
    assert written.horizon == "evergreen"  # what is not in the form stays


def test_it_is_saved_as_one_types(world: World, client: Browser, written: Section, settings: Settings) -> None:
    client.force_login(world.cliente)

    def kept(begun_from: int, body: str) -> tuple[int, int | None, str]:
        answer = client.post(at(written, "write/"), texts(do="keep", begun_from=begun_from, body=body))
        told = answer.json()
        return answer.status_code, told.get("revision"), re.sub(r"\d+:\d\d", "H", told["words"])

    take_lock(user=world.cliente, section=written)
    assert kept(1, "Parliamo") == (200, 2, "Saved at H.")
    assert kept(2, "Parliamo chiaro.") == (200, 3, "Saved at H.")
    html = "“<b>” is HTML, which has no place here. Write it in Markdown, or put a \\ before the <."
    assert kept(3, "<b>Parliamo</b>") == (400, None, f"Not saved yet: something has to change first. Text: {html}")
    written.refresh_from_db()
    assert (written.body, is_in(written)) == ("Parliamo chiaro.", world.cliente)
    save(world.vito, written, body="Di Vito.")
    beside = (409, 5, "Kept at H beside what somebody else has saved meanwhile.")
    assert kept(3, "Parliamo forte.") == beside
    assert kept(5, "Parliamo più forte.") == (409, 6, beside[2])
    assert [row.body for row in open_beside(written)] == ["Parliamo più forte."]
    both = client.post(at(written, "write/"), texts(begun_from=6, body="Parliamo più forte."))
    assert (both.status_code, "While you were writing, Vito Serra saved this section." in words(both)) == (409, True)
    assert client.post(at(written, "write/"), texts(begun_from=4, body="Nostro.")).status_code == 302
    own = client.post(at(written, "write/"), texts(begun_from=4, body="Mio."))  # a second window
    said = "You have saved this section yourself meanwhile, in another window."
    assert (own.status_code, said in words(own)) == (409, True)
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    large = client.post(at(written, "write/"), texts(do="keep", begun_from=6, body="parola " * 200))
    assert (large.status_code, "A form takes at most 8 MB of text." in words(large)) == (413, True)


def test_who_is_in_it_is_shown(world: World, client: Browser, written: Section) -> None:
    take_lock(user=world.vito, section=written)
    client.force_login(world.cliente)
    assert "Vito Serra is writing here just now." in words(client.get(f"/strategies/{written.strategy_id}/"))
    answer = client.post(at(written, "write/"), {"do": "enter"})
    assert (answer.status_code, "Vito Serra is writing in this section just now." in words(answer)) == (409, True)
    stay = client.post(at(written, "write/"), {"do": "stay"})
    assert (stay.status_code, stay.content.decode()) == (409, "Vito Serra is writing in this section just now.")
    assert client.post(at(written, "write/"), {"do": "enter", "anyway": "1"}).status_code == 302
    assert client.post(at(written, "write/"), {"do": "stay"}).status_code == 204
    assert client.post(at(written, "write/"), {"do": "leave"}).status_code == 302
    written.refresh_from_db()
    assert is_in(written) is None


def test_what_two_wrote_is_shown_one_above_the_other_and_put_together(
    world: World, client: Browser, written: Section
) -> None:
    save(world.vito, written, body=TONE.replace("piano", "chiaro"))
    client.force_login(world.cliente)
    answer = client.post(at(written, "write/"), texts(body=f"{TONE}\nMai in dialetto."))
    assert answer.status_code == 409
    shown = words(answer)
    assert "While you were writing, Vito Serra saved this section." in shown
    assert "[gone: chiaro end] [new: piano end]" in shown
    both = f"{TONE.replace('piano', 'chiaro')}\nMai in dialetto."
    html = answer.content.decode()
    assert f">\n{both}</textarea>" in html
    kept = Revision.objects.get(beside=True)
    assert f'action="{at(written, f"beside/{kept.number}/")}"' in html
    assert (kept.author, kept.body) == (world.cliente, f"{TONE}\nMai in dialetto.")
    path = at(written, f"beside/{kept.number}/")
    assert "Two texts stand side by side here." in words(client.get(at(written, "write/")))
    wrong = client.post(path, texts(begun_from=2, body=both, title=""))
    assert (wrong.status_code, f">\n{both}</textarea>" in wrong.content.decode()) == (400, True)
    save(world.elena, written, why="Altro.")
    late = client.post(path, texts(begun_from=2, body=both))
    assert late.status_code == 409
    newer = re.findall(r'action="(/sections/[^"]+/beside/\d+/)"', late.content.decode())
    client.post(newer[0], texts(body=both, begun_from=4))
    written.refresh_from_db()
    assert written.body == both
    done = client.get(path)
    assert done.status_code == 200  # the first one still waits to be settled
    assert client.post(path, texts(body=both, begun_from=written.revision)).status_code == 302
    assert client.get(path).status_code == 302
    slower = client.post(path, texts(body="Anch’io le ho unite.", begun_from=4))
    assert (slower.status_code, "Anch’io le ho unite." in slower.content.decode()) == (409, True)
    assert client.get(at(written, f"beside/{10**12}/")).status_code == 404
    assert client.get(at(written, "beside/1/")).status_code == 404
    theirs = save_section(user=world.elena, section=written, begun_from=1, body="Di Elena.").revision
    other = words(client.get(at(written, f"beside/{theirs.number}/")))
    assert "While Elena Riva was writing, Piero Roero saved this section." in other


def test_who_is_addressed_formally_is_so_when_something_is_refused(
    world: World, client: Browser, written: Section
) -> None:
    User.objects.update(language="it")
    Client.objects.filter(pk=world.winery.pk).update(formal=True)
    client.force_login(world.cliente)
    refused = words(client.post(at(written, "write/"), texts(body="<b>Mio</b>")))
    assert "Lo scriva in Markdown, o metta un \\ prima del <." in refused
    assert (" Salvare " in refused, " Salva " in refused) == (True, False)


def given_back(answer: Any, *texts: str) -> bool:
    """Whether each of these stands there to be copied."""
    return all(f'readonly dir="auto">\n{text}</textarea>' in answer.content.decode() for text in texts)


def test_a_section_that_goes_loses_nothing(world: World, client: Browser, written: Section) -> None:
    client.force_login(world.cliente)
    remove_section(user=world.vito, section=written)
    answer = client.post(at(written, "write/"), texts(body="Ancora mio."))
    assert (answer.status_code, given_back(answer, "Ancora mio.", "Perché sì.")) == (409, True)
    assert "the agency has taken it out. What you typed is kept beside it" in words(answer)
    assert "Ancora mio." in [row.body for row in written.revisions.filter(beside=True)]
    bad = client.post(at(written, "write/"), texts(body="<b>Mio</b>"))
    assert "What you typed was not sent. Here it is: copy it before you leave this page." in words(bad)
    assert given_back(bad, "&lt;b&gt;Mio&lt;/b&gt;")
    merged = client.post(at(written, "beside/2/"), texts(body="Di tutti e due."))
    assert (merged.status_code, given_back(merged, "Di tutti e due.")) == (409, True)
    assert client.get(at(written, "write/")).status_code == 404
    User.objects.filter(pk=world.nonna.pk).update(language="it")
    client.force_login(world.nonna)
    sent = {**passage("piano"), "instead": "sottovoce", "comment": "Meglio.", "do": "replace"}
    answer = client.post(at(written), sent)
    assert (answer.status_code, given_back(answer, "sottovoce", "Meglio.")) == (409, True)
    assert "Questa sezione è stata tolta" in words(answer)
    assert not Suggestion.objects.exists()
    before = written.revisions.count()
    assert given_back(client.post(at(written, "write/"), texts(body="Mio.")), "Mio.")  # who only reads has it back, too
    assert written.revisions.count() == before


def test_one_that_goes_in_the_same_moment_loses_nothing(
    world: World, client: Browser, written: Section, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page has found the section when it is taken out."""

    def first(act: Any) -> Any:
        def acting(**given: Any) -> Any:
            remove_section(user=world.vito, section=written)
            return act(**given)

        return acting

    client.force_login(world.cliente)
    monkeypatch.setattr("portal.views.sections.suggest", first(suggest))
    answer = client.post(at(written), {**passage("piano"), "instead": "sottovoce", "do": "replace"})
    assert (answer.status_code, given_back(answer, "sottovoce")) == (409, True)
    restore_section(user=world.vito, section=written)
    monkeypatch.setattr("portal.views.writing.save_section", first(save_section))
    answer = client.post(at(written, "write/"), texts(body="Mio."))
    assert (answer.status_code, given_back(answer, "Mio.")) == (409, True)
    assert written.revisions.get(beside=True).body == "Mio."


def test_what_the_client_never_knew_is_not_there(world: World, client: Browser) -> None:
    strategy = draft(world, shared=False)
    found = section(world, strategy)
    remove_section(user=world.vito, section=found)
    share_strategy(user=world.vito, strategy=strategy)
    client.force_login(world.cliente)
    assert client.post(at(found), {"do": "say", "comment": "Che cosa c’era?"}).status_code == 404
    assert client.post(at(found, "write/"), texts()).status_code == 404


def test_a_right_that_ends_loses_nothing(world: World, client: Browser, written: Section) -> None:
    client.force_login(world.cliente)
    edit_strategy(user=world.vito, strategy=written.strategy, contacts_write=False)
    answer = client.post(at(written, "write/"), texts(body="Ancora mio."))
    assert (answer.status_code, given_back(answer, "Ancora mio.")) == (403, True)
    assert "You may no longer write here." in words(answer)
    assert client.post(at(written, "write/"), {"do": "leave"}).status_code == 302
    answer = client.post(at(written, "beside/2/"), texts(body="Di tutti e due."))
    assert (answer.status_code, given_back(answer, "Di tutti e due.")) == (403, True)
    Strategy.objects.filter(pk=written.strategy_id).update(state="superseded", contacts_write=True)
    answer = client.post(at(written, "write/"), texts(body="Ancora mio."))
    assert (answer.status_code, given_back(answer, "Ancora mio.")) == (409, True)
    assert "This strategy is over, and stays as it is." in words(answer)
    assert written.revisions.count() == 1


def test_writing_while_people_are_asked_says_what_it_does(world: World, client: Browser) -> None:
    User.objects.update(language="en")
    strategy = submitted(world)
    edit_strategy(user=world.vito, strategy=strategy, contacts_write=True)
    client.force_login(world.cliente)
    found = strategy.sections.get()
    page = client.get(at(found, "write/"))
    assert "what they said counts no more" in words(page)
    assert "data-waits" in page.content.decode()  # by hand first, and from then on as one types
    client.post(at(found, "write/"), texts(body="Nuovo."))
    strategy.refresh_from_db()
    assert strategy.state == "draft"
    assert "data-waits" not in client.get(at(found, "write/")).content.decode()
    assert found.revisions.filter(created_at__lte=timezone.now()).count() == 2
