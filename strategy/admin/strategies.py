"""Strategies: the list, and the way to the pages of each."""

from collections.abc import Callable, Iterable
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from clients.admin.scoped import ClientFilter, ClientFirstAdmin, choice_filter
from clients.marks import state_mark
from clients.models import STAFF_ROLES
from strategy import selectors
from strategy.admin import document
from strategy.admin.desk import Desk, Page
from strategy.models import Strategy, StrategyKind, StrategyState

# What stands at an address of its own below a strategy: each room adds its pages.
PAGES: tuple[Page, ...] = ()


@admin.register(Strategy)
class StrategyAdmin(ClientFirstAdmin):
    """Strategies of the clients one is staff for."""

    list_display = ("titled", "of_client", "lasts", "state_shown", "owner")
    list_filter = (
        ClientFilter,
        choice_filter("state", StrategyState, gettext_lazy("state")),
        choice_filter("kind", StrategyKind, gettext_lazy("kind")),
    )
    search_fields = ("title",)
    ordering = ("-starts_on", "-id")
    writing_roles = STAFF_ROLES

    def visible(self, user: User) -> QuerySet[Strategy]:
        return self.of_mine(user, selectors.strategies(user))

    def may_add(self, user: User) -> bool:  # noqa: ARG002 - as above
        return False

    def own_urls(self) -> Iterable[tuple[str, Callable[..., HttpResponseBase], str]]:
        for page in PAGES:
            yield page.hung(self)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponseBase:
        """The document; for a new strategy what it begins from."""
        if object_id is None:
            return super().changeform_view(request, object_id, form_url, extra_context)
        return document.page(Desk(self, request, self.require(request, object_id), "change"))

    @admin.display(description=gettext_lazy("strategy"), ordering="title")
    def titled(self, strategy: Strategy) -> SafeString:
        """Its title, and below it what it is for."""
        return format_html('{}<br><span class="filo-soft">{}</span>', strategy.title, StrategyKind(strategy.kind).label)

    @admin.display(description=gettext_lazy("from, to"), ordering="starts_on")
    def lasts(self, strategy: Strategy) -> str:
        """Its dates."""
        days = [date_format(day, "SHORT_DATE_FORMAT") for day in (strategy.starts_on, strategy.ends_on) if day]
        return " – ".join(days) if strategy.ends_on else _("from %(day)s") % {"day": days[0]}

    @admin.display(description=gettext_lazy("state"), ordering="state")
    def state_shown(self, strategy: Strategy) -> SafeString:
        """Where the document stands, and which version is in force meanwhile."""
        mark = state_mark(strategy.state, StrategyState(strategy.state).label)
        if strategy.agreed_version is None or strategy.state == StrategyState.AGREED:
            return mark
        words = _("version %(number)d in force") % {"number": strategy.agreed_version.number}
        return format_html('{}<br><span class="filo-soft">{}</span>', mark, words)
