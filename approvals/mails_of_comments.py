"""What people read of what was said: somebody calls them, answers them, speaks of their text, takes their words over.

Being called is a duty: somebody waits for that very person. All else is news. Whoever may no longer read the comment when the
mail is written gets none.
"""

from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from approvals import subjects
from approvals.mails import absolute, letter_about, staff_button
from approvals.models import Comment, Fate, Review, Seat, StepState
from approvals.readership import readers
from approvals.services.links import issue_link
from clients.selectors import reading_language
from notifications import letters
from notifications.letters import Letter
from notifications.models import Notification


def register() -> None:
    """Say which writer writes which kind of mail."""
    letters.register("mentioned", _mentioned, gettext_lazy("Somebody calls you in a comment"))
    letters.register("answered", _answered, gettext_lazy("Answers to what you said"), duty=False)
    letters.register("commented", _commented, gettext_lazy("Comments on what you wrote"), duty=False, staff=True)
    letters.register("suggestion_settled", _settled, gettext_lazy("What became of words you suggested"), duty=False)


def _comment(notification: Notification) -> Comment | None:
    """The comment, if its reader may still read it."""
    found = Comment.objects.select_related("author", "parent__author", "settled_by", "review__client")
    comment = found.get(pk=notification.context["comment"])
    may_read = readers(comment.review, comment.audience).filter(pk=notification.user_id).exists()
    return comment if may_read else None


def _mentioned(notification: Notification) -> Letter | None:
    comment = _comment(notification)
    if comment is None:
        return None
    with translation.override(reading_language(notification.user, comment.review.client)):
        said = _("%(who)s calls you in a comment on version %(number)d.")
        return _letter(notification.user, comment, _("You are called"), said)


def _commented(notification: Notification) -> Letter | None:
    comment = _comment(notification)
    if comment is None:
        return None
    with translation.override(reading_language(notification.user, comment.review.client)):
        if comment.suggestion is not None:
            said = _("%(who)s suggests other words for version %(number)d.")
            return _letter(notification.user, comment, _("Words suggested"), said)
        said = _("%(who)s has said something of version %(number)d.")
        return _letter(notification.user, comment, _("Comment"), said)


def _answered(notification: Notification) -> Letter | None:
    comment = _comment(notification)
    if comment is None:
        return None
    root = comment.parent or comment
    with translation.override(reading_language(notification.user, comment.review.client)):
        if root.fate == Fate.DECLINED and root.settled_by_id == comment.author_id:
            said = _("%(who)s has declined the words you suggested for version %(number)d.")
            return _letter(notification.user, comment, _("Words declined"), said)
        said = _("%(who)s has answered you, on version %(number)d.")
        return _letter(notification.user, comment, _("Answer"), said)


def _settled(notification: Notification) -> Letter | None:
    comment = _comment(notification)
    if comment is None or comment.settled_by is None:
        return None
    with translation.override(reading_language(notification.user, comment.review.client)):
        said, subject = _("%(who)s has declined the words you suggested for version %(number)d."), _("Words declined")
        if comment.fate == Fate.TAKEN:
            said = _("%(who)s has taken over the words you suggested for version %(number)d. They are in the text now.")
            subject = _("Words taken over")
        return _letter(notification.user, comment, subject, said, who=comment.settled_by.name)


def _letter(reader: User, comment: Comment, subject: str, said: str, who: str = "") -> Letter:
    review = comment.review
    words = {"who": who or comment.author.name, "number": review.version}
    button, footer = _way_in(reader, review)
    return letter_about(reader, review, subject, [said % words], _quotes(comment), button, footer)


def _quotes(comment: Comment) -> list[tuple[str, str]]:
    """The conversation as far as it matters here: what it is about, what was said first, what is said now."""
    root = comment.parent or comment
    quotes = []
    if root.anchor and "quote" in root.anchor:
        quotes.append((_("About these words"), root.anchor["quote"]))
    if root.suggestion is not None:
        instead = root.suggestion or _("(leave them out)")
        quotes.append((_("%(who)s would write") % {"who": root.author.name}, instead))
    quotes += [(said.author.name, said.text) for said in dict.fromkeys([root, comment]) if said.text]
    return quotes


def _way_in(reader: User, review: Review) -> tuple[tuple[str, str], str]:
    """For staff the review's page; for a client's own people a link of their own seat, else the page behind the sign-in."""
    desk = staff_button(reader, review)
    if desk is not None:
        return desk, ""
    seats = Seat.objects.filter(step__review=review, user=reader, ended_at=None).exclude(step__state=StepState.WAITING)
    seat = seats.order_by("pk").last()
    if seat is None:
        return (_("Look at it"), absolute(reverse("portal:signed_review", args=[review.pk]))), ""
    footer = str(subjects.type_of(review).wording.link)
    return (_("Look at it"), absolute(reverse("portal:review", args=[issue_link(seat=seat)]))), footer
