"""Approval chains: read by staff, written by managers."""

from collections.abc import Iterable
from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

from accounts.models import User
from approvals import selectors, services
from approvals.models import Chain, Rule, Step, SubjectKind
from approvals.services import StepPlan
from clients.models import Role
from clients.selectors import clients, is_staff, people
from rest.fields import Flag, Id, Moment, Part, Text, Things, Whole
from rest.filters import Filters, IdFilter
from rest.views import Changeable, Creatable

MOST_STEPS = 20
MOST_PEOPLE = 100
# Deadlines, escalation and four eyes come later: until then each has one value, which may be sent along.
LATER: dict[str, Any] = {"due_after_minutes": None, "on_deadline": "remind", "escalate_to": [], "four_eyes": False}


@extend_schema_field({"type": "array", "items": {"type": "string", "format": "email"}, "maxItems": MOST_PEOPLE})
class Emails(serializers.ListField):
    """People by e-mail."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(child=Text(max_length=254), max_length=MOST_PEOPLE, **kwargs)

    def to_representation(self, data: Any) -> list[str]:
        """A manager of people, or e-mails already."""
        return [person.email for person in data.all()] if hasattr(data, "all") else list(data)


class StepSerializer(Part):
    """One step: the people named, or everyone with the role for the client at hand."""

    name = Text(max_length=120, trim_whitespace=True)
    rule = serializers.ChoiceField(Rule.choices, default=Rule.ANY)
    needed = Whole(min_value=1, max_value=1000, default=1, help_text="Counts where the rule is `at_least`.")
    users = Emails(required=False)
    role = serializers.ChoiceField(Role.choices, required=False, allow_null=True)
    due_after_minutes = Whole(required=False, allow_null=True, help_text="Not available yet: null.")
    on_deadline = serializers.ChoiceField(
        [("remind", "remind"), ("escalate", "escalate"), ("tacit", "tacit")],
        required=False,
        help_text="Not available yet: `remind`.",
    )
    escalate_to = Emails(required=False, help_text="Not available yet: empty.")
    four_eyes = Flag(required=False, help_text="Not available yet: false.")

    def to_internal_value(self, data: Any) -> Any:
        """Raises ``ValidationError`` for what comes later."""
        value = super().to_internal_value(data)
        for name, only in LATER.items():
            if value.pop(name, only) != only:
                text = _("This is not available yet. Leave it out.")
                raise serializers.ValidationError({name: [ErrorDetail(text, "not_available")]})
        return value

    def to_representation(self, instance: Step) -> dict[str, Any]:
        """The step, with what comes later as it is for all."""
        return {
            "name": instance.name,
            "rule": instance.rule,
            "needed": instance.needed,
            "users": self.fields["users"].to_representation(instance.users),
            "role": instance.role or None,
            **LATER,
        }


class ChainSerializer(Things):
    """An approval chain of a client; without a client, the agency's own."""

    fixed = ("client", "subject")

    id = serializers.IntegerField(read_only=True)
    client = Id(clients, allow_null=True, help_text="null: the agency's own, for agency admins to write.")
    name = Text(max_length=120, trim_whitespace=True)
    subject = serializers.ChoiceField(SubjectKind.choices, required=False)
    steps = StepSerializer(many=True, max_length=MOST_STEPS)  # type: ignore[call-arg]  # a list's
    is_default = Flag(required=False, help_text="Used where no other chain is chosen.")
    active = Flag(required=False)
    updated_at = Moment(read_only=True)

    def validate_steps(self, steps: list[dict[str, Any]]) -> list[StepPlan]:
        """The steps with their people, found by one query."""
        if not is_staff(self.context["request"].user):
            return []  # whoever is no staff names nobody: the service says so, before it looks at steps
        named = {email.strip().lower() for step in steps for email in step.get("users", [])}
        found = {}
        if named:
            found = {user.email: user for user in people(self.context["request"].user).filter(email__in=named)}
        errors: list[Any] = [{} for _step in steps]
        for number, step in enumerate(steps):
            for email in step.get("users", []):
                if email.strip().lower() not in found:
                    text = _("There is nobody with the e-mail %(email)s here.") % {"email": email}
                    errors[number] = {"users": [ErrorDetail(text, "does_not_exist")]}
        if any(errors):
            raise serializers.ValidationError(errors)
        return [_plan(step, (found[email.strip().lower()] for email in step.get("users", []))) for step in steps]


def _plan(step: dict[str, Any], users: Iterable[User]) -> StepPlan:
    people_once = list(dict.fromkeys(users))
    return StepPlan(
        name=step["name"],
        rule=step["rule"],
        needed=step["needed"],
        role=step.get("role") or "",
        users=people_once,
    )


def _as_planned(chain: Chain) -> list[StepPlan]:
    return [
        StepPlan(name=step.name, rule=step.rule, needed=step.needed, role=step.role, users=list(step.users.all()))
        for step in chain.steps.all()
    ]


class ChainFilters(Filters):
    """Which chains."""

    client = IdFilter(clients)
    subject = django_filters.ChoiceFilter(choices=SubjectKind.choices)
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
        kept = {
            "name": row.name,
            "subject": row.subject,
            "is_default": row.is_default,
            "active": row.active,
            "steps": _as_planned(row),
        }
        services.save_chain(user=user, client=row.client, chain=row, **{**kept, **fields})
