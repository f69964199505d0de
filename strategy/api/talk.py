"""What is said of strategies: words suggested for passages, and remarks."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from approvals.models import Audience
from clients.selectors import clients
from rest.fields import Id, Moment, Part, Text, Whole
from rest.filters import Filters, IdFilter
from rest.views import Creatable, person
from strategy import selectors, services
from strategy.models import Remark, Suggestion, SuggestionKind, SuggestionState
from strategy.models.talk import WORDS_LENGTH
from strategy.services.suggesting import COMMENT_LENGTH, REASON_LENGTH

FARTHEST = 1_000_000  # characters
AUDIENCE = "`internal` stays in the agency. What a client's own people say is always `client`."


class SuggestionSerializer(Part):
    """Words for a passage of a section's text, as it read in one revision."""

    id = serializers.IntegerField(read_only=True)
    section = Id(selectors.sections)
    strategy = serializers.IntegerField(source="section.strategy_id", read_only=True)
    client = serializers.IntegerField(source="client_id", read_only=True)
    author = serializers.EmailField(source="author.email", read_only=True)
    revision = Whole(min_value=1, help_text="Which the passage was read in.")
    kind = serializers.ChoiceField(SuggestionKind.choices)
    start = Whole(min_value=0, max_value=FARTHEST, help_text="Of the passage, in code points.")
    quote = Text(max_length=WORDS_LENGTH, required=False, allow_blank=True, trim_whitespace=False)
    words = Text(max_length=WORDS_LENGTH, required=False, allow_blank=True, trim_whitespace=False)
    comment = Text(max_length=COMMENT_LENGTH, required=False, allow_blank=True)
    audience = serializers.ChoiceField(Audience.choices, required=False, help_text=AUDIENCE)
    place = serializers.IntegerField(read_only=True, help_text="Where the passage begins now, while it is open.")
    state = serializers.ChoiceField(SuggestionState.choices, read_only=True)
    settled_by = serializers.SerializerMethodField()
    settled_at = Moment(read_only=True, allow_null=True)
    reason = serializers.CharField(read_only=True)
    became = serializers.IntegerField(read_only=True, allow_null=True, help_text="The revision that it became.")
    created_at = Moment(read_only=True)
    updated_at = Moment(read_only=True)

    @extend_schema_field({"type": ["string", "null"], "format": "email"})
    def get_settled_by(self, suggestion: Suggestion) -> str | None:
        """Who took it over or declined it."""
        return suggestion.settled_by.email if suggestion.settled_by else None


class DecliningSerializer(Part):
    """Why not."""

    reason = Text(max_length=REASON_LENGTH, required=False, allow_blank=True)


class SuggestionFilters(Filters):
    """Which suggestions."""

    client = IdFilter(clients)
    section = IdFilter(selectors.sections)
    strategy = IdFilter(selectors.strategies, field_name="section__strategy")
    state = django_filters.MultipleChoiceFilter(choices=SuggestionState.choices)


class Suggestions(Creatable[Suggestion]):
    """Words that people would write instead. Whoever reads a strategy may suggest; whoever writes in it settles."""

    queryset = Suggestion.objects.none()
    serializer_class = SuggestionSerializer
    filterset_class = SuggestionFilters
    http_method_names = ("get", "head", "post")

    def visible(self, user: User) -> QuerySet[Suggestion]:
        return selectors.suggestions(user)

    def make(self, user: User, fields: dict[str, Any]) -> Suggestion:
        return services.suggest(user=user, **fields)

    @extend_schema(request=None, responses=SuggestionSerializer)
    @action(detail=True, methods=["post"])
    def accept(self, request: Request, pk: int) -> Response:
        """Put the words in place of the passage, if that still reads as it was quoted."""
        services.accept_suggestion(user=person(request), suggestion=self.get_object())
        return self.answer(pk)

    @extend_schema(request=DecliningSerializer, responses=SuggestionSerializer)
    @action(detail=True, methods=["post"])
    def decline(self, request: Request, pk: int) -> Response:
        """Leave the text as it is; also to take back what one suggested oneself."""
        given = self.body(DecliningSerializer)
        services.decline_suggestion(user=person(request), suggestion=self.get_object(), **given)
        return self.answer(pk)


class RemarkSerializer(Part):
    """Something said of a section, of a passage of it, or in answer to a remark."""

    id = serializers.IntegerField(read_only=True)
    section = Id(selectors.sections)
    strategy = serializers.IntegerField(source="section.strategy_id", read_only=True)
    client = serializers.IntegerField(source="client_id", read_only=True)
    author = serializers.EmailField(source="author.email", read_only=True)
    parent = Id(selectors.remarks, required=False, allow_null=True)  # type: ignore[assignment]  # DRF's own is another
    text = Text(max_length=WORDS_LENGTH)
    audience = serializers.ChoiceField(Audience.choices, required=False, help_text=AUDIENCE)
    revision = Whole(
        required=False, min_value=1, help_text="Which the passage was read in; without it: the current one."
    )
    start = Whole(required=False, allow_null=True, min_value=0, max_value=FARTHEST)
    quote = Text(max_length=WORDS_LENGTH, required=False, allow_blank=True, trim_whitespace=False)
    place = serializers.IntegerField(
        read_only=True, allow_null=True, help_text="Where the passage begins now; null: nowhere."
    )
    resolved = serializers.SerializerMethodField()
    resolved_by = serializers.SerializerMethodField()
    created_at = Moment(read_only=True)
    updated_at = Moment(read_only=True)

    def get_resolved(self, remark: Remark) -> bool:
        """Whether the conversation is over."""
        return remark.resolved_at is not None

    @extend_schema_field({"type": ["string", "null"], "format": "email"})
    def get_resolved_by(self, remark: Remark) -> str | None:
        """Who said so."""
        return remark.resolved_by.email if remark.resolved_by else None


class RemarkFilters(Filters):
    """Which remarks."""

    client = IdFilter(clients)
    section = IdFilter(selectors.sections)
    strategy = IdFilter(selectors.strategies, field_name="section__strategy")
    resolved = django_filters.BooleanFilter(field_name="resolved_at", lookup_expr="isnull", exclude=True)


class Remarks(Creatable[Remark]):
    """What people say of strategies. A client's people read none of what stays in the agency."""

    queryset = Remark.objects.none()
    serializer_class = RemarkSerializer
    filterset_class = RemarkFilters
    http_method_names = ("get", "head", "post")

    def visible(self, user: User) -> QuerySet[Remark]:
        return selectors.remarks(user)

    def make(self, user: User, fields: dict[str, Any]) -> Remark:
        return services.add_remark(user=user, **fields)

    @extend_schema(request=None, responses=RemarkSerializer)
    @action(detail=True, methods=["post"])
    def resolve(self, request: Request, pk: int) -> Response:
        """The conversation is over."""
        services.resolve_remark(user=person(request), remark=self.get_object())
        return self.answer(pk)

    @extend_schema(request=None, responses=RemarkSerializer)
    @action(detail=True, methods=["post"])
    def reopen(self, request: Request, pk: int) -> Response:
        """It goes on."""
        services.reopen_remark(user=person(request), remark=self.get_object())
        return self.answer(pk)
