"""Filters of lists by field name. What can't be understood is refused, a misspelt name included."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_filters.rest_framework import DjangoFilterBackend
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.models import User
from rest.moments import parse_moment
from rest.pagination import PARAMETERS


class Backend(DjangoFilterBackend):  # type: ignore[misc]  # django-filter ships no types
    """django-filter's, which also refuses a filter that does not exist: silence would give everything."""

    def filter_queryset(self, request: Request, queryset: QuerySet[Any], view: APIView) -> QuerySet[Any]:
        """The rows asked for. Raises ``ValidationError`` with the parameter's name."""
        filterset = self.get_filterset(request, queryset, view)
        known = {*PARAMETERS, *(filterset.filters if filterset is not None else ())}
        for name in request.query_params:
            if name not in known:
                raise ValidationError({name: ValidationError(_("There is no such filter here."), code="unknown")})
        found: QuerySet[Any] = super().filter_queryset(request, queryset, view)
        return found


class _MomentFormField(forms.CharField):
    def clean(self, value: Any) -> datetime | None:
        text = super().clean(value)
        if not text:
            return None
        try:
            return parse_moment(text)
        except ValueError:
            message = gettext_lazy("A time reads like 2026-05-28T09:00, or with its offset 2026-05-28T09:00+02:00.")
            raise ValidationError(message, code="invalid") from None


@extend_schema_field(OpenApiTypes.DATETIME)
class MomentFilter(django_filters.Filter):  # type: ignore[misc]  # django-filter ships no types
    """By time. Without an offset it is on the clock of the client filtered by, else of the person who asks."""

    field_class = _MomentFormField

    def filter(self, queryset: QuerySet[Any], value: datetime | None) -> QuerySet[Any]:
        """Rows on this side of the time."""
        if value is not None and value.tzinfo is None:
            client = self.parent.form.cleaned_data.get("client")
            zone = client.zone if client else ZoneInfo(self.parent.request.user.timezone)
            value = value.replace(tzinfo=zone).astimezone(UTC)
        found: QuerySet[Any] = super().filter(queryset, value)
        return found


@extend_schema_field(OpenApiTypes.INT)
class IdFilter(django_filters.ModelChoiceFilter):  # type: ignore[misc]  # django-filter ships no types
    """By something that the person may see; another id is refused as one that does not exist."""

    def __init__(self, selector: Callable[[User], QuerySet[Any]], **kwargs: Any) -> None:
        super().__init__(queryset=lambda request: selector(request.user), **kwargs)

    def filter(self, queryset: QuerySet[Any], value: Model | None) -> QuerySet[Any]:
        """Rows with this id in the field."""
        found: QuerySet[Any] = super().filter(queryset, value and value.pk)
        return found


@extend_schema_field(OpenApiTypes.INT)
class NumberFilter(django_filters.Filter):  # type: ignore[misc]  # django-filter ships no types
    """By a whole number, of a row's id for instance."""

    field_class = forms.IntegerField

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=0, max_value=2**63 - 1, **kwargs)


class Filters(django_filters.FilterSet):  # type: ignore[misc]  # django-filter ships no types
    """What every list can be asked."""

    updated_since = MomentFilter(field_name="updated_at", lookup_expr="gte", label="changed at or after this time")
