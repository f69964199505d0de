"""Reviews: who is asked, who said what of which words, and one's own word."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from accounts.models import User
from approvals import kinds, selectors, services, subjects
from approvals.api.comments import CommentActions, CommentSerializer
from approvals.api.nudging import NudgeActions
from approvals.api.seats import SeatActions, token_of
from approvals.models import Decision, Review, ReviewState, ReviewStep, Rule, Seat, SeatSource, StepState, Verdict, Via
from approvals.silence import counts
from approvals.step_words import is_barred, is_turn, left_out
from approvals.waiting import told
from clients.selectors import clients
from rest.fields import Moment, Text
from rest.filters import Filters, IdFilter, NumberFilter
from rest.views import person

LONGEST = 5000


class ReviewSubjectSerializer(serializers.Serializer[Review]):
    """What is under review."""

    type = serializers.SerializerMethodField()
    id = serializers.IntegerField(source="subject_id")
    title = serializers.CharField()

    @extend_schema_field(serializers.ChoiceField(kinds.choices()))
    def get_type(self, review: Review) -> str:
        """The kind of it."""
        return subjects.kind_of(review.subject_type_id)


class DecisionSerializer(serializers.Serializer[Decision]):
    """What one seat said."""

    verdict = serializers.ChoiceField(Verdict.choices)
    by = serializers.EmailField(source="actor.email", help_text="Who pressed: the seat's own person, or their deputy.")
    comment = serializers.SerializerMethodField()
    via = serializers.ChoiceField(Via.choices)
    at = Moment(of="seat.step.review.client")

    def get_comment(self, decision: Decision) -> str:
        """The words that came with it; a client's people read their own side's only."""
        return decision.comment if self.context["readers"].reads(decision) else ""


class SeatSerializer(serializers.Serializer[Seat]):
    """One person's place in a step. One that has ended counts no more; another may stand in its place."""

    id = serializers.IntegerField()
    email = serializers.EmailField(source="user.email")
    name = serializers.CharField(source="user.name")
    source = serializers.ChoiceField(SeatSource.choices)  # type: ignore[assignment]  # a field may be called so
    ended = serializers.CharField(source="ended_why", help_text="Empty, `replaced` or `taken_back`.")
    not_asked_because = serializers.SerializerMethodField()
    decision = serializers.SerializerMethodField()

    @extend_schema_field({"type": ["string", "null"]})
    def get_not_asked_because(self, seat: Seat) -> str | None:
        """Why this person is not asked in a step whose turn it is, in words; null where nothing keeps them from it."""
        step: ReviewStep = seat.step
        if not (is_turn(step.review, step) and is_barred(seat)):
            return None
        return _("This step asks for other eyes than those of %(name)s.") % {"name": seat.user.name}

    @extend_schema_field(DecisionSerializer(allow_null=True))
    def get_decision(self, seat: Seat) -> dict[str, Any] | None:
        """What this person said, if anything yet."""
        if not hasattr(seat, "decision"):
            return None
        return DecisionSerializer(seat.decision, context=self.context).data


class TacitSerializer(serializers.Serializer[ReviewStep]):
    """Silence that counted as consent: when, and by which writing."""

    at = Moment(source="tacit_at", of="review.client")
    agreed_on = serializers.DateField(source="tacit_agreed_on", help_text="The day on which the client agreed to that.")
    document = serializers.CharField(source="tacit_document", help_text="The SHA-256 of the document that says so.")


class ReviewStepSerializer(serializers.Serializer[ReviewStep]):
    """One step, as it was when the review began, and where it stands."""

    position = serializers.IntegerField()
    name = serializers.CharField()
    rule = serializers.ChoiceField(Rule.choices)
    needed = serializers.IntegerField(help_text="How many must approve. It never changes while the review runs.")
    asked = serializers.SerializerMethodField()
    state = serializers.ChoiceField(StepState.choices)
    due_at = Moment(of="review.client", allow_null=True, help_text="By when, once it has been its turn.")
    silence_counts = serializers.SerializerMethodField()
    waits_since = serializers.SerializerMethodField()
    blocked = serializers.SerializerMethodField()
    skipped_because = serializers.SerializerMethodField()
    carried_from_version = serializers.SerializerMethodField()
    tacit = serializers.SerializerMethodField()
    seats = SeatSerializer(many=True)

    def get_asked(self, step: ReviewStep) -> int:
        """Of how many: the seats that count, more than `needed` once somebody was asked as well."""
        return sum(seat.ended_at is None for seat in step.seats.all())

    @extend_schema_field({"type": ["string", "null"], "format": "date-time"})
    def get_waits_since(self, step: ReviewStep) -> str | None:
        """Since when it is its turn; null where it is not."""
        if step.state != StepState.ACTIVE or step.review.state != ReviewState.OPEN or step.activated_at is None:
            return None
        return step.activated_at.astimezone(step.review.client.zone).isoformat()

    def get_silence_counts(self, step: ReviewStep) -> bool:
        """Whether silence until `due_at` will let it pass, as agreed in writing; false where it is not its turn."""
        return is_turn(step.review, step) and not self.get_blocked(step) and counts(step, step.review.client)

    def get_blocked(self, step: ReviewStep) -> bool:
        """Whether it has fewer people left who can decide than it needs."""
        return bool(step.is_blocked)  # type: ignore[attr-defined]  # annotated

    @extend_schema_field({"type": ["string", "null"]})
    def get_skipped_because(self, step: ReviewStep) -> str | None:
        """Why it was left out, in words; null where it was not."""
        if step.state != StepState.SKIPPED:
            return None
        readers = self.context["readers"]
        return left_out(step, readers.choices(step.review), staff=readers.is_staff(step.client_id))

    @extend_schema_field({"type": ["integer", "null"]})
    def get_carried_from_version(self, step: ReviewStep) -> int | None:
        """The version whose approval stands here, too."""
        found: int | None = step.carried_from_version  # type: ignore[attr-defined]  # annotated
        return found

    @extend_schema_field(TacitSerializer(allow_null=True))
    def get_tacit(self, step: ReviewStep) -> dict[str, Any] | None:
        """When silence let it pass; null where people did."""
        return TacitSerializer(step).data if step.tacit_at is not None else None


class ReviewSerializer(serializers.Serializer[Review]):
    """One run of a chain on one version."""

    id = serializers.IntegerField()
    client = serializers.IntegerField(source="client_id")
    subject = ReviewSubjectSerializer(source="*")
    version = serializers.IntegerField()
    digest = serializers.CharField(help_text="Of the version under review: a decision names it.")
    state = serializers.ChoiceField(ReviewState.choices)
    chain = serializers.CharField(source="chain_name", help_text="The chain's name when the review began.")
    round = serializers.IntegerField()
    author = serializers.EmailField(source="author.email", help_text="Who wrote the version.")
    asked_by = serializers.EmailField(source="asked_by.email")
    opened_at = Moment()
    closed_at = Moment(allow_null=True)
    updated_at = Moment()
    steps = ReviewStepSerializer(many=True)
    comments = CommentSerializer(many=True)


class ApprovalSerializer(serializers.Serializer[Any]):
    """Yes, to exactly these words."""

    digest = Text(max_length=64, help_text="The review's digest, of the version that was looked at.")
    comment = Text(max_length=LONGEST, required=False, allow_blank=True, trim_whitespace=False)


class ChangesSerializer(ApprovalSerializer):
    """Not yet, and why."""

    comment = Text(max_length=LONGEST, trim_whitespace=False)


class Readers:
    """Whose words this person reads: all of them as staff of the client, else those of the client's own side."""

    def __init__(self, user: User) -> None:
        self._user = user
        self._sides: dict[int, frozenset[int] | None] = {}
        self._choices: dict[tuple[int, int], subjects.Choices] = {}

    def is_staff(self, client_id: int) -> bool:
        """Whether this person is on the agency's side here."""
        return self._side(client_id) is None

    def choices(self, review: Review) -> subjects.Choices:
        """What conditions of this client's chains may name; asked once for each client."""
        key = (review.client_id, review.subject_type_id)
        if key not in self._choices:
            self._choices[key] = subjects.type_of(review).choices(review.client)
        return self._choices[key]

    def reads(self, decision: Decision) -> bool:
        """Whether this person reads what came with this decision."""
        side = self._side(decision.client_id)
        return side is None or decision.actor_id in side or decision.actor_id == self._user.pk

    def _side(self, client_id: int) -> frozenset[int] | None:
        if client_id not in self._sides:
            self._sides[client_id] = selectors.own_side(self._user, client_id)
        return self._sides[client_id]


class ReviewFilters(Filters):
    """Which reviews."""

    client = IdFilter(clients)
    state = django_filters.MultipleChoiceFilter(choices=ReviewState.choices)
    digest = django_filters.CharFilter()
    subject_type = django_filters.ChoiceFilter(choices=kinds.choices, method="of_kind")
    subject_id = NumberFilter()
    waiting_for = django_filters.ChoiceFilter(
        choices=[("me", "me")], method="waiting", label="Where your word is asked now."
    )

    @extend_schema_field({"type": "string", "enum": [kind for kind, _name in kinds.choices()]})
    def of_kind(self, found: QuerySet[Review], _name: str, kind: str) -> QuerySet[Review]:
        """Of one kind, such as posts."""
        return found.filter(subject_type__in=subjects.content_types(kind))

    @extend_schema_field({"type": "string", "enum": ["me"]})
    def waiting(self, found: QuerySet[Review], _name: str, _me: str) -> QuerySet[Review]:
        """Where this person's decision is asked now."""
        return found.filter(pk__in=selectors.waiting_for(self.request.user).order_by().values("pk"))


class Reviews(CommentActions, SeatActions, NudgeActions):
    """Runs of approval chains. Staff see their clients'; a client's people those in which their turn has come."""

    queryset = Review.objects.none()
    serializer_class = ReviewSerializer
    filterset_class = ReviewFilters
    http_method_names = ("get", "head", "post")

    def visible(self, user: User) -> QuerySet[Review]:
        steps = told(ReviewStep.objects.all())
        return selectors.with_comments(selectors.with_steps(selectors.reviews(user), steps), user)

    def get_serializer_context(self) -> dict[str, Any]:
        """Also who reads what."""
        context = dict(super().get_serializer_context())
        if isinstance(self.request.user, User):
            context["readers"] = Readers(self.request.user)
        return context

    @extend_schema(request=ApprovalSerializer, responses=ReviewSerializer)
    @action(detail=True, methods=["post"])
    def approve(self, request: Request, pk: int) -> Response:
        """Approve the version with this digest, on one's own seat, in its turn."""
        return self._decide(request, pk, Verdict.APPROVE, ApprovalSerializer)

    @extend_schema(request=ChangesSerializer, responses=ReviewSerializer)
    @action(detail=True, methods=["post"])
    def request_changes(self, request: Request, pk: int) -> Response:
        """Ask for changes of the version with this digest, and say which. It ends the review."""
        return self._decide(request, pk, Verdict.REQUEST_CHANGES, ChangesSerializer)

    def _decide(self, request: Request, pk: int, verdict: Verdict, kind: type[BaseSerializer[Any]]) -> Response:
        review = self.get_object()  # before what was sent is looked at: nobody learns more of a stranger's review
        given = self.body(kind)
        services.decide(
            review=review, user=person(request), verdict=verdict, via=Via.API, token=token_of(request), **given
        )
        return self.answer(pk)
