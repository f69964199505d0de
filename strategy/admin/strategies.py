"""Strategies: the list, a new one, and the way to the pages of each."""

import uuid
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.errors import Conflict
from accounts.models import User
from accounts.once import once
from accounts.staff_admin import person, take_errors
from clients.admin.scoped import ClientFilter, ClientFirstAdmin, choice_filter
from clients.marks import band_of, state_mark
from clients.models import STAFF_ROLES, Client
from strategy import selectors
from strategy.admin import (
    above,
    agreement,
    as_template,
    beside,
    bringing,
    document,
    history,
    plan,
    report,
    sections,
    talking,
    versions,
    writing,
)
from strategy.admin.beginning import NewForm
from strategy.admin.desk import Desk, Page
from strategy.models import Strategy, StrategyKind, StrategyState

# What stands at an address of its own below a strategy: each room adds its pages.
PAGES: tuple[Page, ...] = (
    *document.PAGES,
    *sections.PAGES,
    *writing.PAGES,
    *beside.PAGES,
    *talking.PAGES,
    *history.PAGES,
    *plan.PAGES,
    *report.PAGES,
    *agreement.PAGES,
    *versions.PAGES,
    *as_template.PAGES,
    *bringing.PAGES,
)


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
        return selectors.staff_strategies(user)

    def own_urls(self) -> Iterable[tuple[str, Callable[..., HttpResponseBase], str]]:
        yield "import/", partial(bringing.new, self), "strategy_strategy_import_new"
        for page in (*PAGES, *above.PAGES):
            yield page.hung(self)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",  # noqa: ARG002 - Django's signature
        extra_context: dict[str, Any] | None = None,  # noqa: ARG002 - Django's signature
    ) -> HttpResponseBase:
        """The document; for a new one what it begins from, after the choice of its client."""
        if object_id is not None:
            return document.document_page(Desk(self, request, self.require(request, object_id), "change"))
        chosen, client = self.chosen(request)
        if client is None:
            return self.show_choice(request) if not chosen else redirect(self.address("add"))
        return self._new(request, client)

    def _new(self, request: HttpRequest, client: Client) -> HttpResponseBase:
        """Twice sent, it is begun once."""
        typed = {"data": request.POST} if request.method == "POST" else {}
        form = NewForm(user=person(request), client=client, **typed)
        if request.method == "POST" and form.is_valid():
            try:
                token = form.cleaned_data["token"] or uuid.uuid4().hex
                number, _first = once(request, token, lambda: form.save().pk)
            except (ValidationError, Conflict) as error:
                take_errors(form, error)
            else:
                messages.success(request, _("It is begun: a draft that only the agency knows of."))
                return redirect(self.address("change", number))
        context = {"form": form, "writable": True, "band": band_of(client)}
        return self.show(request, None, context, template="admin/strategy_new.html")

    @admin.display(description=gettext_lazy("strategy"), ordering="title")
    def titled(self, strategy: Strategy) -> SafeString:
        """Its title, and below it what it is for."""
        kind = StrategyKind(strategy.kind).label
        return format_html('{}<br><span class="filo-soft">{}</span>', strategy.title, kind)

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
