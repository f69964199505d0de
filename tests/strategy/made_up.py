"""Strategies that nobody ever agreed on, as versions have them."""

import hashlib
import io
import json
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from PIL import Image

from strategy.papers.paper import Contested, Minutes, Paper, Told

AT = datetime(2026, 11, 20, 10, 15, tzinfo=ZoneInfo("Europe/Rome"))
Content = dict[str, Any]


def section(pk: int, **more: Any) -> Content:
    return {
        "id": pk,
        "kind": "free",
        "title": f"Sezione {pk}",
        "body": "",
        "why": "",
        "source": "",
        "horizon": "evergreen",
        "review_by": None,
        "owner": None,
        **more,
    }


def objective(pk: int, **more: Any) -> Content:
    return {
        "id": pk,
        "name": "Prenotazioni",
        "measure": "Visite in cantina prenotate dal sito",
        "unit": "visite",
        "rank": "conversion",
        "baseline": "120",
        "target": "600",
        "due_on": "2026-12-31",
        **more,
    }


def content(*sections: Content, **more: Any) -> Content:
    return {
        "filo": 1,
        "title": "L'anno della vigna",
        "kind": "year",
        "language": "it",
        "starts_on": "2026-01-01",
        "ends_on": "2026-12-31",
        "sections": list(sections),
        "pillars": [],
        "media": [],
        **more,
    }


def exact(said: Content) -> bytes:
    """As versions are fixed."""
    return json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def photo(colour: str = "#7a1f2b", size: tuple[int, int] = (1200, 800)) -> bytes:
    """A picture of one colour."""
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, "PNG")
    return out.getvalue()


def paper(said: Content, **more: Any) -> Paper:
    """A version of it, on paper."""
    made: dict[str, Any] = {
        "content": said,
        "exact": exact(said),
        "client": "Cantina Roero",
        "colour": "#7a1f2b",
        "agency": "Studio Filo",
        "made_at": AT,
        "zone": "Europe/Rome",
        "version": 2,
        "digest": hashlib.sha256(exact(said)).hexdigest(),
        **more,
    }
    return Paper(**made)


def minutes(**more: Any) -> Minutes:
    """Agreed by two, after one had something against it."""
    made: dict[str, Any] = {
        "chain": "Redazione, cliente",
        "asked_by": "Vito Serra",
        "asked_at": AT,
        "agreed_at": AT + timedelta(days=3),
        "told": (
            Told(step="1. Redazione", name="Elena Riva", said="approved", at=AT + timedelta(hours=2)),
            Told(
                step="2. Cliente",
                name="Bianca Roero",
                for_whom="Carlo Roero",
                said="approved",
                at=AT + timedelta(days=3),
                comment="Va bene così, i prezzi restano fuori.",
            ),
            Told(step="2. Cliente", name="Carlo Roero", said="nothing"),
            Told(step="3. Direzione", name="–", said="silence", at=AT + timedelta(days=3)),
        ),
        "contested": (
            Contested(
                name="Bianca Roero",
                at=AT + timedelta(days=1),
                passage="quattro post la settimana",
                text="Troppi in vendemmia: siamo in vigna.",
                settled="Settled: three a week from September to October.",
            ),
        ),
        **more,
    }
    return Minutes(**made)
