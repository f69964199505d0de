"""The PDF says what the JSON says, whatever people have written."""

import io
import json
from datetime import datetime
from typing import Any

import pypdf
import pytest
from django.utils import translation
from PIL import Image

from approvals.proof import keys
from approvals.proof.drawing import drawn, pages
from approvals.proof.record import Evidence
from approvals.proof.signing import sealed
from approvals.proof.verify_evidence import fingerprint
from approvals.typefaces import Legible, right_to_left
from tests.approvals.proof.made_up import AT, VITO, evidence, seat, step

SPACES = str.maketrans({"\u200b": None, "\u00a0": " "})


def as_pdf(said: Evidence, language: str = "en") -> pypdf.PdfReader:
    """The PDF, as a reader opens it."""
    with translation.override(language):
        data = drawn(said, sealed(said), fingerprint=fingerprint(keys.public_keys()[0]))
    return pypdf.PdfReader(io.BytesIO(data), strict=True)


def words(reader: pypdf.PdfReader) -> str:
    """All that can be read on its pages."""
    return "\n".join(page.extract_text() for page in reader.pages).translate(SPACES)


def test_what_it_says() -> None:
    said = evidence()
    lines = words(as_pdf(said)).splitlines()
    assert lines[:16] == [
        "Cantina Roero Studio Filo",
        "Proof of approval: Vendemmia",
        "✓ Approved",
        "Version 2, round 2",
        "Approval chain Redazione, account, cliente",
        "Written by Vito Serra, vito@filo.example",
        "Approval asked by Vito Serra, vito@filo.example",
        "Asked on 20 November 2026, 10:15:30 (+01:00)",
        "Closed on 20 November 2026, 10:15:30 (+01:00)",
        "Times as on the clocks of Europe/Rome",
        "This document For the agency, 20 November 2026, 10:15:30 (+01:00)",
        "What was put to approval",
        "Cantina Roero su Instagram Instagram",
        "Oggi si vendemmia.",
        "Who decided",
        "1. Passaggio 1",
    ]
    assert said["subject"]["digest"] in lines
    assert lines[-1] == f"SHA-256 {said['subject']['digest']} Page 2 of 2"


def test_days_in_the_reader_s_language() -> None:
    text = words(as_pdf(evidence(), "it"))
    assert "20 novembre 2026, 10:15:30 (+01:00)" in text


def test_the_json_is_within_it_byte_for_byte() -> None:
    said = evidence(pictures=2)
    reader = as_pdf(said)
    assert list(reader.attachments) == ["evidence.json"]
    assert reader.attachments["evidence.json"] == [sealed(said)]


def test_tagged_archivable_and_named() -> None:
    reader = as_pdf(evidence(pictures=1))
    root: Any = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"].value is True
    assert root["/Lang"] == "en"
    assert "/StructTreeRoot" in root
    assert reader.metadata is not None
    assert (reader.metadata.title, reader.metadata.author) == ("Proof of approval: Vendemmia", "Studio Filo")
    assert reader.metadata.creation_date == datetime.fromisoformat(AT).replace(microsecond=0)
    described = root["/Metadata"].get_data().decode()
    for mark in ("<pdfaid:part>3<", "<pdfaid:conformance>A<", "<pdfuaid:part>1<"):
        assert mark in described


def test_pictures_have_their_descriptions() -> None:
    said = evidence(pictures=2)
    alt = said["parts"][0]["pictures"][0]["alt_text"]
    said["parts"][0]["pictures"][1]["alt_text"] = ""
    reader = as_pdf(said)
    text = words(reader)
    assert (alt in text, "Without a description" in text) == (True, True)
    assert len({image.name for page in reader.pages for image in page.images}) == 2


@pytest.mark.parametrize(
    "text",
    [
        '#panic("no") #import "/etc/passwd" $x$ *a* _b_ `c` \\ <label> @ref ~ = h / t: d',
        '#read("/etc/passwd") #image("../../secret.png") #eval("1+1") #sys.inputs // no comment /* nor this */',
        "\"quoted\" 'single' -- --- ... <b>HTML</b> &amp; {{ django }} %(name)s {page}",
    ],
)
def test_nothing_that_people_write_is_markup(text: str) -> None:
    said = evidence(text=text)
    said["subject"]["title"] = said["client"]["name"] = said["review"]["chain"] = text
    said["parts"][0]["where"] = said["steps"][0]["name"] = text
    said["comments"] = [
        {
            "number": 1,
            "answers": 0,
            "by": {"id": 1, "name": text, "email": text},
            "audience": "client",
            "text": text,
            "suggestion": text,
            "fate": "open",
            "resolved": False,
            "anchor": {"part": text, "quote": text, "start": 0, "end": 1, "picture": "", "x": None, "y": None},
            "at": AT,
        }
    ]
    found = "".join(words(as_pdf(said)).split())
    assert found.count("".join(text.split())) >= 10


@pytest.mark.parametrize(
    ("text", "shown", "named"),
    [
        ("caffè, ñ, ß, Ελλάδα, Привет, שלום, العربية", "caffè, ñ, ß, Ελλάδα, Привет, שלום, العربية", False),
        ("a\u202eb", "a[right-to-left override]b", True),
        ("\ue000", "[U+E000]", True),
        ("\x01\x7f", "[U+0001]\x7f", True),
        ("\U0010ffff", "[U+10FFFF]", True),
        ("a\u2028b\r\nc\td", "a\nb\n\nc    d", False),
        ("x" * 41, "\u200b".join("x" * 41), False),
        ("x" * 40, "x" * 40, False),
    ],
)
def test_legible(text: str, shown: str, named: bool) -> None:  # noqa: FBT001 - what is expected
    legible = Legible([text])
    found = legible(text)
    assert (found.endswith(shown), legible.replaced) == (True, named)


def test_signs_without_a_typeface_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("approvals.typefaces._can_show", str.isascii)
    monkeypatch.setattr("approvals.typefaces._shown", {})
    legible = Legible(["uva 🍇!"])
    assert (legible("uva 🍇!"), legible.replaced) == ("uva [grapes]!", True)
    family = "👩\u200d👧"
    assert Legible([family])(family) == "[woman + girl]"


def test_what_no_typeface_has_is_told_on_the_page() -> None:
    text = words(as_pdf(evidence(text="di \U000f0000 privato")))
    assert "di [U+F0000] privato" in text
    assert "stand in brackets, by their Unicode names. The attached file has them as they are." in text


@pytest.mark.parametrize(
    ("text", "expected"), [("שלום abc", True), ("123 العربية", True), ("abc שלום", False), ("123 …", None), ("", None)]
)
def test_right_to_left(text: str, expected: bool | None) -> None:  # noqa: FBT001 - what is expected
    assert right_to_left(text) is expected


def test_nine_steps_of_five_ten_pictures_and_endless_words() -> None:
    said = evidence(steps=9, seats=5, pictures=10, text="Parola " * 3000 + "x" * 5000)
    reader = as_pdf(said)
    text = words(reader)
    assert len(reader.pages) < 30
    assert [f"Persona {at * 10 + n}" in text for at in range(1, 10) for n in range(5)] == [True] * 45
    assert "".join(text.split()).count("Parola") == 3000


def test_everything_that_can_happen_to_a_step() -> None:
    digest = evidence()["subject"]["digest"]
    deputised, ended, escalated = seat(1, digest), seat(2, digest), seat(3, digest)
    assert deputised["decision"]
    assert ended["decision"]
    deputised["decision"].update({"deputy": True, "by": VITO, "comment": "Va bene"})
    deputised["decision"]["way"] = {"kind": "link", "mailed_to": "vito@filo.example", "token": None}
    ended["ended"] = {"why": "taken_back", "reason": "Un refuso", "at": AT, "by": VITO}
    ended["decision"]["way"] = {"kind": "api", "mailed_to": "", "token": {"name": "CI", "prefix": "filo_ab"}}
    escalated.update({"source": "escalation", "decision": None, "instead_of": VITO})
    steps = [step(1, [deputised, ended]), step(2, []), step(3, []), step(4, [escalated])]
    steps[1].update({"state": "skipped", "skipped": {"codes": {}, "words": "Left out: no price."}})
    steps[2]["carried_from"] = {"round": 1, "version": 1, "digest": "0" * 64, "seats": [seat(4, "0" * 64)]}
    steps[3]["tacit"] = {"at": AT, "agreed_on": "2026-01-02", "document": "ab" * 32}
    text = words(as_pdf(evidence() | {"steps": steps}))
    for said in (
        "By Vito Serra, vito@filo.example, as deputy",
        "Link in a mail, sent to vito@filo.example",
        "Reason: Un refuso",
        "API, key “CI” (filo_ab…)",
        "Left out: no price.",
        "Its part did not change: the approval of version 1, round 1, stands here too.",
        "Of the version with the digest 0000000000000000…",
        "Escalation",
        "In place of Vito Serra",
        "The client agreed to that in writing on 2 January 2026.",
    ):
        assert said in " ".join(text.split())


def test_pages_as_pictures() -> None:
    said = evidence()
    found = pages(said, sealed(said), fingerprint="00" * 32)
    assert [Image.open(io.BytesIO(page)).format for page in found] == ["PNG", "PNG"]


def test_a_picture_that_is_none_leaves_a_frame() -> None:
    said = evidence(pictures=1)
    record = next(iter(said["pictures"].values()))
    record["data"], record["copy"] = "", "missing"
    text = words(as_pdf(said))
    assert "This picture can't be drawn here." in text
    assert "Of some pictures the bytes that were put to approval are no longer there." in text


def test_the_layout_holds_no_floats_nor_bytes() -> None:
    said = json.loads(sealed(evidence(pictures=1)))
    assert said["evidence"]["pictures"].keys() == evidence(pictures=1)["pictures"].keys()
