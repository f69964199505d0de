"""In which catalogue a person is addressed where no client is at hand: on the pages of their account, in mails about it."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.http import HttpRequest, HttpResponseBase
from django.template.response import SimpleTemplateResponse
from django.utils import translation

from accounts.models import User

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]
Chooser = Callable[[User], str]
_chooser: list[Chooser] = []


def register(chooser: Chooser) -> None:
    """``chooser`` knows more than the person's own language: whether a client's people are addressed formally."""
    _chooser[:] = [chooser]


def language_of(user: User) -> str:
    """The language to address this person in."""
    return _chooser[0](user) if _chooser else user.language


def addressed(view: View[P]) -> View[P]:
    """The same view, rendered in the language that its signed-in reader is addressed in."""

    @wraps(view)
    def inner(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not isinstance(request.user, User):
            return view(request, *args, **kwargs)
        language = language_of(request.user)
        with translation.override(language):
            request.LANGUAGE_CODE = language
            answer = view(request, *args, **kwargs)
            return answer.render() if isinstance(answer, SimpleTemplateResponse) else answer

    return inner
