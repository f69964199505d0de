"""What a request asks, as a digest: two that ask the same have the same, however they are written."""

import hashlib
import json
from collections.abc import Iterator
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.utils.datastructures import MultiValueDict
from rest_framework.exceptions import UnsupportedMediaType
from rest_framework.request import Request


def fingerprint(request: Request) -> str:
    """SHA-256 over the address and what the body says: JSON whatever its spaces and order, a form whatever its boundary.

    Raises what reading the body raises.
    """
    digest = hashlib.sha256(f"{request.method} {request.get_full_path()}\n".encode())
    for piece in _pieces(request):
        digest.update(piece)
    return digest.hexdigest()


def _pieces(request: Request) -> Iterator[bytes]:
    data: Any
    try:
        data = request.data
    except UnsupportedMediaType:  # where a body is not looked at, it may be anything
        data = request._request.body  # noqa: SLF001 - DRF gives it to parsers alone
    if isinstance(data, MultiValueDict):
        for name in sorted(data):
            for value in data.getlist(name):
                yield _said([name])
                yield from _of_form(value)
    else:
        yield data if isinstance(data, bytes) else _said(data)


def _of_form(value: Any) -> Iterator[bytes]:
    """A file is its name, its kind and its bytes, which are read again afterwards."""
    if not isinstance(value, UploadedFile):
        yield _said(value)
        return
    yield _said([value.name, value.content_type, value.size])
    yield from value.chunks()
    value.seek(0)


def _said(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode() + b"\n"
