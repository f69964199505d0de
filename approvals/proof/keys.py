"""The installation's keys for proofs of approval: the first one signs, all of them are its own."""

import base64
from functools import lru_cache

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from accounts.errors import Conflict
from approvals.proof.verify_evidence import fingerprint

OWN = "this installation's own key"
OWN_BEFORE = "an earlier key of this installation"


@lru_cache(maxsize=8)
def _private(seed: bytes) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(seed)


def sign(data: bytes) -> tuple[bytes, bytes]:
    """The public key that signs now, and its signature of ``data``.

    Raises ``Conflict`` (``no_evidence_key``) where this installation was given no key.
    """
    key = _private(_first())
    return key.public_key().public_bytes_raw(), key.sign(data)


def require() -> None:
    """Raises ``Conflict`` (``no_evidence_key``) where nothing can be signed, before any work is done."""
    _first()


def _first() -> bytes:
    if not settings.FILO_EVIDENCE_KEYS:
        raise Conflict(
            "no_evidence_key",
            _(
                "This installation has no key to sign proofs of approval with. "
                "Whoever runs it sets FILO_EVIDENCE_KEY; docs/operating.md says how."
            ),
        )
    seed: bytes = settings.FILO_EVIDENCE_KEYS[0]
    return seed


def public_keys() -> list[bytes]:
    """The public keys, the one that signs first."""
    return [_private(seed).public_key().public_bytes_raw() for seed in settings.FILO_EVIDENCE_KEYS]


def own() -> dict[str, str]:
    """The fingerprints of our keys, and what to say of each."""
    return {fingerprint(key): OWN if at == 0 else OWN_BEFORE for at, key in enumerate(public_keys())}


def in_base64(key: bytes) -> str:
    """A public key as people hand it on."""
    return base64.b64encode(key).decode()
