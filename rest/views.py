"""What the resources of the API have in common: rows come from a selector with the person in it, writes from services."""

from collections.abc import Sequence
from typing import Any, ClassVar, Generic, TypeVar

from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import translation
from django.views.decorators.csrf import csrf_exempt
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView
from rest_framework import status
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer
from rest_framework.viewsets import GenericViewSet

from accounts.models import User
from rest import problems
from rest.idempotency import Repeatable

M = TypeVar("M", bound=Model)


def person(request: Request | HttpRequest) -> User:
    """Who asks; views are reached by nobody else (see the default permission)."""
    if not isinstance(request.user, User):
        raise Http404
    return request.user


class Resource(Repeatable, GenericViewSet[M], Generic[M]):
    """A list and its rows, to read. What the person may not see does not exist."""

    http_method_names: Sequence[str] = ["get", "head", "post", "patch", "delete"]
    lookup_value_converter = "int"
    ordering_fields: ClassVar[tuple[str, ...]] = ("id", "updated_at")

    def visible(self, user: User) -> QuerySet[M]:
        """The rows that this person may see, with all that their answer needs."""
        raise NotImplementedError

    def get_queryset(self) -> QuerySet[M]:
        """See ``visible``."""
        return self.visible(person(self.request))

    def get_object(self) -> M:
        """The row of this address; filters are for lists."""
        return get_object_or_404(self.get_queryset(), pk=self.kwargs["pk"])

    def get_ordering_fields(self) -> tuple[str, ...]:
        """By what the list can be ordered, the default first: never empty, and indexed."""
        return self.ordering_fields

    def list(self, request: Request) -> Response:  # noqa: ARG002 - DRF's signature
        """One page."""
        return self.page(self.filter_queryset(self.get_queryset()))

    def retrieve(self, request: Request, pk: int) -> Response:  # noqa: ARG002 - DRF's signature
        """One row."""
        row = self.get_object()
        return Response(self.get_serializer(row).data, headers=self.tagged(row))

    def tagged(self, row: M) -> dict[str, str]:  # noqa: ARG002 - for those that have one
        """The headers that say which state of the row this is; none, unless the resource guards against lost updates."""
        return {}

    def page(self, rows: QuerySet[Any], serializer: type[BaseSerializer[Any]] | None = None) -> Response:
        """One page of these rows."""
        page = self.paginate_queryset(rows)
        kind: type[BaseSerializer[Any]] = serializer or self.get_serializer_class()
        return self.get_paginated_response(kind(page, many=True, context=self.get_serializer_context()).data)

    def body(self, kind: type[BaseSerializer[Any]], **options: Any) -> dict[str, Any]:
        """What was sent, checked."""
        given = kind(data=self.request.data, context=self.get_serializer_context(), **options)
        given.is_valid(raise_exception=True)
        return dict(given.validated_data)

    def answer(self, pk: int, code: int = status.HTTP_200_OK) -> Response:
        """The row as it stands now, read anew."""
        row = get_object_or_404(self.get_queryset(), pk=pk)
        headers = self.tagged(row)
        if code == status.HTTP_201_CREATED:
            path = reverse(f"{self.basename}-detail", args=[pk])
            headers["Location"] = self.request.build_absolute_uri(path)
        return Response(self.get_serializer(row).data, status=code, headers=headers)


class Creatable(Resource[M]):
    """Rows that can be made."""

    def make(self, user: User, fields: dict[str, Any]) -> Model:
        """Call the service."""
        raise NotImplementedError

    def create(self, request: Request) -> Response:
        """Make one."""
        fields = self.body(self.get_serializer_class())
        return self.answer(self.make(person(request), fields).pk, status.HTTP_201_CREATED)


class Changeable(Resource[M]):
    """Rows that can be changed, only in what is named."""

    def change(self, user: User, row: M, fields: dict[str, Any]) -> None:
        """Call the service."""
        raise NotImplementedError

    def partial_update(self, request: Request, pk: int) -> Response:
        """Change what the body names."""
        row = self.get_object()
        fields = self.body(self.get_serializer_class(), instance=row, partial=True)
        self.change(person(request), row, fields)
        return self.answer(pk)


class SchemaView(SpectacularAPIView):
    """The OpenAPI document, in English whoever asks: a program's words."""

    content_negotiation_class = DefaultContentNegotiation

    @extend_schema(exclude=True)
    def get(self, request: Request, *_args: Any, **_kwargs: Any) -> Response:
        """YAML, or JSON where ``Accept`` or ``?format=json`` says so."""
        with translation.override("en"):
            response: Response = self._get_schema_response(request)  # type: ignore[no-untyped-call]
            return response


@csrf_exempt
def nowhere(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - a view
    """Every other address below the API's: not found, in the API's own way."""
    return problems.not_found()
