"""What a strategy can begin with, as programs get it: our own questions, and files from elsewhere."""

import io
import zipfile
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from docx import Document
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from strategy.models import Strategy
from strategy.reading.safety import BIGGEST
from tests.rest.caller import BASE, Caller
from tests.social.pictures import png, stored
from tests.strategy.documents import agreed
from tests.world import World

TEXT = """# Il 2027 della cantina

## Tono di voce

Parliamo piano.

![La vigna](vigna.png)
"""


@pytest.fixture(autouse=True)
def _own_storage(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


def archive(parts: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for name, data in parts.items():
            made.writestr(name, data)
    return out.getvalue()


def read(world: World, data: bytes, name: str, user: User | None = None, expect: int = 200) -> Any:
    form = {"client": world.winery.pk, "file": SimpleUploadedFile(name, data)}
    return Caller(user or world.marta).post("strategies/understand/", form, expect, format="multipart")


@pytest.mark.parametrize("kind", ["shop", "tourism", "public", "politics"])
@pytest.mark.parametrize("language", ["it", "en"])
def test_a_beginning_becomes_a_strategy(world: World, kind: str, language: str) -> None:
    found = Caller(world.vito).get("strategy-starts/")["results"]
    (start,) = [one for one in found if (one["client_kind"], one["language"]) == (kind, language)]
    sent = {
        "client": world.winery.pk,
        "title": start["name"],
        "kind": start["kind"],
        "language": language,
        "sections": [{name: value for name, value in one.items() if value} for one in start["sections"]],
    }
    made = Caller(world.marta).post("strategies/", sent, 201)
    assert len(found) == 8
    assert [(one["kind"], one["body"]) for one in made["sections"]] == [
        (one["kind"], one["body"]) for one in start["sections"]
    ]
    assert all(one["why"] and "?" in one["body"] for one in made["sections"])


def test_a_file_is_understood_and_nothing_is_stored(world: World) -> None:
    picture = stored(world.vito, world.winery)
    with picture.file.open("rb") as file:
        data = archive({"strategy.md": TEXT.encode(), "vigna.png": file.read()})
    told = read(world, data, "strategia.zip")
    (section,) = told["sections"]
    assert (told["title"], section["kind"], section["guessed"]) == ("Il 2027 della cantina", "tone", True)
    assert section["body"] == f"Parliamo piano.\n\n![La vigna](media:{picture.pk})"
    assert told["pictures"] == []
    assert not Strategy.objects.exists()


def test_a_picture_of_nobody_or_of_another_client_is_told(world: World) -> None:
    foreign = stored(world.bruno, world.town)
    with foreign.file.open("rb") as file:
        theirs = file.read()
    for data in (theirs, png(size=(9, 9)).read()):
        told = read(world, archive({"strategy.md": TEXT.encode(), "vigna.png": data}), "strategia.zip")
        assert [one["name"] for one in told["pictures"]] == ["vigna.png"]
        assert "media:" not in told["sections"][0]["body"]


def test_a_word_document(world: World) -> None:
    document, out = Document(), io.BytesIO()
    document.add_heading("Il 2027 della cantina", 0)
    document.add_heading("Tono di voce", 1)
    document.add_paragraph("Parliamo piano.")
    document.save(out)
    told = read(world, out.getvalue(), "strategia.docx")
    assert [(one["kind"], one["body"]) for one in told["sections"]] == [("tone", "Parliamo piano.")]


def test_what_was_taken_away_comes_back(world: World) -> None:
    strategy = agreed(world)
    answer = Caller(world.vito).http.get(f"{BASE}strategies/{strategy.pk}/document.zip")
    told = read(world, answer.content, "la-cantina.zip")
    assert [one["body"] for one in told["sections"]] == [one.body for one in strategy.sections.order_by("position")]


@pytest.mark.parametrize(
    ("data", "name", "code"),
    [
        (b"", "a.md", "empty"),
        (b"\xff\xfe\x00", "a.md", "kind"),
        (b"x" * (BIGGEST + 1), "a.md", "too_big"),
        (b"PK\x03\x04 half", "a.docx", "broken"),
        (archive({"word/document.xml": b"<w/>"}), "a.docm", "macros"),
        (archive({"a.md": b"a", "b.md": b"b"}), "a.zip", "kind"),
    ],
)
def test_what_can_t_be_read_says_why_at_its_field(world: World, data: bytes, name: str, code: str) -> None:
    told = read(world, data, name, expect=400)
    assert [(error["field"], error["code"]) for error in told["errors"]] == [("file", code)]


def test_who_may(world: World) -> None:
    read(world, TEXT.encode(), "a.md", world.vito)
    read(world, TEXT.encode(), "a.md", world.cliente, expect=403)
    told = read(world, TEXT.encode(), "a.md", world.bruno, expect=400)
    assert [(error["field"], error["code"]) for error in told["errors"]] == [("client", "does_not_exist")]


@pytest.mark.parametrize("pictures", [1, 3])
def test_it_asks_a_fixed_number_of_times(
    world: World, pictures: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    parts = {f"{number}.png": png(size=(9 + number, 9)).read() for number in range(pictures)}
    text = "# Strategia\n\n## Tono di voce\n\n" + "\n\n".join(f"![Foto]({name})" for name in parts)
    data = archive({"strategy.md": text.encode(), **parts})
    caller = Caller(world.marta)
    form = {"client": world.winery.pk, "file": SimpleUploadedFile("a.zip", data)}
    with django_assert_num_queries(5):
        told = caller.post("strategies/understand/", form, 200, format="multipart")
    assert len(told["pictures"]) == pictures
