"""What people say on a review's page in the portal: comments, answers, suggested words, and what is dealt with."""

from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext as _

from accounts.models import User
from approvals import subjects
from approvals.models import Audience, Comment, Review
from approvals.remarks import Remark, remark_from
from approvals.services import add_comment, reopen_comment, resolve_comment
from approvals.talk import Reader, thread_in

COMMENT = "comment"
ANSWER, ANSWER_INSIDE, RESOLVE, REOPEN = "answer:client", "answer:internal", "resolve", "reopen"
IN_THREAD = frozenset({ANSWER, ANSWER_INSIDE, RESOLVE, REOPEN})


@dataclass
class Typed:
    """What was typed beside the main words and must not be lost, and what is wrong with it."""

    do: str = ""
    thread: str = ""
    words: str = ""  # of an answer
    remark: Remark = field(default_factory=Remark)
    words_errors: list[str] = field(default_factory=list)
    anchor_errors: list[str] = field(default_factory=list)
    suggestion_errors: list[str] = field(default_factory=list)
    thread_errors: list[str] = field(default_factory=list)

    @property
    def in_thread(self) -> bool:
        """Whether it was sent from within a conversation."""
        return self.do in IN_THREAD

    def take(self, error: ValidationError) -> None:
        """Put what a service said beside what it speaks of."""
        if self.in_thread:
            self.thread_errors = error.messages
            return
        for name, errors in error.message_dict.items():
            beside = {"anchor": self.anchor_errors, "suggestion": self.suggestion_errors}.get(name, self.words_errors)
            beside.extend(errors)


def typed_in(request: HttpRequest) -> Typed:
    """What was sent; nothing on a GET."""
    if request.method != "POST":
        return Typed()
    typed = Typed(do=request.POST.get("do", ""), remark=remark_from(request.POST.dict()))
    if typed.in_thread:
        typed.thread, typed.words = request.POST.get("thread", ""), request.POST.get("words", "")
    return typed


def comment_on(review: Review, user: User, words: str, remark: Remark) -> Comment:
    """Say it to everybody who is asked, of the place that was chosen."""
    return add_comment(
        review=review,
        user=user,
        text=words,
        audience=Audience.CLIENT,
        anchor=remark.anchor(subjects.type_of(review).passages(review)) if remark.given else None,
        suggestion=remark.instead(),
    )


def speak_in_thread(reader: Reader, review: Review, typed: Typed, words: str) -> Comment:
    """Answer, or say that it is dealt with or not. Raises ``ValidationError`` for a conversation that is not there."""
    comment = thread_in(reader, review, typed.thread)
    if comment is None:
        raise ValidationError({"thread": ValidationError(_("There is no such comment here."), code="does_not_exist")})
    if typed.do == RESOLVE:
        return resolve_comment(comment=comment, user=reader.user)
    if typed.do == REOPEN:
        return reopen_comment(comment=comment, user=reader.user)
    audience = Audience.INTERNAL if typed.do == ANSWER_INSIDE and reader.staff else comment.audience
    add_comment(review=comment.review, user=reader.user, text=words, audience=audience, parent=comment)
    return comment
