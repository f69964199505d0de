"""What people say of a strategy: words that they would write instead, and remarks on a passage."""

from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from approvals.models import Audience
from audit.triggers import States
from clients.models import Client
from strategy.models.strategies import Section

USER = settings.AUTH_USER_MODEL
WORDS_LENGTH = 10_000


class SuggestionKind(models.TextChoices):
    """What it would do to the passage."""

    REPLACE = "replace", _("Other words")
    INSERT = "insert", _("More words")
    DELETE = "delete", _("Leave it out")


class SuggestionState(models.TextChoices):
    """What became of it."""

    OPEN = "open", _("Open")
    ACCEPTED = "accepted", _("Taken over")
    DECLINED = "declined", _("Declined")
    OUTDATED = "outdated", _("Overtaken: its passage has changed")


class Suggestion(models.Model):
    """Words for a passage of a section's text, made on one ``revision`` of it. The passage is ``quote``, from character ``start``.

    ``place`` is where the passage stands in the text as it reads now. Where words are put in, the quote is empty.
    """

    section = models.ForeignKey(Section, models.PROTECT, related_name="suggestions")
    client = models.ForeignKey(Client, models.PROTECT, related_name="+")
    author = models.ForeignKey(USER, models.PROTECT, related_name="+")
    audience = models.CharField(max_length=10, choices=Audience.choices, default=Audience.CLIENT)
    revision = models.PositiveIntegerField()
    kind = models.CharField(_("kind"), max_length=10, choices=SuggestionKind.choices)
    start = models.PositiveIntegerField()
    quote = models.TextField(blank=True)
    words = models.TextField(_("words"), blank=True)
    comment = models.TextField(_("comment"), blank=True)
    place = models.PositiveIntegerField()
    state = models.CharField(_("state"), max_length=10, choices=SuggestionState.choices, default=SuggestionState.OPEN)
    settled_by = models.ForeignKey(USER, models.PROTECT, null=True, blank=True, related_name="+")
    settled_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=1000, blank=True)
    became = models.PositiveIntegerField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("suggestion")
        verbose_name_plural = _("suggestions")
        ordering: ClassVar = ["section", "id"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(state__in=SuggestionState.values), name="ck_suggestion_state"),
            models.CheckConstraint(condition=models.Q(audience__in=Audience.values), name="ck_suggestion_audience"),
            models.CheckConstraint(
                condition=models.Q(kind="replace", quote__gt="", words__gt="")
                | models.Q(kind="insert", quote="", words__gt="")
                | models.Q(kind="delete", quote__gt="", words=""),
                name="ck_suggestion_kind",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["open", "outdated"], settled_by=None)
                | models.Q(state__in=["accepted", "declined"], settled_by__isnull=False, settled_at__isnull=False),
                name="ck_suggestion_settled",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["section"], name="ix_suggestion_open", condition=models.Q(state="open")),
            models.Index(fields=["updated_at", "id"], name="ix_suggestion_updated"),
        ]
        triggers: ClassVar = [
            States(
                name="suggestion_states",
                transitions=[
                    ("open", "accepted"),
                    ("open", "declined"),
                    ("open", "outdated"),
                    ("outdated", "declined"),
                ],
            ),
            pgtrigger.Protect(name="suggestion_kept", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(
                name="suggestion_frozen",
                fields=["section", "client", "author", "audience", "revision", "kind", "start", "quote", "words"],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.section_id}: {self.kind}"


class Remark(models.Model):
    """What somebody says of a section, or of a passage of it; an answer names the remark that its thread began with.

    ``place`` is where the passage stands in the text as it reads now; null where it does no more, or there is none.
    """

    section = models.ForeignKey(Section, models.PROTECT, related_name="remarks")
    client = models.ForeignKey(Client, models.PROTECT, related_name="+")
    author = models.ForeignKey(USER, models.PROTECT, related_name="+")
    audience = models.CharField(max_length=10, choices=Audience.choices)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="answers")
    revision = models.PositiveIntegerField()
    start = models.PositiveIntegerField(null=True, blank=True)
    quote = models.TextField(blank=True)
    place = models.PositiveIntegerField(null=True, blank=True)
    text = models.TextField(_("text"))
    resolved_at = models.DateTimeField(null=True, blank=True)
    resolved_by = models.ForeignKey(USER, models.PROTECT, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("remark")
        verbose_name_plural = _("remarks")
        ordering: ClassVar = ["section", "id"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(audience__in=Audience.values), name="ck_remark_audience"),
            models.CheckConstraint(
                condition=models.Q(quote="", start=None, place=None) | models.Q(quote__gt="", start__isnull=False),
                name="ck_remark_passage",
            ),
            models.CheckConstraint(
                condition=models.Q(resolved_at=None, resolved_by=None)
                | models.Q(resolved_at__isnull=False, resolved_by__isnull=False),
                name="ck_remark_resolved",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["updated_at", "id"], name="ix_remark_updated")]
        triggers: ClassVar = [
            pgtrigger.Protect(name="remark_kept", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(
                name="remark_frozen",
                fields=["section", "client", "author", "audience", "parent", "revision", "start", "quote", "text"],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.section_id}: {self.text[:40]}"
