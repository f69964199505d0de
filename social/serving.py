"""Stored bytes as an HTTP answer: whole or a part of them (RFC 9110, section 14), with a type that nobody guesses anew."""

import re
from collections.abc import Iterator
from typing import IO, Any

from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse

from social.models import Media, Rendition

PIECE = 256 * 1024
_RANGE = re.compile(r"bytes=(\d{0,15})-(\d{0,15})")


def served(request: HttpRequest, stored: Media | Rendition) -> HttpResponseBase:
    """The bytes that are asked for. Raises ``Http404`` where they are not there any more."""
    etag = f'"{stored.sha256}"'
    if request.headers.get("If-None-Match") == etag:
        answer: HttpResponseBase = HttpResponse(status=304)
        answer["ETag"] = etag
        return answer
    wanted = _wanted(request, stored.size, etag)
    if wanted == ():
        answer = HttpResponse(status=416)
        answer["Content-Range"] = f"bytes */{stored.size}"
        return answer
    try:
        answer = _answer(request, stored, wanted)
    except FileNotFoundError:
        raise Http404 from None
    answer["ETag"] = etag
    answer["Accept-Ranges"] = "bytes"
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return answer


def _answer(request: HttpRequest, stored: Media | Rendition, wanted: tuple[int, ...] | None) -> HttpResponseBase:
    start, end = wanted or (0, stored.size - 1)
    if request.method == "HEAD":
        answer: HttpResponseBase = HttpResponse(content_type=stored.mime)
    elif wanted is None:
        answer = FileResponse(stored.file.open("rb"), content_type=stored.mime)
    else:
        answer = StreamingHttpResponse(_part(stored, start, end), content_type=stored.mime)
    answer["Content-Length"] = str(end - start + 1)
    if wanted is not None:
        answer.status_code = 206
        answer["Content-Range"] = f"bytes {start}-{end}/{stored.size}"
    return answer


def _wanted(request: HttpRequest, size: int, etag: str) -> tuple[int, ...] | None:
    """The first and the last byte that are asked for; None for all, nothing where there are no such bytes."""
    found = _RANGE.fullmatch(request.headers.get("Range", ""))
    if found is None or request.headers.get("If-Range", etag) != etag:
        return None  # none, several or another unit: then the whole is the answer
    first, last = found.groups()
    if not first and not last:
        return None
    if not first:
        start, end = max(0, size - int(last)), size - 1
    else:
        start, end = int(first), min(int(last), size - 1) if last else size - 1
    return (start, end) if start <= end < size else ()


def _part(stored: Media | Rendition, start: int, end: int) -> Iterator[bytes]:
    storage: Any = stored.file.storage
    if hasattr(storage, "part"):  # an object store gives it by itself; to open the file would fetch all of it first
        yield from storage.part(str(stored.file.name), start, end)
        return
    with stored.file.open("rb") as file:
        yield from _pieces(file, start, end)


def _pieces(file: IO[bytes], start: int, end: int) -> Iterator[bytes]:
    file.seek(start)
    left = end - start + 1
    while left > 0 and (piece := file.read(min(PIECE, left))):
        left -= len(piece)
        yield piece
