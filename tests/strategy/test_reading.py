"""What was taken away comes back as it was; what others wrote is understood as far as it goes, and the rest is said."""

import hashlib
import io
import zipfile
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation
from docx import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from hypothesis import given, settings

from strategy.markdown import parsed
from strategy.markdown.blocks import inlines_of, words_of
from strategy.markdown.writing import written
from strategy.papers.about import kind_of
from strategy.papers.archive import archive, markdown, zipped
from strategy.papers.docx import docx
from strategy.reading import SectionRead, Understood, read, safety
from tests.strategy.made_up import AT, Content, content, objective, paper, photo, section
from tests.strategy.markdown.test_writing import BLOCKS

PHOTO = photo()
SHA = hashlib.sha256(PHOTO).hexdigest()
BODY = """Vendiamo **vino** a chi passa, non a chi cerca *lo sconto*: [si legge qui](https://cantina.example/a?b=1).
Seconda riga, 5 \\< 7 e 2 \\* 3.

# Chi ci compra

- Coppie di Torino
- Ristoratori
  1. Alba
  2. Bra

> Il vino è un luogo.

## Numeri

| Chi | Quanti |
| :-- | --: |
| Torino | 120 |
| Milano |  |

***

![La vigna al tramonto](media:12)"""
CHANNELS = [
    {"channel": 4, "network": "wordpress", "name": "Blog", "handle": "cantina.example", "per_week": "0.5", "reason": "È casa nostra.", "left_out": False, "owner": {"id": 1, "name": "Marta Gallo"}},
    {"channel": None, "network": "", "name": "TikTok", "handle": "", "per_week": None, "reason": "Nessuno lo sa fare bene.", "left_out": True, "owner": None},
]  # fmt: skip
OCCASIONS = [{"id": 1, "name": "Vendemmia", "on": "2026-09-15", "yearly": True, "note": "Porte | aperte"}]


def whole(language: str = "it") -> Content:
    """A strategy with all of it."""
    marta = {"id": 1, "name": "Marta Gallo"}
    return content(
        section(1, kind="audience", title="A chi parliamo", body=BODY, why="Chi parla a tutti non parla a *nessuno*.\nMai.\n\nE il tempo è poco.", source="Interviste, 2025", review_by="2027-01-31", owner=marta),
        section(2, kind="objectives", title="Obiettivi #1", horizon="seasonal", objectives=[objective(1), objective(2, name="Iscritti", baseline=None, target="1200.5", rank="followers")]),
        section(3, kind="channels", title="Dove", body="Prima casa nostra.", horizon="volatile", channels=CHANNELS),
        section(4, kind="calendar", title="1. Quando", occasions=OCCASIONS),
        section(5, kind="free", title="Obiettivi", body="# Non quelli"),
        section(6, kind="budget", title="Budget"),
        language=language,
        pillars=[{"id": 1, "name": "Vigna", "why": "È chi siamo.", "share": 60}, {"id": 2, "name": "Persone", "why": "", "share": 40}],
        media=[{"id": 12, "sha256": SHA, "name": "Vigna 1.PNG", "alt_text": "La vigna", "mime": "image/png"}],
    )  # fmt: skip


def known(digests: Collection[str]) -> dict[str, str]:
    return {SHA: "12"} if SHA in digests else {}


def bare(entry: Content) -> Content:
    """Without numbers of ours, which no paper has."""
    owner = {"owner": (entry["owner"] or {}).get("name", "")} if "owner" in entry else {}
    return {key: value for key, value in entry.items() if key not in {"id", "channel", "network"}} | owner


def expected(entry: Content) -> SectionRead:
    texts = {name: entry[name] for name in ("kind", "title", "body", "why", "source", "horizon", "review_by")}
    lists: dict[str, Any] = {
        name: [bare(row) for row in entry[name]] for name in ("objectives", "channels", "occasions") if name in entry
    }
    return SectionRead(**texts, owner=(entry["owner"] or {}).get("name", ""), facts=lists)


FORMS: dict[str, Callable[[Any], bytes]] = {"zip": archive, "docx": docx}


@pytest.mark.parametrize("language", ["it", "en"])
@pytest.mark.parametrize("form", FORMS)
def test_what_is_taken_away_comes_back(form: str, language: str) -> None:
    said = whole(language)
    data = FORMS[form](paper(said, pictures={12: PHOTO}))
    with translation.override("en"):
        found = read(data, f"strategia.{form}", known=known)
    assert found == Understood(
        title="L'anno della vigna",
        kind="year",
        starts_on="2026-01-01",
        ends_on="2026-12-31",
        sections=tuple(map(expected, said["sections"])),
        pillars=({"name": "Vigna", "why": "È chi siamo.", "share": 60}, {"name": "Persone", "why": "", "share": 40}),
    )


@pytest.mark.parametrize("form", FORMS)
def test_twice_the_same_is_the_same_file(form: str) -> None:
    made = paper(whole(), pictures={12: PHOTO})
    assert FORMS[form](made) == FORMS[form](made)


@settings(max_examples=25, deadline=None)
@given(BLOCKS)
def test_any_text_comes_back_from_markdown(blocks: list[Any]) -> None:
    body = written(blocks)
    found = read(archive(paper(content(section(1, kind="free", body=body, why="Perché.")))), "s.zip", known=known)
    assert [each.body for each in found.sections] == [body]


@settings(max_examples=25, deadline=None)
@given(BLOCKS)
def test_any_text_comes_back_from_a_docx_in_the_same_words(blocks: list[Any]) -> None:
    """Lists in quotations and their like may be put together differently; no word is lost or added."""
    body = written(blocks)
    found = read(docx(paper(content(section(1, body=body)))), "s.docx", known=lambda _digests: {})
    assert words(found.sections[0].body) == words(body)


def words(body: str) -> list[str]:
    """The words; of pictures, which stand in brackets where nobody has them, what is said of them."""
    said = " ".join(words_of([inline]) for inline in inlines_of(parsed(body)))
    return "".join(sign for sign in said if sign not in "[]").split()


def test_a_picture_that_is_not_the_client_s_is_named_and_kept_beside() -> None:
    for form, taken in FORMS.items():
        data = taken(paper(whole(), pictures={12: PHOTO}))
        found = read(data, f"s.{form}", known=lambda _digests: {})
        (picture,) = found.pictures
        assert (picture.sha256, picture.alt, picture.data) == (SHA, "La vigna al tramonto", PHOTO)
        assert found.sections[0].body.endswith("***\n\nLa vigna al tramonto")


MINE = """Strategia 2027
==============

Prima di tutto: grazie.

Pubblico e destinatari
----------------------
Famiglie.

### Dove vivono
In città.

Tono di voce
------------
Mai <script>alert(1)</script>, mai [qui](javascript:alert(1)).

## Budget e costi
```
# non è un titolo
```

## La voce del sindaco
Boh.
"""


def test_what_others_wrote_is_guessed_by_its_headings() -> None:
    with translation.override("it"):
        found = read(MINE.encode("utf-8-sig"), "strategia.md", known=known)
    assert found.title == "Strategia 2027"
    assert [(each.kind, each.title, each.guessed) for each in found.sections] == [
        ("free", "Introduzione", False),
        ("audience", "Pubblico e destinatari", True),
        ("tone", "Tono di voce", True),
        ("budget", "Budget e costi", True),
        ("free", "La voce del sindaco", False),  # there is a section on the tone already
    ]
    assert found.sections[1].body == "Famiglie.\n\n# Dove vivono\nIn città."
    assert [note[:30] for note in found.sections[2].strange] == [
        "“<script>” è HTML, che qui non",
        "“javascript:alert(1)” non può ",
    ]
    assert found.sections[0].horizon is None


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("A chi parliamo", "audience"),
        ("Our audience", "audience"),
        ("Obiettivi di business", "goals"),
        ("Business goals", "goals"),
        ("Obiettivi misurabili e KPI", "objectives"),
        ("Objectives", "objectives"),
        ("Tone of voice", "tone"),
        ("I nostri filoni", "pillars"),
        ("Content pillars", "pillars"),
        ("Canali e frequenza", "channels"),
        ("Chi risponde, ed entro quando", "roles"),
        ("Netiquette", "policy"),
        ("Piano di crisi", "crises"),
        ("Costi", "budget"),
        ("Calendario 2027", "calendar"),
        ("Ringraziamenti", "free"),
        ("", "free"),
    ],
)
def test_kinds_by_words_of_both_languages(title: str, kind: str) -> None:
    assert kind_of(title) == kind


def word(write: Callable[[Any], object]) -> bytes:
    document = Document()
    write(document)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def test_a_word_document_of_somebody_else() -> None:
    def write(document: Any) -> None:
        document.add_paragraph("Piano social", style="Title")
        document.add_paragraph("Chi siamo", style="Heading 1")
        document.add_paragraph("Una *cantina*, dal 1921.")
        document.add_paragraph("uno", style="List Bullet")
        document.add_paragraph("dentro", style="List Bullet 2")
        document.add_paragraph("due", style="List Bullet")
        document.add_paragraph("primo", style="List Number")
        document.add_paragraph("Dettagli", style="Heading 2")
        table = document.add_table(2, 2)
        table.cell(0, 0).text, table.cell(1, 1).text = "Anno", "1921"
        for column in (0, 1):  # headings are centred, as LibreOffice centres them
            table.cell(0, column).paragraphs[0].alignment = WD_ALIGN_PARAGRAPH.CENTER
        table.cell(1, 1).paragraphs[0].alignment = WD_ALIGN_PARAGRAPH.RIGHT
        document.add_paragraph("Budget", style="Heading 1")

    found = read(word(write), "piano.docx", known=known)
    assert found.title == "Piano social"
    assert [(each.kind, each.title) for each in found.sections] == [("audience", "Chi siamo"), ("budget", "Budget")]
    assert found.sections[0].body == (
        "Una \\*cantina\\*, dal 1921.\n\n- uno\n  - dentro\n- due\n\n1. primo\n\n# Dettagli\n\n| Anno |  |\n| --- | --: |\n|  | 1921 |"
    )


def test_a_document_that_libreoffice_saved() -> None:
    """Lists within lists, a list that goes on at five, a linked word, a quotation, a picture, joined cells, centred headings."""
    data = Path(__file__).with_name("files").joinpath("libreoffice.docx").read_bytes()
    found = read(data, "anna.docx", known=lambda digests: dict.fromkeys(digests, "7"))
    assert (found.title, found.strange) == ("La strategia di Anna", ("1 table with merged cells: look at it.",))
    assert [(each.kind, each.title, each.body) for each in found.sections] == [
        (
            "audience",
            "Chi siamo",
            (
                "Una **bottega** di *formaggi*, con [il suo sito](https://anna.example/a?b=1) e ***tutto***.\nSeconda riga.\n\n"
                "- Primo\n  - Sotto uno\n  - Sotto due **forte**\n- Secondo\n\n1. Passo uno\n2. Passo due\n   1. dentro\n\n"
                "5) cinque\n6) sei\n\n![](media:7)\n\n# Sottotitolo\n\n"
                "Testo con \\* asterischi \\* e \\_sottolineati\\_ e \\<tag> e \\[parentesi\\](x).\n\n> Una citazione\n> di due righe"
            ),
        ),
        (
            "tone",
            "Tono di voce",
            "Piano.\n\n| Così | No |\n| :-- | --: |\n| Bene \\| male | 12 |\n| Unita |  |\n| punto | x y |",
        ),
        (
            "objectives",
            "Obiettivi",
            (
                "| Obiettivo | Misura | Unità | Oggi | Traguardo | Fino al |\n| :-- | :-- | :-- | :-- | :-- | :-- |\n"
                "| Visite | Prenotazioni | al mese | non si sa | 40 | 30 giugno 2027 |"
            ),
        ),
        ("budget", "Budget", "1.000 €\n\nFine2 e sotto via.\n\ncodice  x\n\ndue"),
    ]


def test_headings_made_by_hand() -> None:
    def write(document: Any) -> None:
        for words in ("Piano social 2027", "Tono di voce"):
            document.add_paragraph().add_run(words).bold = True
        document.add_paragraph("Parliamo piano.")
        half = document.add_paragraph("Mai ")
        half.add_run("gridare").bold = True
        document.add_paragraph("CHI RISPONDE, E QUANDO")
        document.add_paragraph().add_run("Sempre entro sera.").bold = True

    found = read(word(write), "piano.docx", known=known)
    assert found.title == "Piano social 2027"
    assert [(each.title, each.body) for each in found.sections] == [
        ("Tono di voce", "Parliamo piano.\n\nMai **gridare**"),
        ("CHI RISPONDE, E QUANDO", "**Sempre entro sera.**"),
    ]
    assert found.strange == ("The document has no headings: 3 lines in bold or in capitals were taken for them.",)


def test_headings_made_by_hand_in_markdown() -> None:
    text = (
        "**Piano social 2027**\n\n**Tono di voce**\n\nParliamo piano.\n\n**Mai gridare.**\n\nCHI RISPONDE\n\n- Lucia\n"
    )
    found = read(text.encode(), "piano.md", known=known)
    assert (found.title, found.strange[0][:29]) == ("Piano social 2027", "The document has no headings:")
    sections = [(each.title, each.body) for each in found.sections]
    assert sections == [("Tono di voce", "Parliamo piano.\n\n**Mai gridare.**"), ("CHI RISPONDE", "- Lucia")]
    # Where there is a section, what is bold in it stays in it; a title alone divides nothing.
    alone = read(b"## Tono di voce\n\n**Prima**\n\nPiano.", "piano.md", known=known)
    assert [(each.title, each.body) for each in alone.sections] == [("Tono di voce", "**Prima**\n\nPiano.")]
    titled = read(b"# Piano\n\n**Tono di voce**\n\nPiano.", "piano.md", known=known)
    assert (titled.title, [each.title for each in titled.sections]) == ("Piano", ["Tono di voce"])


@pytest.mark.parametrize("form", FORMS)
def test_one_section_with_a_bold_line_comes_back_whole(form: str) -> None:
    said = content(section(1, kind="tone", title="Tono di voce", body="**Prima**\n\nPiano."))
    found = read(FORMS[form](paper(said)), f"s.{form}", known=known)
    assert [(each.title, each.body) for each in found.sections] == [("Tono di voce", "**Prima**\n\nPiano.")]


def test_our_document_as_people_edit_it() -> None:
    """A line below a table, a cell that is no number, a row taken out while changes were tracked, styles of other programs."""
    document = Document(io.BytesIO(docx(paper(whole(), pictures={12: PHOTO}))))
    objectives, channels, occasions = (
        next(table for table in document.tables if table.cell(0, 0).text == head)
        for head in ("Obiettivo", "Canale", "Ricorrenza")
    )
    below = document.add_paragraph("Da rivedere a marzo.")
    objectives._tbl.addnext(below._p)
    objectives.cell(1, 5).text = "1.500"
    occasions.cell(1, 1).text = "metà settembre"
    gone = channels.rows[2]._tr
    properties = gone.get_or_add_trPr()
    properties.append(properties.makeelement(qn("w:del"), {qn("w:id"): "9", qn("w:author"): "x"}))
    for style, text in (("toc 1", "Dove  3"), ("Quotations", "Il vino è un luogo.")):
        document.styles.add_style(style, WD_STYLE_TYPE.PARAGRAPH)
        document.add_paragraph(text, style=style)
    document.styles.add_style("Strong Emphasis", WD_STYLE_TYPE.CHARACTER)
    document.add_paragraph("Si ").add_run("conta", style="Strong Emphasis")
    out = io.BytesIO()
    document.save(out)
    found = {each.title: each for each in read(out.getvalue(), "strategia.docx", known=known).sections}
    assert found["Obiettivi #1"].body == "Da rivedere a marzo."
    assert [row["target"] for row in found["Obiettivi #1"].facts["objectives"]] == ["1500", "1200.5"]
    assert [row["name"] for row in found["Dove"].facts["channels"]] == ["Blog"]
    assert found["1. Quando"].facts == {}
    assert "| Vendemmia | metà settembre | sì |" in found["1. Quando"].body
    (told,) = found["1. Quando"].strange
    assert told.startswith("The table “Ricorrenza · Giorno · Ogni anno · Nota” stays in the text: a number,")
    assert list(found.values())[-1].body == "> Il vino è un luogo.\n\nSi **conta**"


def tracked(data: bytes) -> bytes:
    """With an insertion, a deletion, a footnote and a content control."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    run = b"<w:r><w:t xml:space='preserve'>%s</w:t></w:r>"
    parts["word/document.xml"] = parts["word/document.xml"].replace(
        run.replace(b" xml:space='preserve'", b"") % b"Testo",
        run % b"Testo " + b"<w:ins w:id='1' w:author='x'>" + run % b"nuovo" + b"</w:ins><w:del w:id='2' w:author='x'>"
        b"<w:r><w:delText>vecchio</w:delText></w:r></w:del><w:sdt><w:sdtContent>"
        + run
        % b" davvero"
        + b"</w:sdtContent></w:sdt>"
        b"<w:r><w:footnoteReference w:id='3'/></w:r>",
    )
    return zipped(parts, AT)


def test_changes_count_as_accepted_and_what_is_left_out_is_said() -> None:
    data = tracked(
        word(lambda document: [document.add_paragraph("Tono", style="Heading 1"), document.add_paragraph("Testo")])
    )
    found = read(data, "s.docx", known=known)
    assert found.sections[0].body == "Testo nuovo davvero"
    assert found.strange == ("2 tracked changes were taken as accepted.", "1 footnote was left out.")


def packed(**parts: bytes) -> bytes:
    return zipped({name.replace("__", "/").replace("_dot_", "."): data for name, data in parts.items()}, AT)


def changed(name: str, data: bytes, *, add: bool = True) -> bytes:
    """A good DOCX with one part more, or another one."""
    good = word(lambda document: document.add_paragraph("Testo"))
    with zipfile.ZipFile(io.BytesIO(good)) as archive:
        parts = {part: archive.read(part) for part in archive.namelist()}
    parts[name] = data if add else parts[name] + data
    return zipped(parts, AT)


LAUGHS = b"""<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY lol2 "&lol;&lol;">]><w:document
xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body><w:p><w:r><w:t>&lol2;</w:t></w:r></w:p></w:body></w:document>"""


def locked() -> bytes:
    data = bytearray(archive(paper(content())))
    for at in range(len(data) - 4):
        if data[at : at + 4] == b"PK\x01\x02":
            data[at + 8] |= 1
    return bytes(data)


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("s.md", b" \n", "empty"),
        ("s.md", b"a" * (safety.BIGGEST + 1), "too_big"),
        ("s.md", b"\x00\x01\x02", "kind"),
        ("s.md", b"citt\xe0", "kind"),
        ("s.pdf", b"%PDF-1.7\n1 0 obj", "kind"),
        ("s.rtf", b"{\\rtf1\\ansi Tono}", "kind"),
        ("s.html", b"\n<!DOCTYPE html><h1>Tono</h1>", "kind"),
        ("s.doc", b"\xd0\xcf\x11\xe0" + b"\x00" * 600, "kind"),
        ("s.docm", word(lambda document: document.add_paragraph("Testo")), "macros"),
        ("s.docx", changed("word/vbaProject.bin", b"\x00"), "macros"),
        ("s.docx", changed("[Content_Types].xml", b"<!-- application/vnd.ms-word.document.macroEnabled.main+xml -->", add=False), "macros"),
        ("s.docx", changed("word/activeX/activeX1.xml", b"<a/>"), "macros"),
        ("s.docx", changed("word/document.xml", LAUGHS), "entities"),
        ("s.docx", changed("word/styles.xml", LAUGHS), "entities"),
        ("s.docx", changed("word/document.xml", b"\xff\xfe" + "<a/>".encode("utf-16-le")), "entities"),
        ("s.docx", changed("word/document.xml", b"<not closed"), "broken"),
        ("s.docx", changed("word/document.xml", b"<a/>"), "broken"),
        ("s.docx", changed("[Content_Types].xml", b"<a/>"), "broken"),
        ("s.docx", changed("word/media/zeros.png", b"\x00" * 20_000_000), "bomb"),
        ("s.zip", zipped({f"{number}.txt": b"" for number in range(safety.MOST_PARTS + 1)}, AT), "bomb"),
        ("s.zip", archive(paper(content()))[:-30], "broken"),
        ("s.zip", locked(), "encrypted"),
        ("s.zip", zipped({"a.md": b"# a", "b.md": b"# b"}, AT), "kind"),
        ("s.zip", zipped({"a.txt": b"# a"}, AT), "kind"),
        ("s.docx", zipped({"word/document.xml": b"<a/>"}, AT), "broken"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_what_is_not_read(name: str, data: bytes, code: str) -> None:
    with pytest.raises(ValidationError) as caught:
        read(data, name, known=known)
    assert [error.code for error in caught.value.error_dict["file"]] == [code]


def test_a_zip_that_lies_about_its_sizes() -> None:
    """The list of contents says 10 bytes; what comes out is more, and is not read further."""
    data = bytearray(zipped({"strategy.md": b"a" * 100_000}, AT))
    at = data.rindex(b"PK\x01\x02")
    data[at + 24 : at + 28] = (10).to_bytes(4, "little")
    with pytest.raises(ValidationError) as caught:
        read(bytes(data), "s.zip", known=known)
    assert [error.code for error in caught.value.error_dict["file"]] == ["broken"]


def test_markdown_in_a_folder_of_the_zip_and_names_with_spaces() -> None:
    data = zipped({"mio/testo.md": b"# Uno\n\n![a](<foto%20mia.png>) ![b](./altra.png)", "mio/foto mia.png": PHOTO, "mio/altra.png": b"x", "__MACOSX/._testo.md": b"x"}, AT)  # fmt: skip
    found = read(data, "s.zip", known=known)
    assert (found.title, [each.body for each in found.sections]) == ("Uno", ["![a](media:12) b"])
    assert [picture.name for picture in found.pictures] == ["altra.png"]


def test_markdown_without_a_heading() -> None:
    found = read(b"Solo testo.", "s.md", known=known)
    with translation.override("en"):
        assert [(each.title, each.body) for each in found.sections] == [("Introduction", "Solo testo.")]
    assert found.title == ""


def test_the_exact_markdown() -> None:
    said = content(
        section(1, kind="tone", title="Tono", body="# Come\n\nPiano.", why="Perché sì."), language="en", ends_on=None
    )
    assert markdown(paper(said, version=None, digest=""), {}) == (
        "# L'anno della vigna\n\n> **Client:** Cantina Roero\n>\n> **For:** The year\n>\n> **Begins on:** 1 January 2026\n>\n"
        "> **Version:** Draft: nobody has agreed on it\n\n## Tono\n\n> **Kind:** Tone of voice\n>\n> **Why:** Perché sì.\n>\n"
        "> **Horizon:** Lasting\n\n### Come\n\nPiano.\n"
    )
