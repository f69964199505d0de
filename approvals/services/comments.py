"""What people say of a review: remarks, answers to them, and the words they would write instead."""

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.errors import Conflict
from accounts.models import User
from approvals import anchors, subjects
from approvals.models import Audience, Comment, Fate, Review
from approvals.readership import called, known_to, readers
from approvals.services.deciding import COMMENT_LENGTH
from audit.services import record
from clients.models import CONTACT_ROLES, STAFF_ROLES, Role
from clients.selectors import require
from notifications.services import tell

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


@transaction.atomic
def add_comment(  # noqa: PLR0913 - a comment is all of these
    *,
    review: Review,
    user: User,
    text: str,
    audience: str = "",
    parent: Comment | None = None,
    anchor: Mapping[str, Any] | None = None,
    suggestion: str | None = None,
) -> Comment:
    """Say something. What a client's own people say is read by all; staff choose (``internal`` stays in the agency).

    An answer (``parent``) goes to whom its thread goes, or to the agency alone. ``suggestion`` is what its author would
    write in place of the anchored passage; empty, they would leave it out. Who is called by ``@Name`` is told by mail.
    Raises ``ValidationError`` on ``text``, ``audience``, ``parent``, ``anchor`` or ``suggestion``.
    """
    role = require(user, review.client_id, set(Role))
    audience = _audience(role, audience, parent)
    _require_thread(review, role, parent, anchor, suggestion)
    text = clean_words(text, "text").strip()
    if suggestion is not None:
        suggestion = clean_words(suggestion, "suggestion")
    if not text and suggestion is None:
        raise _refused("text", _("Write something first."), "required")
    place = None if anchor is None else anchors.clean(anchor, subjects.type_of(review).passages(review))
    _check_suggestion(suggestion, place)
    mentioned = _mentioned(review, user, text, audience)
    # The one lock, first, here too: an edit that supersedes this review holds the evidence's lock already.
    subjects.type_of(review).lock(review.subject_id)
    comment = Comment.objects.create(
        review=review,
        client_id=review.client_id,
        author=user,
        parent=parent,
        text=text,
        audience=audience,
        mentions=sorted(person.pk for person in mentioned),
        anchor=place,
        suggestion=suggestion,
        fate="" if suggestion is None else Fate.OPEN,
    )
    Review.objects.filter(pk=review.pk).update(updated_at=timezone.now())
    _tell(comment, review)
    further = {"answers": parent.pk} if parent else {}
    record(
        client_id=review.client_id,
        actor=user,
        verb="review.commented",
        subject_type="review",
        subject_id=review.pk,
        digest=review.digest,
        comment=comment.pk,
        audience=str(audience),
        **further,
        **({} if suggestion is None else {"suggests": True}),
    )
    return comment


def clean_words(text: str, field: str) -> str:
    """With plain line ends. Raises ``ValidationError`` on ``field`` for what is too long or can't be kept."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if "\x00" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise _refused(field, _("There is a character in it that can't be kept. Type it again."), "character")
    if len(text) > COMMENT_LENGTH:
        raise _refused(field, _("Too long: at most %(limit)d characters."), "max_length", limit=COMMENT_LENGTH)
    return text


def _refused(field: str, text: "StrOrPromise", code: str, **params: object) -> ValidationError:
    return ValidationError({field: ValidationError(text, code=code, params=params)})


def _audience(role: Role, audience: str, parent: Comment | None) -> str:
    if role in CONTACT_ROLES:
        return Audience.CLIENT
    audience = audience or (parent.audience if parent else "")
    if audience not in Audience.values:
        raise _refused("audience", _("Who should read it?"), "invalid")
    if parent and parent.audience == Audience.INTERNAL and audience != Audience.INTERNAL:
        raise _refused("audience", _("This conversation stays in the agency, and so do its answers."), "internal")
    return audience


def _require_thread(review: Review, role: Role, parent: Comment | None, anchor: object, suggestion: str | None) -> None:
    if parent is None:
        return
    hidden = role in CONTACT_ROLES and parent.audience == Audience.INTERNAL
    if parent.review_id != review.pk or hidden:
        raise _refused("parent", _("There is no such comment here."), "does_not_exist")
    if parent.parent_id is not None:
        raise _refused("parent", _("Answer the first comment of the conversation."), "answer")
    if anchor is not None:
        raise _refused("anchor", _("An answer is about what its conversation is about."), "answer")
    if suggestion is not None:
        raise _refused(
            "suggestion", _("An answer suggests no words. Begin a conversation of its own for them."), "answer"
        )


def _check_suggestion(suggestion: str | None, anchor: Mapping[str, Any] | None) -> None:
    if suggestion is None:
        return
    if anchor is None or "quote" not in anchor:
        raise _refused("suggestion", _("Say in place of which words of the text."), "no_passage")
    if suggestion == anchor["quote"]:
        raise _refused("suggestion", _("This is what stands there already."), "unchanged")


def _mentioned(review: Review, user: User, text: str, audience: str) -> list[User]:
    if "@" not in text:
        return []
    found = called(text, known_to(user, review))
    may_read = set(
        readers(review, audience).filter(pk__in=[person.pk for person in found]).values_list("pk", flat=True)
    )
    for person in found:
        if person.pk not in may_read:
            said = _("%(name)s can't read this: write without the @, or choose other readers.")
            if audience == Audience.INTERNAL:
                said = _(
                    "%(name)s can't read this: it stays in the agency. Write without the @, or let the client read it."
                )
            raise _refused("text", said, "mention", name=person.name)
    return [person for person in found if person.pk != user.pk]


def _tell(comment: Comment, review: Review) -> None:
    """Each of these people gets one mail about it: who is called, who began the conversation, who wrote the version."""
    told: set[int] = {comment.author_id}
    may_read = set(readers(review, comment.audience).values_list("pk", flat=True))
    for kind, meant in (
        ("mentioned", set(comment.mentions)),
        ("answered", {comment.parent.author_id} if comment.parent else set()),
        ("commented", {review.author_id}),
    ):
        people = (meant & may_read) - told
        told |= people
        tell_of(comment, kind, people)


def tell_of(comment: Comment, kind: str, people: Collection[int]) -> None:
    """Let these people know, once for each comment and kind."""
    tell(users=people, client_id=comment.client_id, kind=kind, key=f"comment:{comment.pk}", comment=comment.pk)


@transaction.atomic
def resolve_comment(*, comment: Comment, user: User, word: str = "", audience: str = "") -> Comment:
    """This is dealt with; ``word`` is added as a last answer. Staff of the client may; its own people where they began it.

    Raises ``Conflict`` where it is dealt with already (``already_resolved``).
    """
    _require_own(comment, user)
    subjects.type_of(comment.review).lock(comment.review.subject_id)
    if word.strip():
        add_comment(review=comment.review, user=user, text=word, audience=audience, parent=comment)
    found = Comment.objects.filter(pk=comment.pk, resolved_at=None)
    if not found.update(resolved_at=timezone.now(), resolved_by=user):
        raise Conflict("already_resolved", _("This is dealt with already."))
    return _noted(comment, user, "review.comment_resolved")


@transaction.atomic
def reopen_comment(*, comment: Comment, user: User) -> Comment:
    """It is not dealt with after all. Raises ``Conflict`` where it is open (``not_resolved``)."""
    _require_own(comment, user)
    subjects.type_of(comment.review).lock(comment.review.subject_id)
    found = Comment.objects.filter(pk=comment.pk, resolved_at__isnull=False)
    if not found.update(resolved_at=None, resolved_by=None):
        raise Conflict("not_resolved", _("This is open already."))
    return _noted(comment, user, "review.comment_reopened")


def _require_own(comment: Comment, user: User) -> None:
    role = require(user, comment.client_id, set(Role))
    if role not in STAFF_ROLES and comment.author_id != user.pk:
        raise PermissionDenied(_("Whoever began this conversation, or the agency, says when it is dealt with."))
    if comment.parent_id is not None:
        raise _refused("comment", _("Only a whole conversation is dealt with, not one answer of it."), "answer")


def _noted(comment: Comment, user: User, verb: str) -> Comment:
    review = comment.review
    Review.objects.filter(pk=review.pk).update(updated_at=timezone.now())
    comment.refresh_from_db(fields=["resolved_at", "resolved_by"])
    record(
        client_id=comment.client_id,
        actor=user,
        verb=verb,
        subject_type="review",
        subject_id=review.pk,
        digest=review.digest,
        comment=comment.pk,
    )
    return comment
