"""How the list of posts is filtered: each filter offers what the person may see."""

from datetime import timedelta
from typing import Any

from django.contrib.admin import ModelAdmin, SimpleListFilter
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.staff_admin import person
from clients.admin.scoped import ClientFilter, ids
from clients.models import STAFF_ROLES
from clients.selectors import within
from social import selectors
from social.models import Label, Post
from strategy.models import Pillar
from strategy.selectors import pillars, served_objectives, served_occasions


class ChannelFilter(SimpleListFilter):
    """Only channels of one's own clients stand in it."""

    title = gettext_lazy("channel")
    parameter_name = "channel"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin[Any]) -> list[tuple[str, str]]:  # noqa: ARG002
        """The channels, each with its client."""
        found = selectors.planned_channels(person(request))
        return [(str(channel.pk), f"{channel.client.name}: {channel.name}") for channel in found]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Post]) -> QuerySet[Post]:  # noqa: ARG002
        """Posts for the chosen one."""
        value = self.value()
        if not value:
            return queryset
        return queryset.filter(variants__channel__in=ids([value]) if value in dict(self.lookup_choices) else [])


class NamedFilter(SimpleListFilter):
    """A label or a pillar, of one's own clients; of the chosen client, if one is chosen."""

    column = ""

    def named(self, user: User) -> QuerySet[Any]:
        """What can be chosen."""
        raise NotImplementedError

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin[Any]) -> list[tuple[str, str]]:  # noqa: ARG002
        """The names, each with its client where there may be several."""
        found = self.named(person(request))
        client = request.GET.get(str(ClientFilter.parameter_name), "")
        if client:
            return [(str(row.pk), row.name) for row in found.filter(client__in=ids([client])).order_by("name")]
        return [(str(row.pk), f"{row.client.name}: {row.name}") for row in found.order_by("client__name", "name")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Post]) -> QuerySet[Post]:  # noqa: ARG002
        """Posts with the chosen one."""
        value = self.value()
        if not value:
            return queryset
        found = ids([value]) if value in dict(self.lookup_choices) else []
        return queryset.filter(**{f"{self.column}__in": found})


class LabelFilter(NamedFilter):
    """By label."""

    title = gettext_lazy("label")
    parameter_name = "label"
    column = "label_rows__label"

    def named(self, user: User) -> QuerySet[Label]:
        return selectors.labels(user)


class PillarFilter(NamedFilter):
    """By pillar."""

    title = gettext_lazy("pillar")
    parameter_name = "pillar"
    column = "pillar"

    def named(self, user: User) -> QuerySet[Pillar]:
        return pillars(user)


class AimFilter(NamedFilter):
    """By what stands in a strategy, also by what was taken out since."""

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin[Any]) -> list[tuple[str, str]]:  # noqa: ARG002
        """The names, each with its strategy."""
        found = self.named(person(request)).select_related("strategy", "client")
        client = request.GET.get(str(ClientFilter.parameter_name), "")
        if client:
            found = found.filter(client__in=ids([client]))
        rows = found.order_by("client__name", "strategy__title", "name", "pk")
        return [(str(row.pk), f"{row.named} · {row.strategy.title}") for row in rows]


class ObjectiveFilter(AimFilter):
    """By objective."""

    title = gettext_lazy("objective")
    parameter_name = "objective"
    column = "objective"

    def named(self, user: User) -> QuerySet[Any]:
        return served_objectives(user).filter(within(user, "client", STAFF_ROLES))


class OccasionFilter(AimFilter):
    """By occasion."""

    title = gettext_lazy("occasion")
    parameter_name = "occasion"
    column = "occasion"

    def named(self, user: User) -> QuerySet[Any]:
        return served_occasions(user).filter(within(user, "client", STAFF_ROLES))


class TimeFilter(SimpleListFilter):
    """When a post goes out."""

    title = gettext_lazy("time")
    parameter_name = "time"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin[Any]) -> list[tuple[str, Any]]:  # noqa: ARG002
        """Next week, to come, past, none."""
        return [
            ("week", gettext_lazy("Within seven days")),
            ("future", gettext_lazy("To come")),
            ("past", gettext_lazy("Past")),
            ("none", gettext_lazy("Without a time")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Post]) -> QuerySet[Post]:  # noqa: ARG002
        """Those within the chosen span."""
        now = timezone.now()
        spans: dict[str, dict[str, Any]] = {
            "week": {"publish_at__range": (now, now + timedelta(days=7))},
            "future": {"publish_at__gt": now},
            "past": {"publish_at__lte": now},
            "none": {"publish_at": None},
        }
        value = self.value()
        return queryset.filter(**spans[value]) if value in spans else queryset
