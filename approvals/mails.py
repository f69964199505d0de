"""What approvals say by mail, written at the moment of sending: what is moot by then is not sent."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from approvals import silence, subjects
from approvals.eyes import barred
from approvals.models import Review, ReviewState, ReviewStep, Seat, StepState, Verdict
from approvals.overtaken import overtaken
from approvals.rule_words import of_how_many
from approvals.services.links import issue_link
from approvals.standing_in import deputy_of
from approvals.subjects import Overtaken
from clients.models import DECIDING_ROLES, STAFF_ROLES, Client
from clients.moments import spoken
from clients.selectors import reading_language, role_of
from notifications import letters
from notifications.letters import Letter
from notifications.models import Notification
from notifications.services import tell


def register() -> None:
    """Say which writer writes which kind of mail. What asks somebody to act is a duty; what is over is news."""
    letters.register("turn", _turn, gettext_lazy("To approve"), duty=True)
    letters.register("step_over", _step_over, gettext_lazy("Your step is over"), duty=False)
    letters.register(str(ReviewState.APPROVED), _approved, gettext_lazy("Approved"), duty=False, staff=True)
    changes = str(ReviewState.CHANGES_REQUESTED)
    letters.register(changes, _changes_requested, gettext_lazy("Changes requested"), duty=True, staff=True)
    letters.register(str(ReviewState.WITHDRAWN), _withdrawn, gettext_lazy("Taken back"), duty=False)
    letters.register(str(ReviewState.SUPERSEDED), _superseded, gettext_lazy("Changed after your look"), duty=False)


def absolute(path: str) -> str:
    """The address of a page as people outside reach it."""
    return settings.BASE_URL.rstrip("/") + path


def review_page(review: Review) -> str:
    """Where staff find this review."""
    return absolute(reverse("admin:approvals_review_page", args=[review.pk]))


def letter_about(  # noqa: PLR0913 - a letter is all of these
    reader: User,
    review: Review,
    subject: str,
    paragraphs: Sequence[str],
    quotes: Sequence[tuple[str, str]] = (),
    button: tuple[str, str] | None = None,
    footer: str = "",
) -> Letter:
    """A letter about one review, in the active language, which is the reader's."""
    return Letter(
        language=reading_language(reader, review.client),
        subject=f"{subject} · {review.client.name}: {review.title}",
        client_name=review.client.name,
        client_colour=review.client.colour,
        paragraphs=tuple(paragraphs),
        quotes=tuple(quotes),
        button=button,
        footer=footer,
    )


def _review(context: dict[str, Any]) -> Review:
    return Review.objects.select_related("client", "author", "asked_by").get(pk=context["review"])


def _seat(context: dict[str, Any]) -> Seat:
    return Seat.objects.select_related("step__review__client", "step__review__asked_by", "user").get(pk=context["seat"])


def staff_button(reader: User, review: Review) -> tuple[str, str] | None:
    """The way to the review for staff; a client's own people get theirs by a link."""
    if role_of(reader, review.client_id) in STAFF_ROLES:
        return (_("Open the review"), review_page(review))
    return None


def is_asked(seat: Seat) -> bool:
    """Whether this seat's decision is asked now: not where four eyes bar who sits there."""
    if seat.ended_at is not None or hasattr(seat, "decision"):
        return False
    turn = seat.step.state == StepState.ACTIVE and seat.step.review.state == ReviewState.OPEN
    return turn and not Seat.objects.filter(barred(), pk=seat.pk).exists()


def way_in(reader: User, seat: Seat, role: str) -> tuple[tuple[str, str], str]:
    """The button that leads this person to the review, and what stands under it. A client's own people get a link of theirs."""
    if role in STAFF_ROLES:
        return (_("Open the review"), review_page(seat.step.review)), ""
    secret = issue_link(seat=seat, deputy=None if reader.pk == seat.user_id else reader)
    address = absolute(reverse("portal:review", args=[secret]))
    footer = str(subjects.type_of(seat.step.review).wording.link)
    return (_("Look at it and decide"), address), footer


def _turn(notification: Notification) -> Letter | None:
    seat, reader = _seat(notification.context), notification.user
    review = seat.step.review
    if not is_asked(seat):
        return None
    stands_in = deputy_of(seat)
    if reader.pk != seat.user_id and reader != stands_in:
        return None  # nobody's deputy any more
    if reader.pk == seat.user_id and stands_in is not None:
        key = f"seat:{seat.pk}:deputy:{stands_in.pk}"
        tell(users=[stands_in], client_id=seat.client_id, kind="turn", key=key, seat=seat.pk)
    role = role_of(reader, review.client_id)
    if role not in DECIDING_ROLES:
        return None
    with translation.override(reading_language(reader, review.client)):
        words = {"who": review.asked_by.name, "client": review.client.name, "step": seat.step.name}
        paragraphs = [str(subjects.type_of(review).wording.asks) % words]
        if reader.pk != seat.user_id:
            paragraphs.append(_("You stand in for %(who)s.") % {"who": seat.user.name})
        paragraphs += of_how_many_here(seat)
        paragraphs += _times(reader, seat)
        button, footer = way_in(reader, seat, role)
        quotes = subjects.type_of(review).excerpts(review)
        return letter_about(reader, review, _("To approve"), paragraphs, quotes, button, footer)


def of_how_many_here(seat: Seat) -> list[str]:
    """How many of how many must approve, where more are asked on this step than are needed."""
    asked = Seat.objects.filter(step=seat.step_id, ended_at=None).count()
    said = of_how_many(seat.step.needed, asked)
    return [_("In this step %(rule)s.") % {"rule": said}] if said else []


def by_when(step: ReviewStep, client: Client, zone: ZoneInfo) -> Iterator[str]:
    """By when the decision is asked, and what it comes to if nothing is said by then."""
    if step.due_at is not None and step.due_at > timezone.now():
        yield _("Please decide by %(when)s.") % {"when": spoken(step.due_at, zone)}
    if silent := silence.to_who_is_asked(step, client):
        yield silent


def by_when_of(review: Review, steps: Mapping[int, ReviewStep]) -> list[str]:
    """The same of a review, on its client's clock; ``steps`` is ``selectors.asked_now`` of it and others."""
    step = steps.get(review.pk)
    return [*by_when(step, review.client, review.client.zone)] if step else []


def _times(reader: User, seat: Seat) -> list[str]:
    """By when the decision is asked, what silence would say, and when it is to go out."""
    goes_out_at, zone = seat.step.review.goes_out_at, ZoneInfo(reader.timezone)
    said = [*by_when(seat.step, seat.step.review.client, zone)]
    if goes_out_at is not None and goes_out_at > timezone.now():
        said.append(_("It is to go out on %(when)s.") % {"when": spoken(goes_out_at, zone)})
    return [" ".join(said)] if said else []


def _step_over(notification: Notification) -> Letter:
    seat = _seat(notification.context)
    review, reader = seat.step.review, seat.user
    by = User.objects.filter(pk=notification.context["by"]).values_list("name", flat=True).first()
    with translation.override(reading_language(reader, review.client)):
        if by is None:
            said = _("Its time was up: it passed by tacit consent, and nothing waits for you here any more.")
        elif notification.context["verdict"] == StepState.PASSED:
            said = _("%(who)s has approved it: nothing waits for you here any more.")
        else:
            said = _("%(who)s has asked for changes: nothing waits for you here any more.")
        return letter_about(
            reader, review, _("Your step is over"), [said % {"who": by}], button=staff_button(reader, review)
        )


def _approved(notification: Notification) -> Letter:
    review, reader = _review(notification.context), notification.user
    with translation.override(reading_language(reader, review.client)):
        said = _("Every step has approved version %(number)d.") % {"number": review.version}
        return letter_about(reader, review, _("Approved"), [said], button=staff_button(reader, review))


def _changes_requested(notification: Notification) -> Letter:
    review, reader = _review(notification.context), notification.user
    seats = Seat.objects.select_related("decision__actor").filter(
        step__review=review, decision__verdict=Verdict.REQUEST_CHANGES
    )
    with translation.override(reading_language(reader, review.client)):
        quotes = [(seat.decision.actor.name, seat.decision.comment) for seat in seats]
        said = _("Changes are asked for version %(number)d.") % {"number": review.version}
        return letter_about(reader, review, _("Changes requested"), [said], quotes, staff_button(reader, review))


def _withdrawn(notification: Notification) -> Letter:
    review, reader = _review(notification.context), notification.user
    by = User.objects.get(pk=notification.context["by"]).name
    with translation.override(reading_language(reader, review.client)):
        said = _("%(who)s has taken it back. Nothing waits for you here.") % {"who": by}
        return letter_about(reader, review, _("Taken back"), [said], button=staff_button(reader, review))


def _superseded(notification: Notification) -> Letter:
    review, reader = _review(notification.context), notification.user
    voted = Seat.objects.filter(step__review=review, user=reader, decision__verdict=Verdict.APPROVE).exists()
    with translation.override(reading_language(reader, review.client)):
        change = overtaken(review)
        subject = _("To be asked anew") if change.same else _("Changed after your look")
        said = [change.said, *_what_now(review, change, voted=voted)]
        return letter_about(reader, review, subject, said, button=staff_button(reader, review))


def _what_now(review: Review, change: Overtaken, *, voted: bool) -> list[str]:
    wording = subjects.type_of(review).wording
    if change.same:
        counted = str(wording.counted_same)
        asked = _("Whoever has to approve it is asked once it is submitted again.")
    else:
        counted = str(wording.counted)
        asked = _("When the new version is ready, whoever has to approve it is asked again.")
    return [counted, asked] if voted else [asked]
