"""The REST API's word on who is asking."""

from collections.abc import Sequence
from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import User


class MyRoleSerializer(serializers.Serializer[Any]):
    """A role for a client. Roles are the business of ``clients``, above this app: here they are words."""

    client = serializers.IntegerField()
    role = serializers.CharField()


class MeSerializer(serializers.ModelSerializer[User]):
    """The person whose token it is."""

    memberships = serializers.SerializerMethodField()

    class Meta:
        model = User
        fields = ("id", "email", "name", "language", "timezone", "is_agency_admin", "memberships")
        read_only_fields = fields

    @extend_schema_field(MyRoleSerializer(many=True))
    def get_memberships(self, user: User) -> list[Any]:
        """Which role for which client, in the order of the clients' ids."""
        return list(user.memberships.order_by("client_id").values("client", "role"))


class Me(APIView):
    """Who is asking."""

    http_method_names: Sequence[str] = ["get", "head"]

    @extend_schema(responses=MeSerializer)
    def get(self, request: Request) -> Response:
        """The person whose token this is, with their roles."""
        return Response(MeSerializer(request.user).data)  # type: ignore[arg-type]  # nobody else gets here
