"""After something is out: what a network shows there when it is read back, and what it counts."""

from typing import ClassVar

import pgtrigger
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from audit.triggers import kept_whole
from clients.models import Client
from social.models.publications import Publication


class Seen(models.TextChoices):
    """What was found where a publication should be."""

    THERE = "there", _("It is there")
    DIFFERS = "differs", _("It is there, at another address")
    LACKING = "lacking", _("It is there, and its readers don’t get all of it")
    GONE = "gone", _("It is not there any more")
    UNREADABLE = "unreadable", _("The network does not let us look")


class Watch(models.Model):
    """What is still to be looked at of one publication that is out: whether it is there, and what is counted.

    ``look_at`` and ``count_at`` are when a worker may do so next, null when there is nothing more to do. ``seen`` is what
    was found last, at ``seen_at``; ``verified_at`` is when it was last seen to be there. ``tries`` counts those that the
    network did not answer.
    """

    publication = models.OneToOneField(Publication, models.PROTECT, related_name="watch")
    client = models.ForeignKey(Client, models.PROTECT, related_name="+")
    look_at = models.DateTimeField(null=True, blank=True)
    looks = models.PositiveSmallIntegerField(default=0)
    tries = models.PositiveSmallIntegerField(default=0)
    seen = models.CharField(max_length=10, choices=Seen.choices, blank=True)
    seen_at = models.DateTimeField(null=True, blank=True)
    verified_at = models.DateTimeField(null=True, blank=True)
    address = models.CharField(max_length=1000, blank=True)
    detail = models.CharField(max_length=500, blank=True)
    count_at = models.DateTimeField(null=True, blank=True)
    count_tries = models.PositiveSmallIntegerField(default=0)
    count_detail = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(seen__in=["", *Seen.values]), name="ck_watch_seen"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["look_at"], name="ix_watch_look", condition=models.Q(look_at__isnull=False)),
            models.Index(fields=["count_at"], name="ix_watch_count", condition=models.Q(count_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.publication_id}: {self.seen}"


class Reading(models.Model):
    """What a network counted of one publication at one time. Null is unknown, which is not zero. Never changed.

    ``mark`` is the number of the time on the schedule (see ``social.services.counting``): there is one reading of each.
    """

    publication = models.ForeignKey(Publication, models.PROTECT, related_name="readings")
    client = models.ForeignKey(Client, models.PROTECT, related_name="+")
    mark = models.PositiveSmallIntegerField()
    at = models.DateTimeField(default=timezone.now)
    reach = models.PositiveBigIntegerField(_("people reached"), null=True)
    views = models.PositiveBigIntegerField(_("views"), null=True)
    reactions = models.PositiveBigIntegerField(_("reactions"), null=True)
    comments = models.PositiveBigIntegerField(_("comments"), null=True)
    shares = models.PositiveBigIntegerField(_("shares"), null=True)
    clicks = models.PositiveBigIntegerField(_("clicks"), null=True)
    conversions = models.PositiveBigIntegerField(_("conversions"), null=True)

    class Meta:
        ordering: ClassVar = ["publication", "mark"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["publication", "mark"], name="uq_reading")]
        triggers: ClassVar = [
            pgtrigger.Protect(name="reading_append_only", operation=pgtrigger.Update | pgtrigger.Delete),
            kept_whole("reading_not_emptied"),
        ]

    def __str__(self) -> str:
        return f"{self.publication_id} #{self.mark}"
