"""Signing: the JSON in one envelope with its signature, the PDF with a last line of its own (see ``verify_evidence``)."""

import base64
import json

from approvals.proof import keys
from approvals.proof.record import Evidence
from approvals.proof.verify_evidence import ALGORITHM, canonical

# As ``canonical`` writes.
WRITER = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def sealed(evidence: Evidence) -> bytes:
    """The file ``evidence.json``: what is said, signed with the first of our keys, by RFC 8785.

    Raises ``Conflict`` where there is no key.
    """
    body = b"".join(chunk.encode() for chunk in WRITER.iterencode(evidence))  # in pieces: pictures are heavy
    key, signature = keys.sign(body)
    seal = {"algorithm": ALGORITHM, "key": _text(key), "signature": _text(signature)}
    return b'{"evidence":' + body + b',"signature":' + canonical(seal) + b"}"


def with_signature(pdf: bytes) -> bytes:
    """The PDF with the comment that signs every byte before it. Raises ``Conflict`` where there is no key."""
    body = pdf if pdf.endswith(b"\n") else pdf + b"\n"
    key, signature = keys.sign(body)
    return body + f"%Filo-evidence-1 {ALGORITHM} {_text(key)} {_text(signature)}\n".encode()


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()
