"""The REST API's word on who is asking, and what they may say of themselves."""

from collections.abc import Sequence
from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import Language, User, Weekday, check_timezone
from clients.models import Role
from clients.oneself import change_oneself
from notifications.selectors import muted
from rest.fields import Clock, Text, Things, Whole
from rest.views import person


class MyRoleSerializer(serializers.Serializer[Any]):
    """A role for a client."""

    client = serializers.IntegerField()
    role = serializers.ChoiceField(Role.choices)


class Muted(serializers.ListField):
    """All kinds of news that a person has switched off."""

    def get_attribute(self, instance: User) -> list[str]:
        """They stand in a table of their own."""
        return muted(instance)


class MeSerializer(Things):
    """The person whose token it is. Hours are on their own clock; what can't wait is mailed at any time."""

    id = serializers.IntegerField(read_only=True)
    email = serializers.EmailField(read_only=True)
    name = Text(max_length=200, trim_whitespace=True)
    language = serializers.ChoiceField(Language.choices)
    timezone = Text(max_length=64, validators=[check_timezone])
    is_agency_admin = serializers.BooleanField(read_only=True)
    memberships = serializers.SerializerMethodField()
    morning_at = Clock(help_text="When the morning mail comes.")
    quiet_from = Clock(allow_null=True, help_text="No mail from this time on. Both null: no such hours.")
    quiet_until = Clock(allow_null=True, help_text="Until this time, of the next day where it is the earlier one.")
    quiet_days = serializers.ListField(
        child=Whole(min_value=min(Weekday.values), max_value=max(Weekday.values)),
        max_length=len(Weekday) - 1,
        help_text="Days without mail, from 0 (Monday) to 6 (Sunday).",
    )
    muted = Muted(child=Text(max_length=40), max_length=100, help_text="The kinds of news that are not mailed.")

    @extend_schema_field(MyRoleSerializer(many=True))
    def get_memberships(self, user: User) -> list[Any]:
        """Which role for which client, in the order of the clients' ids."""
        return list(user.memberships.order_by("client_id").values("client", "role"))


class Me(APIView):
    """Who is asking."""

    http_method_names: Sequence[str] = ["get", "head", "patch"]

    @extend_schema(responses=MeSerializer)
    def get(self, request: Request) -> Response:
        """The person whose token this is, with their roles, their hours and what they want no mail about."""
        return Response(MeSerializer(person(request)).data)

    @extend_schema(operation_id="me_change", request=MeSerializer, responses=MeSerializer)
    def patch(self, request: Request) -> Response:
        """Change what the body names of one's own name, language, time zone, hours and mails."""
        user = person(request)
        given = MeSerializer(user, data=request.data, partial=True)
        given.is_valid(raise_exception=True)
        return Response(MeSerializer(change_oneself(user=user, **given.validated_data)).data)
