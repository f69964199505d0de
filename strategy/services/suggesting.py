"""Words that somebody would write instead: suggested on a passage of a section, taken over or declined, each once."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.errors import Conflict
from accounts.models import User
from approvals.models import Audience
from clients.models import CONTACT_ROLES, Role
from strategy.models import Section, Strategy, Suggestion, SuggestionKind, SuggestionState
from strategy.models.talk import WORDS_LENGTH
from strategy.moving import changed_pieces, moved
from strategy.selectors.strategies import suggestions
from strategy.services.changing import (
    lock_for_writing,
    lock_strategy,
    may_write,
    note,
    require_known,
    require_writable,
)
from strategy.services.saving import require_living, write_revision
from strategy.services.telling import tell_of_fate, tell_of_suggestion
from strategy.services.texts import clean_texts, texts_of
from strategy.text import clean_text, refused

COMMENT_LENGTH = 2000
REASON_LENGTH = 1000
OUTDATED = _("The text has changed at that place since. Read it again: what was suggested is still shown beside it.")


@transaction.atomic
def suggest(  # noqa: PLR0913 - a suggestion is all of these
    *,
    user: User,
    section: Section,
    revision: int,
    kind: str,
    start: int,
    quote: str = "",
    words: str = "",
    comment: str = "",
    audience: str = Audience.CLIENT,
) -> Suggestion:
    """Suggest ``words`` for the passage that ``quote`` is, from character ``start`` of the text of that ``revision``.

    ``replace`` has both, ``insert`` words alone, ``delete`` a quote alone. Whoever may read the strategy may; what the client's
    people suggest is read by all, staff choose (``internal`` stays in the agency).
    Raises ``ValidationError`` by field, ``Conflict`` (``outdated``) where the passage has changed since.
    """
    strategy = lock_strategy(section.strategy_id)
    role = require_known(user, strategy, set(Role))
    require_writable(strategy)
    section = Section.objects.get(pk=section.pk)
    require_living(section)
    words = clean_text(words, "words", WORDS_LENGTH)
    _require_shape(kind, quote, words)
    place = place_of(section, revision, start, quote)
    if place is None:
        raise Conflict("outdated", OUTDATED, field="revision")
    _require_text(strategy, user, section, _with(section.body, place, quote, words))
    found = Suggestion.objects.create(
        section=section,
        client_id=section.client_id,
        author=user,
        audience=clean_audience(role, audience),
        revision=revision,
        kind=kind,
        start=start,
        quote=quote,
        words=words,
        comment=clean_text(comment, "comment", COMMENT_LENGTH).strip(),
        place=place,
    )
    tell_of_suggestion(strategy, found)
    note(strategy, user, "suggested", section=section.pk, suggestion=found.pk, audience=str(found.audience))
    return found


@transaction.atomic
def accept_suggestion(*, user: User, suggestion: Suggestion) -> Suggestion:
    """The words stand in the section from now on, credited to both. Whoever may write in it may.

    Raises ``Conflict`` where somebody was first (``already_settled``), or the passage has changed (``outdated``).
    """
    strategy = lock_for_writing(user, suggestion.section.strategy_id)
    suggestion = _open(user, suggestion)
    section = Section.objects.get(pk=suggestion.section_id)
    require_living(section)
    end = suggestion.place + len(suggestion.quote)
    if suggestion.state == SuggestionState.OUTDATED or section.body[suggestion.place : end] != suggestion.quote:
        raise Conflict("outdated", OUTDATED)
    body = _with(section.body, suggestion.place, suggestion.quote, suggestion.words)
    revision = write_revision(
        strategy,
        section,
        user,
        clean_texts(strategy, {"body": body}, texts_of(section)),
        credit=suggestion.author_id,
        internal=suggestion.audience == Audience.INTERNAL,
        taken=suggestion.pk,
    )
    _settle(suggestion, user, SuggestionState.ACCEPTED, became=revision.number)
    tell_of_fate(strategy, suggestion)
    note(strategy, user, "suggestion_accepted", suggestion=suggestion.pk, revision=revision.number)
    return suggestion


@transaction.atomic
def decline_suggestion(*, user: User, suggestion: Suggestion, reason: str = "") -> Suggestion:
    """The text stays as it is. Whoever may write in it may, and who suggested it.

    Raises ``Conflict`` where somebody was first (``already_settled``).
    """
    strategy = lock_strategy(suggestion.section.strategy_id)
    role = require_known(user, strategy, set(Role))
    if not may_write(role, strategy) and suggestion.author_id != user.pk:
        strategy = lock_for_writing(user, strategy.pk)
    suggestion = _open(user, suggestion)
    said = clean_text(reason, "reason", REASON_LENGTH).strip()
    _settle(suggestion, user, SuggestionState.DECLINED, reason=said)
    tell_of_fate(strategy, suggestion)
    note(strategy, user, "suggestion_declined", suggestion=suggestion.pk)
    return suggestion


def place_of(section: Section, revision: int, start: int, quote: str) -> int | None:
    """Where the passage of that revision stands in the section now; None where it has changed.

    Raises ``ValidationError`` on ``revision`` for one that there is not, on ``quote`` where the passage is none of its text.
    """
    text = section.body
    if revision != section.revision:
        row = section.revisions.filter(number=revision, beside=False).only("body").first()
        if row is None:
            missing = _("There is no revision %(number)d of this section.")
            raise refused("revision", missing, "does_not_exist", number=revision)
        text = row.body
    if start > len(text) or text[start : start + len(quote)] != quote:
        raise refused("quote", _("These words do not stand at that place of the text."), "no_passage")
    return moved(changed_pieces(text, section.body), start, start + len(quote))


def clean_audience(role: Role, audience: str) -> Audience:
    """Who reads it: of the client's people it is all. Raises ``ValidationError`` on ``audience``."""
    if role in CONTACT_ROLES:
        return Audience.CLIENT
    if audience not in Audience.values:
        raise refused("audience", _("Who should read it?"), "invalid")
    return Audience(audience)


def _require_shape(kind: str, quote: str, words: str) -> None:
    if kind not in SuggestionKind.values:
        raise refused("kind", _("A suggestion replaces, inserts or deletes."), "invalid_choice")
    if kind == SuggestionKind.INSERT and quote:
        raise refused("quote", _("Where words are put in, none are quoted."), "not_empty")
    if kind != SuggestionKind.INSERT and not quote:
        raise refused("quote", _("Say in place of which words of the text."), "required")
    if len(quote) > WORDS_LENGTH:
        raise refused("quote", _("Too long: at most %(limit)d characters."), "max_length", limit=WORDS_LENGTH)
    if kind == SuggestionKind.DELETE and words:
        raise refused("words", _("Where words are left out, there are none in their place."), "not_empty")
    if kind != SuggestionKind.DELETE and not words:
        raise refused("words", _("Write the words that should stand there."), "required")
    if words == quote:
        raise refused("words", _("This is what stands there already."), "unchanged")


def _with(body: str, place: int, quote: str, words: str) -> str:
    return body[:place] + words + body[place + len(quote) :]


def _require_text(strategy: Strategy, user: User, section: Section, body: str) -> None:
    """What could never be taken over is said to whoever suggests it, at their words."""
    try:
        clean_texts(strategy, {"body": body}, texts_of(section), user)
    except ValidationError as error:
        raise ValidationError({"words": error.error_dict["body"]}) from error


def _open(user: User, suggestion: Suggestion) -> Suggestion:
    """The suggestion as it stands under the strategy's lock, for who may hear of it. Raises ``Conflict`` for one that is settled."""
    found = suggestions(user).get(pk=suggestion.pk)
    if found.state == SuggestionState.ACCEPTED:
        raise Conflict("already_settled", _("Somebody has taken these words over already."))
    if found.state == SuggestionState.DECLINED:
        raise Conflict("already_settled", _("Somebody has declined these words already."))
    return found


def _settle(suggestion: Suggestion, user: User, state: SuggestionState, **fields: object) -> None:
    now = timezone.now()
    values: dict[str, object] = {"state": state, "settled_by": user, "settled_at": now, "updated_at": now, **fields}
    for name, value in values.items():
        setattr(suggestion, name, value)
    suggestion.save(update_fields=list(values))
