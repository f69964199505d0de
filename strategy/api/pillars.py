"""Pillars: the themes that a client's posts serve. Their names stay; what is not wanted any more is retired."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from rest_framework import serializers

from accounts.models import User
from clients.naming import NAME_LENGTH
from clients.selectors import clients
from rest.fields import Flag, Id, Moment, Text, Things
from rest.filters import Filters, IdFilter
from rest.views import Changeable, Creatable
from strategy import selectors, services
from strategy.models import Pillar


class PillarSerializer(Things):
    """A theme of a client's posts."""

    fixed = ("client", "name")

    id = serializers.IntegerField(read_only=True)
    client = Id(clients)
    name = Text(max_length=NAME_LENGTH, help_text="One line; once in a client, in upper or lower case.")
    why = Text(max_length=services.LONGEST_WHY, required=False, allow_blank=True, help_text="What it is there for.")
    retired = Flag(required=False, help_text="It is not given to posts any more; those that have it keep it.")
    updated_at = Moment(read_only=True)

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """A new one is not retired."""
        fields = super().get_fields()
        fields["retired"].read_only = not self.partial
        return fields


class PillarFilters(Filters):
    """Which pillars."""

    client = IdFilter(clients)
    name = django_filters.CharFilter(lookup_expr="iexact")
    retired = django_filters.BooleanFilter(field_name="retired_at", lookup_expr="isnull", exclude=True)


class Pillars(Creatable[Pillar], Changeable[Pillar]):
    """The pillars of one's clients, for their staff. Managers and editors make and retire them."""

    queryset = Pillar.objects.none()
    serializer_class = PillarSerializer
    filterset_class = PillarFilters
    http_method_names = ("get", "head", "post", "patch")

    def visible(self, user: User) -> QuerySet[Pillar]:
        return selectors.pillars(user)

    def make(self, user: User, fields: dict[str, Any]) -> Pillar:
        return services.create_pillar(user=user, **fields)

    def change(self, user: User, row: Pillar, fields: dict[str, Any]) -> None:
        services.edit_pillar(user=user, pillar=row, why=fields.get("why"), retired=fields.get("retired"))
