"""What people say of a review, and the words they suggest instead."""

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from approvals.models.reviews import Review
from clients.models import Client

USER = settings.AUTH_USER_MODEL


class Audience(models.TextChoices):
    """Who reads a comment. The client's people never see an internal one."""

    INTERNAL = "internal", _("Agency only")
    CLIENT = "client", _("Also the client")


class Fate(models.TextChoices):
    """What became of suggested wording."""

    OPEN = "open", _("Suggested")
    TAKEN = "taken", _("Taken over")
    DECLINED = "declined", _("Declined")


class Comment(models.Model):
    """What is said about a review. An answer has a ``parent``, which is never an answer itself.

    ``anchor`` ties it to the version under review: to a passage ``{"part", "start", "end", "quote"}`` (counted in Unicode
    code points of the part's text) or to a point of a picture ``{"part", "picture", "x", "y"}`` (``x`` and ``y`` are shares
    of its width and height, 0 to 1). ``suggestion`` is what its author would write in place of the passage.
    """

    review = models.ForeignKey(Review, models.PROTECT, related_name="comments")
    client = models.ForeignKey(Client, models.PROTECT, related_name="+")
    author = models.ForeignKey(USER, models.PROTECT, related_name="+")
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="answers")
    text = models.TextField(_("text"), max_length=5000)
    audience = models.CharField(_("who reads it"), max_length=10, choices=Audience.choices)
    mentions = ArrayField(models.BigIntegerField(), default=list, blank=True)
    anchor = models.JSONField(null=True, blank=True)
    suggestion = models.TextField(null=True, blank=True)  # noqa: DJ001 - null: suggests nothing; empty: leave it out
    fate = models.CharField(max_length=10, choices=Fate.choices, blank=True)
    settled_by = models.ForeignKey(USER, models.PROTECT, null=True, blank=True, related_name="+")
    settled_at = models.DateTimeField(null=True, blank=True)
    resolved_by = models.ForeignKey(USER, models.PROTECT, null=True, blank=True, related_name="+")
    resolved_at = models.DateTimeField(null=True, blank=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering: ClassVar = ["at", "id"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(audience__in=Audience.values), name="ck_comment_audience"),
            models.CheckConstraint(
                condition=models.Q(suggestion=None, fate="")
                | models.Q(suggestion__isnull=False, anchor__isnull=False, fate__in=Fate.values),
                name="ck_comment_fate",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["review", "at"], name="ix_comment_review")]

    def __str__(self) -> str:
        return f"{self.review_id}: {self.author_id}"
