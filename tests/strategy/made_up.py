"""Strategies that nobody ever agreed on, as versions have them."""

import random
from typing import Any

Content = dict[str, Any]
WORDS = [
    "vigna",
    "vino",
    "città",
    "post",
    "perché",
    "cliente",
    "mare",
    "Roero",
    "stagione",
    "parola",
    "e",
    "di",
    "il",
    "una",
]


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


def words(chance: random.Random, number: int) -> str:
    return " ".join(chance.choice(WORDS) for _ in range(number))
