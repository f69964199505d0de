"""The PDF: Typst sets the page (``evidence.typ``) as PDF/A-3a and PDF/UA-1, with the JSON attached."""

import base64
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from approvals.proof.page import Page
from approvals.proof.pictures import small
from approvals.proof.record import Evidence, PictureRecord
from approvals.typefaces import STANDARDS, fonts

TEMPLATE = Path(__file__).with_name("evidence.typ")
DRAWN = (900, 900)  # pixels at most: a third of a page's width at 350 dpi


def drawn(evidence: Evidence, attached: bytes, *, fingerprint: str) -> bytes:
    """The pages in the active language, ``attached`` (the signed JSON) within them. Not yet signed itself."""
    import typst  # 80 MB that only this needs

    made = datetime.fromisoformat(evidence["made_at"]).replace(microsecond=0)
    with _project(evidence, attached, fingerprint) as main:
        return typst.compile(main, root=main.parent, font_paths=fonts(), pdf_standards=STANDARDS, timestamp=made)


def pages(evidence: Evidence, attached: bytes, *, fingerprint: str) -> list[bytes]:
    """The same pages as pictures, PNG, for documentation."""
    import typst  # as above

    with _project(evidence, attached, fingerprint) as main:
        found: list[bytes] | bytes = typst.compile(main, root=main.parent, font_paths=fonts(), format="png", ppi=110)
        return [found] if isinstance(found, bytes) else found


@contextmanager
def _project(evidence: Evidence, attached: bytes, fingerprint: str) -> Iterator[Path]:
    """A folder with all that Typst may read, for the length of a block; the path of what it begins with."""
    pictures = _drawable(evidence["pictures"])
    files = {sha256: f"{sha256}.jpg" for sha256 in pictures}
    layout = Page(evidence, fingerprint=fingerprint, files=files).layout()
    with TemporaryDirectory(prefix="filo-proof-") as folder:
        root = Path(folder)
        for sha256, data in pictures.items():
            (root / files[sha256]).write_bytes(data)
        (root / "page.json").write_text(json.dumps(layout))
        (root / "evidence.json").write_bytes(attached)
        main = root / "main.typ"
        main.write_bytes(TEMPLATE.read_bytes())
        yield main


def _drawable(pictures: Mapping[str, PictureRecord]) -> dict[str, bytes]:
    """Each picture at the size in which it is drawn; those that can't be are left out."""
    found = {sha256: small(base64.b64decode(picture["data"]), DRAWN) for sha256, picture in pictures.items()}
    return {sha256: data for sha256, data in found.items() if data}
