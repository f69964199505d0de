"""Signing: the JSON in one envelope with its signature, the PDF with a last line of its own (see ``verify_evidence``)."""

import base64

from approvals.proof import keys
from approvals.proof.record import Evidence
from approvals.proof.verify_evidence import ALGORITHM, canonical


def sealed(evidence: Evidence) -> bytes:
    """The file ``evidence.json``: what is said, signed with the first of our keys, by RFC 8785.

    Raises ``Conflict`` where there is no key.
    """
    key, signature = keys.sign(canonical(evidence))
    seal = {"algorithm": ALGORITHM, "key": _text(key), "signature": _text(signature)}
    return canonical({"evidence": evidence, "signature": seal})


def with_signature(pdf: bytes) -> bytes:
    """The PDF with the comment that signs every byte before it. Raises ``Conflict`` where there is no key."""
    body = pdf if pdf.endswith(b"\n") else pdf + b"\n"
    key, signature = keys.sign(body)
    return body + f"%Filo-evidence-1 {ALGORITHM} {_text(key)} {_text(signature)}\n".encode()


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()
