"""Marta brings the addresses that the winery has collected over the years, each with its consent."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from accounts.errors import Conflict
from audit.models import Event
from clients.models import Client
from newsletter.models import ImportState, ListImport, MailingList, Reader, ReaderState, RefusedLine, Source
from newsletter.services import importing
from newsletter.services.readers import erase
from newsletter.tables import MOST_BYTES, MOST_LINES, count, guess
from tests.newsletter.bringing import GOOD, HEAD, begin, bring, many, refused
from tests.newsletter.reading import reader
from tests.world import World


def test_a_line_becomes_a_reader_with_its_consent(world: World, harvest: MailingList) -> None:
    done = bring(world, harvest, HEAD + GOOD)
    rosa = Reader.objects.get()
    assert (rosa.email, rosa.name, rosa.language) == ("rosa@example.org", "Rosa", "it")
    assert (rosa.state, rosa.source, rosa.consent) == (ReaderState.CONFIRMED, Source.IMPORT, "Mandatemi la lettera.")
    assert rosa.consented_at == datetime(2024, 5, 31, 10, tzinfo=UTC)  # noon in Rome
    assert (done.state, done.total, done.done, done.added, done.refused) == (ImportState.DONE, 1, 1, 1, 0)
    assert done.content == ""
    started, ended = Event.objects.filter(subject_type="listimport").order_by("seq")
    assert (started.verb, started.actor, started.data["sha256"]) == ("import.started", world.marta, done.sha256)
    assert (ended.verb, ended.data["added"], ended.data["refused"]) == ("import.ended", 1, 0)


@pytest.mark.parametrize(
    "raw",
    [
        (HEAD + GOOD).encode(),
        (HEAD + GOOD).encode("utf-8-sig"),
        (HEAD + GOOD).replace("\n", "\r\n").encode("utf-8-sig"),
        (HEAD + GOOD).replace(";", ",").encode(),
        ("sep=;\n" + HEAD + GOOD).encode(),
        (HEAD + GOOD).replace(";", "\t").encode("utf-16"),
        (HEAD + '"rosa@example.org";"Rosa";"it";"31/05/2024";"Mandatemi la lettera."\n').encode(),
        (HEAD + "\n;;;;\n" + GOOD).encode(),
        (HEAD + " Rosa@Example.ORG ;Rosa;IT-it;31.5.2024 12:00;Mandatemi la lettera.").encode(),
    ],
    ids=["utf-8", "bom", "excel", "comma", "sep", "utf-16", "quoted", "blank lines", "untidy"],
)
def test_as_spreadsheets_write_it(world: World, harvest: MailingList, raw: bytes) -> None:
    bring(world, harvest, raw)
    rosa = Reader.objects.get()
    told = (rosa.email, rosa.name, rosa.language, rosa.consented_at, rosa.consent)
    noon = datetime(2024, 5, 31, 10, tzinfo=UTC)
    assert told == ("rosa@example.org", "Rosa", "it", noon, "Mandatemi la lettera.")


def test_letters_of_western_windows(world: World, harvest: MailingList) -> None:
    made = bring(world, harvest, (HEAD + GOOD.replace("Rosa;", "Rosà;")).encode("cp1252"))
    assert (made.encoding, Reader.objects.get().name) == ("cp1252", "Rosà")


def test_each_refused_line_says_its_number_and_why(world: World, harvest: MailingList) -> None:
    tomorrow = (timezone.now() + timedelta(days=2)).date().isoformat()
    for name, state in [
        ("nota", "confirmed"),
        ("attesa", "pending"),
        ("via", "unsubscribed"),
        ("tornata", "bounced"),
        ("stufa", "complained"),
    ]:
        reader(harvest, f"{name}@example.org", state=state)
    oblio = reader(harvest, "oblio@example.org")
    erase(user=world.marta, reader=oblio)
    text = HEAD + GOOD + "\n".join(
        [
            "niente;;;31/05/2024;Sì",  # 3
            ";Rosa;;31/05/2024;Sì",
            "ROSA@example.org;;;31/05/2024;Sì",
            "a@example.org;;;;Sì",
            "b@example.org;;;31/05/2024;",
            "c@example.org;;;31/02/2024;Sì",
            f"d@example.org;;;{tomorrow};Sì",
            "nota@example.org;;;31/05/2024;Sì",  # 10
            "attesa@example.org;;;31/05/2024;Sì",
            "via@example.org;;;31/05/2024;Sì",
            "tornata@example.org;;;31/05/2024;Sì",
            "stufa@example.org;;;31/05/2024;Sì",
            "Oblio@example.org;;;31/05/2024;Sì",
            f"e@example.org;{'n' * 201};;31/05/2024;Sì",
            f"f@example.org;;;31/05/2024;{'c' * 2001}",
            '"g@example.org',  # swallows the rest: one cell that never ends
        ]
    )  # fmt: skip
    done = bring(world, harvest, text)
    assert refused(done) == [
        (3, "niente", "bad_address"),
        (4, "", "bad_address"),
        (5, "rosa@example.org", "twice"),
        (6, "a@example.org", "no_consent"),
        (7, "b@example.org", "no_consent"),
        (8, "c@example.org", "bad_date"),
        (9, "d@example.org", "future"),
        (10, "nota@example.org", "on_list"),
        (11, "attesa@example.org", "pending"),
        (12, "via@example.org", "signed_off"),
        (13, "tornata@example.org", "bounced"),
        (14, "stufa@example.org", "complained"),
        (15, "", "erased"),
        (16, "e@example.org", "too_long"),
        (17, "", "unreadable"),
        (18, "g@example.org", "no_consent"),
    ]
    assert (done.total, done.added, done.refused) == (17, 1, 16)
    states = dict(Reader.objects.values_list("email", "state"))
    assert states["via@example.org"] == ReaderState.UNSUBSCRIBED
    assert "oblio@example.org" not in states


def test_one_statement_for_the_whole_file(world: World, harvest: MailingList) -> None:
    made = begin(world, harvest, "email,nome\nrosa@example.org,Rosa\n")
    with pytest.raises(ValidationError, match="what they all agreed to"):
        importing.start_import(user=world.marta, found=made)
    said: dict[str, Any] = {"statement": "Sul modulo in cantina: mandatemi la lettera.", "stated_on": date(2024, 5, 31)}
    columns = {"email": 0, "name": 1}
    for half in ({"statement": said["statement"]}, {"stated_on": said["stated_on"]}):
        with pytest.raises(ValidationError):
            importing.set_reading(user=world.marta, found=made, columns=columns, **half)
    importing.set_reading(user=world.marta, found=made, columns=columns, **said)
    importing.start_import(user=world.marta, found=made)
    assert importing.go_on(import_id=made.pk)
    rosa = Reader.objects.get()
    assert (rosa.consent, rosa.consented_at) == (said["statement"], datetime(2024, 5, 31, 10, tzinfo=UTC))
    started = Event.objects.get(verb="import.started")
    assert (started.actor, started.data["statement"]) == (world.marta, said["statement"])


@pytest.mark.parametrize("columns", [{}, {"name": 0}, {"email": 2}, {"email": -1}, {"email": 0, "shoe": 1}])
def test_columns_that_are_not_there(world: World, harvest: MailingList, columns: dict[str, int]) -> None:
    made = begin(world, harvest, "email,nome\nrosa@example.org,Rosa\n")
    with pytest.raises(ValidationError):
        importing.set_reading(user=world.marta, found=made, columns=columns)


def test_columns_are_guessed() -> None:
    assert guess(HEAD + GOOD) == {"email": 0, "name": 1, "language": 2, "consented_on": 3, "consent": 4}
    assert guess("Nome e cognome,E-Mail Address,Posta elettronica\n") == {"email": 2, "name": 0}
    assert guess("Rosa,rosa@example.org\n") == {"email": 1}
    assert guess("chi,dove\nRosa,rosa@example.org\n") == {"email": 1}
    assert count("Rosa,rosa@example.org\n") == 1


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", "empty"),
        (b" \n\n", "empty"),
        (HEAD.encode(), "empty"),
        (b"\x89PNG\r\n\x1a\n\0\0\0", "not_text"),
        (b"PK\x03\x04\x81\0", "not_text"),
        (b"a" * (MOST_BYTES + 1), "too_large"),
        (("a@example.org\n" * (MOST_LINES + 1)).encode(), "too_many"),
        ("\ufeffemail\n".encode("utf-16-le") + b"\xd8", "not_text"),
    ],
    ids=["empty", "blank", "head only", "png", "xlsx", "large", "many", "half a letter"],
)
def test_what_is_no_table(world: World, harvest: MailingList, raw: bytes, code: str) -> None:
    with pytest.raises(ValidationError) as caught:
        begin(world, harvest, raw)
    assert [error.code for error in caught.value.error_dict["file"]] == [code]
    assert not ListImport.objects.exists()


def test_a_broken_tail_costs_one_line(world: World, harvest: MailingList) -> None:
    endless = HEAD + GOOD + '"' + "x\n" * 70_000
    done = bring(world, harvest, endless)
    assert (done.state, done.added) == (ImportState.DONE, 1)
    assert {why for _line, _email, why in refused(done)} <= {"unreadable", "bad_address", "twice"}


def test_it_is_started_once_and_only_by_managers(world: World, harvest: MailingList) -> None:
    made = begin(world, harvest, HEAD + GOOD)
    with pytest.raises(PermissionDenied):
        importing.start_import(user=world.vito, found=made)
    with pytest.raises(Client.DoesNotExist):
        importing.start_import(user=world.bruno, found=made)
    importing.start_import(user=world.marta, found=made)
    for act in (importing.start_import, importing.discard_import):
        with pytest.raises(Conflict):
            act(user=world.marta, found=made)


def test_who_goes_on_begins_where_the_one_before_ended(world: World, harvest: MailingList, monkeypatch: Any) -> None:
    monkeypatch.setattr(importing, "PIECE", 2)
    monkeypatch.setattr(importing, "TURN", 0.0)
    made = importing.start_import(user=world.marta, found=begin(world, harvest, many(5)))
    now = timezone.now()
    assert importing.hand_out(now) == [made.pk]
    assert importing.hand_out(now) == []
    assert importing.hand_out(now + timedelta(seconds=31)) == [made.pk]
    entries = importing._checked(ListImport.objects.select_related("client").get())
    assert [importing._piece(made.pk, entries) for _turn in range(4)] == [3, 1, 0, None]
    assert Reader.objects.count() == 5


def test_what_nobody_took_in_is_forgotten(world: World, harvest: MailingList) -> None:
    draft = begin(world, harvest, HEAD + GOOD)
    done = bring(world, harvest, HEAD + "niente;;;;\n")
    now = timezone.now()
    assert importing.forget_files(now + timedelta(days=6)) == 0
    assert importing.forget_files(now + timedelta(days=31)) == 1
    draft.refresh_from_db()
    assert (draft.state, draft.content) == (ImportState.DISCARDED, "")
    assert refused(done) == [(2, "", "bad_address")]
    assert RefusedLine.objects.count() == 1


def test_queries_do_not_grow_with_lines(world: World, harvest: MailingList, django_assert_num_queries: Any) -> None:
    for number in (1, 3):
        made = importing.start_import(user=world.marta, found=begin(world, harvest, many(number)))
        Reader.objects.all().delete()
        with django_assert_num_queries(10):
            assert importing.go_on(import_id=made.pk)
