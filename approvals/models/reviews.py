"""One run of a chain on one version: steps, seats and decisions are frozen copies of the template."""

from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from approvals.models.chains import Chain, Rule
from audit.triggers import States, kept_whole
from clients.models import Client

USER = settings.AUTH_USER_MODEL


class ReviewState(models.TextChoices):
    """Where a review stands."""

    OPEN = "open", _("In review")
    APPROVED = "approved", _("Approved")
    CHANGES_REQUESTED = "changes_requested", _("Changes requested")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    SUPERSEDED = "superseded", _("Superseded")


class StepState(models.TextChoices):
    """Where one step of a review stands."""

    WAITING = "waiting", _("Not yet its turn")
    ACTIVE = "active", _("Its turn")
    PASSED = "passed", _("Passed")
    REFUSED = "refused", _("Changes requested")


class SeatSource(models.TextChoices):
    """Why a person has a seat."""

    CHAIN = "chain", _("Chain")
    ESCALATION = "escalation", _("Escalation")
    REPLACEMENT = "replacement", _("Replacement")


class Verdict(models.TextChoices):
    """What a seat says."""

    APPROVE = "approve", _("Approved")
    REQUEST_CHANGES = "request_changes", _("Changes requested")


class Via(models.TextChoices):
    """The way a decision came in."""

    ADMIN = "admin", _("Admin")
    PORTAL = "portal", _("Portal")
    LINK = "link", _("Link in a mail")
    API = "api", _("API")


class Audience(models.TextChoices):
    """Who reads a comment. The client's people never see an internal one."""

    INTERNAL = "internal", _("Agency only")
    CLIENT = "client", _("Also the client")


class Review(models.Model):
    """One run of a chain on one version of a subject. It binds to the digest, never to the subject."""

    client = models.ForeignKey(Client, models.PROTECT, related_name="reviews", verbose_name=_("client"))
    subject_type = models.ForeignKey(ContentType, models.PROTECT, related_name="+")
    subject_id = models.BigIntegerField()
    title = models.CharField(_("title"), max_length=300)
    version = models.PositiveIntegerField(_("version"))
    digest = models.CharField(_("digest"), max_length=64)
    author = models.ForeignKey(USER, models.PROTECT, related_name="+", verbose_name=_("author"))
    chain = models.ForeignKey(Chain, models.PROTECT, related_name="reviews", verbose_name=_("approval chain"))
    chain_name = models.CharField(max_length=120)
    round = models.PositiveIntegerField(_("round"), default=1)
    state = models.CharField(_("state"), max_length=20, choices=ReviewState.choices, default=ReviewState.OPEN)
    asked_by = models.ForeignKey(USER, models.PROTECT, related_name="+", verbose_name=_("asked by"))
    opened_at = models.DateTimeField(_("opened"), default=timezone.now)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("review")
        verbose_name_plural = _("reviews")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["subject_type", "subject_id"], condition=models.Q(state="open"), name="uq_review_open"
            ),
            models.UniqueConstraint(fields=["subject_type", "subject_id", "round"], name="uq_review_round"),
            models.CheckConstraint(condition=models.Q(state__in=ReviewState.values), name="ck_review_state"),
            models.CheckConstraint(
                condition=models.Q(state="open", closed_at=None)
                | ~models.Q(state="open") & models.Q(closed_at__isnull=False),
                name="ck_review_closed_at",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["client", "state", "-id"], name="ix_review_client_state"),
            models.Index(fields=["opened_at", "id"], name="ix_review_opened"),
            models.Index(fields=["updated_at", "id"], name="ix_review_updated"),
        ]
        triggers: ClassVar = [
            States(
                name="review_states",
                transitions=[
                    ("open", "approved"),
                    ("open", "changes_requested"),
                    ("open", "withdrawn"),
                    ("open", "superseded"),
                    ("approved", "superseded"),
                    ("approved", "withdrawn"),
                ],
            ),
            pgtrigger.Protect(name="review_kept", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(
                name="review_frozen",
                fields=["client", "subject_type", "subject_id", "version", "digest", "chain_name", "round"],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} · {self.version}"


class ReviewStep(models.Model):
    """A frozen copy of a step."""

    review = models.ForeignKey(Review, models.PROTECT, related_name="steps")
    client = models.ForeignKey(Client, models.PROTECT, related_name="+")
    position = models.PositiveSmallIntegerField(_("position"))
    name = models.CharField(_("name"), max_length=120)
    rule = models.CharField(_("rule"), max_length=10, choices=Rule.choices)
    needed = models.PositiveSmallIntegerField(_("how many"))
    state = models.CharField(_("state"), max_length=10, choices=StepState.choices, default=StepState.WAITING)
    activated_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["review", "position"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["review", "position"], name="uq_reviewstep_position"),
            models.UniqueConstraint(fields=["review"], condition=models.Q(state="active"), name="uq_reviewstep_active"),
            models.CheckConstraint(condition=models.Q(state__in=StepState.values), name="ck_reviewstep_state"),
            models.CheckConstraint(condition=models.Q(needed__gte=1), name="ck_reviewstep_needed"),
        ]
        triggers: ClassVar = [
            States(
                name="reviewstep_states",
                transitions=[("waiting", "active"), ("active", "passed"), ("active", "refused")],
            ),
            pgtrigger.Protect(name="reviewstep_kept", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(name="reviewstep_frozen", fields=["review", "position", "name", "rule", "needed"]),
        ]

    def __str__(self) -> str:
        return f"{self.position}. {self.name}"


class Seat(models.Model):
    """One person's place in one step of one review."""

    step = models.ForeignKey(ReviewStep, models.PROTECT, related_name="seats")
    client = models.ForeignKey(Client, models.PROTECT, related_name="+")
    user = models.ForeignKey(USER, models.PROTECT, related_name="seats")
    source = models.CharField(max_length=12, choices=SeatSource.choices, default=SeatSource.CHAIN)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["step", "user"], name="uq_seat"),
            models.CheckConstraint(condition=models.Q(source__in=SeatSource.values), name="ck_seat_source"),
        ]
        triggers: ClassVar = [pgtrigger.Protect(name="seat_kept", operation=pgtrigger.Delete | pgtrigger.Update)]

    def __str__(self) -> str:
        return f"{self.step_id}: {self.user_id}"


class Decision(models.Model):
    """What one seat said, of which words, which way. Never changed, never deleted."""

    seat = models.OneToOneField(Seat, models.PROTECT, related_name="decision")
    client = models.ForeignKey(Client, models.PROTECT, related_name="+")
    actor = models.ForeignKey(USER, models.PROTECT, related_name="+")
    verdict = models.CharField(max_length=20, choices=Verdict.choices)
    comment = models.TextField(blank=True)
    digest = models.CharField(max_length=64)
    via = models.CharField(max_length=10, choices=Via.choices)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(verdict__in=Verdict.values), name="ck_decision_verdict"),
            models.CheckConstraint(condition=models.Q(via__in=Via.values), name="ck_decision_via"),
            models.CheckConstraint(
                condition=models.Q(verdict="approve") | ~models.Q(comment=""), name="ck_decision_comment"
            ),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="decision_append_only", operation=pgtrigger.Update | pgtrigger.Delete),
            kept_whole("decision_not_emptied"),
        ]

    def __str__(self) -> str:
        return f"{self.seat_id}: {self.verdict}"


class Comment(models.Model):
    """What is said about a review."""

    review = models.ForeignKey(Review, models.PROTECT, related_name="comments")
    client = models.ForeignKey(Client, models.PROTECT, related_name="+")
    author = models.ForeignKey(USER, models.PROTECT, related_name="+")
    text = models.TextField(_("text"), max_length=5000)
    audience = models.CharField(_("who reads it"), max_length=10, choices=Audience.choices)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering: ClassVar = ["at", "id"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(audience__in=Audience.values), name="ck_comment_audience"),
        ]
        indexes: ClassVar = [models.Index(fields=["review", "at"], name="ix_comment_review")]

    def __str__(self) -> str:
        return f"{self.review_id}: {self.author_id}"


class Link(models.Model):
    """The address in a mail that opens one review for one seat. Only its SHA-256 is kept."""

    seat = models.ForeignKey(Seat, models.PROTECT, related_name="links")
    client = models.ForeignKey(Client, models.PROTECT, related_name="+")
    digest = models.CharField(max_length=64, unique=True)
    mailed_to = models.EmailField()
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.seat_id}: {self.created_at:%Y-%m-%d %H:%M}"
