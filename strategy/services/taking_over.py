"""Words that somebody suggested while a version was under review come into the strategy, credited to both."""

from django.utils.translation import gettext_lazy as _

from accounts.errors import Conflict
from accounts.models import User
from approvals.models import Audience, Comment
from strategy.models import Section
from strategy.moving import changed_pieces, moved
from strategy.services.changing import lock_for_staff
from strategy.services.exhibiting import version_under
from strategy.services.reviewing import submit_strategy
from strategy.services.saving import write_revision
from strategy.services.texts import clean_texts, texts_of

CHANGED = _(
    "The text no longer reads like this at that place, so nothing was changed. "
    "Open the section and put the words in by hand, or decline them."
)


def put_words(*, user: User, comment: Comment, submit: bool) -> None:
    """Write the suggestion in place of its passage. The caller holds the transaction.

    Raises ``Conflict`` (``passage_changed``) where the passage is not there any more as it was quoted, and whatever saving,
    or submitting, raises.
    """
    strategy = lock_for_staff(user, comment.review.subject_id)
    anchor = comment.anchor or {}
    content = version_under(comment.review).content
    was = next((row["body"] for row in content["sections"] if str(row["id"]) == anchor.get("part")), None)
    section = strategy.sections.filter(pk=anchor.get("part", 0), removed_at=None).first()
    if was is None or section is None or "quote" not in anchor:
        raise Conflict("passage_changed", CHANGED)
    body = with_words(section, was, anchor["start"], anchor["quote"], comment.suggestion or "")
    texts = clean_texts(strategy, {"body": body}, texts_of(section))
    write_revision(
        strategy, section, user, texts, credit=comment.author_id, internal=comment.audience == Audience.INTERNAL
    )
    if submit:
        submit_strategy(user=user, strategy=strategy)


def with_words(section: Section, was: str, start: int, quote: str, words: str) -> str:
    """The section's text with these words in place of the quote, which stood there when the text ``was`` this one."""
    place = moved(changed_pieces(was, section.body), start, start + len(quote))
    if place is None or section.body[place : place + len(quote)] != quote:
        raise Conflict("passage_changed", CHANGED)
    return section.body[:place] + words + section.body[place + len(quote) :]
