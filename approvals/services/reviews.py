"""A review begins, is taken back, or is overtaken by a change. The caller holds the subject's lock."""

from collections import defaultdict
from collections.abc import Iterable

from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.errors import Conflict
from accounts.models import User
from approvals.models import Chain, Review, ReviewState, ReviewStep, Rule, Seat, Step, StepState
from approvals.subjects import Subject
from audit.services import record
from clients.models import DECIDING_ROLES, Membership
from notifications.services import tell


def seats_for(*, chain: Chain, subject: Subject) -> list[tuple[Step, list[int], int]]:
    """Each step of the chain with the ids of the people who would sit on it, and how many of them must approve.

    The author of the version never sits on it; neither does who is switched off, has no role for the client any more
    or is only a viewer.
    Raises ``ValidationError`` on ``chain`` for a step that has fewer people than it needs.
    """
    steps = list(chain.steps.all())
    named = defaultdict(set)
    for step_id, user_id in Step.users.through.objects.filter(step__chain=chain).values_list("step_id", "user_id"):
        named[step_id].add(user_id)
    deciding = Membership.objects.filter(client=subject.client, user__is_active=True, role__in=DECIDING_ROLES)
    roles = dict(deciding.values_list("user_id", "role"))
    admins = set()
    if any(people - roles.keys() for people in named.values()):
        admins = set(User.objects.filter(is_active=True, is_agency_admin=True).values_list("pk", flat=True))
    plan = []
    for step in steps:
        people = named[step.pk] & (roles.keys() | admins)
        if step.role:
            people = {user_id for user_id, role in roles.items() if role == step.role}
        people.discard(subject.author.pk)
        needed = {Rule.ANY: 1, Rule.ALL: max(1, len(people)), Rule.AT_LEAST: step.needed}[Rule(step.rule)]
        if len(people) < needed:
            raise _too_few(step, len(people), needed)
        plan.append((step, sorted(people), needed))
    if not plan:
        raise ValidationError({"chain": ValidationError(_("This approval chain has no steps."), code="no_steps")})
    return plan


def _too_few(step: Step, people: int, needed: int) -> ValidationError:
    text = _(
        "Step %(position)d, “%(name)s”, has %(people)d of the %(needed)d people it needs. "
        "The author of a post never approves it."
    )
    params = {"position": step.position, "name": step.name, "people": people, "needed": needed}
    return ValidationError({"chain": ValidationError(text, code="no_eligible_approver", params=params)})


@transaction.atomic(savepoint=False)
def start(*, subject: Subject, subject_type: type[models.Model], chain: Chain, asked_by: User) -> Review:
    """Open a review of the subject's version: steps and seats are copied, the first step's people are told."""
    plan = seats_for(chain=chain, subject=subject)
    content_type = ContentType.objects.get_for_model(subject_type)
    before = Review.objects.filter(subject_type=content_type, subject_id=subject.pk)
    now = timezone.now()
    review = Review.objects.create(
        client=subject.client,
        subject_type=content_type,
        subject_id=subject.pk,
        title=subject.title[:300],
        version=subject.version,
        digest=subject.digest,
        author=subject.author,
        chain=chain,
        chain_name=chain.name,
        round=(before.aggregate(last=Max("round"))["last"] or 0) + 1,
        asked_by=asked_by,
        opened_at=now,
        updated_at=now,
    )
    steps = ReviewStep.objects.bulk_create(
        ReviewStep(
            review=review,
            client=review.client,
            position=number,
            name=step.name,
            rule=step.rule,
            needed=needed,
            state=StepState.ACTIVE if number == 1 else StepState.WAITING,
            activated_at=now if number == 1 else None,
        )
        for number, (step, _people, needed) in enumerate(plan, start=1)
    )
    seats = Seat.objects.bulk_create(
        Seat(step=copy, client=review.client, user_id=user_id)
        for copy, (_step, people, _needed) in zip(steps, plan, strict=True)
        for user_id in people
    )
    tell_turn(review, [seat for seat in seats if seat.step_id == steps[0].pk])
    record(
        client_id=review.client_id,
        actor=asked_by,
        verb="review.started",
        subject_type="review",
        subject_id=review.pk,
        digest=review.digest,
        of=[content_type.model, subject.pk],
        version=review.version,
        round=review.round,
        chain=chain.name,
        seats=[people for _step, people, _needed in plan],
    )
    return review


def tell_turn(review: Review, seats: Iterable[Seat]) -> None:
    """It is these people's turn: one mail for one seat, ever."""
    for seat in seats:
        tell(users=[seat.user_id], client_id=review.client_id, kind="turn", key=f"seat:{seat.pk}", seat=seat.pk)


@transaction.atomic(savepoint=False)
def withdraw(*, review: Review, user: User) -> None:
    """Take the question back, or an approval before it has led to anything. Whoever was asked is told."""
    _close(review, ReviewState.WITHDRAWN, user, "review.withdrawn")


@transaction.atomic(savepoint=False)
def supersede(*, review: Review, user: User) -> None:
    """The digest has changed: the review and every vote in it count no more. Who voted or was asked is told."""
    _close(review, ReviewState.SUPERSEDED, user, "review.superseded")


def _close(review: Review, state: ReviewState, user: User, verb: str) -> None:
    now = timezone.now()
    open_or_approved = Review.objects.filter(pk=review.pk, state__in=[ReviewState.OPEN, ReviewState.APPROVED])
    if not open_or_approved.update(state=state, closed_at=now, updated_at=now):
        raise Conflict("review_closed", _("This review is already closed."))
    asked = Seat.objects.filter(step__review=review).exclude(user=user)
    tell(
        users=set(asked.exclude(step__state=StepState.WAITING).values_list("user_id", flat=True)),
        client_id=review.client_id,
        kind=str(state),
        key=f"review:{review.pk}",
        review=review.pk,
        by=user.pk,
    )
    record(
        client_id=review.client_id,
        actor=user,
        verb=verb,
        subject_type="review",
        subject_id=review.pk,
        digest=review.digest,
    )
