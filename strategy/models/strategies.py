"""Strategies: what is written with a client, section by section, each with every revision that it ever had."""

from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Language
from approvals.models import Chain, Review
from audit.triggers import States, kept_whole
from clients.models import Client

USER = settings.AUTH_USER_MODEL
TITLE_LENGTH = 200
SOURCE_LENGTH = 1000


class StrategyKind(models.TextChoices):
    """What it is for."""

    YEAR = "year", _("The year")
    CAMPAIGN = "campaign", _("A campaign")
    CRISIS = "crisis", _("A crisis plan")


class StrategyState(models.TextChoices):
    """Where the document stands. What was agreed stays in force while the next version is a draft, or in review."""

    DRAFT = "draft", _("Draft")
    IN_REVIEW = "in_review", _("In review")
    AGREED = "agreed", _("Agreed")
    SUPERSEDED = "superseded", _("Over")


class SectionKind(models.TextChoices):
    """What a section is about. Each but the last is there once at most."""

    AUDIENCE = "audience", _("Who we are and to whom we speak")
    GOALS = "goals", _("Business goals")
    OBJECTIVES = "objectives", _("Objectives")
    TONE = "tone", _("Tone of voice")
    PILLARS = "pillars", _("Pillars")
    CHANNELS = "channels", _("Channels and their cadence")
    ROLES = "roles", _("Roles, and who answers when")
    POLICY = "policy", _("Social media policy")
    CRISES = "crises", _("Crises: history and plan")
    BUDGET = "budget", _("Budget")
    CALENDAR = "calendar", _("Calendar of occasions")
    FREE = "free", _("Free section")


class Horizon(models.TextChoices):
    """How long a section can be expected to hold."""

    EVERGREEN = "evergreen", _("Lasting")
    SEASONAL = "seasonal", _("Seasonal")
    VOLATILE = "volatile", _("Fast-changing")


class Strategy(models.Model):
    """A client's strategy document. Its row is the one lock of all that belongs to it.

    ``edition`` counts every change, also of its state. ``version`` is what is in review, or was agreed and not written on
    since; ``agreed_version`` is what is in force. ``written_by`` is who of the agency wrote in it last. The client's people
    know of it from ``shared_at`` on; with ``contacts_write`` their approvers write in it, too.
    """

    client = models.ForeignKey(Client, models.PROTECT, related_name="strategies", verbose_name=_("client"))
    title = models.CharField(_("title"), max_length=TITLE_LENGTH)
    kind = models.CharField(_("kind"), max_length=10, choices=StrategyKind.choices, default=StrategyKind.YEAR)
    language = models.CharField(_("language"), max_length=10, choices=Language.choices, default=Language.ITALIAN)
    starts_on = models.DateField(_("begins on"))
    ends_on = models.DateField(_("ends on"), null=True, blank=True)
    owner = models.ForeignKey(USER, models.PROTECT, related_name="+", verbose_name=_("owner"))
    written_by = models.ForeignKey(USER, models.PROTECT, related_name="+", verbose_name=_("last written by"))
    chain = models.ForeignKey(
        Chain, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("approval chain")
    )
    state = models.CharField(_("state"), max_length=10, choices=StrategyState.choices, default=StrategyState.DRAFT)
    version = models.ForeignKey("strategy.StrategyVersion", models.PROTECT, null=True, blank=True, related_name="+")
    agreed_version = models.ForeignKey(
        "strategy.StrategyVersion", models.PROTECT, null=True, blank=True, related_name="+"
    )
    review = models.ForeignKey(Review, models.PROTECT, null=True, blank=True, related_name="+")
    edition = models.PositiveIntegerField(default=1)
    shared_at = models.DateTimeField(_("shared with the client"), null=True, blank=True)
    contacts_write = models.BooleanField(_("the client’s approvers write in it"), default=False)
    copied_from = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(_("begun"), default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("strategy")
        verbose_name_plural = _("strategies")
        ordering: ClassVar = ["client", "-starts_on", "-id"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(state__in=StrategyState.values), name="ck_strategy_state"),
            models.CheckConstraint(condition=models.Q(kind__in=StrategyKind.values), name="ck_strategy_kind"),
            models.CheckConstraint(
                condition=models.Q(ends_on=None) | models.Q(ends_on__gte=models.F("starts_on")), name="ck_strategy_ends"
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["draft", "superseded"])
                | models.Q(version__isnull=False, review__isnull=False, shared_at__isnull=False),
                name="ck_strategy_version",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="agreed") | models.Q(agreed_version=models.F("version")),
                name="ck_strategy_agreed",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["client", "state", "-starts_on"], name="ix_strategy_client"),
            models.Index(fields=["updated_at", "id"], name="ix_strategy_updated"),
        ]
        triggers: ClassVar = [
            States(
                name="strategy_states",
                transitions=[
                    ("draft", "in_review"),
                    ("draft", "superseded"),
                    ("in_review", "draft"),
                    ("in_review", "agreed"),
                    ("agreed", "draft"),
                    ("agreed", "in_review"),  # an agreement is taken back
                    ("agreed", "superseded"),
                ],
            ),
            pgtrigger.Protect(name="strategy_kept", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(name="strategy_of_one_client", fields=["client", "copied_from"]),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def shared(self) -> bool:
        """Whether the client's people know of it."""
        return self.shared_at is not None


class Section(models.Model):
    """One part of a strategy, as it reads now: the texts of its ``revision``, which is the number of a row of ``Revision``.

    ``review_by`` is a date that somebody gave; ``due_on`` is by when it has to be looked at again: that date, or what
    follows from the horizon. ``written`` counts its revisions, those beside the line included. ``locked_by`` is who is in
    it, up to ``locked_until``: a sign for others, which keeps nobody out. One that is ``removed_at`` keeps its revisions.
    ``leaned_on_at`` is when a post that leans on it was last submitted though it wanted to be looked at before.
    """

    strategy = models.ForeignKey(Strategy, models.PROTECT, related_name="sections")
    client = models.ForeignKey(Client, models.PROTECT, related_name="+")
    position = models.PositiveSmallIntegerField(_("position"))
    kind = models.CharField(_("kind"), max_length=12, choices=SectionKind.choices)
    title = models.CharField(_("title"), max_length=TITLE_LENGTH)
    body = models.TextField(_("text"), blank=True)
    why = models.TextField(_("why"), blank=True)
    source = models.CharField(_("source"), max_length=SOURCE_LENGTH, blank=True)
    horizon = models.CharField(_("horizon"), max_length=10, choices=Horizon.choices, default=Horizon.EVERGREEN)
    review_by = models.DateField(_("review by"), null=True, blank=True)
    due_on = models.DateField()
    owner = models.ForeignKey(USER, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("owner"))
    revision = models.PositiveIntegerField(default=0)
    written = models.PositiveIntegerField(default=0)
    locked_by = models.ForeignKey(USER, models.PROTECT, null=True, blank=True, related_name="+")
    locked_until = models.DateTimeField(null=True, blank=True)
    removed_at = models.DateTimeField(null=True, blank=True)
    leaned_on_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("section")
        verbose_name_plural = _("sections")
        ordering: ClassVar = ["strategy", "position", "id"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(kind__in=SectionKind.values), name="ck_section_kind"),
            models.CheckConstraint(condition=models.Q(horizon__in=Horizon.values), name="ck_section_horizon"),
            models.CheckConstraint(condition=models.Q(revision__lte=models.F("written")), name="ck_section_revision"),
            models.CheckConstraint(
                condition=models.Q(locked_by=None, locked_until=None)
                | models.Q(locked_by__isnull=False, locked_until__isnull=False),
                name="ck_section_lock",
            ),
            models.UniqueConstraint(
                fields=["strategy", "kind"],
                condition=models.Q(removed_at=None) & ~models.Q(kind="free"),
                name="uq_section_kind",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["due_on"], name="ix_section_due", condition=models.Q(removed_at=None)),
            models.Index(fields=["updated_at", "id"], name="ix_section_updated"),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="section_kept", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(name="section_of_one", fields=["strategy", "client", "kind"]),
        ]

    def __str__(self) -> str:
        return self.title


class Revision(models.Model):
    """One saving of a section: all its texts, and who wrote them. Never changed, never deleted.

    ``begun_from`` is the number of the revision that its author had before them; where that was not the current one any
    more, it stands ``beside`` the line. One that ``merges`` others names them: what stood beside is settled by it.
    ``credit`` is whose suggested words it takes up; ``credit_internal``: the client's people know nothing of that.
    """

    section = models.ForeignKey(Section, models.PROTECT, related_name="revisions")
    client = models.ForeignKey(Client, models.PROTECT, related_name="+")
    number = models.PositiveIntegerField()
    author = models.ForeignKey(USER, models.PROTECT, related_name="+")
    credit = models.ForeignKey(USER, models.PROTECT, null=True, blank=True, related_name="+")
    credit_internal = models.BooleanField(default=False, db_default=False)
    title = models.CharField(max_length=TITLE_LENGTH)
    body = models.TextField(blank=True)
    why = models.TextField(blank=True)
    source = models.CharField(max_length=SOURCE_LENGTH, blank=True)
    horizon = models.CharField(max_length=10, choices=Horizon.choices)
    review_by = models.DateField(null=True, blank=True)
    owner = models.ForeignKey(USER, models.PROTECT, null=True, blank=True, related_name="+")
    begun_from = models.PositiveIntegerField(null=True, blank=True)
    beside = models.BooleanField(default=False)
    merges = ArrayField(models.PositiveIntegerField(), default=list, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("revision")
        verbose_name_plural = _("revisions")
        ordering: ClassVar = ["section", "number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["section", "number"], name="uq_revision_number"),
            models.CheckConstraint(condition=models.Q(horizon__in=Horizon.values), name="ck_revision_horizon"),
            models.CheckConstraint(condition=models.Q(beside=False) | models.Q(merges=[]), name="ck_revision_beside"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["section", "number"], name="ix_revision_beside", condition=models.Q(beside=True)),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="revision_append_only", operation=pgtrigger.Update | pgtrigger.Delete),
            kept_whole("revision_not_emptied"),
        ]

    def __str__(self) -> str:
        return f"{self.section_id} r{self.number}"


class StrategyWriter(models.Model):
    """Somebody who wrote something of a strategy, whoever wrote after them. Never forgotten: other eyes are others' eyes."""

    strategy = models.ForeignKey(Strategy, models.PROTECT, related_name="writers")
    client = models.ForeignKey(Client, models.PROTECT, related_name="+")
    user = models.ForeignKey(USER, models.PROTECT, related_name="+")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["strategy", "user"], name="uq_strategywriter")]
        triggers: ClassVar = [
            pgtrigger.Protect(name="strategywriter_append_only", operation=pgtrigger.Update | pgtrigger.Delete),
            kept_whole("strategywriter_not_emptied"),
        ]

    def __str__(self) -> str:
        return f"{self.strategy_id}: {self.user_id}"
