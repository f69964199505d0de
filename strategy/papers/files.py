"""The files that people take away."""

from collections.abc import Callable
from dataclasses import dataclass

from django.http import HttpResponse

from accounts.models import User
from strategy.models import Strategy
from strategy.papers.archive import archive
from strategy.papers.docx import docx
from strategy.papers.gathering import paper_of
from strategy.papers.paper import Paper
from strategy.papers.pdf import pdf

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@dataclass(frozen=True)
class Form:
    """One way of taking a strategy away."""

    content_type: str
    make: Callable[[Paper], bytes]


FORMS = {"pdf": Form("application/pdf", pdf), "docx": Form(WORD, docx), "zip": Form("application/zip", archive)}


def download(*, user: User, strategy: Strategy, form: str, number: int | None = None) -> HttpResponse:
    """The answer to a request for it: kept by nobody in between, shown by no browser as a page of ours.

    ``strategy`` from ``selectors.strategies``. Without a number it is the version in force; before there is one, that in
    review; before that, the draft. Raises ``DoesNotExist`` for a version that is not there for this person.
    """
    if number is None:
        version = strategy.agreed_version or strategy.version
        number = version.number if version else None
    paper = paper_of(user=user, strategy=strategy, number=number)
    answer = HttpResponse(FORMS[form].make(paper), content_type=FORMS[form].content_type)
    answer["Content-Disposition"] = f'attachment; filename="{paper.stem}.{form}"'
    answer["Cache-Control"] = "no-store, private"
    return answer
