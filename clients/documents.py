"""What is kept of a client as files goes out through here and nowhere else; who may have it was asked before."""

from django.core import signing
from django.db.models.fields.files import FieldFile
from django.http import FileResponse, Http404
from django.utils.crypto import constant_time_compare

from clients.models import Client

_signer = signing.Signer(salt="clients.logo")
LONGEST = 18  # digits of a client's number
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


def logo_key(client: Client) -> str:
    """What opens the client's logo, as it is now, to whoever has it: for pages that people without an account read."""
    return f"{client.pk}-{_signature(client)}"


def logo_by(key: str) -> FileResponse:
    """The logo that this key opens. Raises ``Http404`` for any other one, and where it has been changed since."""
    number = key.partition("-")[0]
    client = Client.objects.filter(pk=int(number)).first() if number.isdecimal() and len(number) <= LONGEST else None
    if client is None or not constant_time_compare(key, logo_key(client)):
        raise Http404
    return logo_file(client)


def _signature(client: Client) -> str:
    return _signer.signature(f"{client.pk}:{client.logo.name}")


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
