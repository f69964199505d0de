"""What is kept of a client as files goes out through here and nowhere else; who may have it was asked before."""

from django.http import FileResponse, Http404

from clients.models import Client

MIMES = {"pdf": "application/pdf", "jpg": "image/jpeg", "png": "image/png", "webp": "image/webp"}


def consent_document(client: Client) -> FileResponse:
    """The bytes as they came. Raises ``Http404`` where there are none."""
    if not client.tacit_consent_document:
        raise Http404
    kind = str(client.tacit_consent_document.name).rpartition(".")[2]
    try:
        opened = client.tacit_consent_document.open("rb")
    except FileNotFoundError:
        raise Http404 from None
    answer = FileResponse(
        opened,
        as_attachment=True,  # a PDF may hold scripts: it is not opened on our own address
        filename=f"{client.slug}-tacit-consent.{kind}",
        content_type=MIMES.get(kind, "application/octet-stream"),
    )
    answer["Cache-Control"] = "private, no-store"
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return answer


def logo_file(client: Client) -> FileResponse:
    """The client's logo, to be shown. Raises ``Http404`` where there is none."""
    if not client.logo:
        raise Http404
    kind = str(client.logo.name).rpartition(".")[2]
    try:
        opened = client.logo.open("rb")
    except FileNotFoundError:
        raise Http404 from None
    answer = FileResponse(opened, filename=f"{client.slug}-logo.{kind}", content_type=MIMES[kind])
    answer["Cache-Control"] = "private, max-age=300"
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return answer
