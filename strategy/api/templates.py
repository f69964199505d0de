"""Templates: the agency's own library of beginnings, for its staff."""

from datetime import UTC
from typing import Any

import django_filters
from django.db.models import QuerySet
from rest_framework import serializers

from accounts.models import Language, User
from rest.fields import Flag, Part, Text, Things
from rest.filters import Filters
from rest.views import Changeable, Creatable
from strategy import selectors, services
from strategy.markdown.checking import LONGEST
from strategy.models import Horizon, SectionKind, StrategyKind, Template
from strategy.models.strategies import SOURCE_LENGTH, TITLE_LENGTH
from strategy.services.sections import MOST_SECTIONS
from strategy.services.templates import ABOUT_LENGTH
from strategy.services.texts import WHY_LENGTH


class TemplateSectionSerializer(Part):
    """A section with questions in the place of answers."""

    kind = serializers.ChoiceField(SectionKind.choices)
    title = Text(max_length=TITLE_LENGTH, required=False, allow_blank=True, help_text="Empty: that of its kind.")
    body = Text(
        max_length=LONGEST,
        required=False,
        allow_blank=True,
        trim_whitespace=False,
        help_text="Markdown, without pictures.",
    )
    why = Text(max_length=WHY_LENGTH, required=False, allow_blank=True)
    source = Text(  # type: ignore[assignment]  # a field, not the serializer's own
        max_length=SOURCE_LENGTH, required=False, allow_blank=True
    )
    horizon = serializers.ChoiceField(Horizon.choices, required=False)


class TemplateSerializer(Things):
    """A beginning of the agency's own. Sections are replaced as a whole."""

    id = serializers.IntegerField(read_only=True)
    name = Text(max_length=TITLE_LENGTH, help_text="Once in a language.")
    language = serializers.ChoiceField(Language.choices, required=False)
    kind = serializers.ChoiceField(StrategyKind.choices, required=False)
    about = Text(max_length=ABOUT_LENGTH, required=False, allow_blank=True, help_text="For whom it is.")
    sections = TemplateSectionSerializer(many=True, max_length=MOST_SECTIONS)  # type: ignore[call-arg]  # a list's
    retired = Flag(required=False, help_text="Nothing is begun from it any more.")
    updated_at = serializers.DateTimeField(read_only=True, default_timezone=UTC)

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """A new one is not retired."""
        fields = super().get_fields()
        fields["retired"].read_only = not self.partial
        return fields


class TemplateFilters(Filters):
    """Which templates."""

    language = django_filters.ChoiceFilter(choices=Language.choices)
    kind = django_filters.MultipleChoiceFilter(choices=StrategyKind.choices)
    retired = django_filters.BooleanFilter(field_name="retired_at", lookup_expr="isnull", exclude=True)


class Templates(Creatable[Template], Changeable[Template]):
    """What the agency begins strategies from. Managers and editors of any client write them."""

    queryset = Template.objects.none()
    serializer_class = TemplateSerializer
    filterset_class = TemplateFilters
    http_method_names = ("get", "head", "post", "patch")

    def visible(self, user: User) -> QuerySet[Template]:
        return selectors.templates(user, retired=True)

    def make(self, user: User, fields: dict[str, Any]) -> Template:
        return services.create_template(user=user, **fields)

    def change(self, user: User, row: Template, fields: dict[str, Any]) -> None:
        services.edit_template(user=user, template=row, **fields)


class NamingSerializer(Part):
    """What the template is to be called."""

    name = Text(max_length=TITLE_LENGTH, help_text="Once in a language.")
    about = Text(max_length=ABOUT_LENGTH, required=False, allow_blank=True)
