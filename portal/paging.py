"""Long lists in pages; several lists on one page turn by themselves."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from django.core.paginator import Paginator
from django.db.models import Model, QuerySet
from django.http import HttpRequest

Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True)
class Paged(Generic[Row]):
    """One page of a list: its rows, where it stands, and the addresses of its neighbours (empty where there is none)."""

    rows: Sequence[Row]
    total: int
    number: int
    pages: int
    before: str
    after: str


def paged(request: HttpRequest, rows: QuerySet[Row], name: str, size: int) -> Paged[Row]:
    """The page of ``rows`` that ``?name=`` asks for; a number that makes no sense gives the first or the last one."""
    page = Paginator(rows, size).get_page(request.GET.get(name))

    def address(number: int) -> str:
        query = request.GET.copy()
        query[name] = str(number)
        return f"?{query.urlencode()}#{name}"

    return Paged(
        rows=list(page.object_list),
        total=page.paginator.count,
        number=page.number,
        pages=page.paginator.num_pages,
        before=address(page.number - 1) if page.has_previous() else "",
        after=address(page.number + 1) if page.has_next() else "",
    )
