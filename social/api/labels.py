"""Labels: the words that a client's posts are sorted by. Their names stay; what is not wanted any more is retired."""

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
from social import selectors, services
from social.models import Label


class LabelSerializer(Things):
    """A word for posts of a client."""

    fixed = ("client", "name")

    id = serializers.IntegerField(read_only=True)
    client = Id(clients)
    name = Text(max_length=NAME_LENGTH, help_text="One line, without commas; once in a client, in upper or lower case.")
    retired = Flag(required=False, help_text="It is not put on posts any more; those that have it keep it.")
    updated_at = Moment(read_only=True)

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """A new one is not retired."""
        fields = super().get_fields()
        fields["retired"].read_only = not self.partial
        return fields


class LabelFilters(Filters):
    """Which labels."""

    client = IdFilter(clients)
    name = django_filters.CharFilter(lookup_expr="iexact")
    retired = django_filters.BooleanFilter(field_name="retired_at", lookup_expr="isnull", exclude=True)


class Labels(Creatable[Label], Changeable[Label]):
    """The labels of one's clients, for their staff. Managers and editors make and retire them."""

    queryset = Label.objects.none()
    serializer_class = LabelSerializer
    filterset_class = LabelFilters
    http_method_names = ("get", "head", "post", "patch")

    def visible(self, user: User) -> QuerySet[Label]:
        return selectors.labels(user)

    def make(self, user: User, fields: dict[str, Any]) -> Label:
        return services.create_label(user=user, **fields)

    def change(self, user: User, row: Label, fields: dict[str, Any]) -> None:
        services.edit_label(user=user, label=row, retired=fields.get("retired", row.retired))
