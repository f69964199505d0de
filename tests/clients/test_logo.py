"""A client's logo: a picture that is decoded and written anew, and stands on what is taken away."""

import io
import re
import zipfile
from typing import Any

import pypdf
import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client as Browser
from django.urls import reverse
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from audit.models import Event
from clients.services import set_logo
from clients.services.logo import MOST_BYTES
from strategy.papers.docx import docx
from strategy.papers.gathering import paper_of
from strategy.papers.pdf import pdf
from tests.browsing import Staff, words
from tests.clients.test_admin_clients import RECORD
from tests.portal.reaching import asked, link_to
from tests.rest.caller import BASE, Caller, fields
from tests.strategy import documents
from tests.world import World

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
SECRET = "Via Roma 1"


@pytest.fixture(autouse=True)
def _own_storage(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


def logo(kind: str = "PNG", size: tuple[int, int] = (120, 40)) -> bytes:
    """A picture that tells where it was made."""
    out, told = io.BytesIO(), PngInfo()
    told.add_text("Comment", SECRET)
    more = {"pnginfo": told} if kind == "PNG" else {"comment": SECRET.encode()}
    Image.new("RGB", size, "#7A1F3D").save(out, kind, **more)
    return out.getvalue()


def bytes_of(answer: Any) -> bytes:
    """All of a file that is sent piece by piece."""
    return b"".join(answer.streaming_content)


@pytest.mark.parametrize(("kind", "ending"), [("PNG", "png"), ("JPEG", "jpg")])
def test_what_is_kept_is_the_picture_and_nothing_else(world: World, kind: str, ending: str) -> None:
    data = logo(kind)
    client = set_logo(user=world.marta, client=world.winery, logo=io.BytesIO(data + b"<script>alert(1)</script>"))
    client.refresh_from_db()
    assert str(client.logo.name).startswith(f"logos/{client.pk}/")
    assert str(client.logo.name).endswith(f".{ending}")
    with client.logo.open("rb") as file:
        kept = file.read()
    assert SECRET.encode() in data
    assert SECRET.encode() not in kept
    assert b"script" not in kept
    assert Image.open(io.BytesIO(kept)).size == (120, 40)
    set_logo(user=world.marta, client=client, logo=io.BytesIO(data))
    assert Event.objects.filter(verb="client.logo_set").count() == 1  # the same once more is no change
    set_logo(user=world.marta, client=client, logo=None)
    client.refresh_from_db()
    assert not client.logo


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (SVG, "not_a_picture"),
        (b"", "not_a_picture"),
        (logo()[:60], "not_a_picture"),
        (logo("GIF"), "not_a_picture"),
        (b"x" * (MOST_BYTES + 1), "too_heavy"),
        (logo(size=(8, 8)), "too_small"),
        (logo(size=(400, 20)), "too_thin"),
        (logo(size=(4100, 4000)), "too_large"),
    ],
)
def test_what_can_t_be_a_logo(world: World, data: bytes, code: str) -> None:
    with pytest.raises(ValidationError) as error:
        set_logo(user=world.marta, client=world.winery, logo=io.BytesIO(data))
    assert [(name, found.code) for name, errors in error.value.error_dict.items() for found in errors] == [
        ("logo", code)
    ]
    world.winery.refresh_from_db()
    assert not world.winery.logo


def test_who_may_set_it_and_who_gets_it(world: World) -> None:
    for user in (world.elena, world.cliente):
        with pytest.raises(PermissionDenied):
            set_logo(user=user, client=world.winery, logo=io.BytesIO(logo()))
    marta, path = Caller(world.marta), f"clients/{world.winery.pk}/logo/"
    marta.get(path, expect=404)
    assert fields(marta.post(path, {"logo": SimpleUploadedFile("l.svg", SVG)}, 400, format="multipart")) == [
        ("logo", "not_a_picture")
    ]
    marta.post(path, {"logo": SimpleUploadedFile("l.png", logo())}, 200, format="multipart")
    for who, expect in ((world.vito, 200), (world.cliente, 200), (world.bruno, 404), (world.carlo, 404)):
        answer = Caller(who).http.get(BASE + path)
        assert answer.status_code == expect
        if expect == 200:
            assert (answer["Content-Type"], answer["X-Content-Type-Options"]) == ("image/png", "nosniff")
            assert "sandbox" in answer["Content-Security-Policy"]
            assert bytes_of(answer).startswith(b"\x89PNG")
    Caller(world.vito).post(path, {"logo": SimpleUploadedFile("l.png", logo())}, 403, format="multipart")
    shown = Staff(world.vito).open("clients_client_logo", world.winery.pk)
    assert (shown.status_code, bytes_of(shown)[:4]) == (200, b"\x89PNG")
    assert Staff(world.bruno).open("clients_client_logo", world.winery.pk).status_code == 404
    marta.post(path, {"logo": ""}, 200, format="multipart")
    marta.get(path, expect=404)


def test_the_manager_s_form(world: World) -> None:
    world.marta.language = "en"
    world.marta.save(update_fields=["language"])
    marta, pk = Staff(world.marta), world.winery.pk
    wrong = marta.send("clients_client_change", pk, data={**RECORD, "logo": SimpleUploadedFile("l.svg", SVG)})
    assert "Save an SVG as PNG first." in words(wrong)
    assert "Choose the file again" in words(wrong)
    marta.send("clients_client_change", pk, data={**RECORD, "logo": SimpleUploadedFile("l.png", logo())})
    assert reverse("admin:clients_client_logo", args=[pk]) in marta.open("clients_client_change", pk).content.decode()
    marta.send("clients_client_change", pk, data={**RECORD})
    world.winery.refresh_from_db()
    assert world.winery.logo
    marta.send("clients_client_change", pk, data={**RECORD, "logo-clear": "on"})
    world.winery.refresh_from_db()
    assert not world.winery.logo


def test_it_stands_on_the_pdf_and_the_docx(world: World) -> None:
    strategy = documents.draft(world)
    documents.section(world, strategy)
    bare = paper_of(user=world.vito, strategy=strategy)
    set_logo(user=world.marta, client=world.winery, logo=io.BytesIO(logo()))
    strategy.client.refresh_from_db()
    paper = paper_of(user=world.vito, strategy=strategy)
    assert (bare.logo, paper.logo and paper.logo[:4]) == (None, b"\x89PNG")
    drawn = [len(pypdf.PdfReader(io.BytesIO(pdf(each))).pages[0].images) for each in (bare, paper)]
    assert drawn == [0, 1]
    parts = zipfile.ZipFile(io.BytesIO(docx(paper)))
    header = next(parts.read(name) for name in parts.namelist() if name.startswith("word/header"))
    assert 'descr="Cantina Roero"' in header.decode()
    strategy.client.logo.storage.delete(str(strategy.client.logo.name))
    assert paper_of(user=world.vito, strategy=strategy).logo is None  # lost bytes keep nobody from taking it away


def test_it_stands_beside_the_name_in_the_portal_for_who_has_the_page(world: World) -> None:
    strategy = documents.draft(world)
    portal, nobody = Browser(), Browser()
    portal.force_login(world.cliente)

    def shown() -> list[str]:
        page = portal.get(reverse("portal:strategy", args=[strategy.pk])).content.decode()
        return re.findall(r'<img class="band-logo" src="([^"]+)" alt="">', page)

    assert shown() == []
    set_logo(user=world.marta, client=world.winery, logo=io.BytesIO(logo()))
    (address,) = shown()
    by_link = nobody.get(link_to(asked(world), world.cliente)).content.decode()
    assert address in by_link
    answer = nobody.get(address)
    assert (answer.status_code, answer["Content-Type"], bytes_of(answer)[:4]) == (200, "image/png", b"\x89PNG")
    number, key = address.rpartition("/")[2].split("-", 1)
    set_logo(user=world.marta, client=world.winery, logo=io.BytesIO(logo("JPEG")))
    set_logo(user=world.ada, client=world.town, logo=io.BytesIO(logo()))
    for wrong in (
        address,
        *(f"/logo/{token}" for token in (f"{world.town.pk}-{key}", number, f"{'9' * 40}-{key}", "x-")),
    ):
        assert nobody.get(wrong).status_code == 404
    assert bytes_of(nobody.get(shown()[0])).startswith(b"\xff\xd8")
