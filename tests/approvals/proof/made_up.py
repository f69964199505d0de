"""A proof of approval of nothing that ever was, as large as one likes."""

import base64
import hashlib
import io
import json
from typing import Any

from PIL import Image

from approvals.proof.record import DecisionRecord, Evidence, Person, SeatRecord, StepRecord

AT = "2026-11-20T10:15:30.250000+01:00"
VITO: Person = {"id": 4, "name": "Vito Serra", "email": "vito@filo.example"}


def person(number: int) -> Person:
    """Somebody."""
    return {"id": 100 + number, "name": f"Persona {number}", "email": f"persona{number}@filo.example"}


def picture(number: int, size: tuple[int, int] = (40, 30)) -> bytes:
    """A PNG unlike the others."""
    out = io.BytesIO()
    Image.new("RGB", size, (number * 7 % 256, 40, 90)).save(out, "PNG")
    return out.getvalue()


def seat(number: int, digest: str) -> SeatRecord:
    """A seat whose person has approved."""
    decision: DecisionRecord = {
        "verdict": "approve",
        "by": person(number),
        "deputy": False,
        "comment": "",
        "digest": digest,
        "at": AT,
        "way": {"kind": "portal", "mailed_to": "", "token": None},
    }
    return {
        "person": person(number),
        "source": "chain",
        "instead_of": None,
        "ended": None,
        "decision": decision,
    }


def step(position: int, seats: list[SeatRecord]) -> StepRecord:
    """A step that all have approved."""
    return {
        "position": position,
        "name": f"Passaggio {position}",
        "rule": "all",
        "needed": len(seats),
        "state": "passed",
        "four_eyes": False,
        "due_at": "",
        "skipped": None,
        "carried_from": None,
        "tacit": None,
        "seats": seats,
    }


def evidence(
    *, steps: int = 3, seats: int = 1, pictures: int = 0, text: str = "Oggi si vendemmia.", **said: Any
) -> Evidence:
    """A whole one; ``said`` replaces what it says, key by key."""
    images = {hashlib.sha256(data).hexdigest(): data for data in (picture(number) for number in range(pictures))}
    media = [{"alt_text": f"Foto {sha[:4]}", "mime": "image/png", "sha256": sha} for sha in images]
    content = json.dumps({"channels": [{"link": "", "media": media, "text": text}]}, ensure_ascii=False)
    digest = hashlib.sha256(content.encode()).hexdigest()
    whole: Evidence = {
        "what": "proof of approval",
        "format": 1,
        "for": "agency",
        "made_at": AT,
        "language": "en",
        "installation": {"address": "https://filo.example", "software": "Filo"},
        "agency": {"name": "Studio Filo"},
        "client": {"id": 1, "name": "Cantina Roero", "colour": "#7A1F3D", "zone": "Europe/Rome"},
        "subject": {
            "kind": "post",
            "id": 7,
            "title": "Vendemmia",
            "version": 2,
            "digest": digest,
            "recipe": "The SHA-256 of the content.",
            "content": content,
        },
        "parts": [
            {
                "where": "Cantina Roero su Instagram",
                "network": "Instagram",
                "text": text,
                "link": "",
                "pictures": [{"name": "", "alt_text": row["alt_text"], "sha256": row["sha256"]} for row in media],
            }
        ],
        "pictures": {
            sha: {"mime": "image/png", "size": len(data), "copy": "whole", "data": base64.b64encode(data).decode()}
            for sha, data in images.items()
        },
        "review": {
            "id": 12,
            "chain": "Redazione, account, cliente",
            "round": 2,
            "state": "approved",
            "author": VITO,
            "words_by": [],
            "asked_by": VITO,
            "opened_at": AT,
            "closed_at": AT,
        },
        "steps": [step(at, [seat(at * 10 + n, digest) for n in range(seats)]) for at in range(1, steps + 1)],
        "comments": [],
        "audit": {"seq": 41, "verb": "review.approved", "at": AT, "hash": "ab" * 32},
    }
    return {**whole, **said}  # type: ignore[typeddict-item]
