"""What every page of a strategy shares: it finds the strategy among one's own, and is drawn below the same head and tabs."""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from http import HTTPStatus
from typing import Any, TypeVar

from django.contrib import messages
from django.db.models import Model, QuerySet
from django.forms import BaseForm
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from accounts.models import User
from accounts.once import once
from accounts.staff_admin import Question, StaffAdmin, person, say
from strategy.admin.tabs import ABOVE, TABS
from strategy.models import Strategy, StrategyState

Row = TypeVar("Row", bound=Model)


class Desk:
    """One request to a page of one strategy. ``tab`` is the one below which the page stands."""

    def __init__(self, pages: StaffAdmin, request: HttpRequest, strategy: Strategy, tab: str) -> None:
        self.pages, self.request, self.strategy, self.tab = pages, request, strategy, tab

    @cached_property
    def user(self) -> User:
        """Who is asking."""
        return person(self.request)

    @cached_property
    def token(self) -> str:
        """By which a second click on a form of this page is known (see ``accounts.once``)."""
        return uuid.uuid4().hex

    @property
    def posted(self) -> bool:
        """Whether a form was sent."""
        return self.request.method == "POST"

    @property
    def writable(self) -> bool:
        """Whether anything can be written in it still."""
        return self.strategy.state != StrategyState.SUPERSEDED

    def address(self, page: str, *args: object) -> str:
        """The address of ``admin:strategy_strategy_PAGE`` of this strategy."""
        return reverse(f"admin:strategy_strategy_{page}", args=[self.strategy.pk, *args])

    def go(self, page: str, *args: object, anchor: str = "") -> HttpResponseBase:
        """There, with a new request."""
        return redirect(self.address(page, *args) + (f"#{anchor}" if anchor else ""))

    def find(self, found: QuerySet[Row], pk: int, **more: Any) -> Row:
        """The one with this number among what a selector gave, of this strategy. What is not there is 404."""
        row = found.filter(strategy=self.strategy, pk=pk, **more).first()
        if row is None:
            raise Http404
        return row

    def tell(self, *words: str) -> None:
        """What has happened."""
        for text in words:
            messages.success(self.request, text)

    def warn(self, *words: str) -> None:
        """What has not, and why."""
        for text in words:
            messages.warning(self.request, text)

    def say(self, act: Callable[[], object], done: str) -> bool:
        """Do it and say so; or say why it can't be done. Whether it was done."""
        return say(self.request, act, done)

    def once(self, kind: str, act: Callable[[], Model]) -> int:
        """The number of what ``act`` makes; the form that this page sent makes it once, however often it is sent."""
        token = self.request.POST.get("token", "")[:64]
        if not token:
            return int(act().pk)
        return once(self.request, f"{kind}:{token}", lambda: int(act().pk))[0]

    def ask(self, question: Question) -> HttpResponseBase:
        """Ask once more, naming the client; on yes do it."""
        return self.pages.ask(self.request, self.strategy, question)

    def show(
        self, template: str, context: Mapping[str, Any] | None = None, *, status: int = HTTPStatus.OK
    ) -> HttpResponseBase:
        """The page: ``template`` extends ``admin/strategy_page.html`` and fills its block ``strategy``.

        Where a form in ``context`` was refused, its status is 400, unless another one is given.
        """
        tabs = [(self.address(tab.page), tab.word, tab.page == self.tab) for tab in (*TABS, *ABOVE)]
        whole = {"desk": self, "strategy": self.strategy, "tabs": tabs, **(context or {})}
        if status == HTTPStatus.OK and any(isinstance(part, BaseForm) and part.errors for part in whole.values()):
            status = HTTPStatus.BAD_REQUEST
        return self.pages.show(self.request, self.strategy, whole, template=template, status=status)


@dataclass(frozen=True)
class Page:
    """A page of a strategy, at ``strategy/strategy/NUMBER/ROUTE`` and called ``admin:strategy_strategy_NAME``.

    ``view`` gets the desk, and by name what else stands in the route. ``tab`` is the one that it stands below, if it has
    none of its own; ``post``: it is only ever sent to.
    """

    route: str
    name: str
    view: Callable[..., HttpResponseBase]
    tab: str = ""
    post: bool = False

    def hung(self, pages: StaffAdmin) -> tuple[str, Callable[..., HttpResponseBase], str]:
        """Route, view and name, as ``StaffAdmin.own_urls`` wants them. Another client's strategy is 404."""

        def view(request: HttpRequest, strategy_id: int, **rest: Any) -> HttpResponseBase:
            return self.view(Desk(pages, request, pages.require(request, strategy_id), self.tab or self.name), **rest)

        return (
            f"<int:strategy_id>/{self.route}",
            require_POST(view) if self.post else view,
            f"strategy_strategy_{self.name}",
        )
