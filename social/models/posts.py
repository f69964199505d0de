"""What is planned for a client's channels, and the immutable versions that approvals bind to."""

from typing import Any, ClassVar

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import check_timezone
from approvals.models import Chain, Review
from audit.triggers import States, kept_whole
from clients.models import Client
from social.entries import words_in
from social.models.channels import Channel
from social.models.labels import Label
from social.models.media import Media
from social.text import has_words
from strategy.models import Objective, Occasion, Pillar

USER = settings.AUTH_USER_MODEL


class PostState(models.TextChoices):
    """Where a post stands on its way."""

    DRAFT = "draft", _("Draft")
    IN_REVIEW = "in_review", _("In review")
    CHANGES_REQUESTED = "changes_requested", _("Changes requested")
    APPROVED = "approved", _("Approved")
    SCHEDULED = "scheduled", _("Scheduled")
    PUBLISHING = "publishing", _("Going out")
    PUBLISHED = "published", _("Published")
    PARTLY_PUBLISHED = "partly_published", _("Partly published")
    FAILED = "failed", _("Not published")
    LATE = "late", _("Missed its time")
    CANCELLED = "cancelled", _("Cancelled")


class Act(models.TextChoices):
    """What a post does once it is approved. All but the first act on, or beside, what is live already."""

    PUBLISH = "publish", _("Goes out")
    REPLY = "reply", _("Answers what is live")
    EDIT = "edit", _("Changes what is live")
    NEW_POST = "new_post", _("Corrects what is live in a post of its own")
    TAKE_DOWN = "take_down", _("Takes down what is live")


# The words of states that read otherwise where something else than going out is done.
ACTED: dict[str, dict[str, Any]] = {
    Act.EDIT: {"publishing": _("Being changed"), "published": _("Changed"), "failed": _("Not changed")},
    Act.TAKE_DOWN: {"publishing": _("Being taken down"), "published": _("Taken down"), "failed": _("Not taken down")},
}


# What the database lets a post's state become, whoever asks (see social.services.states for who does).
TRANSITIONS = {
    "draft": ["in_review", "cancelled"],
    "in_review": ["draft", "changes_requested", "approved", "scheduled", "late", "cancelled"],
    "changes_requested": ["draft", "in_review", "cancelled"],
    "approved": ["draft", "in_review", "scheduled", "late", "cancelled"],
    "scheduled": [
        "draft",
        "in_review",
        "approved",
        "publishing",
        "published",
        "partly_published",
        "failed",
        "late",
        "cancelled",
    ],
    "publishing": ["scheduled", "published", "partly_published", "failed", "late", "cancelled"],
    "published": ["publishing"],
    "partly_published": ["scheduled", "publishing", "published", "late"],
    "failed": ["draft", "approved", "scheduled", "publishing", "published", "partly_published", "late", "cancelled"],
    "late": [
        "draft",
        "in_review",
        "changes_requested",
        "approved",
        "scheduled",
        "publishing",
        "published",
        "partly_published",
        "failed",
        "cancelled",
    ],
    "cancelled": [],
}


# Pillar, objective and occasion are its own client's.
SERVES = """
IF EXISTS (SELECT FROM strategy_pillar WHERE id = NEW.pillar_id AND client_id <> NEW.client_id)
OR EXISTS (SELECT FROM strategy_objective WHERE id = NEW.objective_id AND client_id <> NEW.client_id)
OR EXISTS (SELECT FROM strategy_occasion WHERE id = NEW.occasion_id AND client_id <> NEW.client_id) THEN
    RAISE EXCEPTION 'a post serves nothing of another client';
END IF;
RETURN NEW;
"""


class Post(models.Model):
    """What is planned for one or more channels of a client.

    ``parts`` are the texts of the further posts of a thread, in their order. ``comment`` is the first comment below it.

    One that acts on what is live (``act``) names it: ``corrects`` is the publication, and ``before`` the version that was
    live there when it was begun. ``because`` says why.
    """

    client = models.ForeignKey(Client, models.PROTECT, related_name="posts", verbose_name=_("client"))
    author = models.ForeignKey(USER, models.PROTECT, related_name="posts", verbose_name=_("author"))
    written_by = models.ForeignKey(
        USER, models.PROTECT, related_name="+", verbose_name=_("last written by"), help_text=_("Never approves it.")
    )
    title = models.CharField(_("title"), max_length=200, help_text=_("For ourselves: it does not go out."), blank=True)
    text = models.TextField(_("text"), blank=True)
    link = models.URLField(_("link"), max_length=2000, blank=True)
    parts = ArrayField(models.TextField(blank=True), verbose_name=_("thread"), default=list, blank=True)
    comment = models.TextField(_("first comment"), blank=True)
    chain = models.ForeignKey(
        Chain, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("approval chain")
    )
    pillar = models.ForeignKey(
        Pillar, models.PROTECT, null=True, blank=True, related_name="posts", verbose_name=_("pillar")
    )
    objective = models.ForeignKey(
        Objective, models.PROTECT, null=True, blank=True, related_name="posts", verbose_name=_("objective")
    )
    occasion = models.ForeignKey(
        Occasion, models.PROTECT, null=True, blank=True, related_name="posts", verbose_name=_("occasion")
    )
    labels = models.ManyToManyField(
        Label, through="social.PostLabel", blank=True, related_name="posts", verbose_name=_("labels")
    )
    publish_at = models.DateTimeField(_("goes out"), null=True, blank=True)
    publish_zone = models.CharField(max_length=64, blank=True, validators=[check_timezone])
    act = models.CharField(max_length=12, choices=Act.choices, default=Act.PUBLISH, db_default="publish")
    corrects = models.ForeignKey(
        "social.Publication", models.PROTECT, null=True, blank=True, related_name="corrections"
    )
    before = models.ForeignKey("social.PostVersion", models.PROTECT, null=True, blank=True, related_name="+")
    because = models.CharField(_("why"), max_length=500, blank=True, db_default="")
    state = models.CharField(_("state"), max_length=20, choices=PostState.choices, default=PostState.DRAFT)
    version = models.ForeignKey("social.PostVersion", models.PROTECT, null=True, blank=True, related_name="+")
    review = models.ForeignKey(Review, models.PROTECT, null=True, blank=True, related_name="+")
    revision = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(_("written"), default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("post")
        verbose_name_plural = _("posts")
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(state__in=PostState.values), name="ck_post_state"),
            models.CheckConstraint(
                condition=models.Q(version__isnull=False)
                | models.Q(state__in=["draft", "changes_requested", "cancelled"]),
                name="ck_post_version",
            ),
            models.CheckConstraint(
                condition=models.Q(act="publish", corrects=None, before=None)
                | models.Q(act__in=["reply", "edit", "new_post"], corrects__isnull=False, before__isnull=False)
                | models.Q(act="take_down", corrects__isnull=False, before__isnull=False, because__gt=""),
                name="ck_post_act",
            ),
            models.UniqueConstraint(
                fields=["corrects"],
                condition=models.Q(act="take_down") & ~models.Q(state="cancelled"),
                name="uq_post_take_down",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["client", "state", "publish_at"], name="ix_post_client_state"),
            models.Index(fields=["updated_at", "id"], name="ix_post_updated"),
            models.Index(fields=["publish_at"], name="ix_post_waiting", condition=models.Q(state="in_review")),
        ]
        triggers: ClassVar = [
            States(
                name="post_states",
                transitions=[(a, b) for a, after in TRANSITIONS.items() for b in after],
            ),
            pgtrigger.Protect(name="post_kept", operation=pgtrigger.Delete),
            pgtrigger.Trigger(
                name="post_serves_its_own",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("pillar_id", "objective_id", "occasion_id"),  # type: ignore[no-untyped-call]
                condition=pgtrigger.Condition(
                    "NEW.pillar_id IS NOT NULL OR NEW.objective_id IS NOT NULL OR NEW.occasion_id IS NOT NULL"
                ),
                func=SERVES,
            ),
            pgtrigger.ReadOnly(name="post_acts_on_one", fields=["act", "corrects", "before"]),
        ]

    def __str__(self) -> str:
        return self.title or self.text[:60] or f"{self.pk}"

    @property
    def edition(self) -> str:
        """Another one after each edit, and wherever an edit would take back more than before: state, version, review."""
        return f"{self.revision}.{self.state}.{self.version_id or 0}.{self.review_id or 0}"

    def get_state_display(self) -> str:  # type: ignore[no-redef]  # Django's own, which yields to it
        """Where it stands, for people, in the words of what it does."""
        return str(ACTED.get(self.act, {}).get(self.state) or PostState(self.state).label)


class PostLabel(models.Model):
    """A label on a post."""

    post = models.ForeignKey(Post, models.PROTECT, related_name="label_rows")
    client = models.ForeignKey(Client, models.PROTECT, related_name="+")
    label = models.ForeignKey(Label, models.PROTECT, related_name="uses")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["post", "label"], name="uq_postlabel")]

    def __str__(self) -> str:
        return f"{self.post_id}: {self.label_id}"


class PostWriter(models.Model):
    """Somebody who wrote something of a post, whoever wrote after them. Never forgotten: who wrote does not approve."""

    post = models.ForeignKey(Post, models.PROTECT, related_name="writers")
    client = models.ForeignKey(Client, models.PROTECT, related_name="+")
    user = models.ForeignKey(USER, models.PROTECT, related_name="+")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["post", "user"], name="uq_postwriter")]
        triggers: ClassVar = [
            pgtrigger.Protect(name="postwriter_append_only", operation=pgtrigger.Update | pgtrigger.Delete),
            kept_whole("postwriter_not_emptied"),
        ]

    def __str__(self) -> str:
        return f"{self.post_id}: {self.user_id}"


class Variant(models.Model):
    """A post on one of its channels. ``text``, ``parts`` and ``comment`` are null where the post's own go out.

    ``fields`` are what this channel's network asks beside the text (see ``social.networks.asking.Field``). ``says`` are the
    fingerprints of what must not go out there twice (see ``social.repeats``), as it was last written.
    """

    post = models.ForeignKey(Post, models.PROTECT, related_name="variants")
    client = models.ForeignKey(Client, models.PROTECT, related_name="+")
    channel = models.ForeignKey(Channel, models.PROTECT, related_name="variants", verbose_name=_("channel"))
    text = models.TextField(_("text for this channel"), null=True, blank=True)  # noqa: DJ001 - null: the post's own
    own_media = models.BooleanField(_("its own pictures"), default=False)
    parts = ArrayField(models.TextField(blank=True), null=True, blank=True)
    comment = models.TextField(null=True, blank=True)  # noqa: DJ001 - null: the post's own
    fields = models.JSONField(default=dict, blank=True)
    says = ArrayField(models.CharField(max_length=64), default=list, blank=True)

    class Meta:
        ordering: ClassVar = ["channel_id"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["post", "channel"], name="uq_variant")]
        indexes: ClassVar = [GinIndex(fields=["says"], name="ix_variant_says")]

    def __str__(self) -> str:
        return f"{self.post_id} → {self.channel_id}"


class PostMedia(models.Model):
    """A picture of a post, in its order; of one variant only where that has its own. ``part``: of which further post of its thread."""

    post = models.ForeignKey(Post, models.PROTECT, related_name="media_rows")
    variant = models.ForeignKey(Variant, models.CASCADE, null=True, blank=True, related_name="media_rows")
    client = models.ForeignKey(Client, models.PROTECT, related_name="+")
    media = models.ForeignKey(Media, models.PROTECT, related_name="uses")
    part = models.PositiveSmallIntegerField(default=0)
    position = models.PositiveSmallIntegerField()

    class Meta:
        ordering: ClassVar = ["part", "position"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["post", "variant", "part", "position"], name="uq_postmedia_place", nulls_distinct=False
            ),
        ]

    def __str__(self) -> str:
        return f"{self.post_id}: {self.media_id}"


class PostVersion(models.Model):
    """An immutable snapshot of all that would go out. ``digest`` is over ``content`` (see ``social.digest``)."""

    post = models.ForeignKey(Post, models.PROTECT, related_name="versions")
    client = models.ForeignKey(Client, models.PROTECT, related_name="+")
    number = models.PositiveIntegerField(_("version"))
    author = models.ForeignKey(USER, models.PROTECT, related_name="+")
    digest = models.CharField(_("digest"), max_length=64)
    content = models.JSONField()
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("version")
        verbose_name_plural = _("versions")
        ordering: ClassVar = ["post", "number"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["post", "number"], name="uq_postversion_number")]
        triggers: ClassVar = [
            pgtrigger.Protect(name="postversion_immutable", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return f"{self.post_id} v{self.number}"

    suggested: list[dict[str, str]]  # with mail, name and words; of versions from ``social.credits.with_credits`` alone

    @property
    def credits(self) -> list[dict[str, str]]:
        """Mail and name of each person whose suggested words it holds beside its author's; wants ``suggested``."""
        found = {row["email"]: row["name"] for row in self.suggested if self.holds(row["words"])}
        return [{"email": email, "name": name} for email, name in found.items()]

    def holds(self, words: str) -> bool:
        """Whether these words go out with it, wherever that is."""
        return any(has_words(text, words) for entry in self.content["channels"] for text in words_in(entry))
