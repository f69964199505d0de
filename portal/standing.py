"""Where a review stands for somebody of whom nothing is asked (any more): what happened, and what comes now."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from accounts.models import User
from approvals import selectors, subjects
from approvals.models import Decision, Review, ReviewState, ReviewStep, Seat, StepState, Verdict
from approvals.overtaken import overtaken
from approvals.step_words import why_not_asked
from clients.moments import spoken
from portal.asked_strategy import is_strategy
from portal.newer import Newer


@dataclass(frozen=True, kw_only=True)
class Standing:
    """``tone`` is one of good, waiting, wrong, stopped; the sign never stands without the words."""

    tone: str
    icon: str
    title: str
    lines: tuple[str, ...]


def standing_of(reader: User, review: Review, steps: Sequence[ReviewStep], newer: Newer | None = None) -> Standing:
    """In the active language; ``steps`` with their seats and decisions, ``newer`` what has taken its place for this person."""
    seats = [seat for step in steps for seat in step.seats.all() if seat.ended_at is None]
    mine = _decision([seat for seat in seats if seat.user_id == reader.pk])
    followed = tuple(_followed(review, newer)) if newer else ()
    if review.state == ReviewState.SUPERSEDED:
        return _before(_superseded(review, mine, followed), newer)
    if review.state == ReviewState.WITHDRAWN:
        return _before(_withdrawn(review, followed), newer)
    if review.state == ReviewState.CHANGES_REQUESTED:
        return _before(_changes_requested(reader, review, seats, followed), newer)
    if review.state == ReviewState.APPROVED:
        lines = (*_mine(review, mine), _("Every step has approved version %(number)d.") % {"number": review.version})
        if is_strategy(review):
            lines = (
                *lines,
                _("It is what was agreed, until the next version is. You can read it here whenever you like."),
            )
        return Standing(tone="good", icon="✓", title=_("Approved"), lines=lines)
    return _open(reader, review, steps, mine)


def _followed(review: Review, newer: Newer) -> Iterator[str]:
    """What has come after a review that is over."""
    number = newer.review.version
    if number == review.version:
        yield _("Version %(number)d was submitted again.") % {"number": number}
    else:
        said = _("Version %(new)d has taken the place of version %(old)d.")
        yield said % {"new": number, "old": review.version}
    if not newer.waits:
        yield _("Nothing is asked of you here.")


def _before(standing: Standing, newer: Newer | None) -> Standing:
    """The same; where something later waits for the reader, that comes first."""
    if newer is None or not newer.waits:
        return standing
    title = _("Version %(number)d waits for you") % {"number": newer.review.version}
    return replace(standing, tone="waiting", icon="↻", title=title)


def _decision(seats: Sequence[Seat]) -> Decision | None:
    return next((seat.decision for seat in reversed(seats) if hasattr(seat, "decision")), None)


def _mine(review: Review, mine: Decision | None) -> Iterator[str]:
    if mine is None:
        return
    when = spoken(mine.at, review.client.zone)
    if mine.verdict == Verdict.APPROVE:
        yield _("You approved it on %(when)s.") % {"when": when}
    else:
        yield _("You asked for changes on %(when)s.") % {"when": when}


def _open(reader: User, review: Review, steps: Sequence[ReviewStep], mine: Decision | None) -> Standing:
    active = next(step for step in steps if step.state == StepState.ACTIVE)
    waits = tuple(_waits(reader, review, active))
    if mine is not None:
        lines = (*_mine(review, mine), *waits)
        return Standing(tone="good", icon="✓", title=_("You have approved it"), lines=lines)
    over = [step for step in steps if step.state == StepState.PASSED and _sits(reader, step)]
    if over:
        by = _decision([seat for seat in over[-1].seats.all() if seat.ended_at is None])
        lines = (_("Your step is over: nothing is asked of you here any more."), *waits)
        if by is not None:
            lines = (_("%(who)s has approved it.") % {"who": by.actor.name}, *lines)
        return Standing(tone="good", icon="✓", title=_("Already approved"), lines=lines)
    return Standing(
        tone="waiting", icon="◷", title=_("In review"), lines=(*waits, _("You can read it and comment on it."))
    )


def _waits(reader: User, review: Review, active: ReviewStep) -> Iterator[str]:
    """For which step; and why not for this reader, where other eyes than theirs are asked."""
    yield _("It now waits for the step “%(step)s”.") % {"step": active.name}
    why = why_not_asked(reader, review)
    if why:
        yield why


def _sits(reader: User, step: ReviewStep) -> bool:
    return any(seat.user_id == reader.pk and seat.ended_at is None for seat in step.seats.all())


def _changes_requested(reader: User, review: Review, seats: Sequence[Seat], followed: tuple[str, ...]) -> Standing:
    decisions = [seat.decision for seat in seats if hasattr(seat, "decision")]
    asked = next(decision for decision in decisions if decision.verdict == Verdict.REQUEST_CHANGES)
    again = followed or (_("When a new version is ready, whoever has to approve it is asked again."),)
    if asked.actor_id == reader.pk:
        said = _("You asked for changes on %(when)s.") % {"when": spoken(asked.at, review.client.zone)}
        told = _("%(who)s has been told, in your words.") % {"who": review.author.name}
        lines: tuple[str, ...] = (said, told, *again)
    else:
        lines = (_("%(who)s has asked for changes: nothing is asked of you here.") % {"who": asked.actor.name}, *again)
    return Standing(tone="wrong", icon="✎", title=_("Changes requested"), lines=lines)


def _withdrawn(review: Review, followed: tuple[str, ...]) -> Standing:
    by = selectors.ended_by(review)
    said = _("%(who)s has taken it back.") % {"who": by.name} if by else _("It was taken back.")
    lines = (said, *(followed or (_("Nothing is asked of you here."),)))
    return Standing(tone="stopped", icon="■", title=_("Taken back"), lines=lines)


def _superseded(review: Review, mine: Decision | None, followed: tuple[str, ...]) -> Standing:
    change = overtaken(review)
    title, counted = _("This is no longer the text"), ""
    asked = _("When the new version is ready and it is your turn, you get a mail with a link of its own.")
    if change.same:
        title = _("To be asked anew")
        asked = _("When it is submitted again and it is your turn, you get a mail with a link of its own.")
    if mine is not None and mine.verdict == Verdict.APPROVE:
        wording = subjects.type_of(review).wording
        counted = str(wording.counted_same if change.same else wording.counted)
    lines = filter(None, (change.said, counted, *(followed or (asked,))))
    return Standing(tone="stopped", icon="↻", title=title, lines=tuple(lines))
