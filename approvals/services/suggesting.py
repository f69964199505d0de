"""Suggested words are taken over into the text, or declined. One lock first: that of the thing itself."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.errors import Conflict
from accounts.models import User
from approvals import subjects
from approvals.models import Comment, Fate, Review
from approvals.readership import readers
from approvals.services.comments import add_comment, tell_of
from audit.services import record
from clients.models import STAFF_ROLES
from clients.selectors import require


@transaction.atomic
def take_over(*, comment: Comment, user: User, submit: bool = False) -> Comment:
    """The suggested words stand in place of the passage from now on, credited to both; ``submit`` asks for approval at once.

    Staff of the client may. Raises ``Conflict`` where somebody was first (``already_settled``), where the passage no longer
    reads as it was quoted (``passage_changed``), or where nothing can be changed any more; whatever ``submit`` refuses
    leaves everything as it was.
    """
    require(user, comment.client_id, STAFF_ROLES)
    comment = _locked(comment)
    _settle(comment, user, Fate.TAKEN)  # before the version is made: what was taken over until then is in it
    _tell(comment, user)
    subjects.type_of(comment.review).take_over(user=user, comment=comment, submit=submit)
    _record(comment, user, "review.comment_taken_over")
    return comment


@transaction.atomic
def decline(*, comment: Comment, user: User, word: str = "") -> Comment:
    """The text stays as it is; ``word`` says why, to whoever reads the suggestion.

    Staff of the client may. Raises ``Conflict`` where somebody was first (``already_settled``).
    """
    require(user, comment.client_id, STAFF_ROLES)
    comment = _locked(comment)
    _settle(comment, user, Fate.DECLINED)
    if word.strip():  # it reaches whoever suggested the words by the mail about an answer
        add_comment(review=comment.review, user=user, text=word, audience=comment.audience, parent=comment)
    else:
        _tell(comment, user)
    _record(comment, user, "review.comment_declined")
    return comment


def _locked(comment: Comment) -> Comment:
    """The comment as it stands under the lock. Raises ``Conflict`` for one that waits for nothing."""
    subjects.type_of(comment.review).lock(comment.review.subject_id)
    comment = Comment.objects.select_related("review__client", "author").get(pk=comment.pk)
    if comment.suggestion is None:
        raise Conflict("no_suggestion", _("This comment suggests no words."))
    if comment.fate != Fate.OPEN:
        said = _("Somebody has taken these words over already.")
        if comment.fate == Fate.DECLINED:
            said = _("Somebody has declined these words already.")
        raise Conflict("already_settled", said)
    return comment


def _settle(comment: Comment, user: User, fate: Fate) -> None:
    now = timezone.now()
    comment.fate, comment.settled_by, comment.settled_at = fate, user, now
    comment.resolved_by, comment.resolved_at = user, now
    columns = ["fate", "settled_by", "settled_at", "resolved_by", "resolved_at"]
    comment.save(update_fields=columns)
    Review.objects.filter(pk=comment.review_id).update(updated_at=now)


def _tell(comment: Comment, user: User) -> None:
    """Whoever suggested the words learns what became of them, if they may still read of it."""
    if comment.author_id != user.pk:
        told = readers(comment.review, comment.audience).filter(pk=comment.author_id)
        tell_of(comment, "suggestion_settled", list(told.values_list("pk", flat=True)))


def _record(comment: Comment, user: User, verb: str) -> None:
    record(
        client_id=comment.client_id,
        actor=user,
        verb=verb,
        subject_type="review",
        subject_id=comment.review_id,
        digest=comment.review.digest,
        comment=comment.pk,
        by=comment.author_id,
        part=comment.anchor["part"] if comment.anchor else "",
    )
