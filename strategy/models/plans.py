"""What a strategy says in numbers: shares of pillars, objectives, cadences, occasions."""

from typing import Any, ClassVar

import pgtrigger
from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from clients.models import Client
from strategy.models.pillars import Pillar
from strategy.models.strategies import Strategy

USER = settings.AUTH_USER_MODEL
WHOLE = 100  # percent
LINE_LENGTH = 200
REASON_LENGTH = 2000
MOST_A_WEEK = 140  # posts on one channel: twenty a day


class Leaving:
    """What is taken out of a strategy and stays for the posts that serve it, named as what it is."""

    name: str
    removed_at: Any

    @property
    def retired(self) -> bool:
        """Whether no post is given it any more."""
        return self.removed_at is not None

    @property
    def named(self) -> str:
        """Its name; of one that was taken out, that too."""
        return gettext("%(name)s (no longer in the strategy)") % {"name": self.name} if self.retired else self.name


class Metric(models.TextChoices):
    """What of the networks' counts can fill an objective's numbers."""

    REACH = "reach", _("People reached")
    REACTIONS = "reactions", _("Reactions")
    CLICKS = "clicks", _("Clicks")
    CONVERSIONS = "conversions", _("Conversions")


class Rank(models.TextChoices):
    """What an objective counts, in the order of what it is worth."""

    CONVERSION = "conversion", _("Conversions")
    REACH = "reach", _("Reach")
    FOLLOWERS = "followers", _("Followers")


class NumberSource(models.TextChoices):
    """Where an objective's number comes from."""

    HAND = "hand", _("Entered by hand")
    NETWORK = "network", _("From a network")


class PillarShare(models.Model):
    """What part of a client's posts is to serve this pillar, in percent. In a draft they need not add up."""

    strategy = models.ForeignKey(Strategy, models.PROTECT, related_name="shares")
    client = models.ForeignKey(Client, models.PROTECT, related_name="+")
    pillar = models.ForeignKey(Pillar, models.PROTECT, related_name="shares")
    percent = models.PositiveSmallIntegerField(
        _("share (%)"), validators=[MinValueValidator(1), MaxValueValidator(WHOLE)]
    )
    position = models.PositiveSmallIntegerField(default=1)

    class Meta:
        ordering: ClassVar = ["strategy", "position", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["strategy", "pillar"], name="uq_pillarshare"),
            models.CheckConstraint(
                condition=models.Q(percent__gte=1, percent__lte=WHOLE), name="ck_pillarshare_percent"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.strategy_id}: {self.pillar_id} {self.percent} %"


class Objective(Leaving, models.Model):
    """What is to be reached, by which measure and until when. ``baseline`` is null where nobody knows it.

    ``metric`` is what networks count that fills its numbers, empty: people enter them; of all posts that went out in the
    month, or with ``serving_only`` of those that name this objective. Nobody need agree to how it is filled.
    """

    strategy = models.ForeignKey(Strategy, models.PROTECT, related_name="objectives")
    client = models.ForeignKey(Client, models.PROTECT, related_name="+")
    position = models.PositiveSmallIntegerField(default=1)
    name = models.CharField(_("name"), max_length=LINE_LENGTH)
    measure = models.CharField(_("measure"), max_length=LINE_LENGTH)
    unit = models.CharField(_("unit"), max_length=40, blank=True)
    rank = models.CharField(_("what it counts"), max_length=10, choices=Rank.choices, default=Rank.CONVERSION)
    baseline = models.DecimalField(_("baseline"), max_digits=16, decimal_places=2, null=True, blank=True)
    target = models.DecimalField(_("target"), max_digits=16, decimal_places=2)
    due_on = models.DateField(_("until"))
    metric = models.CharField(_("filled from networks"), max_length=12, choices=Metric.choices, blank=True, default="")
    serving_only = models.BooleanField(_("only posts that serve it"), default=False)
    removed_at = models.DateTimeField(null=True, blank=True)
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("objective")
        verbose_name_plural = _("objectives")
        ordering: ClassVar = ["strategy", "position", "id"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(rank__in=Rank.values), name="ck_objective_rank"),
            models.CheckConstraint(condition=models.Q(measure__gt="", name__gt=""), name="ck_objective_measure"),
            models.CheckConstraint(condition=models.Q(metric__in=["", *Metric.values]), name="ck_objective_metric"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["updated_at", "id"], name="ix_objective_updated"),
            models.Index(
                fields=["strategy"],
                name="ix_objective_filled",
                condition=models.Q(removed_at=None) & ~models.Q(metric=""),
            ),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="objective_kept", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(name="objective_of_one", fields=["strategy", "client"]),
        ]

    def __str__(self) -> str:
        return self.name


class ObjectiveNumber(models.Model):
    """How an objective stood in a month (``month`` is its first day), and who says so. Corrected by writing it anew."""

    objective = models.ForeignKey(Objective, models.PROTECT, related_name="numbers")
    client = models.ForeignKey(Client, models.PROTECT, related_name="+")
    month = models.DateField(_("month"))
    value = models.DecimalField(_("number"), max_digits=16, decimal_places=2)
    source = models.CharField(_("source"), max_length=10, choices=NumberSource.choices, default=NumberSource.HAND)
    by = models.ForeignKey(USER, models.PROTECT, null=True, blank=True, related_name="+")
    note = models.CharField(_("note"), max_length=LINE_LENGTH, blank=True)
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering: ClassVar = ["objective", "month"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["objective", "month"], name="uq_objectivenumber"),
            models.CheckConstraint(condition=models.Q(month__day=1), name="ck_objectivenumber_month"),
            models.CheckConstraint(
                condition=models.Q(source__in=NumberSource.values), name="ck_objectivenumber_source"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.objective_id} {self.month:%Y-%m}"

    def note_for(self, *, inside: bool) -> str:
        """What stands beside it: what somebody wrote is the agency's own, what we say of networks is everybody's to read."""
        return self.note if inside or self.source == NumberSource.NETWORK else ""


class Cadence(models.Model):
    """How many posts a week were agreed for a channel (by its number), and why; or why there is none, where it is left out.

    A channel need not be one of ours to be left out: then it has a ``name`` only, and no number.
    """

    strategy = models.ForeignKey(Strategy, models.PROTECT, related_name="cadences")
    client = models.ForeignKey(Client, models.PROTECT, related_name="+")
    channel = models.BigIntegerField(null=True, blank=True)
    name = models.CharField(_("name"), max_length=LINE_LENGTH, blank=True)
    position = models.PositiveSmallIntegerField(default=1)
    per_week = models.DecimalField(_("posts a week"), max_digits=5, decimal_places=2, null=True, blank=True)
    left_out = models.BooleanField(_("left out"), default=False)
    reason = models.TextField(_("reason"), blank=True)
    owner = models.ForeignKey(USER, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("owner"))
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("cadence")
        verbose_name_plural = _("cadences")
        ordering: ClassVar = ["strategy", "position", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["strategy", "channel"], name="uq_cadence_channel"),
            models.CheckConstraint(
                condition=models.Q(left_out=True, per_week=None)
                | models.Q(left_out=False, per_week__gt=0, per_week__lte=MOST_A_WEEK, channel__isnull=False),
                name="ck_cadence",
            ),
            models.CheckConstraint(
                condition=models.Q(channel__isnull=False) | models.Q(name__gt=""), name="ck_cadence_named"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["channel"], name="ix_cadence_channel")]

    def __str__(self) -> str:
        return f"{self.strategy_id} → {self.channel_id_or_name}"

    @property
    def channel_id_or_name(self) -> str:
        """The channel's number, or the name of what is no channel of ours."""
        return self.name or str(self.channel)


class Occasion(Leaving, models.Model):
    """A day worth a post; ``yearly``: every year on that day."""

    strategy = models.ForeignKey(Strategy, models.PROTECT, related_name="occasions")
    client = models.ForeignKey(Client, models.PROTECT, related_name="+")
    name = models.CharField(_("name"), max_length=LINE_LENGTH)
    on = models.DateField(_("day"))
    yearly = models.BooleanField(_("every year"), default=False)
    note = models.CharField(_("note"), max_length=REASON_LENGTH, blank=True)
    removed_at = models.DateTimeField(null=True, blank=True)
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("occasion")
        verbose_name_plural = _("occasions")
        ordering: ClassVar = ["strategy", "on", "id"]
        indexes: ClassVar = [models.Index(fields=["client", "on"], name="ix_occasion_on")]
        triggers: ClassVar = [
            pgtrigger.Protect(name="occasion_kept", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(name="occasion_of_one", fields=["strategy", "client"]),
        ]

    def __str__(self) -> str:
        return self.name
