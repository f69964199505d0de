"""Tacit consent: a day and a document, or nothing; the document goes to the client's staff and nowhere else."""

import hashlib
import io
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.test import Client as Browser
from django.urls import reverse
from PIL import Image

from audit.models import Event
from clients.models import Client
from clients.services import edit_client, set_tacit_consent
from clients.services.consent import MOST_BYTES
from tests.browsing import Staff, words
from tests.clients.test_admin_clients import RECORD
from tests.rest.caller import Caller, fields
from tests.world import World, token

PDF = b"%PDF-1.7\n1 0 obj <</Type /Catalog>> endobj\ntrailer <</Root 1 0 R>>\n%%EOF\n"
DAY = date(2026, 5, 4)


@pytest.fixture(autouse=True)
def _own_storage(settings: Any, tmp_path: Any, world: World) -> None:
    settings.MEDIA_ROOT = tmp_path
    world.marta.language = "en"
    world.marta.save(update_fields=["language"])


def picture(kind: str = "PNG") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "#1F5A7A").save(out, kind)
    return out.getvalue()


def agree(world: World, data: bytes = PDF, agreed_on: date | None = DAY) -> Client:
    return set_tacit_consent(user=world.marta, client=world.winery, agreed_on=agreed_on, document=io.BytesIO(data))


def refused(error: ValidationError) -> list[tuple[str, str]]:
    return [(name, str(found.code)) for name, errors in error.error_dict.items() for found in errors]


@pytest.mark.parametrize(
    ("data", "kind"), [(PDF, "pdf"), (picture(), "png"), (picture("JPEG"), "jpg"), (picture("WEBP"), "webp")]
)
def test_a_day_and_a_document_are_a_consent(world: World, data: bytes, kind: str) -> None:
    assert world.winery.tacit_consent is False
    client = agree(world, data)
    client.refresh_from_db()
    digest = hashlib.sha256(data).hexdigest()
    assert (client.tacit_consent, client.tacit_consent_agreed_on, client.tacit_consent_digest) == (True, DAY, digest)
    assert client.tacit_consent_document.name == f"consents/{client.pk}/{digest}.{kind}"
    event = Event.objects.get(verb="client.tacit_consent_set")
    assert (event.digest, event.data, event.actor) == (digest, {"agreed_on": "2026-05-04"}, world.marta)
    agree(world, data, date(2026, 5, 5))  # the same bytes lie there once
    world.winery.refresh_from_db()
    assert world.winery.tacit_consent_document.name == f"consents/{client.pk}/{digest}.{kind}"


def test_a_document_needs_its_day(world: World) -> None:
    cases: list[tuple[Callable[[], object], tuple[str, str]]] = [
        (lambda: agree(world, agreed_on=None), ("tacit_consent_agreed_on", "required")),
        (lambda: agree(world, agreed_on=date(2999, 1, 1)), ("tacit_consent_agreed_on", "future")),
    ]
    for act, error in cases:
        with pytest.raises(ValidationError) as raised:
            act()
        assert refused(raised.value) == [error]
    agree(world)
    with pytest.raises(ValidationError) as raised:
        edit_client(user=world.marta, client=world.winery, tacit_consent_agreed_on=None)
    assert refused(raised.value) == [("tacit_consent_agreed_on", "required")]
    with pytest.raises(IntegrityError), transaction.atomic():
        Client.objects.filter(pk=world.winery.pk).update(tacit_consent_agreed_on=None)


def test_a_consent_is_taken_back_and_its_document_kept(world: World) -> None:
    kept = agree(world).tacit_consent_document
    nothing: Any = {"tacit_consent_agreed_on": None, "tacit_consent_document": None}
    client = edit_client(user=world.marta, client=world.winery, **nothing)
    assert (client.tacit_consent, client.tacit_consent_digest) == (False, "")
    assert kept.storage.exists(str(kept.name))
    edit_client(user=world.marta, client=world.winery, **nothing)
    assert Event.objects.filter(verb="client.tacit_consent_ended").count() == 1


def test_a_day_without_a_document_consents_to_nothing(world: World) -> None:
    edit_client(user=world.marta, client=world.winery, tacit_consent_agreed_on=DAY)
    world.winery.refresh_from_db()
    assert world.winery.tacit_consent is False
    # It is in nobody's way.
    client = edit_client(user=world.marta, client=world.winery, formal=True, tacit_consent_agreed_on=DAY)
    assert (client.formal, client.tacit_consent) == (True, False)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "not_a_document"),
        (b"<script>alert(1)</script>", "not_a_document"),
        (b"GIF89a" + b"\0" * 100, "not_a_document"),
        (picture()[:-40], "not_a_document"),
        (b"%PDF-1.7 and no more", "not_whole"),
        (PDF + b"\0" * MOST_BYTES, "too_heavy"),
    ],
)
def test_what_is_no_document(world: World, data: bytes, code: str) -> None:
    with pytest.raises(ValidationError) as raised:
        agree(world, data)
    assert refused(raised.value) == [("tacit_consent_document", code)]
    world.winery.refresh_from_db()
    assert not world.winery.tacit_consent


@pytest.mark.filterwarnings("ignore:Corrupt EXIF")
def test_a_photo_of_it_whose_exif_is_broken_is_one(world: World) -> None:
    out = io.BytesIO()
    Image.new("RGB", (40, 30)).save(out, "JPEG", exif=b"Exif\0\0II*\0\x08\0\0\0\xff\xff" + b"\x07" * 60)
    agree(world, out.getvalue())
    world.winery.refresh_from_db()
    assert world.winery.tacit_consent is True


def test_managers_write_it(world: World) -> None:
    for user in (world.elena, world.cliente):
        with pytest.raises(PermissionDenied):
            set_tacit_consent(user=user, client=world.winery, agreed_on=DAY, document=io.BytesIO(PDF))
    with pytest.raises(Client.DoesNotExist):
        set_tacit_consent(user=world.bruno, client=world.winery, agreed_on=DAY, document=io.BytesIO(PDF))


def test_the_form_takes_it_and_gives_it_back(world: World) -> None:
    marta, here = Staff(world.marta), world.winery.pk
    sent = {**RECORD, "tacit_consent_agreed_on": "2026-05-04"}
    answer = marta.send("clients_client_change", here, data=sent)
    assert "Add the document in which the client agreed to it." in words(answer)
    assert answer.context["form"]["tacit_consent_agreed_on"].value() == "2026-05-04"
    wrong = SimpleUploadedFile("accordo.pdf", b"not at all", "application/pdf")
    answer = marta.send("clients_client_change", here, data={**sent, "tacit_consent_document": wrong})
    assert "This is not a document we can keep" in words(answer)
    assert "Choose the file again" in words(answer)
    right = SimpleUploadedFile("../../accordo.html", PDF, "text/html")
    marta.send("clients_client_change", here, data={**sent, "tacit_consent_document": right})
    world.winery.refresh_from_db()
    assert world.winery.tacit_consent
    page = marta.open("clients_client_change", here)
    assert reverse("admin:clients_client_consent", args=[here]) in page.content.decode()
    assert "/media/consents" not in page.content.decode()
    marta.send("clients_client_change", here, data=sent)  # nothing chosen: it stays
    world.winery.refresh_from_db()
    assert world.winery.tacit_consent
    marta.send(
        "clients_client_change",
        here,
        data={**RECORD, "tacit_consent_agreed_on": "", "tacit_consent_document-clear": "1"},
    )
    world.winery.refresh_from_db()
    assert (world.winery.tacit_consent, world.winery.tacit_consent_agreed_on) == (False, None)


def test_staff_open_it_and_nobody_else(world: World) -> None:
    here = world.winery.pk
    assert Staff(world.vito).open("clients_client_consent", here).status_code == 404  # there is none yet
    agree(world)
    for user in (world.vito, world.marta, world.ada):
        answer = Staff(user).open("clients_client_consent", here)
        assert (answer.status_code, b"".join(answer.streaming_content)) == (200, PDF)
        assert answer["Content-Type"] == "application/pdf"
        assert answer["Content-Disposition"] == 'attachment; filename="cantina-roero-tacit-consent.pdf"'
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert {"private", "no-store"} <= set(answer["Cache-Control"].split(", "))
        assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert Staff(world.bruno).open("clients_client_consent", here).status_code == 404
    for user in (world.cliente, world.nonna, world.carlo):
        assert Staff(user).open("clients_client_consent", here).status_code == 302
    assert Browser().get(reverse("admin:clients_client_consent", args=[here])).status_code == 302
    world.winery.refresh_from_db()
    kept = world.winery.tacit_consent_document
    kept.storage.delete(str(kept.name))
    assert Staff(world.marta).open("clients_client_consent", here).status_code == 404


def test_the_api_takes_it_as_a_form(world: World) -> None:
    here = f"clients/{world.winery.pk}/"
    marta = Caller(world.marta)

    def send(caller: Caller, expect: int, data: bytes = PDF, **body: Any) -> Any:
        document = SimpleUploadedFile("accordo.pdf", data, "application/pdf")
        sent = {"agreed_on": "2026-05-04", "document": document, **body}
        return caller.post(here + "tacit_consent/", sent, expect, format="multipart")

    assert fields(send(marta, 400, b"no")) == [("tacit_consent_document", "not_a_document")]
    assert fields(send(marta, 400, agreed_on="soon")) == [("agreed_on", "invalid")]
    send(Caller(world.elena), 403)
    send(Caller(world.cliente), 403)
    send(Caller(world.bruno), 404)
    send(Caller(None), 401)
    send(Caller(world.marta, read_only=True), 403)
    found = send(marta, 200)
    assert (found["tacit_consent"], found["tacit_consent_agreed_on"]) == (True, "2026-05-04")
    for user, status in [
        (world.vito, 200),
        (world.cliente, 404),
        (world.nonna, 404),
        (world.bruno, 404),
        (world.carlo, 404),
    ]:
        headers = {"Authorization": f"Token {token(user)}"}
        answer = Browser().get(f"/api/v1/{here}tacit_consent/", headers=headers)
        assert answer.status_code == status
        if status == 200:
            assert b"".join(answer.streaming_content) == PDF  # type: ignore[attr-defined]  # a file's answer
    assert Browser().get(f"/api/v1/{here}tacit_consent/").status_code == 401
    assert Caller(world.cliente).get(here)["tacit_consent"] is True
    assert marta.patch(here, {"tacit_consent_agreed_on": "2026-05-05"})["tacit_consent"] is True
    assert marta.patch(here, {"tacit_consent_agreed_on": None})["tacit_consent"] is False
