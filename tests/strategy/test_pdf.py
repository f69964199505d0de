"""A strategy as PDF: what it says, that it is tagged, that it proves what was agreed, whatever people have written."""

import hashlib
import io
import re
from datetime import timedelta
from typing import Any

import pypdf
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from strategy.papers.paper import Paper
from strategy.papers.pdf import pages, pdf
from tests.strategy.made_up import AT, content, exact, minutes, paper, photo, section
from tests.strategy.markdown.test_rendering import NASTY, SNIPPETS
from tests.strategy.test_reading import PHOTO, whole

SPACES = str.maketrans({"\u200b": None, "\u00a0": " ", "\u00ad": None})


def opened(made: Paper) -> Any:
    """As a reader opens it; pypdf types nothing of what is inside."""
    return pypdf.PdfReader(io.BytesIO(pdf(made)), strict=True)


def words(reader: Any) -> str:
    said = "\n".join(page.extract_text() for page in reader.pages).translate(SPACES)
    return re.sub(" +", " ", said)


def test_what_it_says() -> None:
    said = words(opened(paper(whole(), minutes=minutes(), pictures={12: PHOTO}, logo=photo("#333333", (300, 120)))))
    assert said.splitlines()[:5] == ["Cantina Roero Studio Filo", "L'anno della vigna", "L’anno · dal 1 gennaio 2026 al 31 dicembre 2026", "Versione 2", "Accordo 23 novembre 2026, 10:15"]  # fmt: skip
    lines = said.splitlines()
    for line in [
        "Perché",
        "Chi parla a tutti non parla a *nessuno*.",
        "Duraturo · da rivedere entro il 31 gennaio 2027 · responsabile: Marta Gallo · fonte: Interviste, 2025",
        "• Coppie di Torino",
        "1. Alba",
        "Torino 120",
        "Blog cantina.example 0,5 È casa nostra. Marta Gallo",
        "Vendemmia 15 settembre 2026 sì Porte | aperte",
        "Vigna 60 È chi siamo.",
        "Qui non c’è ancora scritto niente.",
        "Che cosa è stato discusso",
        "Su “quattro post la settimana”",
        "Troppi in vendemmia: siamo in vigna.",
    ]:
        assert line in lines
    assert "come sostituto" in said
    assert "Silenzio" in said
    assert "Questa versione ha questa impronta:" in lines
    assert "Estrailo" not in said  # people who are addressed with Lei read it, too
    assert (
        "Vito Serra ha chiesto l’approvazione il 20 novembre 2026, 10:15, secondo l’iter “Redazione, cliente”." in lines
    )


def test_in_english_and_of_a_draft() -> None:
    said = words(
        opened(
            paper(content(section(1, title="Who", body="Us."), language="en", ends_on=None), version=None, digest="")
        )
    )
    lines = said.splitlines()
    assert "The year · From 1 January 2026 on" in lines
    assert "Version Draft: nobody has agreed on it" in lines
    assert "This is a draft. Nobody has agreed on it, and it may change." in lines
    assert "SHA-256" not in said


def test_it_is_tagged_and_its_outline_follows_its_headings() -> None:
    reader = opened(paper(whole(), minutes=minutes(), pictures={12: PHOTO}))
    root = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "it"
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    described = root["/Metadata"].get_object().get_data().decode()
    assert "<pdfuaid:part>1</pdfuaid:part>" in described
    assert "<pdfaid:part>3</pdfaid:part>" in described
    titles = [entry.title for entry in reader.outline if not isinstance(entry, list)]
    assert titles == ["A chi parliamo", "Obiettivi #1", "Dove", "1. Quando", "Obiettivi", "Budget", "Filoni", "Come è stata concordata"]  # fmt: skip
    tags = set(kinds(root["/StructTreeRoot"]))
    assert {"/H1", "/H2", "/H3", "/P", "/L", "/LI", "/Table", "/TH", "/TD", "/Figure", "/Link", "/TOC"} <= tags
    fonts = {name for page in reader.pages for name in page["/Resources"].get("/Font", {}).values()}
    assert fonts
    for font in fonts:
        for inner in font.get_object()["/DescendantFonts"]:
            assert {"/FontFile", "/FontFile2", "/FontFile3"} & set(inner.get_object()["/FontDescriptor"].get_object())


def kinds(node: Any) -> Any:
    node = node.get_object()
    if isinstance(node, list):
        for inner in node:
            yield from kinds(inner)
    elif isinstance(node, dict):
        if "/S" in node:
            yield str(node["/S"])
        if "/K" in node:
            yield from kinds(node["/K"])


def test_pictures_have_their_alternative_text_and_lost_ones_are_said() -> None:
    body = "![La vigna](media:12)\n\n![](media:12)\n\n![Persa](media:13)\n\n- punto ![Qui](media:12) dopo\n\n| ![Cella](media:12) |\n|-|"
    media = [
        {"id": pk, "sha256": "", "name": "v.png", "alt_text": f"Numero {pk}", "mime": "image/png"} for pk in (12, 13)
    ]
    reader = opened(paper(content(section(1, body=body), media=media), pictures={12: photo(), 13: b"no picture"}))
    alts = [alt for alt in figures(reader.trailer["/Root"]["/StructTreeRoot"]) if alt]
    assert alts == ["La vigna", "Numero 12", "Qui", "Cella"]
    assert "Questa immagine non si può disegnare qui. Persa" in words(reader)


def figures(node: Any) -> Any:
    node = node.get_object()
    if isinstance(node, list):
        for inner in node:
            yield from figures(inner)
    elif isinstance(node, dict):
        if node.get("/S") == "/Figure":
            yield str(node.get("/Alt", ""))
        if "/K" in node:
            yield from figures(node["/K"])


def test_the_digest_on_it_is_that_of_what_is_attached() -> None:
    made = paper(whole(), minutes=minutes())
    reader = opened(made)
    (attached,) = reader.attachments["strategy.json"]
    assert attached == exact(whole())
    assert hashlib.sha256(attached).hexdigest() == made.digest
    assert made.digest in reader.pages[-1].extract_text()


def test_twice_the_same_is_the_same_file_wherever_its_clock_is() -> None:
    made = paper(whole(), minutes=minutes(), pictures={12: PHOTO})
    assert pdf(made) == pdf(made)
    assert pdf(paper(whole())) != pdf(paper(whole(), made_at=AT + timedelta(minutes=1)))


@pytest.mark.parametrize("colour", ["#ffffff", "#000000", "#ffe600"])
def test_any_colour_of_a_client(colour: str) -> None:
    assert pdf(paper(content(), colour=colour)).startswith(b"%PDF")


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(NASTY | SNIPPETS | st.text(max_size=60), st.text(max_size=30), st.text(max_size=30))
def test_nothing_that_people_write_breaks_it(body: str, title: str, why: str) -> None:
    clean = str.maketrans(dict.fromkeys(range(55296, 57344)))
    body, title, why = (text.translate(clean) for text in (body, title, why))
    said = content(section(1, title=title, body=body, why=why, source=title), title=title)
    assert pdf(paper(said, client=title or "?", minutes=minutes(chain=why))).startswith(b"%PDF")


def test_signs_without_typeface_are_named_and_right_to_left_is_kept() -> None:
    said = words(opened(paper(content(section(1, body="\U0001f9ff\ue000 e \u202egiù\n\nשלום"), language="en"))))
    assert "[U+E000]" in said
    assert "[right-to-left override]" in said
    assert "Signs for which there was no typeface stand in brackets" in said.replace("\n", " ")


def test_pages_as_pictures() -> None:
    found = pages(paper(content(section(1))))
    assert len(found) == 3
    assert all(page.startswith(b"\x89PNG") for page in found)
