"""What whoever receives a proof needs to check it, open to everybody: our public keys, and the program."""

from pathlib import Path

from django.http import FileResponse, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from approvals.proof import keys, verify_evidence
from approvals.proof.origin import agency_name
from approvals.proof.verify_evidence import fingerprint, in_groups


@require_safe
def evidence_key(_request: HttpRequest) -> HttpResponse:
    """Our public keys with their fingerprints, as text: the one that signs first, then those that signed before."""
    lines = [_("The keys with which %(agency)s signs proofs of approval (Ed25519)") % {"agency": agency_name()}, ""]
    found = keys.public_keys()
    for number, key in enumerate(found):
        lines += [
            _("Signs now") if number == 0 else _("Signed before"),
            f"    SHA-256     {in_groups(fingerprint(key))}",
            f"    base64      {keys.in_base64(key)}",
            "",
        ]
    if not found:
        lines += [_("There is none yet: this installation signs nothing."), ""]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")


@require_safe
def verifier(_request: HttpRequest) -> FileResponse:
    """The program that checks a proof, one file of Python that needs nothing of ours."""
    file = Path(verify_evidence.__file__)
    return FileResponse(file.open("rb"), as_attachment=True, filename=file.name, content_type="text/x-python")
