"""What a strategy can begin with: our own questions, or what was written elsewhere. Nothing of it is stored."""

from typing import Any, ClassVar

from drf_spectacular.helpers import forced_singular_serializer
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import Language
from clients.selectors import clients
from rest.fields import Id, Part
from rest.pagination import OnePage
from strategy.models import Horizon, SectionKind, StrategyKind
from strategy.reading.safety import BIGGEST
from strategy.starts import KINDS, starts


class ReadingSerializer(Part):
    """A file, and whose strategy it is to become."""

    client = Id(clients)
    file = serializers.FileField(
        allow_empty_file=True,
        help_text=f"Markdown, a ZIP of Markdown with its pictures, or DOCX; at most {BIGGEST // 1024 // 1024} MB.",
    )


class TextsRead(serializers.Serializer[Any]):
    """A section, as `POST strategies/` takes it."""

    kind = serializers.ChoiceField(SectionKind.choices)
    title = serializers.CharField()
    body = serializers.CharField()
    why = serializers.CharField()
    source = serializers.CharField()  # type: ignore[assignment]  # a field, not the serializer's own
    horizon = serializers.ChoiceField(Horizon.choices, allow_null=True)


class SectionReadSerializer(TextsRead):
    """The same, and what else was understood of it."""

    review_by = serializers.DateField(allow_null=True)
    owner = serializers.CharField(help_text="A name.")
    guessed = serializers.BooleanField(help_text="Whether its kind was guessed by its heading.")
    facts = serializers.DictField(help_text="Its `objectives`, `channels` and `occasions`.")
    strange = serializers.ListField(child=serializers.CharField(), help_text="What was not understood, in words.")


class FoundPictureSerializer(serializers.Serializer[Any]):
    """A picture that is not among the client's: its description stands in its place."""

    name = serializers.CharField()
    alt_text = serializers.CharField(source="alt")
    sha256 = serializers.CharField()


class UnderstoodSerializer(serializers.Serializer[Any]):
    """What was understood of a file."""

    title = serializers.CharField()
    kind = serializers.ChoiceField(StrategyKind.choices, allow_null=True)
    starts_on = serializers.DateField(allow_null=True)
    ends_on = serializers.DateField(allow_null=True)
    sections = SectionReadSerializer(many=True)
    pillars = serializers.ListField(child=serializers.DictField())
    pictures = FoundPictureSerializer(many=True)
    strange = serializers.ListField(child=serializers.CharField(), help_text="What was not understood, in words.")


class StartSerializer(serializers.Serializer[Any]):
    """A beginning for one kind of client, in one language."""

    client_kind = serializers.ChoiceField([(kind, kind) for kind in KINDS])
    language = serializers.ChoiceField(Language.choices)
    name = serializers.CharField()
    about = serializers.CharField()
    kind = serializers.ChoiceField(StrategyKind.choices)
    sections = TextsRead(many=True)


class StartPageSerializer(OnePage):
    """All of them are one page."""

    results = StartSerializer(many=True)


class Starts(APIView):
    """What comes with Filo."""

    http_method_names: ClassVar[list[str]] = ["get", "head"]  # type: ignore[misc]  # Django's is no ClassVar

    @extend_schema(
        operation_id="strategy_starts_list",
        responses=forced_singular_serializer(StartPageSerializer),  # type: ignore[no-untyped-call]
    )
    def get(self, request: Request) -> Response:  # noqa: ARG002 - DRF's signature
        """What a strategy can begin with: questions, for four kinds of clients. Send what you choose as `sections`."""
        return OnePage.answer(StartSerializer(starts(), many=True).data)
