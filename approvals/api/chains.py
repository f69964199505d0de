"""Approval chains: read by staff, written by managers."""

from collections.abc import Mapping
from typing import Any

import django_filters
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.exceptions import ErrorDetail
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from approvals import conditions, kinds, selectors, services
from approvals.models import Chain, DefaultScope, OnDeadline, Restart, Rule, Step
from approvals.models.chains import MOST_MANAGERS_UP
from approvals.services import StepPlan
from approvals.services.plans import MOST_MINUTES_BEFORE, MOST_PEOPLE, MOST_STEPS, MOST_WORKING_MINUTES
from clients.models import Role
from clients.selectors import clients, is_staff, people
from rest.fields import Flag, Id, Moment, Part, Text, Things, Whole
from rest.filters import Filters, IdFilter
from rest.views import Changeable, Creatable, person

MOST_VALUES = 100
PEOPLE = ("users", "escalate_to")


@extend_schema_field({"type": "array", "items": {"type": "string", "format": "email"}, "maxItems": MOST_PEOPLE})
class Emails(serializers.ListField):
    """People by e-mail."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(child=Text(max_length=254), max_length=MOST_PEOPLE, **kwargs)

    def to_representation(self, data: Any) -> list[str]:
        """A manager of people, people, or e-mails already."""
        found = data.all() if hasattr(data, "all") else data
        return [person.email if isinstance(person, User) else person for person in found]


def _values(child: serializers.Field[Any, Any, Any, Any], **kwargs: Any) -> serializers.ListField:
    return serializers.ListField(child=child, required=False, max_length=MOST_VALUES, **kwargs)


class OnlySerializer(Part):
    """When a step is asked at all: where at least one of these is so; always where all are empty."""

    networks = _values(Text(max_length=60), help_text="Slugs.")
    channels = _values(Whole(), help_text="Ids.")
    labels = _values(Text(max_length=60), help_text="Names.")
    pillars = _values(Text(max_length=200), help_text="Names.")
    text = _values(
        serializers.ChoiceField([(kind, kind) for kind in conditions.IN_TEXT]),
        help_text="What the text holds: `link`, `price`, `name` (one that the client watches).",
    )
    changed = _values(
        Text(max_length=20),
        help_text="Of a strategy, what differs from what was agreed before: sections that are `evergreen`, `seasonal` or "
        "`volatile`, and its `frame` (title, dates, pillars, order). Where nothing was agreed yet, all of these.",
    )

    def to_internal_value(self, data: Any) -> Any:
        """Raises ``ValidationError`` for a key that there is not: a misspelt one would let the step be asked always."""
        value = super().to_internal_value(data)
        for name in sorted(map(str, data.keys() - self.fields.keys())):
            raise serializers.ValidationError({name[:60]: [ErrorDetail(_("There is no such condition."), "unknown")]})
        return value

    def to_representation(self, instance: Mapping[str, Any]) -> dict[str, Any]:
        """All of the keys, whatever is kept."""
        return {key: instance.get(key, []) for key in conditions.KEYS}


class StepSerializer(Part):
    """One step: the people named, everyone with the role for the client at hand, or the author's manager."""

    name = Text(max_length=120, trim_whitespace=True)
    rule = serializers.ChoiceField(Rule.choices, default=Rule.ANY)
    needed = Whole(min_value=1, max_value=1000, default=1, help_text="Counts where the rule is `at_least`.")
    users = Emails(required=False)
    role = serializers.ChoiceField(Role.choices, required=False, allow_null=True)
    managers_up = Whole(
        min_value=0,
        max_value=MOST_MANAGERS_UP,
        default=0,
        help_text="1: the author's manager, 2: the manager's manager; 0: people by name or by role.",
    )
    only = OnlySerializer(required=False)
    due_after_minutes = Whole(
        min_value=1,
        max_value=MOST_WORKING_MINUTES,
        required=False,
        allow_null=True,
        help_text="The client's working minutes from its turn.",
    )
    due_before_minutes = Whole(
        min_value=1,
        max_value=MOST_MINUTES_BEFORE,
        required=False,
        allow_null=True,
        help_text="Minutes before it goes out. Where both are given, the earlier time is the deadline.",
    )
    on_deadline = serializers.ChoiceField(
        OnDeadline.choices,
        default=OnDeadline.REMIND,
        help_text="`tacit` only where the client has agreed to that in writing.",
    )
    escalate_to = Emails(required=False, help_text="Whom to ask as well at the deadline, for `escalate`.")
    never_tacit = Flag(default=False, help_text="Silence never counts here, whatever is agreed.")
    four_eyes = Flag(default=False, help_text="Not who decided on a step before, and not who wrote any version.")

    def to_representation(self, instance: Step) -> dict[str, Any]:
        """The step, with null for no role."""
        return {**super().to_representation(instance), "role": instance.role or None}


class DefaultFor(serializers.ListField):
    """The channels or labels for which a chain is the default."""

    def __init__(self, scope: DefaultScope, **kwargs: Any) -> None:
        self.scope = scope
        super().__init__(max_length=MOST_VALUES, required=False, **kwargs)

    def get_attribute(self, instance: Chain) -> list[str]:
        """Read beforehand, in their order."""
        return sorted(row.value for row in instance.defaults.all() if row.scope == self.scope)


class ChainSerializer(Things):
    """An approval chain of a client; without a client, the agency's own."""

    fixed = ("client", "subject")

    id = serializers.IntegerField(read_only=True)
    client = Id(clients, allow_null=True, help_text="null: the agency's own, for agency admins to write.")
    name = Text(max_length=120, trim_whitespace=True)
    subject = serializers.ChoiceField(kinds.choices(), required=False)
    steps = StepSerializer(many=True, max_length=MOST_STEPS)  # type: ignore[call-arg]  # a list's
    restart = serializers.ChoiceField(
        Restart.choices, required=False, help_text="Where the next review begins, after changes were asked or made."
    )
    is_default = Flag(required=False, help_text="Used where no other chain is chosen.")
    default_channels = DefaultFor(
        DefaultScope.CHANNEL, child=Whole(), help_text="Ids of the channels for which it is the default."
    )
    default_labels = DefaultFor(
        DefaultScope.LABEL,
        child=Text(max_length=60),
        help_text="Names of the labels for which it is the default; a label goes before a channel.",
    )
    active = Flag(required=False, help_text="A retired chain is the default of nothing.")
    copied_from = Id(read_only=True, allow_null=True)
    updated_at = Moment(read_only=True)

    def validate_steps(self, steps: list[dict[str, Any]]) -> list[StepPlan]:
        """The steps with their people."""
        return plans(self.context["request"].user, steps)


def plans(user: User, steps: list[dict[str, Any]]) -> list[StepPlan]:
    """The steps with their people, found by one query. Raises ``ValidationError`` for who is not among those one may name."""
    if not is_staff(user):
        return []  # whoever is no staff names nobody: the service says so, before it looks at steps
    named = {email for step in steps for name in PEOPLE for email in map(_plain, step.get(name, []))}
    found = {person.email: person for person in people(user).filter(email__in=named)} if named else {}
    errors: list[dict[str, Any]] = [
        {name: gone for name in PEOPLE if (gone := _unknown(step.get(name, []), found))} for step in steps
    ]
    if any(errors):
        raise serializers.ValidationError(errors)
    return [_plan(step, found) for step in steps]


def _plain(email: str) -> str:
    return email.strip().lower()


def _unknown(emails: list[str], found: Mapping[str, User]) -> list[ErrorDetail]:
    text = _("There is nobody with the e-mail %(email)s here.")
    gone = [email for email in emails if _plain(email) not in found]
    return [ErrorDetail(text % {"email": email}, "does_not_exist") for email in gone]


def _plan(step: dict[str, Any], found: Mapping[str, User]) -> StepPlan:
    once = {name: list(dict.fromkeys(found[_plain(email)] for email in step.get(name, []))) for name in PEOPLE}
    others = {name: value for name, value in step.items() if name not in PEOPLE}
    return StepPlan(**{**others, **once, "role": step.get("role") or ""})


class CopySerializer(serializers.Serializer[Any]):
    """For whom, and under which name."""

    client = Id(clients)
    name = Text(max_length=120, trim_whitespace=True)


class TrialSerializer(serializers.Serializer[Any]):
    """Steps that are not saved, to be tried on the latest things of a client."""

    client = Id(clients)
    subject = serializers.ChoiceField(kinds.choices(), required=False)
    steps = StepSerializer(many=True, max_length=MOST_STEPS)  # type: ignore[call-arg]  # a list's

    def validate_steps(self, steps: list[dict[str, Any]]) -> list[StepPlan]:
        """The steps with their people."""
        return plans(self.context["request"].user, steps)


@extend_schema_field(OpenApiTypes.STR)
class Reason(serializers.Field[Any, Any, str, Any]):
    """Why not, in words."""

    def to_representation(self, value: ValidationError) -> str:
        """In the language active now."""
        return " ".join(value.messages)


class ForeseenStepSerializer(serializers.Serializer[Any]):
    """One step as it would run."""

    position = serializers.IntegerField(source="step.position")
    name = serializers.CharField(source="step.name")
    skipped = serializers.BooleanField(help_text="Its condition is not met: nobody is asked.")
    people = Emails()
    needed = serializers.IntegerField()
    escalate_to = Emails(source="further")
    due_at = Moment(allow_null=True, help_text="At the latest, if it were submitted now; null where nobody can know.")
    silence_counts = serializers.BooleanField(
        allow_null=True, help_text="null where silence is not meant to; false where the client has not agreed to it."
    )
    refusal = Reason(allow_null=True, help_text="Why it could not be passed.")


class ForeseenSerializer(serializers.Serializer[Any]):
    """What the steps would do for one thing."""

    title = serializers.CharField(source="subject.title")
    refusal = Reason(allow_null=True, help_text="Why it could not be submitted with these steps.")
    steps = ForeseenStepSerializer(many=True)


class ChainFilters(Filters):
    """Which chains."""

    client = IdFilter(clients)
    subject = django_filters.ChoiceFilter(choices=kinds.choices)
    active = django_filters.BooleanFilter()
    is_default = django_filters.BooleanFilter()


class Chains(Creatable[Chain], Changeable[Chain]):
    """Approval chains. A client's people see none."""

    queryset = Chain.objects.none()
    serializer_class = ChainSerializer
    filterset_class = ChainFilters
    http_method_names = ("get", "head", "post", "patch")

    def visible(self, user: User) -> QuerySet[Chain]:
        return selectors.chains(user)

    def make(self, user: User, fields: dict[str, Any]) -> Chain:
        return services.save_chain(user=user, **fields)

    def change(self, user: User, row: Chain, fields: dict[str, Any]) -> None:
        if fields == {"active": False}:
            services.retire_chain(user=user, chain=row)  # also where who is named is gone
            return
        kept = {
            "name": row.name,
            "is_default": row.is_default,
            "active": row.active,
            "restart": row.restart,
            "steps": None,
        }
        services.save_chain(user=user, client=row.client, chain=row, **{**kept, **fields})

    @extend_schema(request=CopySerializer, responses={201: ChainSerializer})
    @action(detail=True, methods=["post"])
    def copy(self, request: Request, pk: int) -> Response:  # noqa: ARG002 - DRF's signature
        """The client's own chain with the same steps. People by name need a role there: `steps.0.users` says who has none."""
        made = services.copy_chain(user=person(request), chain=self.get_object(), **self.body(CopySerializer))
        return self.answer(made.pk, status.HTTP_201_CREATED)

    @extend_schema(request=TrialSerializer, responses={200: ForeseenSerializer(many=True)}, filters=False)
    @action(detail=False, methods=["post"], pagination_class=None)
    def foresee(self, request: Request) -> Response:
        """What these steps would ask of the client's latest things, if they were submitted now. Nothing is saved."""
        found = services.foresee(user=person(request), **self.body(TrialSerializer))
        return Response(ForeseenSerializer(found, many=True, context=self.get_serializer_context()).data)
