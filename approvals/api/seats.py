"""What happens to seats and to many reviews at once: taken back, replaced, approved in one go."""

from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import ApiToken
from approvals import services
from approvals.api.deputies import Colleague
from approvals.models import Review, Seat, Via
from approvals.services.bulk import MOST_AT_ONCE, Line, approve_many
from rest.fields import Part, Text, Whole
from rest.views import Resource, person

LONGEST_REASON = 500


class SeatReasonSerializer(serializers.Serializer[Any]):
    """Why; it stays in the evidence."""

    reason = Text(max_length=LONGEST_REASON)


class ReplacementSerializer(SeatReasonSerializer):
    """Who sits here from now on instead of whom, and why."""

    seat = Whole(min_value=1, help_text="The seat's id.")
    person = Colleague(help_text="The e-mail of who decides there from now on.")


class SeatOfLinksSerializer(serializers.Serializer[Any]):
    """Whose links."""

    seat = Whole(min_value=1, help_text="The seat's id.")


class ClosedLinksSerializer(serializers.Serializer[Any]):
    """What came of it."""

    closed = serializers.IntegerField(help_text="How many; those that were closed before don't count.")


class SeenSerializer(Part):
    """One review, and the digest of the version that was looked at."""

    id = Whole(min_value=1)
    digest = Text(max_length=64)


class ManySerializer(serializers.Serializer[Any]):
    """Several versions that were looked at, each for itself."""

    reviews = SeenSerializer(many=True, max_length=MOST_AT_ONCE)  # type: ignore[call-arg]  # a list's


class LineSerializer(serializers.Serializer[Line]):
    """How one of them ended."""

    id = serializers.IntegerField(source="number")
    approved = serializers.BooleanField()
    state = serializers.SerializerMethodField()
    code = serializers.CharField(help_text="Empty where it was approved; else why not, such as `stale_digest`.")
    detail = serializers.CharField()
    field = serializers.CharField(help_text="Which member of what was sent does not fit, such as `digest`; else empty.")

    def get_state(self, line: Line) -> str | None:
        """The review's state afterwards; null where there is no such review here."""
        return line.review.state if line.review else None


class LinesSerializer(serializers.Serializer[Any]):
    """A line for each, in the order in which they were sent."""

    results = LineSerializer(many=True)


def token_of(request: Request) -> ApiToken | None:
    """The key with which this came in."""
    return request.auth if isinstance(request.auth, ApiToken) else None


def _seat_in(review: Review, pk: int) -> Seat:
    """Raises ``Http404`` for a seat of another review."""
    return get_object_or_404(Seat.objects.select_related("step__review__client"), step__review=review, pk=pk)


class SeatActions(Resource[Review]):
    """Verbs of a review that concern who sits where, and of many reviews at once."""

    in_parts = frozenset({"approve_many"})

    @extend_schema(request=SeatReasonSerializer)
    @action(detail=True, methods=["post"])
    def take_back(self, request: Request, pk: int) -> Response:
        """Take back the approval that one gave; one is asked again. Possible until anything of it goes out."""
        review = self.get_object()
        services.take_back(review=review, user=person(request), **self.body(SeatReasonSerializer))
        return self.answer(pk)

    @extend_schema(request=ReplacementSerializer)
    @action(detail=True, methods=["post"])
    def replace(self, request: Request, pk: int) -> Response:
        """Let somebody else decide on a seat that has not decided. For managers."""
        review = self.get_object()
        given = self.body(ReplacementSerializer)
        seat = _seat_in(review, given["seat"])
        services.replace_seat(user=person(request), seat=seat, person=given["person"], reason=given["reason"])
        return self.answer(pk)

    @extend_schema(request=SeatOfLinksSerializer, responses=ClosedLinksSerializer)
    @action(detail=True, methods=["post"])
    def close_links(self, request: Request, pk: int) -> Response:  # noqa: ARG002 - DRF's signature
        """Close the links in mails of one seat: they open nothing from now on. Its person can still sign in. For staff."""
        review = self.get_object()
        seat = _seat_in(review, self.body(SeatOfLinksSerializer)["seat"])
        return Response({"closed": services.revoke_links(seat=seat, user=person(request))})

    @extend_schema(operation_id="reviews_approve_many", request=ManySerializer, responses=LinesSerializer)
    @action(detail=False, methods=["post"], url_path="approve")
    def approve_many(self, request: Request) -> Response:
        """Approve several versions, each in a transaction of its own, with a line for each that says how it ended."""
        seen = [(one["id"], one["digest"]) for one in self.body(ManySerializer)["reviews"]]
        lines = approve_many(user=person(request), seen=seen, via=Via.API, token=token_of(request))
        return Response(LinesSerializer({"results": lines}).data)
