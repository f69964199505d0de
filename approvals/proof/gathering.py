"""What a proof of approval says of one review, read in a fixed number of queries, for who may read it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, cast
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch, QuerySet
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.errors import Conflict
from accounts.models import User
from approvals import conditions, subjects
from approvals.models import Audience, Comment, Decision, Review, ReviewState, ReviewStep, Seat, StepState
from approvals.proof.carrying import stems
from approvals.proof.exhibits import Exhibit, Part
from approvals.proof.origin import agency_name
from approvals.proof.pictures import packed
from approvals.proof.record import (
    Anchor,
    AuditRecord,
    Carried,
    CommentRecord,
    DecisionRecord,
    DrawnRecord,
    Evidence,
    Kind,
    PartRecord,
    Person,
    SeatRecord,
    Skipped,
    StepRecord,
    Way,
)
from approvals.proof.verify_evidence import FORMAT, WHAT
from audit.models import Event
from clients.models import CONTACT_ROLES, STAFF_ROLES, Membership
from clients.selectors import role_of

# What was taken back or overtaken, the client's people are not shown; the agency has its proof of it.
NOT_SHOWN = frozenset({ReviewState.WITHDRAWN, ReviewState.SUPERSEDED})
THOUSAND = 1000


def kind_for(user: User, review: Review, asked: str = "") -> Kind:
    """Which kind of proof this person gets: who works for the client at the agency may choose, its own people not.

    Raises ``Review.DoesNotExist`` for who may not see the review, ``PermissionDenied`` for who may not read what is
    internal, ``Conflict`` (``not_shown``) where the client's people are not shown the words any more.
    """
    role = role_of(user, review.client_id)
    if role is None:
        raise Review.DoesNotExist
    if role in STAFF_ROLES:
        return "client" if asked == "client" else "agency"
    if asked == "agency":
        raise PermissionDenied(_("Your role for this client does not allow it."))
    if review.state in NOT_SHOWN:
        raise Conflict("not_shown", _("This review was taken back or overtaken. The agency keeps its proof."))
    return "client"


def may_take_proof(review: Review) -> bool:
    """Whether the client's people are offered a proof: of what is decided and not overtaken, where we can sign."""
    return bool(settings.FILO_EVIDENCE_KEYS) and review.state in {ReviewState.APPROVED, ReviewState.CHANGES_REQUESTED}


def gather(*, review: Review, kind: Kind) -> Evidence:
    """All of it, with nothing internal in the client's kind. ``review``: from ``selectors.reviews``; see ``kind_for``."""
    return _Gathering(review, kind, _contacts(review.client_id)).evidence()


def _contacts(client_id: int) -> frozenset[int]:
    found = Membership.objects.filter(client=client_id, role__in=CONTACT_ROLES)
    return frozenset(found.values_list("user_id", flat=True))


@dataclass
class _Gathering:
    """One review, for one kind of reader. ``contacts``: the client's own people, whose words they all read."""

    review: Review
    kind: Kind
    contacts: frozenset[int]

    def evidence(self) -> Evidence:
        review, client = self.review, self.review.client
        exhibit = subjects.type_of(review).exhibit(review)
        return {
            "what": WHAT,
            "format": FORMAT,
            "for": self.kind,
            "made_at": self.moment(timezone.now()),
            "language": translation.get_language() or settings.LANGUAGE_CODE,
            "installation": {"address": settings.BASE_URL, "software": "Filo"},
            "agency": {"name": agency_name()},
            "client": {"id": client.pk, "name": client.name, "colour": client.colour, "zone": client.timezone},
            "subject": {
                "kind": subjects.kind_of(review.subject_type_id),
                "id": review.subject_id,
                "title": review.title,
                "version": review.version,
                "digest": review.digest,
                "recipe": exhibit.recipe,
                "content": exhibit.content,
            },
            "parts": _parts(exhibit),
            "pictures": packed(picture for part in exhibit.parts for picture in part.pictures),
            "review": {
                "id": review.pk,
                "chain": review.chain_name,
                "round": review.round,
                "state": str(review.state),
                "author": self.person(review.author),
                "words_by": [
                    self.person(credit.user)
                    for credit in exhibit.credits
                    if self.kind == "agency" or not credit.internal
                ],
                "asked_by": self.person(review.asked_by),
                "opened_at": self.moment(review.opened_at),
                "closed_at": self.moment(review.closed_at),
            },
            "steps": self.steps(),
            "comments": self.comments(),
            "audit": self.last_event(),
        }

    def reads(self, user_id: int) -> bool:
        """Whether the words, and the ways, of this person are for the reader: theirs who are on the reader's side."""
        return self.kind == "agency" or user_id in self.contacts

    def person(self, user: User) -> Person:
        return {"id": user.pk, "name": user.name, "email": user.email if self.reads(user.pk) else ""}

    def moment(self, when: datetime | None) -> str:
        """ISO 8601 on the client's clock; empty for never."""
        return when.astimezone(self.zone).isoformat(timespec="microseconds") if when else ""

    @property
    def zone(self) -> ZoneInfo:
        return self.review.client.zone

    def steps(self) -> list[StepRecord]:
        found = list(_with_seats(ReviewStep.objects.filter(review=self.review)).order_by("position"))
        origin = stems(self.review.pk) if any(step.carried_from_id for step in found) else {}
        roots = {
            step.pk: step
            for step in _with_seats(ReviewStep.objects.filter(pk__in=origin.values()).select_related("review"))
        }
        reasons = self.reasons(found)
        return [self.step(step, roots.get(origin.get(step.pk, 0)), reasons.get(step.pk)) for step in found]

    def reasons(self, steps: list[ReviewStep]) -> dict[int, Skipped]:
        """Why steps were left out, as far as the reader may know (see ``conditions.is_shared``)."""
        skipped = [step for step in steps if step.state == StepState.SKIPPED]
        if not skipped:
            return {}
        choices = subjects.type_of(self.review).choices(self.review.client)
        return {step.pk: self.reason(step.skipped_because or {}, choices) for step in skipped}

    def reason(self, only: Mapping[str, Any], choices: subjects.Choices) -> Skipped:
        if self.kind == "client" and not conditions.is_shared(only):
            return {"codes": {}, "words": _("Left out: what it is asked for was not met by this version.")}
        said = _("Left out: it is asked only for %(conditions)s, and none of that was met by this version.")
        return {"codes": only, "words": said % {"conditions": conditions.in_words(only, choices)}}

    def step(self, step: ReviewStep, root: ReviewStep | None, skipped: Skipped | None) -> StepRecord:
        carried: Carried | None = None
        if root is not None:
            carried = {
                "round": root.review.round,
                "version": root.review.version,
                "digest": root.review.digest,
                "seats": [self.seat(seat) for seat in root.seats.all()],
            }
        return {
            "position": step.position,
            "name": step.name,
            "rule": str(step.rule),
            "needed": step.needed,
            "state": str(step.state),
            "four_eyes": step.four_eyes,
            "due_at": self.moment(step.due_at),
            "skipped": skipped,
            "carried_from": carried,
            "tacit": {
                "at": self.moment(step.tacit_at),
                "agreed_on": str(step.tacit_agreed_on),
                "document": step.tacit_document,
            }
            if step.tacit_at
            else None,
            "seats": [self.seat(seat) for seat in step.seats.all()],
        }

    def seat(self, seat: Seat) -> SeatRecord:
        return {
            "person": self.person(seat.user),
            "source": str(seat.source),
            "instead_of": self.person(seat.instead_of.user) if seat.instead_of else None,
            "ended": {
                "why": str(seat.ended_why),
                "reason": seat.reason if seat.ended_by_id and self.reads(seat.ended_by_id) else "",
                "at": self.moment(seat.ended_at),
                "by": self.person(seat.ended_by) if seat.ended_by and self.reads(seat.ended_by.pk) else None,
            }
            if seat.ended_at
            else None,
            "decision": self.decision(seat.decision, seat) if hasattr(seat, "decision") else None,
        }

    def decision(self, decision: Decision, seat: Seat) -> DecisionRecord:
        reads = self.reads(decision.actor_id)
        return {
            "verdict": str(decision.verdict),
            "by": self.person(decision.actor),
            "deputy": decision.actor_id != seat.user_id,
            "comment": decision.comment if reads else "",
            "digest": decision.digest,
            "at": self.moment(decision.at),
            "way": _way(decision) if reads else {"kind": str(decision.via), "mailed_to": "", "token": None},
        }

    def comments(self) -> list[CommentRecord]:
        found = Comment.objects.filter(review=self.review).select_related("author").order_by("at", "pk")
        if self.kind == "client":
            found = found.filter(audience=Audience.CLIENT)
        names = {passage.key: passage.name for passage in self.passages(found)}
        numbers = {comment.pk: number for number, comment in enumerate(found, 1)}
        return [
            {
                "number": numbers[comment.pk],
                "answers": numbers.get(comment.parent_id or 0, 0),
                "by": self.person(comment.author),
                "audience": str(comment.audience),
                "text": comment.text,
                "suggestion": comment.suggestion,
                "fate": str(comment.fate),
                "resolved": comment.resolved_at is not None,
                "anchor": _anchor(comment.anchor, names) if comment.anchor else None,
                "at": self.moment(comment.at),
            }
            for comment in found
        ]

    def passages(self, found: QuerySet[Comment]) -> list[subjects.Passage]:
        anchored = any(comment.anchor for comment in found)
        return subjects.type_of(self.review).passages(self.review) if anchored else []

    def last_event(self) -> AuditRecord:
        """The last one of the review; for the client the last but what was said, of which some is internal."""
        found = Event.objects.filter(subject_type="review", subject_id=self.review.pk)
        if self.kind == "client":
            found = found.exclude(verb__contains="comment")
        event = found.order_by("-pk")[:1].get()
        return {"seq": event.seq, "verb": event.verb, "at": self.moment(event.at), "hash": bytes(event.hash).hex()}


def _with_seats(steps: QuerySet[ReviewStep]) -> QuerySet[ReviewStep]:
    seats = Seat.objects.select_related(
        "user", "ended_by", "instead_of__user", "decision__actor", "decision__link", "decision__token"
    ).order_by("pk")
    return steps.prefetch_related(Prefetch("seats", seats))


def _way(decision: Decision) -> Way:
    token = decision.token
    return {
        "kind": str(decision.via),
        "mailed_to": decision.link.mailed_to if decision.link else "",
        "token": {"name": token.name, "prefix": token.prefix} if token else None,
    }


def _anchor(anchor: Mapping[str, Any], names: Mapping[str, str]) -> Anchor:
    """Numbers are whole: a point is told in thousandths."""
    part = str(anchor.get("part", ""))
    return {
        "part": names.get(part, part),
        "quote": str(anchor.get("quote", "")),
        "start": anchor.get("start"),
        "end": anchor.get("end"),
        "picture": str(anchor.get("picture", "")),
        "x": round(anchor["x"] * THOUSAND) if "x" in anchor else None,
        "y": round(anchor["y"] * THOUSAND) if "y" in anchor else None,
    }


def _parts(exhibit: Exhibit) -> list[PartRecord]:
    return [_part(part) for part in exhibit.parts]


def _part(part: Part) -> PartRecord:
    record: PartRecord = {
        "where": part.where,
        "network": part.network,
        "text": part.text,
        "link": part.link,
        "pictures": [
            {"name": picture.name, "alt_text": picture.alt_text, "sha256": picture.sha256} for picture in part.pictures
        ],
    }
    if part.asked:
        record["asked"] = [{"label": one.label, "words": one.words, "exact": one.exact} for one in part.asked]
    if part.drawn:
        record["drawn"] = cast("DrawnRecord", asdict(part.drawn))
    return record
