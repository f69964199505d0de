"""Strategies as files, as programs get them."""

from collections.abc import Callable
from typing import Any, ClassVar, TypeVar

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import path
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.views import APIView

from rest.views import person
from strategy import selectors
from strategy.papers.files import FORMS, download

F = TypeVar("F", bound=Callable[..., Any])
IN_FORCE = "The version in force; before there is one, that in review; before that, the draft."


ONE = "One version."


class Document(APIView):
    """A strategy in one form, in its own language, with nothing internal in it."""

    http_method_names: ClassVar[list[str]] = ["get", "head"]  # type: ignore[misc]  # Django's is no ClassVar

    def answer(self, request: Request, pk: int, form: str, number: int | None = None) -> HttpResponse:
        """The file."""
        strategy = get_object_or_404(selectors.strategies(person(request)).select_related("agreed_version"), pk=pk)
        if number is not None:
            get_object_or_404(selectors.versions(person(request), strategy), number=number)
        return download(user=person(request), strategy=strategy, form=form, number=number)


def _described(form: str, *, of: str) -> Callable[[F], F]:
    said = {(200, FORMS[form].content_type): OpenApiTypes.BINARY}
    name = "strategies_document" if of == IN_FORCE else "strategies_versions_document"
    return extend_schema(operation_id=f"{name}_{form}", description=of, responses=said)


class PdfDocument(Document):
    """PDF/A and PDF/UA, with the exact content attached."""

    @_described("pdf", of=IN_FORCE)
    def get(self, request: Request, pk: int) -> HttpResponse:
        return self.answer(request, pk, "pdf")


class WordDocument(Document):
    """For Word."""

    @_described("docx", of=IN_FORCE)
    def get(self, request: Request, pk: int) -> HttpResponse:
        return self.answer(request, pk, "docx")


class ZipDocument(Document):
    """Markdown, the exact content, and the pictures."""

    @_described("zip", of=IN_FORCE)
    def get(self, request: Request, pk: int) -> HttpResponse:
        return self.answer(request, pk, "zip")


class PdfVersion(Document):
    """PDF/A and PDF/UA, with the exact content attached."""

    @_described("pdf", of=ONE)
    def get(self, request: Request, pk: int, number: int) -> HttpResponse:
        return self.answer(request, pk, "pdf", number)


class WordVersion(Document):
    """For Word."""

    @_described("docx", of=ONE)
    def get(self, request: Request, pk: int, number: int) -> HttpResponse:
        return self.answer(request, pk, "docx", number)


class ZipVersion(Document):
    """Markdown, the exact content, and the pictures."""

    @_described("zip", of=ONE)
    def get(self, request: Request, pk: int, number: int) -> HttpResponse:
        return self.answer(request, pk, "zip", number)


HERE, VERSION = "strategies/<int:pk>", "strategies/<int:pk>/versions/<int:number>"
PAGES = [
    path(f"{HERE}/document.pdf", PdfDocument.as_view(), name="api-strategy-pdf"),
    path(f"{HERE}/document.docx", WordDocument.as_view(), name="api-strategy-docx"),
    path(f"{HERE}/document.zip", ZipDocument.as_view(), name="api-strategy-zip"),
    path(f"{VERSION}/document.pdf", PdfVersion.as_view(), name="api-strategy-version-pdf"),
    path(f"{VERSION}/document.docx", WordVersion.as_view(), name="api-strategy-version-docx"),
    path(f"{VERSION}/document.zip", ZipVersion.as_view(), name="api-strategy-version-zip"),
]
