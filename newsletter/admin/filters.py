"""What readers and imports are narrowed by."""

from typing import Any

from django.contrib.admin import ModelAdmin, SimpleListFilter
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.staff_admin import person
from newsletter import selectors


class ListFilter(SimpleListFilter):
    """Only the lists that one keeps stand in it."""

    title = _("newsletter")
    parameter_name = "list"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin[Any]) -> list[tuple[str, str]]:  # noqa: ARG002
        """Those lists."""
        return [(str(found.pk), found.channel.name) for found in selectors.kept_lists(person(request))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:  # noqa: ARG002
        """What belongs to the chosen one."""
        value = self.value()
        if not value:
            return queryset
        return queryset.filter(mailing_list_id=int(value)) if value in dict(self.lookup_choices) else queryset.none()
