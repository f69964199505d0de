"""What is said on the review page: comments, answers, suggested words, and what becomes of them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.errors import Conflict
from accounts.models import User
from accounts.staff_admin import person
from approvals import subjects
from approvals.models import Audience, Comment, Review
from approvals.readership import nameable
from approvals.remarks import PLACES, Remark, choices, remark_from
from approvals.services import add_comment, decline, reopen_comment, resolve_comment, take_over
from approvals.showing import Shown
from approvals.step_words import steps_told
from approvals.talk import Reader, newest_of, talk_of, thread_in


@dataclass
class Typed:
    """What somebody typed on the review page and must not lose, and what is wrong with it."""

    do: str = ""
    comment: str = ""
    text: str = ""
    audience: str = ""
    remark: Remark = field(default_factory=Remark)
    thread: str = ""
    words: str = ""
    comment_errors: list[str] = field(default_factory=list)
    text_errors: list[str] = field(default_factory=list)
    anchor_errors: list[str] = field(default_factory=list)
    suggestion_errors: list[str] = field(default_factory=list)
    thread_errors: list[str] = field(default_factory=list)
    notice: str = ""

    def take(self, error: ValidationError) -> None:
        """Put what a service said beside the field that it speaks of."""
        for name, errors in error.message_dict.items():
            beside = {"anchor": self.anchor_errors, "suggestion": self.suggestion_errors}.get(name, self.text_errors)
            beside.extend(errors)


def typed_in(request: HttpRequest) -> Typed:
    """What was sent; nothing on a GET."""
    if request.method != "POST":
        return Typed()
    sent = request.POST.dict()
    return Typed(
        do=sent.get("do", ""),
        comment=sent.get("comment", ""),
        text=sent.get("text", ""),
        audience=sent.get("audience", ""),
        remark=remark_from(sent),
        thread=sent.get("thread", ""),
        words=sent.get("words", ""),
    )


def reader_of(user: User, review: Review) -> Reader:
    """Staff, on their own clock."""
    return Reader(user, review, ZoneInfo(timezone.get_current_timezone_name()))


def talk_context(user: User, review: Review, shown: Shown) -> dict[str, Any]:
    """What was said, version by version, and what the forms offer; ``review`` comes from ``with_steps``."""
    reader = reader_of(user, review)
    talk = talk_of(reader, review, pictures=shown.pictures, reaches=shown.reaches)
    return {
        "talk": talk,
        "steps": steps_told(reader, review),
        "about_choices": choices(talk.passages),
        "places": PLACES,
        "nameable": list(nameable(user, review)),
        "agency": True,
        "audiences": Audience.choices,
    }


class Talking:
    """The verbs of the review page that concern what is said there. Each finds its comment among those of the same thing."""

    _page: Callable[..., HttpResponseBase]
    require: Callable[..., Any]

    def _comment(self, request: HttpRequest, review: Review, typed: Typed) -> HttpResponseBase:
        try:
            comment = add_comment(
                review=review,
                user=person(request),
                text=typed.text,
                audience=typed.audience,
                anchor=typed.remark.anchor(subjects.type_of(review).passages(review)),
                suggestion=typed.remark.instead(),
            )
        except ValidationError as error:
            typed.take(error)
            return self._page(request, review, typed)
        messages.success(request, _("Your comment stands below."))
        return _back(review, comment)

    def _in_thread(self, request: HttpRequest, review: Review, typed: Typed) -> HttpResponseBase:
        """Answer, settle or deal with a conversation, of this version or an earlier one."""
        comment = thread_in(reader_of(person(request), review), review, typed.thread)
        if comment is None:
            typed.notice = _("There is no such comment here.")
            return self._page(request, review, typed, status=404)
        try:
            done = _VERBS[typed.do](person(request), comment, typed)
        except ValidationError as error:
            typed.thread_errors = error.messages
            return self._page(request, review, typed)
        except Conflict as conflict:
            typed.notice = str(conflict.detail)
            typed.thread_errors = [typed.notice]
            return self._page(request, self.require(request, review.pk), typed, status=409)
        messages.success(request, done)
        if typed.do == "take_over_submit":
            return redirect("admin:approvals_review_page", newest_of(person(request), review).pk)
        return _back(review, comment)


def _back(review: Review, comment: Comment) -> HttpResponseBase:
    return redirect(reverse("admin:approvals_review_page", args=[review.pk]) + f"#comment-{comment.pk}")


def _answer(user: User, comment: Comment, typed: Typed) -> str:
    audience = typed.do.partition(":")[2]
    add_comment(review=comment.review, user=user, text=typed.words, audience=audience, parent=comment)
    return _("Your answer stands below.")


def _take_over(user: User, comment: Comment, typed: Typed) -> str:
    submit = typed.do == "take_over_submit"
    take_over(comment=comment, user=user, submit=submit)
    if submit:
        return _("Taken over, and asked again: this is the new version. %(who)s is told.") % {"who": comment.author}
    return _("Taken over: it is a draft with these words. %(who)s is told.") % {"who": comment.author}


def _decline(user: User, comment: Comment, typed: Typed) -> str:
    decline(comment=comment, user=user, word=typed.words)
    return _("Declined. %(who)s is told.") % {"who": comment.author}


def _resolve(user: User, comment: Comment, typed: Typed) -> str:  # noqa: ARG001 - as the others
    resolve_comment(comment=comment, user=user)
    return _("Dealt with.")


def _reopen(user: User, comment: Comment, typed: Typed) -> str:  # noqa: ARG001 - as the others
    reopen_comment(comment=comment, user=user)
    return _("Open again.")


_VERBS: dict[str, Callable[[User, Comment, Typed], str]] = {
    "answer:internal": _answer,
    "answer:client": _answer,
    "take_over": _take_over,
    "take_over_submit": _take_over,
    "decline": _decline,
    "resolve": _resolve,
    "reopen": _reopen,
}
IN_THREAD = frozenset(_VERBS)
