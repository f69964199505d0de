"""What people read when time passes: a deadline is over, the hour of publishing comes near, somebody asks again, nobody can.

Each is written at the moment of sending: what is decided, moved or taken back by then is not sent.
"""

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from zoneinfo import ZoneInfo

from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django_stubs_ext import StrOrPromise

from accounts.models import User
from approvals import silence, subjects
from approvals.eyes import barred
from approvals.mails import by_when, is_asked, letter_about, of_how_many_here, review_page, staff_button, way_in
from approvals.models import Reminder, ReminderKind, Review, ReviewState, ReviewStep, Seat, StepState
from approvals.models.people import TO_READER
from approvals.services.asking import minute_of
from approvals.standing_in import deputy_of
from approvals.waiting import Lost, blocked, lost_seats
from clients.models import DECIDING_ROLES, STAFF_ROLES
from clients.moments import spoken
from clients.selectors import own_language, reading_language, role_of
from notifications import letters
from notifications.letters import Group, Item, Letter
from notifications.models import Notification

MOST = 50  # things in one letter; mail programs cut what is longer


def register() -> None:
    """Say which writer writes which kind of mail. All of them ask somebody to act."""
    letters.register("time_up", _time_up, gettext_lazy("Its time is up"))
    letters.register(str(ReminderKind.DAY_BEFORE), _before, gettext_lazy("Goes out in a working day, undecided"))
    letters.register(str(ReminderKind.HOUR_BEFORE), _before, gettext_lazy("Goes out in an hour, undecided"))
    letters.register("nudge", _nudge, gettext_lazy("Somebody asks again"))
    letters.register("blocked", _blocked, gettext_lazy("A review is blocked"), staff=True)
    letters.register("unanswered", _unanswered, gettext_lazy("Somebody does not answer"), staff=True)


# To whoever is asked


def _asked(notification: Notification) -> Seat | None:
    """The seat, if its decision is still asked, and of this reader."""
    found = Seat.objects.select_related("step__review__client", "user")
    seat, reader = found.get(pk=notification.context["seat"]), notification.user
    if not is_asked(seat) or role_of(reader, seat.client_id) not in DECIDING_ROLES:
        return None
    return seat if reader.pk == seat.user_id or reader == deputy_of(seat) else None


def _to_reader(reader: User, seat: Seat, subject: str, paragraphs: Sequence[str]) -> Letter:
    review = seat.step.review
    button, footer = way_in(reader, seat, role_of(reader, seat.client_id) or "")
    said = [*paragraphs, *of_how_many_here(seat)]
    if reader.pk != seat.user_id:
        said.append(_("You stand in for %(who)s.") % {"who": seat.user.name})
    quotes = subjects.type_of(review).excerpts(review)
    return letter_about(reader, review, subject, said, quotes, button, footer)


def _when(moment: datetime, reader: User) -> str:
    return spoken(moment, ZoneInfo(reader.timezone))


def _silence_is_yes(reader: User, seat: Seat) -> str:
    """By when they must speak, where silence is a yes; empty where it is none."""
    step, client = seat.step, seat.step.review.client
    if not silence.to_who_is_asked(step, client):
        return ""
    return " ".join(by_when(step, client, ZoneInfo(reader.timezone)))


def _goes_out(review: Review, reader: User) -> list[str]:
    """What depends on this decision, if there is an hour."""
    if review.goes_out_at is None:
        return []
    if review.goes_out_at <= timezone.now():
        return [_("Its hour has passed. It does not go out by itself any more.")]
    words = {"when": _when(review.goes_out_at, reader)}
    return [_("It is to go out on %(when)s. Without your yes it does not.") % words]


def _time_up(notification: Notification) -> Letter | None:
    seat, reader = _asked(notification), notification.user
    if seat is None or seat.step.due_at is None or seat.step.due_at > timezone.now():
        return None  # over, or moved
    with translation.override(reading_language(reader, seat.step.review.client)):
        words = {"step": seat.step.name, "when": _when(seat.step.due_at, reader)}
        said = [
            _("Your decision was due on %(when)s. It is still waited for. Step: %(step)s.") % words,
            *_goes_out(seat.step.review, reader),
        ]
        return _to_reader(reader, seat, _("Its time is up"), said)


def _before(notification: Notification) -> Letter | None:
    if "seat" not in notification.context:
        return _before_to_others(notification)
    seat, reader = _asked(notification), notification.user
    if seat is None or not _same_hour(seat.step.review, notification):
        return None
    with translation.override(reading_language(reader, seat.step.review.client)):
        words = {"step": seat.step.name, "when": _when(_hour(seat.step.review), reader)}
        said = [
            _("It is to go out on %(when)s, and your decision is still waited for. Step: %(step)s.") % words,
            _silence_is_yes(reader, seat)
            or _("Without your yes it does not go out: it misses its time, and somebody has to find it another one."),
        ]
        return _to_reader(reader, seat, _subject(notification), said)


def _subject(notification: Notification) -> str:
    if notification.kind == ReminderKind.HOUR_BEFORE:
        return _("To decide within the hour")
    return _("To decide before it goes out")


def _hour(review: Review) -> datetime:
    return review.goes_out_at or timezone.now()


def _same_hour(review: Review, notification: Notification) -> bool:
    """Whether it still goes out at the hour of the warning, and that is to come."""
    hour = review.goes_out_at
    return hour is not None and minute_of(hour) == notification.context["number"] and hour > timezone.now()


def _nudge(notification: Notification) -> Letter | None:
    seat, reader = _asked(notification), notification.user
    if seat is None:
        return None
    by = User.objects.get(pk=notification.context["by"])
    with translation.override(reading_language(reader, seat.step.review.client)):
        since = max(seat.step.activated_at or seat.created_at, seat.created_at)
        words = {"who": by.name, "step": seat.step.name, "since": _when(since, reader)}
        said = [
            _("%(who)s asks for your decision again. Step: %(step)s.") % words,
            _("It has been waited for since %(since)s.") % words,
            *([silent] if (silent := _silence_is_yes(reader, seat)) else _goes_out(seat.step.review, reader)),
        ]
        subject = _("%(who)s asks again") % words
        return _to_reader(reader, seat, subject, said)


# To who is in charge


def _before_to_others(notification: Notification) -> Letter | None:
    review, reader = Review.objects.select_related("client").get(pk=notification.context["review"]), notification.user
    if review.state != ReviewState.OPEN or not _same_hour(review, notification) or not _is_staff(reader, review):
        return None
    asked = Seat.objects.filter(step__review=review, step__state=StepState.ACTIVE, ended_at=None, decision=None)
    seats = list(asked.select_related("user", "step").annotate(barred=barred()).order_by("pk"))
    if not seats:
        return None
    with translation.override(reading_language(reader, review.client)):
        names = ", ".join(seat.user.name for seat in seats if not seat.barred)
        words = {"when": _when(_hour(review), reader), "step": seats[0].step.name, "names": names}
        if names:
            step = seats[0].step
            silent = silence.to_whoever_reads(step, review.client) if step.due_at else ""
            asked_by = (
                [_("Asked for by %(when)s.") % {"when": _when(step.due_at, reader)}] if silent and step.due_at else []
            )
            said = [
                _("It is to go out on %(when)s. Step “%(step)s” still waits for: %(names)s.") % words,
                " ".join([*asked_by, silent])
                or _(
                    "Without that it does not go out. Nudge them, let somebody else sit there, or give it another time."
                ),
            ]
        else:
            said = [
                _("It is to go out on %(when)s. Step “%(step)s” asks for other eyes, and nobody is left there.")
                % words,
                _("Without them it does not go out. Let somebody else sit there, or give it another time."),
            ]
        subject = _("Goes out soon, undecided")
        return letter_about(reader, review, subject, said, button=staff_button(reader, review))


def _is_staff(reader: User, review: Review) -> bool:
    return role_of(reader, review.client_id) in STAFF_ROLES


def _unanswered(notification: Notification) -> Letter | None:
    found = Seat.objects.select_related("step__review__client", "user")
    seat, reader = found.get(pk=notification.context["seat"]), notification.user
    review = seat.step.review
    if not is_asked(seat) or not _is_staff(reader, review):
        return None
    sent = Reminder.objects.filter(seat=seat, kind__in=TO_READER).count()
    with translation.override(reading_language(reader, review.client)):
        since = max(seat.step.activated_at or seat.created_at, seat.created_at)
        words = {"who": seat.user.name, "step": seat.step.name, "since": _when(since, reader), "number": sent}
        reminded = ngettext(
            "%(who)s has been asked since %(since)s, was reminded once, and does not answer. Step: %(step)s.",
            "%(who)s has been asked since %(since)s, was reminded %(number)d times, and does not answer. Step: %(step)s.",
            sent,
        )
        said = [
            reminded % words,
            _("Filo does not remind them again by itself. Call them, let somebody else sit there, or take it back."),
        ]
        button = (_("Open the review"), review_page(review))
        return letter_about(reader, review, _("No answer"), said, button=button)


def _blocked(notification: Notification) -> Letter | None:
    """All that one sweep found, as far as it still is so: somebody who leaves may be missed in many places."""
    reader = notification.user
    steps = list(blocked(reader).filter(pk__in=notification.context["steps"])[:MOST])
    if not steps:
        return None
    with translation.override(language := own_language(reader)):
        lost, number = lost_seats(steps), len(steps)
        by_client = groupby(
            sorted(steps, key=lambda step: step.review.client.name), key=lambda step: step.review.client
        )
        said = [
            ngettext(
                "One review can’t pass as it stands: a step has fewer people left than it needs.",
                "%(number)d reviews can’t pass as they stand: a step has fewer people left than it needs.",
                number,
            )
            % {"number": number},
            _("Let somebody else sit there, or take it back and submit it with another approval chain."),
        ]
        return Letter(
            language=language,
            subject=ngettext("Blocked: one review", "Blocked: %(number)d reviews", number) % {"number": number},
            client_name="",
            client_colour="",
            paragraphs=tuple(said),
            groups=tuple(
                Group(heading=client.name, items=tuple(_stuck(step, lost.get(step.pk, [])) for step in those))
                for client, those in by_client
            ),
        )


def _stuck(step: ReviewStep, lost: Sequence[Lost]) -> Item:
    words = {"position": step.position, "step": step.name, "why": " ".join(why_lost(item) for item in lost)}
    return Item(
        client_name="",
        client_colour=step.review.client.colour,
        title=step.review.title,
        words=_("Step %(position)d, “%(step)s”: %(why)s") % words,
        address=review_page(step.review),
        button=_("Open the review"),
    )


WHY: dict[str, StrOrPromise] = {
    "inactive": gettext_lazy("%(who)s is switched off."),
    "no_role": gettext_lazy("%(who)s has no role for this client any more."),
    "viewer": gettext_lazy("%(who)s may only look."),
    "four_eyes": gettext_lazy("%(who)s has decided on a step before, and this one asks for other eyes."),
}


def why_lost(lost: Lost) -> str:
    """Why nobody can decide on this seat, in words."""
    return str(WHY[lost.why]) % {"who": lost.seat.user.name}
