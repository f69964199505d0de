"""A strategy's paper, from what is stored: one of its versions with the minutes of its agreement, or the draft as it stands.

It may be handed on, so nothing internal is in it, whoever takes it away.
"""

import hashlib
from collections.abc import Mapping
from typing import Any

from django.db.models import Prefetch, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from approvals.models import (
    Audience,
    Comment,
    Decision,
    Fate,
    Review,
    ReviewState,
    ReviewStep,
    Seat,
    StepState,
    Verdict,
)
from approvals.proof.carrying import stems
from approvals.proof.origin import agency_name
from approvals.step_words import left_out
from clients.models import CONTACT_ROLES, Client, Membership
from strategy import surroundings
from strategy.content import canonical, content_of
from strategy.models import Strategy, StrategyVersion
from strategy.papers.paper import Contested, Minutes, Paper, Told
from strategy.papers.words import speaking
from strategy.selectors import version as version_of
from strategy.services.facts import choices_for


def paper_of(*, user: User, strategy: Strategy, number: int | None = None) -> Paper:
    """The version of this number, or what is written now; ``strategy`` from ``selectors.strategies``.

    Raises ``DoesNotExist`` for a version that is not there for this person.
    """
    client = strategy.client
    made: dict[str, Any] = {
        "client": client.name,
        "colour": client.colour,
        "agency": agency_name(),
        "made_at": timezone.now().astimezone(client.zone),
        "zone": client.timezone,
        "logo": _logo(client),
    }
    if number is None:
        content = content_of(strategy)
        return Paper(content=content, exact=canonical(content), pictures=_pictures(client.pk, content), **made)
    version = version_of(user, strategy, number)
    with speaking(version.content["language"]):
        minutes = minutes_of(version)
    return Paper(
        content=version.content,
        exact=canonical(version.content),
        pictures=_pictures(client.pk, version.content),
        version=version.number,
        digest=version.digest,
        minutes=minutes,
        **made,
    )


def _logo(client: Client) -> bytes | None:
    """Its bytes; a paper without a logo is one, too."""
    if not client.logo:
        return None
    try:
        with client.logo.open("rb") as file:
            data: bytes = file.read()
            return data
    except (OSError, ValueError):  # the latter where it was read before and is lost since
        return None


def _pictures(client_id: int, content: Mapping[str, Any]) -> dict[int, bytes]:
    """The very bytes of which the content speaks; those that are lost, or others by now, are left out."""
    digests = {picture["id"]: picture["sha256"] for picture in content["media"]}
    found = {}
    for pk, picture in surroundings.pictures(client_id, list(digests)).items():
        try:
            data = picture.read()
        except OSError:
            continue
        if hashlib.sha256(data).hexdigest() == digests[pk]:
            found[pk] = data
    return found


def minutes_of(version: StrategyVersion) -> Minutes | None:
    """How this version was agreed, or stands on the way there, in the active language; None where nobody was asked."""
    reviews = Review.objects.filter(
        subject_type__app_label="strategy", subject_type__model="strategy", subject_id=version.strategy_id
    ).select_related("asked_by", "client")
    own = list(reviews.filter(version=version.number).order_by("-pk"))
    if not own:
        return None
    review = next((each for each in own if each.state == ReviewState.APPROVED), own[0])
    return _Telling(review, version).minutes(reviews)


class _Telling:
    """Words of staff are theirs: of what they decided only the verdict is told; the client's people read each other's."""

    def __init__(self, review: Review, version: StrategyVersion) -> None:
        self.review = review
        self.version = version
        self.zone = review.client.zone
        found = Membership.objects.filter(client=review.client_id, role__in=CONTACT_ROLES)
        self.contacts = frozenset(found.values_list("user_id", flat=True))

    def minutes(self, reviews: Any) -> Minutes:
        """Of the review that agreed; what was contested, since what was in force before was agreed."""
        review = self.review
        since = self.version.against.number if self.version.against else 0
        rounds = reviews.filter(Q(version__gt=since) & Q(version__lte=self.version.number), pk__lte=review.pk)
        agreed = review.state == ReviewState.APPROVED and review.closed_at
        return Minutes(
            chain=review.chain_name,
            asked_by=review.asked_by.name,
            asked_at=review.opened_at.astimezone(self.zone),
            agreed_at=review.closed_at.astimezone(self.zone) if agreed and review.closed_at else None,
            told=tuple(self._told()),
            contested=tuple(self._contested([each.pk for each in rounds])),
        )

    def _told(self) -> list[Told]:
        seats = Seat.objects.filter(ended_at=None).select_related("user", "decision__actor").order_by("pk")
        asked = ReviewStep.objects.filter(review=self.review).order_by("position")
        choices = choices_for(self.review.client)
        roots = stems(self.review.pk)  # where people decided on what was carried over
        decided = ReviewStep.objects.prefetch_related(Prefetch("seats", seats)).in_bulk(
            [roots.get(step.pk, step.pk) for step in asked]
        )
        found = []
        for step in asked:
            name, root = f"{step.position}. {step.name}", decided[roots.get(step.pk, step.pk)]
            if step.state == StepState.SKIPPED:  # the paper may be handed on: what only staff may know is not on it
                found.append(Told(step=name, name="–", said="left_out", comment=left_out(step, choices, staff=False)))
                continue
            found += [self._seat(name, seat) for seat in root.seats.all()]
            if root.tacit_at:
                found.append(Told(step=name, name="–", said="silence", at=root.tacit_at.astimezone(self.zone)))
        return found

    def _seat(self, step: str, seat: Seat) -> Told:
        decision: Decision | None = getattr(seat, "decision", None)
        if decision is None:
            return Told(step=step, name=seat.user.name, said="nothing")
        deputy = decision.actor_id != seat.user_id
        return Told(
            step=step,
            name=decision.actor.name,
            for_whom=seat.user.name if deputy else "",
            said="approved" if decision.verdict == Verdict.APPROVE else "changes",
            at=decision.at.astimezone(self.zone),
            comment=self._words(decision),
        )

    def _words(self, decision: Decision) -> str:
        return decision.comment if decision.actor_id in self.contacts else ""

    def _contested(self, reviews: list[int]) -> list[Contested]:
        """Changes that were asked for, and what was said of the text where the client reads it; the first come first."""
        asked = Decision.objects.filter(seat__step__review__in=reviews, verdict=Verdict.REQUEST_CHANGES)
        found = [
            Contested(
                name=decision.actor.name,
                at=decision.at.astimezone(self.zone),
                text=self._words(decision) or _("Asked for changes"),
            )
            for decision in asked.select_related("actor")
        ]
        said = Comment.objects.filter(review__in=reviews, audience=Audience.CLIENT, parent=None)
        found += [
            Contested(
                name=comment.author.name,
                at=comment.at.astimezone(self.zone),
                passage=(comment.anchor or {}).get("quote", ""),
                text=comment.text or comment.suggestion or "",
                settled=_settled(comment),
            )
            for comment in said.select_related("author")
        ]
        return sorted(found, key=lambda each: each.at)


def _settled(comment: Comment) -> str:
    if comment.fate and comment.fate != Fate.OPEN:
        return str(Fate(comment.fate).label)
    return _("Settled") if comment.resolved_at else ""
