"""Each page in its reader's language, with the client's name and colour above it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.guarding import WINDOW
from clients.colours import WHITE, foreground
from clients.models import Client
from clients.moments import locale
from newsletter.services.readers import LANGUAGES
from newsletter.speaking import catalogue
from newsletter.throttling import MOST_MISSES, too_many

NAMES = {"en": "English", "it": "Italiano"}  # each in itself


def wanted_language(request: HttpRequest) -> str:
    """The one that the form or the address names, else the browser's, else English."""
    named = request.POST.get("language") or request.GET.get("language", "")
    language = named or translation.get_language() or ""
    short = language.partition("-")[0]
    return short if short in LANGUAGES else LANGUAGES[0]


@contextmanager
def speaking(request: HttpRequest, language: str, client: Client) -> Iterator[None]:
    """Speak this language, as the client speaks to its readers, on the client's clock."""
    chosen = catalogue(language, client)
    with translation.override(chosen), timezone.override(client.zone):
        request.LANGUAGE_CODE = chosen
        yield


def show(
    request: HttpRequest, template: str, client: Client | None, context: Mapping[str, Any], status: int = 200
) -> HttpResponse:
    """The page, rendered while its language is active."""
    ink = "light" if client is not None and foreground(client.colour) == WHITE else "dark"
    answer = render(request, template, {**context, "client": client, "ink": ink}, status=status)
    answer["Content-Language"] = locale()
    return answer


def nothing_here(request: HttpRequest) -> HttpResponse:
    """An address that opens nothing, or not any more; who tries many of them is asked to wait."""
    if too_many(request, "misses", MOST_MISSES):
        return wait(request)
    lines = [
        _("Perhaps the address was cut: some mail programs break a long address over two lines. Copy the whole of it."),
        _("If it is from a mail that asks you to confirm: it works for seven days. Afterwards, sign up once more."),
    ]
    words = {"title": _("This address opens nothing"), "lines": lines}
    return show(request, "newsletter/said.html", None, words, status=404)


def wait(request: HttpRequest) -> HttpResponse:
    """Too often from one place."""
    words = {"title": _("Too many tries"), "lines": [_("Wait ten minutes, then try again.")]}
    answer = show(request, "newsletter/said.html", None, words, status=429)
    answer["Retry-After"] = str(WINDOW)
    return answer
