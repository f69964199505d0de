"""The files that people take away: asked for by somebody, made for them, signed."""

from dataclasses import dataclass
from typing import Literal

from django.http import HttpResponse

from accounts.models import User
from approvals.models import Review
from approvals.proof import keys
from approvals.proof.drawing import drawn
from approvals.proof.gathering import gather, kind_for
from approvals.proof.signing import sealed, with_signature
from approvals.proof.verify_evidence import fingerprint

Form = Literal["pdf", "json"]
CONTENT_TYPES: dict[Form, str] = {"pdf": "application/pdf", "json": "application/json"}


@dataclass(frozen=True, kw_only=True)
class ProofFile:
    """A proof of approval as a file."""

    name: str
    content_type: str
    data: bytes

    def download(self) -> HttpResponse:
        """The answer to a request for it: kept by nobody in between, shown by no browser as a page of ours."""
        answer = HttpResponse(self.data, content_type=self.content_type)
        answer["Content-Disposition"] = f'attachment; filename="{self.name}"'
        answer["Cache-Control"] = "no-store, private"
        return answer


def proof_of(*, user: User, review: Review, form: Form, asked: str = "") -> ProofFile:
    """The proof of a review for this person, who may see it (``selectors.reviews``), in the active language.

    ``asked``: ``agency`` or ``client``, the kind wanted (see ``gathering.kind_for``, also for what it raises). Raises
    ``Conflict`` (``no_evidence_key``) where this installation can't sign.
    """
    kind = kind_for(user, review, asked)
    keys.require()
    evidence = gather(review=review, kind=kind)
    data = sealed(evidence)
    if form == "pdf":
        data = with_signature(drawn(evidence, data, fingerprint=fingerprint(keys.public_keys()[0])))
    name = f"proof-of-approval-{review.client.slug}-{review.pk}-{kind}.{form}"
    return ProofFile(name=name, content_type=CONTENT_TYPES[form], data=data)
