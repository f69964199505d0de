"""The PDF: Typst sets the pages (``strategy.typ``) as PDF/A-3a and PDF/UA-1, with the exact content attached."""

import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image

from approvals.proof.pictures import small
from approvals.typefaces import STANDARDS, fonts
from strategy.papers.layout import WHOLE_WIDTH, Layout
from strategy.papers.paper import Paper
from strategy.papers.words import speaking

TEMPLATE = Path(__file__).with_name("strategy.typ")
DRAWN = (1600, 1600)  # pixels at most: a page's width at 250 dpi
DENSITY = 60  # pixels to a cm, if the page is wide enough: about 150 dpi
HIGHEST = 11.0  # cm


def pdf(paper: Paper) -> bytes:
    """The pages; the same paper gives the same bytes."""
    import typst  # 80 MB that only this needs

    made = paper.made_at.astimezone(UTC).replace(microsecond=0)
    with _project(paper) as main:
        return typst.compile(main, root=main.parent, font_paths=fonts(), pdf_standards=STANDARDS, timestamp=made)


def pages(paper: Paper) -> list[bytes]:
    """The same pages as pictures, PNG, for documentation."""
    import typst  # as above

    with _project(paper) as main:
        found: list[bytes] | bytes = typst.compile(main, root=main.parent, font_paths=fonts(), format="png", ppi=90)
        return [found] if isinstance(found, bytes) else found


@contextmanager
def _project(paper: Paper) -> Iterator[Path]:
    """A folder with all that Typst may read, for the length of a block; the path of what it begins with."""
    with TemporaryDirectory(prefix="filo-paper-") as folder, speaking(paper.content["language"]):
        root = Path(folder)
        drawn = {}
        for pk, data in paper.pictures.items():
            if picture := small(data, DRAWN):
                (root / f"{pk}.jpg").write_bytes(picture)
                drawn[pk] = (f"{pk}.jpg", _width(picture))
        logo = small(paper.logo, DRAWN) if paper.logo else None
        if logo:
            (root / "logo.jpg").write_bytes(logo)
        layout = Layout(paper, drawn=drawn, logo="logo.jpg" if logo else "").layout()
        (root / "page.json").write_text(json.dumps(layout))
        (root / "strategy.json").write_bytes(paper.exact)
        main = root / "main.typ"
        main.write_bytes(TEMPLATE.read_bytes())
        yield main


def _width(picture: bytes) -> float:
    """How wide the picture is drawn, in cm."""
    with Image.open(io.BytesIO(picture)) as image:
        width, height = image.size
    widest = min(WHOLE_WIDTH, HIGHEST * width / height)
    return round(min(widest, width / DENSITY), 2)
