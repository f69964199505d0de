"""Newsletters' lists, their readers, imports and what comes back, as programs see them."""

from collections.abc import Mapping
from typing import IO, Any

import django_filters
from django.conf import settings
from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from django.urls import path, reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from clients.models import Role
from clients.selectors import clients, require
from newsletter import selectors
from newsletter.models import Doubt, DoubtState, ImportState, ListImport, MailingList, Reader, ReaderState, Source
from newsletter.services import bounces, doubts, lists, readers
from newsletter.taking_away import refused_file
from rest.fields import Flag, Id, Moment, Text, Things
from rest.filters import Filters, IdFilter
from rest.parsers import read_within
from rest.routing import pages, router
from rest.views import Changeable, Creatable, Resource, person
from social.models import Channel
from social.selectors import channels


class CountsSerializer(serializers.Serializer[Any]):
    """How many readers stand how."""

    pending = serializers.IntegerField(help_text="Asked to confirm.")
    confirmed = serializers.IntegerField(help_text="Get the next issue.")
    unsubscribed = serializers.IntegerField()
    bounced = serializers.IntegerField()
    complained = serializers.IntegerField()


class ListSerializer(Things):
    """The readers of one newsletter channel."""

    fixed = ("channel",)

    id = serializers.IntegerField(read_only=True)
    client = Id(read_only=True)
    channel = Id(channels)
    imprint = Text(
        max_length=1000,
        required=False,
        allow_blank=True,
        help_text="Who sends it, and the postal address: at the end of every issue. Without it nothing can be sent.",
    )
    promise = Text(
        max_length=1000,
        required=False,
        allow_blank=True,
        help_text="What readers agree to; empty: a sentence of Filo's.",
    )
    is_open = Flag(required=False, help_text="The public form takes new readers.")
    sign_up_url = serializers.SerializerMethodField(help_text="The public form.")
    readers = CountsSerializer(source="*", read_only=True)
    updated_at = Moment(read_only=True)

    @extend_schema_field(OpenApiTypes.URI)
    def get_sign_up_url(self, row: MailingList) -> str:
        """The form's address, as people outside reach it."""
        return settings.BASE_URL.rstrip("/") + reverse("newsletter:sign_up", args=[row.key])


class ListFilters(Filters):
    """Which lists."""

    client = IdFilter(clients)
    channel = IdFilter(channels)


class Lists(Creatable[MailingList], Changeable[MailingList]):
    """The newsletters' lists, for the client's staff; written by its managers. A channel has one: a second POST changes it."""

    queryset = MailingList.objects.none()
    serializer_class = ListSerializer
    filterset_class = ListFilters
    http_method_names = ("get", "head", "post", "patch")

    def visible(self, user: User) -> QuerySet[MailingList]:
        return selectors.lists(user)

    def make(self, user: User, fields: dict[str, Any]) -> MailingList:
        return lists.make_list(user=user, **fields)

    def change(self, user: User, row: MailingList, fields: dict[str, Any]) -> None:
        lists.edit_list(user=user, mailing_list=row, **fields)


class ReaderSerializer(Things):
    """Somebody on a list."""

    id = serializers.IntegerField(read_only=True)
    client = Id(read_only=True)
    mailing_list = Id(selectors.kept_lists)
    email = serializers.EmailField(max_length=254, help_text="Kept in lower case.")
    name = Text(max_length=200, required=False, allow_blank=True)
    language = serializers.ChoiceField(
        [(code, code) for code in readers.LANGUAGES], required=False, allow_blank=True, help_text="Of mails to them."
    )
    state = serializers.ChoiceField(ReaderState.choices, read_only=True)
    came_by = serializers.ChoiceField(Source.choices, source="source", read_only=True)
    consent = Text(max_length=readers.MOST_WORDS, help_text="What they agreed to, in the words that they read.")
    consented_at = Moment(allow_null=True, help_text="When; not in the future.")
    confirmed_at = Moment(read_only=True, allow_null=True)
    ended_at = Moment(read_only=True, allow_null=True)
    ended_why = serializers.CharField(read_only=True)
    back_at = Moment(read_only=True, allow_null=True, help_text="When a manager put them back after mails came back.")
    updated_at = Moment(read_only=True)


class ReaderFilters(Filters):
    """Which readers."""

    client = IdFilter(clients)
    mailing_list = IdFilter(selectors.kept_lists)
    state = django_filters.MultipleChoiceFilter(choices=ReaderState.choices)
    email = django_filters.CharFilter(method="with_address", label="the address, in whichever case")

    def with_address(self, found: QuerySet[Reader], _name: str, value: str) -> QuerySet[Reader]:
        """Addresses are kept in lower case."""
        return found.filter(email=value.strip().lower())


class SignOffSerializer(serializers.Serializer[Any]):
    """Why somebody is taken off."""

    why = Text(max_length=500, help_text="How they asked for it: by telephone, for instance.")


class Readers(Creatable[Reader]):
    """Who is on the lists, for the client's managers. Who has left stays, and comes back only by signing up themselves."""

    queryset = Reader.objects.none()
    serializer_class = ReaderSerializer
    filterset_class = ReaderFilters
    http_method_names = ("get", "head", "post")

    def visible(self, user: User) -> QuerySet[Reader]:
        return selectors.readers(user)

    def make(self, user: User, fields: dict[str, Any]) -> Reader:
        return readers.add_reader(user=user, **fields)

    @extend_schema(request=SignOffSerializer, responses=ReaderSerializer)
    @action(detail=True, methods=["post"])
    def sign_off(self, request: Request, pk: int) -> Response:
        """They get nothing any more. Twice is once."""
        readers.sign_off(reader=self.get_object(), user=person(request), **self.body(SignOffSerializer))
        return self.answer(pk)

    @extend_schema(request=None, responses=ReaderSerializer)
    @action(detail=True, methods=["post"])
    def put_back(self, request: Request, pk: int) -> Response:
        """Who `bounced` gets the next issue again. 409 `left_before` for who has left: they come back only by themselves."""
        readers.put_back(reader=self.get_object(), user=person(request))
        return self.answer(pk)

    @extend_schema(request=None, responses={204: None})
    @action(detail=True, methods=["post"])
    def erase(self, request: Request, pk: int) -> Response:  # noqa: ARG002 - the routed name
        """Forget who this was, as they ask by law. A keyed hash keeps imports from bringing them back."""
        readers.erase(reader=self.get_object(), user=person(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class DoubtSerializer(Things):
    """So many copies of an issue that came back with one status that a manager decides about their readers."""

    id = serializers.IntegerField(read_only=True)
    client = Id(read_only=True)
    mailing_list = serializers.IntegerField(source="issue.mailing_list_id", read_only=True)
    subject = serializers.CharField(source="issue.subject", read_only=True, help_text="Of the issue.")
    status = serializers.CharField(read_only=True, help_text="What servers said: “5.1.1”, for instance.")
    came_back = serializers.IntegerField(read_only=True, help_text="How many copies did so.")
    copies = serializers.IntegerField(read_only=True, help_text="Of how many.")
    state = serializers.ChoiceField(DoubtState.choices, read_only=True)
    opened_at = Moment(read_only=True)
    closed_at = Moment(read_only=True, allow_null=True)
    updated_at = Moment(read_only=True)


class DoubtFilters(Filters):
    """Which doubts."""

    client = IdFilter(clients)
    state = django_filters.MultipleChoiceFilter(choices=DoubtState.choices)


class DecideSerializer(serializers.Serializer[Any]):
    """What becomes of the readers."""

    ends = Flag(help_text="True: they get nothing more. False: they stay.")


class Doubts(Resource[Doubt]):
    """Issues of which much came back, for the client's managers. Until one decides, nobody is taken off for it."""

    queryset = Doubt.objects.none()
    serializer_class = DoubtSerializer
    filterset_class = DoubtFilters
    http_method_names = ("get", "head", "post")

    def visible(self, user: User) -> QuerySet[Doubt]:
        return selectors.doubts(user)

    @extend_schema(request=DecideSerializer, responses=DoubtSerializer)
    @action(detail=True, methods=["post"])
    def decide(self, request: Request, pk: int) -> Response:
        """Say whether they are taken off or stay. 409 `decided` where somebody has said so."""
        doubts.decide(user=person(request), doubt=self.get_object(), **self.body(DecideSerializer))
        return self.answer(pk)


class ImportSerializer(Things):
    """One file of addresses, and how far it is taken in."""

    id = serializers.IntegerField(read_only=True)
    client = Id(read_only=True)
    mailing_list = Id(read_only=True)
    state = serializers.ChoiceField(ImportState.choices, read_only=True)
    name = serializers.CharField(read_only=True, help_text="The file's.")
    sha256 = serializers.CharField(read_only=True)
    total = serializers.IntegerField(read_only=True, help_text="Lines below the head.")
    done = serializers.IntegerField(read_only=True, help_text="Lines that were looked at.")
    added = serializers.IntegerField(read_only=True)
    refused = serializers.IntegerField(read_only=True)
    ended_at = Moment(read_only=True, allow_null=True)
    updated_at = Moment(read_only=True)


class ImportFilters(Filters):
    """Which imports."""

    client = IdFilter(clients)
    mailing_list = IdFilter(selectors.kept_lists)
    state = django_filters.MultipleChoiceFilter(choices=ImportState.choices)


class Imports(Resource[ListImport]):
    """Files of addresses, for the client's managers. They are brought in on the staff's pages, where each is looked at."""

    queryset = ListImport.objects.none()
    serializer_class = ImportSerializer
    filterset_class = ImportFilters
    http_method_names = ("get", "head")

    def visible(self, user: User) -> QuerySet[ListImport]:
        return selectors.imports(user)

    @extend_schema(operation_id="list_imports_refused_csv", responses={(200, "text/csv"): OpenApiTypes.BINARY})
    def refused_csv(self, request: Request, pk: int) -> StreamingHttpResponse:  # noqa: ARG002 - DRF's signature
        """The lines that were not taken, each with its number and why."""
        return refused_file(person(request), self.get_object())


class RawMessage(BaseParser):
    """A mail as it arrived, at most as large as the service reads."""

    media_type = "message/rfc822"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,  # noqa: ARG002 - DRF's signature
        parser_context: Mapping[str, Any] | None = None,  # noqa: ARG002 - DRF's signature
    ) -> Any:
        """Its bytes. Raises ``TooLarge``."""
        return read_within(stream, bounces.MOST_BYTES)


class TakenSerializer(serializers.Serializer[Any]):
    """What came of a message."""

    became = serializers.ChoiceField([(became.value, became.value) for became in bounces.Became])
    reader = serializers.IntegerField(allow_null=True, help_text="Whose copy it is about.")


class Bounces(Resource[Channel]):
    """Where a mail server's reports on a newsletter are handed in."""

    queryset = Channel.objects.none()
    serializer_class = TakenSerializer
    parser_classes = (RawMessage,)
    http_method_names = ("post",)

    def visible(self, user: User) -> QuerySet[Channel]:
        return channels(user).filter(network=selectors.NETWORK)

    @extend_schema(
        operation_id="channels_bounces",
        request={"message/rfc822": OpenApiTypes.BINARY},
        responses={200: TakenSerializer},
    )
    def take(self, request: Request, pk: int) -> Response:  # noqa: ARG002 - DRF's signature
        """Take in one message as it arrived: a bounce, a complaint, or anything else, which is ignored. For managers."""
        channel, user = self.get_object(), person(request)
        require(user, channel.client_id, {Role.MANAGER})
        raw: Any = request.data
        # An empty body is not parsed, and comes as an empty form.
        taken = bounces.take(raw=raw if isinstance(raw, bytes) else b"", channel=channel)
        return Response(TakenSerializer(taken).data)


router.register("lists", Lists, "api-list")
router.register("readers", Readers, "api-reader")
router.register("doubts", Doubts, "api-doubt")
router.register("list_imports", Imports, "api-list-import")
pages += [
    path("list_imports/<int:pk>/refused.csv", Imports.as_view({"get": "refused_csv"}), name="api-list-import-refused"),
    path("channels/<int:pk>/bounces/", Bounces.as_view({"post": "take"}), name="api-channel-bounces"),
]
