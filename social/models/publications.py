"""The outbox: one version going out on one channel at one time, and each try at it."""

from decimal import Decimal
from itertools import count, takewhile
from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from audit.triggers import States
from clients.models import Client
from social.models.channels import Channel
from social.models.posts import ACTED, Act, Post, PostVersion


class PublicationState(models.TextChoices):
    """Where one publication stands. ``unknown``: it may be live, it may not; it is never sent again blindly."""

    SCHEDULED = "scheduled", _("Scheduled")
    PUBLISHING = "publishing", _("Going out")
    PUBLISHED = "published", _("Published")
    FAILED = "failed", _("Not published")
    UNKNOWN = "unknown", _("Outcome uncertain")
    CANCELLED = "cancelled", _("Cancelled")
    LATE = "late", _("Missed its time")


# Of one live publication, one of these is under way at a time; and the same one twice does no more than once.
ON_LIVE = ["reply", "edit", "take_down"]
REPEATABLE = frozenset({Act.EDIT, Act.TAKE_DOWN})
# At these, the sweep has something to do when ``wake_at`` comes.
AWAKE = ["scheduled", "publishing", "unknown"]
# There is at most one of these for a post and a channel.
TAKEN = ["scheduled", "publishing", "published", "unknown", "late", "failed"]


class Outcome(models.TextChoices):
    """How one try ended."""

    PUBLISHED = "published", _("Published")
    REFUSED = "refused", _("The network says no")
    THROTTLED = "throttled", _("The network asks to wait")
    NOT_SENT = "not_sent", _("Not sent")
    UNKNOWN = "unknown", _("Uncertain")
    WAITING = "waiting", _("The network is still working on it")
    STOPPED = "stopped", _("Everything was stopped")


class Publication(models.Model):
    """One version going out on one channel.

    ``due_at`` is the time people agreed on. ``wake_at`` is when the sweep looks at the row next: its time or a retry
    (scheduled), the end of a worker's lease (publishing), the next question to the network (unknown); null where only a
    person can go on. ``keys`` are what the network recognises our record by, fixed before the first try. ``progress`` is
    what its steps have given so far (see ``social.services.journal``); ``begun`` says that a part of it is surely live, so
    that nothing but its end can follow. ``handed_at`` is when the sweep last gave it to a worker. ``expected_at``: the
    network has begun with it, and said to come again then; it is no later for that (see ``social.services.lateness``).

    ``uses`` is what it will take of the network's limits, by their keys (see ``social.services.budgets``), and ``dollars``
    what the network will take for it; both as they were when it was scheduled. ``held``: the month's ceiling keeps it, and
    only a manager lets it go; ``beyond_by`` is who did.

    ``act`` is what is done there: where that is not going out, ``target`` is the live publication that it is done to, and
    *published* means that it is done. ``taken_down_at``: since when this one is surely not live any more.
    """

    post = models.ForeignKey(Post, models.PROTECT, related_name="publications", verbose_name=_("post"))
    version = models.ForeignKey(PostVersion, models.PROTECT, related_name="publications")
    channel = models.ForeignKey(Channel, models.PROTECT, related_name="publications", verbose_name=_("channel"))
    act = models.CharField(max_length=12, choices=Act.choices, default=Act.PUBLISH, db_default="publish")
    target = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="acts")
    network = models.SlugField(_("network"), max_length=30, db_index=False)
    client = models.ForeignKey(Client, models.PROTECT, related_name="publications", verbose_name=_("client"))
    state = models.CharField(
        _("state"), max_length=12, choices=PublicationState.choices, default=PublicationState.SCHEDULED
    )
    due_at = models.DateTimeField(_("goes out"))
    wake_at = models.DateTimeField(null=True, blank=True)
    keys = models.JSONField(default=dict)
    progress = models.JSONField(default=dict)
    begun = models.BooleanField(default=False)
    handed_at = models.DateTimeField(null=True, blank=True)
    expected_at = models.DateTimeField(null=True, blank=True)
    uses = models.JSONField(default=dict)
    dollars = models.DecimalField(_("price"), max_digits=9, decimal_places=4, default=Decimal(0))
    held = models.BooleanField(default=False)
    beyond_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, editable=False, related_name="+"
    )
    tries = models.PositiveSmallIntegerField(_("tries"), default=0)
    asked = models.PositiveSmallIntegerField(default=0)
    detail = models.CharField(_("what happened"), max_length=500, blank=True)
    remote_id = models.CharField(max_length=700, blank=True)
    permalink = models.URLField(max_length=1000, blank=True)
    published_at = models.DateTimeField(_("published"), null=True, blank=True)
    taken_down_at = models.DateTimeField(_("taken down"), null=True, blank=True)
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("publication")
        verbose_name_plural = _("publications")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["post", "channel"], condition=models.Q(state__in=TAKEN), name="uq_publication_taken"
            ),
            # What is done to something live has its number, too, and an answer may have none of its own.
            models.UniqueConstraint(
                fields=["channel", "remote_id"],
                condition=models.Q(act__in=["publish", "new_post"]) & ~models.Q(remote_id=""),
                name="uq_publication_remote",
            ),
            models.CheckConstraint(condition=models.Q(state__in=PublicationState.values), name="ck_publication_state"),
            models.CheckConstraint(
                condition=~models.Q(state__in=["scheduled", "publishing"]) | models.Q(wake_at__isnull=False),
                name="ck_publication_wake",
            ),
            models.CheckConstraint(
                condition=models.Q(act="publish", target=None)
                | models.Q(act__in=["reply", "edit", "new_post", "take_down"], target__isnull=False),
                name="ck_publication_act",
            ),
            models.UniqueConstraint(
                fields=["target"],
                condition=models.Q(act__in=ON_LIVE, state__in=["publishing", "unknown"]),
                name="uq_publication_acting",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["wake_at"], name="ix_publication_awake", condition=models.Q(state__in=AWAKE)),
            models.Index(
                fields=["wake_at"],
                name="ix_publication_underway",
                condition=models.Q(state__in=["publishing", "unknown"]),
            ),
            models.Index(
                fields=["network", "state", "wake_at"],
                name="ix_publication_turn",
                condition=models.Q(state__in=["scheduled", "publishing"]),
            ),
            models.Index(fields=["client", "state", "due_at"], name="ix_publication_client"),
            models.Index(fields=["client", "due_at"], name="ix_publication_month"),
            models.Index(
                fields=["network", "due_at"], name="ix_publication_planned", condition=models.Q(state="scheduled")
            ),
            models.Index(fields=["channel", "due_at"], name="ix_publication_channel"),
            models.Index(fields=["due_at", "id"], name="ix_publication_due"),
            models.Index(fields=["updated_at", "id"], name="ix_publication_updated"),
        ]
        triggers: ClassVar = [
            States(
                name="publication_states",
                transitions=[
                    ("scheduled", "publishing"),
                    ("scheduled", "cancelled"),
                    ("scheduled", "late"),
                    ("scheduled", "failed"),
                    ("publishing", "published"),
                    ("publishing", "scheduled"),
                    ("publishing", "failed"),
                    ("publishing", "unknown"),
                    ("unknown", "published"),
                    ("unknown", "scheduled"),
                    ("unknown", "cancelled"),
                    ("unknown", "failed"),
                    ("failed", "scheduled"),
                    ("failed", "cancelled"),
                    ("late", "scheduled"),
                    ("late", "cancelled"),
                    ("late", "failed"),
                ],
            ),
            pgtrigger.Protect(name="publication_kept", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.post_id} → {self.channel_id}"

    @property
    def live_posts(self) -> int | None:
        """Of what broke off in the middle: how many posts of its thread are live, its first comment not counted; else None."""
        if not self.begun or self.act not in {Act.PUBLISH, Act.NEW_POST} or self.state == PublicationState.PUBLISHED:
            return None
        steps = self.progress.get("steps", {})
        return 1 + len(list(takewhile(lambda number: f"part:{number}" in steps, count(1))))

    def get_state_display(self) -> str:  # type: ignore[no-redef]  # Django's own, which yields to it
        """Where it stands, for people, in the words of what is done."""
        return str(ACTED.get(self.act, {}).get(self.state) or PublicationState(self.state).label)


class Upload(models.Model):
    """Something that a network has of us and that more than one publication may use: given once, by whoever claimed it.

    ``scope`` is within which the network lets it be used (a server, a bot). ``given`` is null while a worker is at it, until
    ``until``; afterwards ``until`` is how long the network keeps it.
    """

    network = models.SlugField(max_length=30, db_index=False)
    scope = models.CharField(max_length=200)
    step = models.CharField(max_length=200)
    given = models.JSONField(null=True)
    until = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["network", "scope", "step"], name="uq_upload")]
        indexes: ClassVar = [models.Index(fields=["until"], name="ix_upload_until")]

    def __str__(self) -> str:
        return f"{self.network}: {self.step}"


class Use(models.Model):
    """So much of a network's limit (see ``social.services.budgets``) was used by one try; by a rehearsal where it is of none."""

    key = models.CharField(max_length=200)
    at = models.DateTimeField()
    cost = models.PositiveIntegerField()
    publication = models.ForeignKey(Publication, models.PROTECT, null=True, related_name="+")
    client = models.ForeignKey(Client, models.PROTECT, related_name="+")

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["key", "at"], name="ix_use_key"),
            models.Index(fields=["at"], name="ix_use_at"),
        ]

    def __str__(self) -> str:
        return f"{self.key}: {self.cost}"


class Attempt(models.Model):
    """One try at one publication, written down and committed before the network is called.

    ``sent_at`` is the moment from which readers could see it; without one, whatever happened left nothing behind.
    """

    publication = models.ForeignKey(Publication, models.PROTECT, related_name="attempts")
    client = models.ForeignKey(Client, models.PROTECT, related_name="+")
    number = models.PositiveSmallIntegerField()
    started_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=12, choices=Outcome.choices, blank=True)
    detail = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering: ClassVar = ["number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["publication", "number"], name="uq_attempt_number"),
            models.CheckConstraint(condition=models.Q(outcome__in=["", *Outcome.values]), name="ck_attempt_outcome"),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="attempt_kept", operation=pgtrigger.Delete),
            pgtrigger.Protect(
                name="attempt_ended_once",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__ended_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.publication_id} #{self.number}"
