"""Proofs of approval as files, as programs get them."""

from typing import Any, ClassVar

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.views import APIView

from approvals import selectors
from approvals.proof.files import Form, proof_of
from approvals.proof.record import KINDS
from rest.views import person

FOR = OpenApiParameter(
    "for",
    enum=KINDS,
    description=(
        "`agency`: all of it. `client`: without anything internal. Staff may choose, and get the agency's where they "
        "don't; a client's own people get the client's."
    ),
)


class Asked(serializers.Serializer[Any]):
    """Which kind."""

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """The one there is, whose name is a word of Python's."""
        return {"for": serializers.ChoiceField(KINDS, required=False)}


class ReviewEvidence(APIView):
    """One review's proof, signed."""

    http_method_names: ClassVar[list[str]] = ["get", "head"]  # type: ignore[misc]  # Django's is no ClassVar
    form: Form = "json"

    def answer(self, request: Request, pk: int) -> HttpResponse:
        """The file."""
        review = get_object_or_404(selectors.reviews(person(request)), pk=pk)
        asked = Asked(data=request.query_params)
        asked.is_valid(raise_exception=True)
        kind = asked.validated_data.get("for", "")
        return proof_of(user=person(request), review=review, form=self.form, asked=kind).download()


class ReviewEvidenceJson(ReviewEvidence):
    """See docs/evidence.md for what stands in it."""

    @extend_schema(operation_id="reviews_evidence_json", parameters=[FOR], responses={200: OpenApiTypes.OBJECT})
    def get(self, request: Request, pk: int) -> HttpResponse:
        """The proof of this review's outcome, signed, as JSON by RFC 8785."""
        return self.answer(request, pk)


class ReviewEvidencePdf(ReviewEvidence):
    """The same, to be read."""

    form = "pdf"

    @extend_schema(
        operation_id="reviews_evidence_pdf",
        parameters=[FOR],
        responses={(200, "application/pdf"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, pk: int) -> HttpResponse:
        """The proof of this review's outcome, signed, as PDF in the person's language, with the JSON attached."""
        return self.answer(request, pk)
