"""A quote: what it costs, on what terms. Each version's words are kept beside it."""

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from approvals.models import Review
from clients.models import Client


class QuoteState(models.TextChoices):
    """Where a quote stands."""

    DRAFT = "draft"
    IN_REVIEW = "in_review"
    CHANGES_REQUESTED = "changes_requested"
    APPROVED = "approved"
    SENT = "sent"


class Quote(models.Model):
    """Its two parts are the amount and the terms. ``version`` is 0 until it is submitted for the first time."""

    client = models.ForeignKey(Client, models.PROTECT, related_name="+")
    title = models.CharField(max_length=200)
    amount = models.TextField()
    terms = models.TextField(blank=True)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    writers = ArrayField(models.BigIntegerField(), default=list)
    goes_out_at = models.DateTimeField(null=True)
    digest = models.CharField(max_length=64)
    version = models.PositiveIntegerField(default=0)
    versions = models.JSONField(default=dict)
    state = models.CharField(max_length=20, choices=QuoteState.choices, default=QuoteState.DRAFT)
    review = models.ForeignKey(Review, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(state__in=QuoteState.values), name="ck_quote_state")
        ]

    def __str__(self) -> str:
        return self.title
