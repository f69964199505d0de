"""Strategies as files, as programs get them."""

import io
import zipfile

import pytest
from django.test import Client as Browser
from docx import Document

from accounts.models import User
from strategy.papers.files import FORMS
from tests.strategy.documents import agreed, draft, save, section
from tests.world import World, token


def got(user: User | None, page: str, status: int = 200) -> bytes:
    """What comes back; a file is kept by nobody in between."""
    headers = {"authorization": f"Token {token(user)}"} if user else {}
    answer = Browser().get(f"/api/v1/strategies/{page}", headers=headers)
    assert answer.status_code == status, answer.content
    if status == 200:
        form = page.rpartition(".")[2]
        assert answer["Content-Type"] == FORMS[form].content_type
        assert "no-store" in answer["Cache-Control"]
        assert answer["Content-Disposition"].startswith('attachment; filename="la-cantina-nel-2027-')
        assert answer["Content-Disposition"].endswith(f'.{form}"')
    return bytes(answer.content)


def body(data: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return archive.read("strategy.md").decode()


def test_the_version_in_force_is_taken_away_while_people_write_on(world: World) -> None:
    strategy = agreed(world)
    save(world.vito, strategy.sections.get(), body="Gridiamo.")
    assert "Parliamo piano." in body(got(world.vito, f"{strategy.pk}/document.zip"))
    assert "Parliamo piano." in body(got(world.cliente, f"{strategy.pk}/versions/1/document.zip"))
    word = Document(io.BytesIO(got(world.cliente, f"{strategy.pk}/document.docx")))
    assert word.paragraphs[0].text == "La cantina nel 2027"
    for page in ("document.pdf", "versions/1/document.pdf"):
        assert got(world.cliente, f"{strategy.pk}/{page}").startswith(b"%PDF")
    assert got(world.vito, f"{strategy.pk}/versions/1/document.docx").startswith(b"PK")


def test_a_draft_that_the_client_does_not_know_of(world: World) -> None:
    strategy = draft(world, shared=False)
    section(world, strategy)
    assert "Bozza: non è concordata" in body(got(world.vito, f"{strategy.pk}/document.zip"))
    got(world.cliente, f"{strategy.pk}/document.zip", 404)


@pytest.mark.parametrize("form", FORMS)
def test_another_client_s_is_not_there(world: World, form: str) -> None:
    strategy = agreed(world)
    for page in (f"document.{form}", f"versions/1/document.{form}"):
        got(world.sindaco, f"{strategy.pk}/{page}", 404)
        got(None, f"{strategy.pk}/{page}", 401)
    got(world.vito, f"{strategy.pk}/versions/7/document.{form}", 404)
    got(world.vito, f"{strategy.pk}/document.exe", 404)
