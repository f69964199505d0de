"""Message catalogues are made from what people translate, when that is newer."""

import gettext
import os
from pathlib import Path

import pytest
from django.utils import translation

from agency.catalogues import compile_catalogues

PO = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\nmsgid "Approve"\nmsgstr "{}"\n'


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """One catalogue."""
    folder = tmp_path / "locale" / "it" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "django.po").write_text(PO.format("Approva"))
    return folder / "django.po"


def read(source: Path) -> str:
    with source.with_suffix(".mo").open("rb") as file:
        return gettext.GNUTranslations(file).gettext("Approve")


def test_made_once(source: Path, tmp_path: Path) -> None:
    assert compile_catalogues(tmp_path) == [source.with_suffix(".mo")]
    assert read(source) == "Approva"
    assert compile_catalogues(tmp_path) == []


def test_made_again_when_translated_anew(source: Path, tmp_path: Path) -> None:
    compile_catalogues(tmp_path)
    source.write_text(PO.format("Va bene"))
    later = source.with_suffix(".mo").stat().st_mtime_ns + 1
    os.utime(source, ns=(later, later))
    compile_catalogues(tmp_path)
    assert read(source) == "Va bene"


def test_formal_italian_falls_back_on_italian() -> None:
    with translation.override("it-formal"):
        assert translation.get_language() == "it-formal"
        assert translation.gettext("Yes") == "Sì"  # Django's own, which has no formal Italian
