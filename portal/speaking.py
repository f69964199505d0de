"""Each page in its reader's language and, for times, on its client's clock."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone, translation

from accounts.guarding import framing
from accounts.models import User
from clients.models import Client
from clients.moments import locale
from clients.selectors import reading_language
from social.previews import Preview


@contextmanager
def speaking_to(request: HttpRequest, reader: User, client: Client) -> Iterator[None]:
    """Address this person, whoever is signed in here, as their client wants them addressed."""
    language = reading_language(reader, client)
    with translation.override(language), timezone.override(client.zone):
        request.LANGUAGE_CODE = language
        yield


def showing(answer: HttpResponse, previews: Iterable[Preview]) -> HttpResponse:
    """The same answer, which may show these previews: the whole mail of a newsletter stands in a frame."""
    return framing(answer) if any(preview.issue for preview in previews) else answer


def say(request: HttpRequest, template: str, context: Mapping[str, Any], status: int = 200) -> HttpResponse:
    """Render now, while the language is active, and say in the headers which one it is."""
    answer = render(request, template, dict(context), status=status)
    answer["Content-Language"] = locale()
    return answer
