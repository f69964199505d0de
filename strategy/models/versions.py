"""What was put before people, to the letter; and what was agreed, from when until when."""

from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from approvals.models import Review
from audit.triggers import kept_whole
from clients.models import Client
from strategy.models.strategies import Strategy

USER = settings.AUTH_USER_MODEL
NOTE_LENGTH = 1000


class StrategyVersion(models.Model):
    """An immutable snapshot of the whole document. ``digest`` is over ``content`` (see ``strategy.content``).

    ``changed`` says what of it differed from what was in force then (see ``strategy.differing``); ``note`` is for its readers.
    """

    strategy = models.ForeignKey(Strategy, models.PROTECT, related_name="versions")
    client = models.ForeignKey(Client, models.PROTECT, related_name="+")
    number = models.PositiveIntegerField(_("version"))
    author = models.ForeignKey(USER, models.PROTECT, related_name="+")
    digest = models.CharField(_("digest"), max_length=64)
    content = models.JSONField()
    note = models.CharField(_("note"), max_length=NOTE_LENGTH, blank=True)
    changed = ArrayField(models.CharField(max_length=12), default=list, blank=True)
    against = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("version")
        verbose_name_plural = _("versions")
        ordering: ClassVar = ["strategy", "number"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["strategy", "number"], name="uq_strategyversion")]
        triggers: ClassVar = [
            pgtrigger.Protect(name="strategyversion_immutable", operation=pgtrigger.Update | pgtrigger.Delete),
            kept_whole("strategyversion_not_emptied"),
        ]

    def __str__(self) -> str:
        return f"{self.strategy_id} v{self.number}"


class Agreement(models.Model):
    """A version in force, from when it was agreed until the next one was, or it was taken back. One at a time.

    ``before`` is the agreement in whose place it came.
    """

    strategy = models.ForeignKey(Strategy, models.PROTECT, related_name="agreements")
    client = models.ForeignKey(Client, models.PROTECT, related_name="+")
    version = models.ForeignKey(StrategyVersion, models.PROTECT, related_name="agreements")
    review = models.ForeignKey(Review, models.PROTECT, related_name="+")
    before = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="+")
    began_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)
    taken_back = models.BooleanField(default=False)

    class Meta:
        ordering: ClassVar = ["strategy", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["strategy"], condition=models.Q(ended_at=None), name="uq_agreement_in_force"
            ),
            models.CheckConstraint(
                condition=models.Q(taken_back=False) | models.Q(ended_at__isnull=False), name="ck_agreement_taken_back"
            ),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="agreement_kept", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(
                name="agreement_frozen",
                fields=["id", "strategy", "client", "version", "review", "before", "began_at"],
            ),
            kept_whole("agreement_not_emptied"),
        ]

    def __str__(self) -> str:
        return f"{self.strategy_id}: {self.version_id}"
