"""One run of a chain on one version: steps, seats and decisions are frozen copies of the template."""

from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import ApiToken, User
from approvals.models.chains import Chain, OnDeadline, Rule
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
    SKIPPED = "skipped", _("Left out")


class SeatSource(models.TextChoices):
    """Why a person has a seat."""

    CHAIN = "chain", _("Chain")
    ESCALATION = "escalation", _("Escalation")
    REPLACEMENT = "replacement", _("Replacement")
    AGAIN = "again", _("Asked again")


class SeatEnd(models.TextChoices):
    """Why a seat counts no more."""

    REPLACED = "replaced", _("Replaced")
    TAKEN_BACK = "taken_back", _("Taken back")


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


class Review(models.Model):
    """One run of a chain on one version of a subject. It binds to the digest, never to the subject.

    ``moved_at`` is when ``goes_out_at`` was last changed: who was asked before that knows another hour. ``writers`` are the
    ids of who had written any version when it began: whoever writes later overtakes it.
    """

    client = models.ForeignKey(Client, models.PROTECT, related_name="reviews", verbose_name=_("client"))
    subject_type = models.ForeignKey(ContentType, models.PROTECT, related_name="+")
    subject_id = models.BigIntegerField()
    title = models.CharField(_("title"), max_length=300)
    version = models.PositiveIntegerField(_("version"))
    digest = models.CharField(_("digest"), max_length=64)
    author = models.ForeignKey(USER, models.PROTECT, related_name="+", verbose_name=_("author"))
    writers = ArrayField(models.BigIntegerField(), default=list, db_default=[], blank=True)
    chain = models.ForeignKey(Chain, models.PROTECT, related_name="reviews", verbose_name=_("approval chain"))
    chain_name = models.CharField(max_length=120)
    round = models.PositiveIntegerField(_("round"), default=1)
    goes_out_at = models.DateTimeField(_("goes out"), null=True, blank=True)
    moved_at = models.DateTimeField(null=True, blank=True)
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
            models.Index(fields=["subject_id", "subject_type", "-round"], name="ix_review_subject"),
            models.Index(fields=["goes_out_at"], name="ix_review_open_out", condition=models.Q(state="open")),
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
                    ("approved", "open"),  # an approval is taken back
                ],
            ),
            pgtrigger.Protect(name="review_kept", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(
                name="review_frozen",
                fields=[
                    "id",
                    "client",
                    "subject_type",
                    "subject_id",
                    "title",
                    "version",
                    "digest",
                    "author",
                    "writers",
                    "chain",
                    "chain_name",
                    "round",
                    "asked_by",
                    "opened_at",
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} · {self.version}"


_TURN_COMES = pgtrigger.Q(new__state="active") & ~pgtrigger.Q(old__state="active")
_IS_SILENT = pgtrigger.Q(old__state="active", old__tacit_at__isnull=True)
# By which writing silence counts is said when a step's turn comes, and at no other time; that it was silent, once.
SILENCE_CHANGED = ~_TURN_COMES & (
    pgtrigger.Q(old__tacit_agreed_on__df=pgtrigger.F("new__tacit_agreed_on"))
    | pgtrigger.Q(old__tacit_document__df=pgtrigger.F("new__tacit_document"))
    | pgtrigger.Q(old__tacit_at__df=pgtrigger.F("new__tacit_at")) & ~_IS_SILENT
)


class ReviewStep(models.Model):
    """A frozen copy of a step.

    ``skipped_because`` says why it was left out (see ``approvals.conditions``); ``carried_from`` is the step of an earlier
    round whose approval stands here too. ``tacit_agreed_on`` and ``tacit_document`` (its SHA-256) are the writing by which silence
    counts here, as it stood when its turn came (see ``approvals.silence``); ``tacit_at`` says when silence let it pass.
    ``part`` is the digest of what it looks at, ``recipe`` that of the template's step. ``wake_at`` is when the sweep looks
    at it next.
    """

    review = models.ForeignKey(Review, models.PROTECT, related_name="steps")
    client = models.ForeignKey(Client, models.PROTECT, related_name="+")
    position = models.PositiveSmallIntegerField(_("position"))
    name = models.CharField(_("name"), max_length=120)
    rule = models.CharField(_("rule"), max_length=10, choices=Rule.choices)
    needed = models.PositiveSmallIntegerField(_("how many"))
    state = models.CharField(_("state"), max_length=10, choices=StepState.choices, default=StepState.WAITING)
    activated_at = models.DateTimeField(null=True, blank=True)
    due_after_minutes = models.PositiveIntegerField(null=True, blank=True)
    due_before_minutes = models.PositiveIntegerField(null=True, blank=True)
    due_at = models.DateTimeField(_("due"), null=True, blank=True)
    wake_at = models.DateTimeField(null=True, blank=True)
    on_deadline = models.CharField(max_length=10, choices=OnDeadline.choices, default=OnDeadline.REMIND)
    escalate_to = ArrayField(models.BigIntegerField(), default=list, blank=True)
    never_tacit = models.BooleanField(default=False)
    four_eyes = models.BooleanField(default=False)
    skipped_because = models.JSONField(null=True, blank=True)
    carried_from = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="+")
    tacit_at = models.DateTimeField(null=True, blank=True)
    tacit_agreed_on = models.DateField(null=True, blank=True)
    tacit_document = models.CharField(max_length=64, blank=True, default="", db_default="")
    part = models.CharField(max_length=64, blank=True)
    recipe = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering: ClassVar = ["review", "position"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["review", "position"], name="uq_reviewstep_position"),
            models.UniqueConstraint(fields=["review"], condition=models.Q(state="active"), name="uq_reviewstep_active"),
            models.CheckConstraint(condition=models.Q(state__in=StepState.values), name="ck_reviewstep_state"),
            models.CheckConstraint(condition=models.Q(needed__gte=1), name="ck_reviewstep_needed"),
            models.CheckConstraint(
                condition=models.Q(state="skipped", skipped_because__isnull=False)
                | ~models.Q(state="skipped") & models.Q(skipped_because=None),
                name="ck_reviewstep_skipped",
            ),
            models.CheckConstraint(
                condition=models.Q(tacit_at=None, tacit_agreed_on=None, tacit_document="")
                | models.Q(tacit_agreed_on__isnull=False, on_deadline="tacit", never_tacit=False),
                name="ck_reviewstep_tacit",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["wake_at"],
                name="ix_reviewstep_wake",
                condition=models.Q(state="active", wake_at__isnull=False),
            ),
            models.Index(fields=["activated_at"], name="ix_reviewstep_turn", condition=models.Q(state="active")),
            models.Index(fields=["review"], name="ix_reviewstep_eyes", condition=models.Q(four_eyes=True)),
        ]
        triggers: ClassVar = [
            States(
                name="reviewstep_states",
                transitions=[
                    ("waiting", "active"),
                    ("active", "passed"),
                    ("active", "refused"),
                    ("passed", "active"),  # an approval is taken back
                    ("active", "waiting"),
                ],
            ),
            pgtrigger.Protect(name="reviewstep_kept", operation=pgtrigger.Delete),
            pgtrigger.Protect(
                name="reviewstep_silence",
                operation=pgtrigger.UpdateOf("tacit_at", "tacit_agreed_on", "tacit_document"),  # type: ignore[no-untyped-call]
                condition=SILENCE_CHANGED,
            ),
            pgtrigger.ReadOnly(
                name="reviewstep_frozen",
                fields=[
                    "id",
                    "review",
                    "client",
                    "position",
                    "name",
                    "rule",
                    "needed",
                    "due_after_minutes",
                    "due_before_minutes",
                    "on_deadline",
                    "escalate_to",
                    "never_tacit",
                    "four_eyes",
                    "skipped_because",
                    "carried_from",
                    "part",
                    "recipe",
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.position}. {self.name}"


class Seat(models.Model):
    """One person's place in one step of one review. One that has ended counts no more, and neither does what was decided on it."""

    step = models.ForeignKey(ReviewStep, models.PROTECT, related_name="seats")
    client = models.ForeignKey(Client, models.PROTECT, related_name="+")
    user = models.ForeignKey(USER, models.PROTECT, related_name="seats")
    source = models.CharField(max_length=12, choices=SeatSource.choices, default=SeatSource.CHAIN)
    instead_of = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(USER, models.PROTECT, null=True, blank=True, related_name="+")
    ended_why = models.CharField(max_length=12, choices=SeatEnd.choices, blank=True)
    reason = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["step", "user"], condition=models.Q(ended_at=None), name="uq_seat"),
            models.CheckConstraint(condition=models.Q(source__in=SeatSource.values), name="ck_seat_source"),
            models.CheckConstraint(
                condition=models.Q(ended_at=None, ended_by=None, ended_why="", reason="")
                | models.Q(ended_at__isnull=False, ended_why__in=SeatEnd.values),
                name="ck_seat_ended",
            ),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="seat_kept", operation=pgtrigger.Delete),
            pgtrigger.Protect(
                name="seat_ends_once", operation=pgtrigger.Update, condition=pgtrigger.Q(old__ended_at__isnull=False)
            ),
            pgtrigger.ReadOnly(
                name="seat_frozen", fields=["id", "step", "client", "user", "source", "instead_of", "created_at"]
            ),
        ]

    def __str__(self) -> str:
        return f"{self.step_id}: {self.user_id}"


class Decision(models.Model):
    """What one seat said, of which words, which way. Never changed, never deleted.

    ``actor`` is who pressed the button: the seat's own person, or their deputy. ``link`` and ``token`` say by which address
    in a mail, or with which key, it came in.
    """

    seat = models.OneToOneField(Seat, models.PROTECT, related_name="decision")
    client = models.ForeignKey(Client, models.PROTECT, related_name="+")
    actor = models.ForeignKey(USER, models.PROTECT, related_name="+")
    verdict = models.CharField(max_length=20, choices=Verdict.choices)
    comment = models.TextField(blank=True)
    digest = models.CharField(max_length=64)
    via = models.CharField(max_length=10, choices=Via.choices)
    link = models.ForeignKey("Link", models.PROTECT, null=True, blank=True, related_name="+")
    token = models.ForeignKey(ApiToken, models.PROTECT, null=True, blank=True, related_name="+")
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


class Link(models.Model):
    """The address in a mail that opens one review for one person: who has the seat, or ``deputy`` who stands in.

    Only its SHA-256 is kept.
    """

    seat = models.ForeignKey(Seat, models.PROTECT, related_name="links")
    deputy = models.ForeignKey(USER, models.PROTECT, null=True, blank=True, related_name="+")
    client = models.ForeignKey(Client, models.PROTECT, related_name="+")
    digest = models.CharField(max_length=64, unique=True)
    mailed_to = models.EmailField()
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.seat_id}: {self.created_at:%Y-%m-%d %H:%M}"

    @property
    def reader(self) -> User:
        """Whom it lets in."""
        return self.deputy or self.seat.user


class LinkCode(models.Model):
    """A code sent by mail to whoever opened a link, where the client wants that. Only its hash is kept; it is used once."""

    link = models.ForeignKey(Link, models.PROTECT, related_name="codes")
    client = models.ForeignKey(Client, models.PROTECT, related_name="+")
    digest = models.CharField(max_length=64)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.link_id}: {self.created_at:%Y-%m-%d %H:%M}"
