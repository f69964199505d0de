"""What is kept of a client as files goes out through here and nowhere else; who may have it was asked before."""

from django.db.models.fields.files import FieldFile
from django.http import FileResponse, Http404

from clients.models import Client

MIMES = {"pdf": "application/pdf", "jpg": "image/jpeg", "png": "image/png", "webp": "image/webp"}


def consent_document(client: Client) -> FileResponse:
    """The bytes as they came. Raises ``Http404`` where there are none."""
    # A PDF may hold scripts: it is not opened on our own address.
    answer = _answer(client.tacit_consent_document, f"{client.slug}-tacit-consent", as_attachment=True)
    answer["Cache-Control"] = "private, no-store"
    return answer


def logo_file(client: Client) -> FileResponse:
    """The client's logo, to be shown. Raises ``Http404`` where there is none."""
    answer = _answer(client.logo, f"{client.slug}-logo", as_attachment=False)
    answer["Cache-Control"] = "private, max-age=300"
    return answer


def _answer(kept: FieldFile, name: str, *, as_attachment: bool) -> FileResponse:
    if not kept:
        raise Http404
    kind = str(kept.name).rpartition(".")[2]
    try:
        opened = kept.open("rb")
    except FileNotFoundError:
        raise Http404 from None
    mime = MIMES.get(kind, "application/octet-stream")
    answer = FileResponse(opened, as_attachment=as_attachment, filename=f"{name}.{kind}", content_type=mime)
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return answer
