"""Who is asked about something of the sample agency, and how they say it: at the desk, or by the link in their mail."""

from django.contrib.contenttypes.models import ContentType
from django.db.models import Model, QuerySet

from agency.sample.plans import ClientPlan
from approvals.models import Link, Review, Seat, StepState, Verdict, Via
from approvals.services import decide, issue_link, open_link
from approvals.standing_in import deputy_of
from clients.models import CONTACT_ROLES


def reviews_of(subject: Model) -> QuerySet[Review]:
    """The rounds in which people were asked about it, the last one first."""
    kind = ContentType.objects.get_for_model(subject)
    found = Review.objects.filter(subject_type=kind, subject_id=subject.pk)
    return found.select_related("client", "chain").order_by("-round")


def seats_of(subject: Model) -> list[Seat]:
    """Whom it waits for, who was asked first before the others."""
    asked = Seat.objects.filter(step__state=StepState.ACTIVE, ended_at=None, decision=None)
    asked = asked.filter(step__review__in=reviews_of(subject).order_by().filter(state="open"))
    return list(asked.select_related("user", "step__review__client", "step__review__chain").order_by("pk"))


def speak(plan: ClientPlan, seat: Seat, verdict: Verdict, comment: str = "") -> None:
    """Who has the seat decides, or who stands in: the agency's people here, the client's by the link in their mail."""
    deputy = deputy_of(seat) if plan.deputies else None
    person, review = deputy or seat.user, seat.step.review
    contacts = {person.email for person in plan.people if person.role in CONTACT_ROLES}
    link: Link | None = None
    if person.email in contacts:
        link = open_link(secret=issue_link(seat=seat, deputy=deputy))
    via = Via.LINK if link else Via.ADMIN
    digest = review.digest
    decide(review=review, user=person, digest=digest, verdict=verdict, comment=comment, via=via, link=link)
