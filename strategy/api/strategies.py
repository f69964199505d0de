"""Strategies: written, put before people, taken back."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Language, User
from approvals.api.deputies import Colleague
from approvals.selectors import chains
from clients.naming import NAME_LENGTH
from clients.selectors import clients
from rest.fields import Flag, Id, Moment, Part, Text, Things, Whole
from rest.filters import Filters, IdFilter
from rest.preconditions import IF_MATCH, etag, require_match
from rest.views import Changeable, Creatable, person
from strategy import selectors, services
from strategy.api.beginnings import ReadingSerializer, UnderstoodSerializer
from strategy.api.pictures import PictureSerializer
from strategy.api.reports import ReportActions
from strategy.api.templates import NamingSerializer, TemplateSerializer
from strategy.content import material_of
from strategy.markdown.checking import LONGEST
from strategy.models import Horizon, SectionKind, Strategy, StrategyKind, StrategyState, StrategyVersion
from strategy.models.plans import WHOLE
from strategy.models.strategies import SOURCE_LENGTH, TITLE_LENGTH
from strategy.models.versions import NOTE_LENGTH
from strategy.reading.safety import BIGGEST
from strategy.services.checks import problems_of
from strategy.services.sections import MOST_SECTIONS
from strategy.services.texts import WHY_LENGTH

MOST_SHARES = 100
TEXTS = ("title", "body", "why", "source", "horizon", "review_by", "owner")


class Owner(Colleague):
    """Who looks after it, by e-mail."""

    def get_attribute(self, instance: Any) -> str | None:
        """The e-mail, where there is somebody."""
        return instance.owner.email if instance.owner else None


class SectionTexts(Part):
    """What is written in a section."""

    title = Text(
        max_length=TITLE_LENGTH, required=False, allow_blank=True, help_text="Of a new one, empty: that of its kind."
    )
    body = Text(max_length=LONGEST, required=False, allow_blank=True, trim_whitespace=False, help_text="Markdown.")
    why = Text(max_length=WHY_LENGTH, required=False, allow_blank=True)
    source = Text(  # type: ignore[assignment]  # a field, not the serializer's own
        max_length=SOURCE_LENGTH, required=False, allow_blank=True
    )
    horizon = serializers.ChoiceField(Horizon.choices, required=False)
    review_by = serializers.DateField(required=False, allow_null=True, help_text="null: what follows from the horizon.")
    owner = Owner(required=False, allow_null=True)


class InnerSectionSerializer(SectionTexts):
    """A section of a strategy, in its order."""

    id = Whole(
        required=False, min_value=1, help_text="Of one that there is; without it, the one of its kind, or a new one."
    )
    kind = serializers.ChoiceField(SectionKind.choices)
    due_on = serializers.DateField(read_only=True, help_text="By when it has to be looked at again.")
    revision = serializers.IntegerField(read_only=True)


class ShareSerializer(Part):
    """What part of the posts a pillar is to have."""

    id = serializers.IntegerField(source="pillar_id", read_only=True)
    name = Text(
        source="pillar.name", max_length=NAME_LENGTH, help_text="Managers and editors make one that there is not."
    )
    share = Whole(source="percent", min_value=1, max_value=WHOLE, help_text="In percent.")


class StrategySerializer(Things):
    """A client's strategy document. Sections and pillars are replaced as a whole."""

    fixed = ("client",)

    id = serializers.IntegerField(read_only=True)
    client = Id(clients)
    title = Text(max_length=TITLE_LENGTH)
    kind = serializers.ChoiceField(StrategyKind.choices, required=False)
    language = serializers.ChoiceField(Language.choices, required=False)
    starts_on = serializers.DateField(required=False, help_text="Without it: today.")
    ends_on = serializers.DateField(required=False, allow_null=True)
    owner = Owner(required=False)
    chain = Id(chains, required=False, allow_null=True, help_text="null: the client's default.")
    template = Id(selectors.templates, required=False, write_only=True, help_text="What a new one begins with.")
    like = Id(
        selectors.strategies,
        required=False,
        write_only=True,
        help_text="What a new one begins with: all of a strategy of the same client; of another client's, none of its facts.",
    )
    contacts_write = Flag(required=False, help_text="The client's approvers write in its sections, too.")
    shared = serializers.BooleanField(read_only=True, help_text="Whether the client's people know of it.")
    state = serializers.ChoiceField(StrategyState.choices, read_only=True)
    sections = InnerSectionSerializer(  # type: ignore[call-arg]  # a list's
        many=True, required=False, max_length=MOST_SECTIONS
    )
    pillars = ShareSerializer(  # type: ignore[call-arg]  # a list's
        source="shares", many=True, required=False, max_length=MOST_SHARES
    )
    version = serializers.IntegerField(
        source="version.number", read_only=True, default=None, allow_null=True, help_text="In review, or agreed."
    )
    digest = serializers.CharField(
        source="version.digest", read_only=True, default=None, allow_null=True, help_text="Of that version."
    )
    agreed_version = serializers.IntegerField(
        source="agreed_version.number", read_only=True, default=None, allow_null=True, help_text="What is in force."
    )
    review = serializers.IntegerField(source="review_id", read_only=True, allow_null=True)
    created_at = Moment(read_only=True)
    updated_at = Moment(read_only=True)

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """Only a new one begins with something."""
        fields = super().get_fields()
        if self.partial:
            del fields["template"], fields["like"]
        return fields

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """What the service takes."""
        if "sections" in attrs:
            attrs["sections"] = [_wanted(sent) for sent in attrs["sections"]]
        if "shares" in attrs:
            attrs["shares"] = [
                services.WantedShare(name=sent["pillar"]["name"], percent=sent["percent"]) for sent in attrs["shares"]
            ]
        return attrs


def _wanted(sent: dict[str, Any]) -> services.WantedSection:
    texts: Any = {name: sent[name] for name in TEXTS if name in sent}
    return services.WantedSection(kind=sent["kind"], pk=sent.get("id"), texts=texts)


class SubmittingSerializer(Part):
    """What whoever is asked should know."""

    note = Text(max_length=NOTE_LENGTH, required=False, allow_blank=True, help_text="What is new, and why.")


class StrategyVersionSerializer(serializers.Serializer[StrategyVersion]):
    """A version; its content is at an address of its own."""

    number = serializers.IntegerField()
    digest = serializers.CharField()
    author = serializers.EmailField(source="author.email")
    note = serializers.CharField()
    changed = serializers.ListField(
        child=serializers.CharField(),
        help_text="What differs from what was in force then: `evergreen`, `seasonal`, `volatile` sections, the `frame`.",
    )
    created_at = Moment()


class WholeStrategyVersionSerializer(StrategyVersionSerializer):
    """A version, to the letter."""

    content = serializers.DictField(help_text="What the digest is over (docs/evidence.md has the recipe).")
    pictures = serializers.SerializerMethodField(help_text="Those that stand in it.")

    @extend_schema_field(PictureSerializer(many=True))
    def get_pictures(self, version: StrategyVersion) -> Any:
        """With addresses for whoever may read it."""
        rows: Any = selectors.pictures_in_version(version)
        return PictureSerializer(rows, many=True, context=self.context).data


class AgreementSerializer(serializers.Serializer[Any]):
    """A version in force, from when until when."""

    version = serializers.IntegerField(source="version.number")
    digest = serializers.CharField(source="version.digest")
    review = serializers.IntegerField(source="review_id")
    began_at = Moment()
    ended_at = Moment(allow_null=True)
    taken_back = serializers.BooleanField()


class StrategyProblemSerializer(serializers.Serializer[Any]):
    """One thing that would be refused at submission."""

    field = serializers.CharField()
    code = serializers.CharField()
    detail = serializers.CharField(source="text")


class StrategyFilters(Filters):
    """Which strategies."""

    client = IdFilter(clients)
    state = django_filters.MultipleChoiceFilter(choices=StrategyState.choices)
    kind = django_filters.MultipleChoiceFilter(choices=StrategyKind.choices)


class Strategies(Creatable[Strategy], Changeable[Strategy], ReportActions):
    """Strategies. A client's people see those that were shared with them; their `ETag` guards against lost updates."""

    queryset = Strategy.objects.none()
    serializer_class = StrategySerializer
    filterset_class = StrategyFilters
    http_method_names = ("get", "head", "post", "patch")

    def visible(self, user: User) -> QuerySet[Strategy]:
        return selectors.with_sections(selectors.strategies(user))

    def tagged(self, row: Strategy) -> dict[str, str]:
        """Its edition."""
        return etag(row.edition)

    def get_ordering_fields(self) -> tuple[str, ...]:
        """Versions and agreements have no time of change."""
        return ("id",) if self.action in {"versions", "agreements"} else self.ordering_fields

    def make(self, user: User, fields: dict[str, Any]) -> Strategy:
        return services.create_document(user=user, **fields)

    @extend_schema(parameters=[IF_MATCH])
    def partial_update(self, request: Request, pk: int) -> Response:
        """Change what the body names."""
        return super().partial_update(request, pk)

    def change(self, user: User, row: Strategy, fields: dict[str, Any]) -> None:
        edition = require_match(self.request, row.edition)
        fields.pop("client", None)
        services.write_document(user=user, strategy=row, edition=edition, **fields)

    @extend_schema(request={"multipart/form-data": ReadingSerializer}, responses=UnderstoodSerializer)
    @action(detail=False, methods=["post"], parser_classes=[MultiPartParser])
    def understand(self, request: Request) -> Response:
        """Understand a strategy that was written elsewhere. Nothing is stored: send what is right of it as `sections`."""
        given = self.body(ReadingSerializer)
        file = given["file"]
        found = selectors.understood(person(request), given["client"], file.read(BIGGEST + 1), file.name)
        return Response(UnderstoodSerializer(found).data)

    @extend_schema(request=SubmittingSerializer, responses=StrategySerializer, parameters=[IF_MATCH])
    @action(detail=True, methods=["post"])
    def submit(self, request: Request, pk: int) -> Response:
        """Fix all that it says as a version, and ask the chain's first step. The client's people know of it from now on."""
        row = self.get_object()
        edition = require_match(request, row.edition)
        remark = self.body(SubmittingSerializer).get("note", "")
        services.submit_strategy(user=person(request), strategy=row, remark=remark, edition=edition)
        return self.answer(pk)

    @extend_schema(request=None, responses=StrategySerializer)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: int) -> Response:
        """Take the question back. What was agreed before stays in force."""
        services.withdraw_strategy(user=person(request), strategy=self.get_object())
        return self.answer(pk)

    @extend_schema(request=None, responses=StrategySerializer)
    @action(detail=True, methods=["post"])
    def share(self, request: Request, pk: int) -> Response:
        """Let the client's people read it, suggest and remark from now on."""
        services.share_strategy(user=person(request), strategy=self.get_object())
        return self.answer(pk)

    @extend_schema(request=NamingSerializer, responses={201: TemplateSerializer})
    @action(detail=True, methods=["post"])
    def template(self, request: Request, pk: int) -> Response:  # noqa: ARG002 - DRF's signature
        """Keep how it is built as a template of the agency's, without anything that tells of its client."""
        strategy = self.get_object()
        made = services.save_as_template(user=person(request), strategy=strategy, **self.body(NamingSerializer))
        return Response(TemplateSerializer(made).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=None, responses=StrategySerializer)
    @action(detail=True, methods=["post"])
    def close(self, request: Request, pk: int) -> Response:
        """It is over: it stays to be read."""
        services.close_strategy(user=person(request), strategy=self.get_object())
        return self.answer(pk)

    @extend_schema(responses=StrategyProblemSerializer(many=True))
    @action(detail=True, pagination_class=None, filter_backends=[])
    def problems(self, request: Request, pk: int) -> Response:  # noqa: ARG002 - DRF's signature
        """What would be refused at submission, as it stands now."""
        strategy = self.get_object()
        found = problems_of(strategy, material_of(strategy))
        return Response(StrategyProblemSerializer(found, many=True).data)

    @extend_schema(responses=PictureSerializer(many=True))
    @action(detail=True, pagination_class=None, filter_backends=[])
    def pictures(self, request: Request, pk: int) -> Response:  # noqa: ARG002 - DRF's signature
        """The pictures that stand in its texts now, with addresses for whoever may read them."""
        found: Any = selectors.pictures_of(self.get_object())
        return Response(PictureSerializer(found, many=True, context={"request": request}).data)

    @extend_schema(responses=StrategyVersionSerializer(many=True), filters=False)
    @action(detail=True, filterset_class=None)
    def versions(self, request: Request, pk: int) -> Response:  # noqa: ARG002 - DRF's signature
        """What was submitted, each time, without its content."""
        return self.page(selectors.versions(person(request), self.get_object()), StrategyVersionSerializer)

    @extend_schema(operation_id="strategies_version", responses=WholeStrategyVersionSerializer, filters=False)
    @action(detail=True, url_path="versions/<int:number>", filterset_class=None)
    def whole_version(self, request: Request, pk: int, number: int) -> Response:  # noqa: ARG002 - DRF's signature
        """One version, to the letter."""
        found = selectors.version(person(request), self.get_object(), number)
        return Response(WholeStrategyVersionSerializer(found, context={"request": request}).data)

    @extend_schema(responses=AgreementSerializer(many=True), filters=False)
    @action(detail=True, filterset_class=None)
    def agreements(self, request: Request, pk: int) -> Response:  # noqa: ARG002 - DRF's signature
        """Which version was in force from when until when."""
        return self.page(selectors.agreements(person(request), self.get_object()), AgreementSerializer)
