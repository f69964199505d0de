"""Series: posts that come again by a rule of RFC 5545."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from clients.selectors import clients
from rest.fields import Flag, Id, Moment, Part, Text, Things, Whole
from rest.filters import Filters, IdFilter
from rest.views import Creatable, person
from social import selectors, services
from social.models import Recurrence, WhyEnded
from social.models.recurring import MOST_AHEAD
from social.recurrence import RULE_LENGTH, coming, rule_of
from social.recurrence_words import in_words
from social.services.recurring import AHEAD

NEXT = 5  # times that are told


class RecurrenceSerializer(Things):
    """A post that comes again. A series never changes: for another rule end it and make another."""

    id = serializers.IntegerField(read_only=True)
    client = serializers.IntegerField(source="client_id", read_only=True)
    pattern = Id(selectors.posts, help_text="The post that is copied each time.")
    rule = Text(
        max_length=RULE_LENGTH,
        help_text="RFC 5545: FREQ (DAILY, WEEKLY, MONTHLY, YEARLY), INTERVAL, BYDAY, BYMONTHDAY, BYMONTH; COUNT or UNTIL.",
    )
    starts_at = Moment(
        of="zone", help_text="From then on, at this time of the day. Without an offset: the client's clock."
    )
    zone = serializers.CharField(read_only=True)
    ahead_days = Whole(
        min_value=1, max_value=MOST_AHEAD, default=AHEAD, help_text="So many days before its time each post is made."
    )
    words = serializers.SerializerMethodField(help_text="The rule in the person's language.")
    next = serializers.SerializerMethodField(help_text="The next times of which no post is made yet, at most five.")
    ended_at = Moment(read_only=True, allow_null=True)
    why_ended = serializers.ChoiceField(WhyEnded.choices, read_only=True, allow_blank=True)
    author = serializers.EmailField(source="author.email", read_only=True)
    updated_at = Moment(read_only=True)

    def get_words(self, row: Recurrence) -> str:
        """Such as “every Tuesday at 09:00, 10 times”."""
        return in_words(rule_of(row), row.first)

    @extend_schema_field({"type": "array", "items": {"type": "string", "format": "date-time"}})
    def get_next(self, row: Recurrence) -> list[str]:
        """On its own clock."""
        return [at.astimezone(row.first.tzinfo).isoformat() for at in coming(row)[:NEXT]]


class EndSerializer(Part):
    """What becomes of the posts that are made already."""

    cancel_posts = Flag(required=False, help_text="Cancel them with it, as far as nothing of them has begun to go out.")


class RecurrenceFilters(Filters):
    """Which series."""

    client = IdFilter(clients)
    pattern = IdFilter(selectors.planned_posts)
    running = django_filters.BooleanFilter(field_name="ended_at", lookup_expr="isnull")


class Recurrences(Creatable[Recurrence]):
    """The series of one's clients, for their staff. What they make are posts, each with a review of its own."""

    queryset = Recurrence.objects.none()
    serializer_class = RecurrenceSerializer
    filterset_class = RecurrenceFilters
    http_method_names = ("get", "head", "post")

    def visible(self, user: User) -> QuerySet[Recurrence]:
        return selectors.recurrences(user)

    def make(self, user: User, fields: dict[str, Any]) -> Recurrence:
        return services.create_recurrence(user=user, **fields)

    @extend_schema(request=EndSerializer, responses=RecurrenceSerializer)
    @action(detail=True, methods=["post"])
    def end(self, request: Request, pk: int) -> Response:
        """Make no more posts of it. Those that are made stay, unless they are to be cancelled with it."""
        services.end_recurrence(user=person(request), recurrence=self.get_object(), **self.body(EndSerializer))
        return self.answer(pk)
