"""Marta keeps the winery's list on the staff's pages; Vito sees how many read, and nobody's address."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from audit.models import Event
from newsletter.models import ImportState, ListImport, MailingList, Reader, ReaderState
from newsletter.services import importing
from tests.browsing import Staff, words
from tests.newsletter.bringing import GOOD, HEAD, begin, bring
from tests.newsletter.reading import newsletter_of, reader
from tests.world import World


@pytest.fixture(autouse=True)
def _english(world: World) -> None:
    for person in (world.vito, world.marta, world.bruno):
        person.language = "en"
        person.save(update_fields=["language"])


def test_a_list_begins(world: World) -> None:
    channel = newsletter_of(world.winery, "Lettera dalla vigna")
    newsletter_of(world.town, "La gazzetta")
    marta = Staff(world.marta)
    assert "Lettera dalla vigna" in words(marta.open("newsletter_mailinglist_add"))
    assert "La gazzetta" not in words(marta.open("newsletter_mailinglist_add"))
    typed = {"channel": channel.pk, "imprint": "", "promise": "Mandatemela.", "is_open": "on"}
    page = marta.send("newsletter_mailinglist_add", data=typed)
    assert "There is no imprint yet: the list takes readers, but nothing can be sent." in words(page)
    found = MailingList.objects.get()
    assert (found.channel, found.promise, found.is_open) == (channel, "Mandatemela.", True)
    assert f"/newsletter/{found.key}/" in words(page)
    assert marta.open("newsletter_mailinglist_add").status_code == 403  # every newsletter has its list
    page = marta.send("newsletter_mailinglist_change", found.pk, data={"imprint": "Via Roma 1", "promise": ""})
    found.refresh_from_db()
    assert (found.imprint, found.is_open) == ("Via Roma 1", False)
    assert "There is no imprint yet" not in words(page)


def test_counts_for_staff_readers_for_managers(world: World, harvest: MailingList) -> None:
    rosa = reader(harvest, confirmed_at=timezone.now() - timedelta(days=100))
    reader(harvest, "bea@example.org", state=ReaderState.BOUNCED)
    vito, marta, bruno = Staff(world.vito), Staff(world.marta), Staff(world.bruno)
    page = vito.open("newsletter_mailinglist_change", harvest.pk)
    assert "From 0 to 1 in a year; at most 1." in words(page)
    assert "Readers as CSV" not in words(page)
    assert "Readers as CSV" in words(marta.open("newsletter_mailinglist_change", harvest.pk))
    for name, args in [
        ("newsletter_reader_change", (rosa.pk,)),
        ("newsletter_reader_off", (rosa.pk,)),
        ("newsletter_reader_erase", (rosa.pk,)),
        ("newsletter_mailinglist_csv", (harvest.pk,)),
    ]:
        assert marta.open(name, *args).status_code == 200
        assert vito.open(name, *args).status_code in {403, 404}
        assert bruno.open(name, *args).status_code == 404
    assert "rosa@example.org" not in words(vito.open("newsletter_reader_changelist"))
    assert bruno.open("newsletter_mailinglist_change", harvest.pk).status_code == 404
    assert "rosa@example.org" in words(marta.open("newsletter_reader_changelist"))
    assert "rosa@example.org" not in words(bruno.open("newsletter_mailinglist_changelist"))


def test_readers_are_found(world: World, harvest: MailingList, gazette: MailingList) -> None:
    reader(harvest)
    reader(harvest, "bea@example.org", state=ReaderState.UNSUBSCRIBED, name="Beatrice")
    reader(gazette, "carla@example.org")
    marta = Staff(world.marta)
    for query, there in [
        ("?q=beatr", ["bea"]),
        ("?q=ROSA@", ["rosa"]),
        ("?state=unsubscribed", ["bea"]),
        (f"?list={harvest.pk}", ["bea", "rosa"]),
        (f"?list={gazette.pk}", []),
        ("?list=x", []),
        ("", ["bea", "rosa"]),
    ]:
        page = words(marta.open("newsletter_reader_changelist", query=query))
        assert [name for name in ("bea", "carla", "rosa") if f"{name}@" in page] == there, query


@pytest.mark.parametrize("name", ["newsletter_reader_changelist", "newsletter_mailinglist_change"])
def test_queries_do_not_grow(world: World, harvest: MailingList, name: str, django_assert_num_queries: Any) -> None:
    marta = Staff(world.marta)
    args = (harvest.pk,) if "list_change" in name else ()
    reader(harvest)
    marta.open(name, *args)
    queries = {"newsletter_reader_changelist": 9, "newsletter_mailinglist_change": 8}[name]
    for number in range(3):
        with django_assert_num_queries(queries):
            marta.open(name, *args)
        reader(harvest, f"r{number}@example.org")


def test_a_reader_is_entered_signed_off_and_erased(world: World, harvest: MailingList, gazette: MailingList) -> None:
    marta = Staff(world.marta)
    typed = {"mailing_list": harvest.pk, "email": "Rosa@example.org", "name": "Rosa", "language": "it"}
    page = marta.send("newsletter_reader_add", data={**typed, "consent": "", "consented_at": "2024-05-31"})
    assert 'value="Rosa@example.org"' in page.content.decode()
    assert not Reader.objects.exists()
    agreed = {"consent": "Sul foglio in cantina.", "consented_at": "2024-05-31"}
    page = marta.send("newsletter_reader_add", data={**typed, **agreed, "mailing_list": gazette.pk})
    assert not Reader.objects.exists()
    page = marta.send("newsletter_reader_add", data={**typed, **agreed})
    rosa = Reader.objects.get()
    assert "Came by: Entered by staff." in words(page)
    assert (rosa.email, rosa.consent) == ("rosa@example.org", "Sul foglio in cantina.")
    assert marta.send("newsletter_reader_change", rosa.pk, data={"name": "Altra"}).status_code == 403
    page = marta.send("newsletter_reader_off", rosa.pk, data={"why": ""})
    rosa.refresh_from_db()
    assert rosa.state == ReaderState.CONFIRMED
    page = marta.send("newsletter_reader_off", rosa.pk, data={"why": "Al telefono."})
    assert "rosa@example.org is signed off." in words(page)
    assert "Why: Al telefono." in words(page)
    assert "Name and address of rosa@example.org are forgotten" in words(marta.open("newsletter_reader_erase", rosa.pk))
    page = marta.send("newsletter_reader_erase", rosa.pk)
    assert "Erased." in words(page)
    assert "rosa" not in words(page).lower()
    verbs = list(Event.objects.filter(subject_type="reader").order_by("seq").values_list("verb", "actor__email"))
    assert verbs == [(f"reader.{verb}", "marta@filo.example") for verb in ("added", "signed_off", "erased")]


def upload(marta: Staff, found: MailingList, raw: bytes) -> Any:
    file = SimpleUploadedFile("iscritti.csv", raw, "text/csv")
    return marta.send("newsletter_listimport_add", data={"mailing_list": found.pk, "file": file})


def test_a_file_is_looked_at_then_taken_in(world: World, harvest: MailingList) -> None:
    marta = Staff(world.marta)
    page = words(upload(marta, harvest, (HEAD + GOOD + "niente;;;;\n").encode()))
    assert "The first of 2 lines, as they are read" in page
    assert "2 rosa@example.org Rosa it 2024-05-31 Mandatemi la lettera." in page
    assert "3 niente error This is no mail address." in page
    made = ListImport.objects.get()
    columns = {"email": "0", "name": "", "language": "2", "consented_on": "3", "consent": "4"}
    look = marta.send("newsletter_listimport_change", made.pk, data={**columns, "do": "look"})
    assert "2 rosa@example.org it 2024-05-31" in words(look)
    assert not Reader.objects.exists()
    bad = marta.send(
        "newsletter_listimport_change", made.pk, data={**columns, "email": "", "statement": "Sì", "do": "start"}
    )
    assert "Say in which column the addresses are." in words(bad)
    assert "Sì" in bad.content.decode()
    running = marta.send("newsletter_listimport_change", made.pk, data={**columns, "do": "start"})
    assert (running["Refresh"], "0 of 2 lines" in words(running)) == ("3", True)
    assert importing.go_on(import_id=made.pk)
    done = marta.open("newsletter_listimport_change", made.pk)
    assert "Refresh" not in done
    assert "1 reader is new on the list. 1 line was refused." in words(done)
    assert marta.send("newsletter_listimport_change", made.pk, data={**columns, "do": "start"}).status_code == 403
    table = b"".join(marta.open("newsletter_listimport_refused", made.pk).streaming_content).decode("utf-8-sig")
    assert table == "line,email,code,why\r\n3,niente,bad_address,This is no mail address.\r\n"


def test_a_file_that_is_no_table_says_so(world: World, harvest: MailingList) -> None:
    page = upload(Staff(world.marta), harvest, b"\x89PNG\r\n\x1a\n\0\0\0")
    assert "This is no table of text. Save it as CSV" in words(page)
    assert not ListImport.objects.exists()


def test_a_file_is_discarded(world: World, harvest: MailingList) -> None:
    made = begin(world, harvest, HEAD + GOOD)
    page = Staff(world.marta).send("newsletter_listimport_discard", made.pk)
    made.refresh_from_db()
    assert (made.state, made.content) == (ImportState.DISCARDED, "")
    assert "Discarded." in words(page)


def test_imports_are_for_those_who_keep_the_list(world: World, harvest: MailingList, gazette: MailingList) -> None:
    made = bring(world, harvest, HEAD + GOOD)
    for who, codes in [(world.marta, {200}), (world.bruno, {404}), (world.vito, {403, 404})]:
        staff = Staff(who)
        assert staff.open("newsletter_listimport_change", made.pk).status_code in codes
        assert staff.open("newsletter_listimport_refused", made.pk).status_code in codes
    page = upload(Staff(world.bruno), harvest, (HEAD + GOOD).encode())
    assert ListImport.objects.count() == 1
    assert "iscritti.csv" not in words(page)


def test_what_is_taken_away_runs_in_no_spreadsheet(world: World, harvest: MailingList) -> None:
    reader(harvest, name='=HYPERLINK("http://x.example")', consent="+39 0173", ended_why="@a")
    answer = Staff(world.marta).open("newsletter_mailinglist_csv", harvest.pk)
    table = b"".join(answer.streaming_content).decode("utf-8-sig")
    assert 'rosa@example.org,"\'=HYPERLINK(""http://x.example"")",' in table
    assert ",'+39 0173," in table
    assert ",'@a\r\n" in table
    assert answer["Content-Disposition"] == f'attachment; filename="readers-{harvest.pk}.csv"'
    assert Event.objects.get(verb="list.exported").data["readers"] == 1
