"""What the sandbox network holds: the page of the installation that a newcomer publishes to."""

from typing import ClassVar

from django.db import models
from django.utils import timezone


class SandboxPost(models.Model):
    """One post on one sandbox page. It is the network's side: nothing of ours keeps it from being doubled.

    ``step`` is which post of a publication it is: ``publish``, ``part:1`` and so on, ``comment``; ``below``, which one it answers.

    ``views`` is how often the page was shown to somebody with this post on it.
    """

    handle = models.CharField(max_length=200)
    key = models.CharField(max_length=100)
    step = models.CharField(max_length=20, default="publish")
    below = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="+")
    text = models.TextField(blank=True)
    link = models.URLField(max_length=2000, blank=True)
    media = models.JSONField(default=list)
    published_at = models.DateTimeField(default=timezone.now)
    edited_at = models.DateTimeField(null=True, blank=True)
    views = models.PositiveBigIntegerField(default=0)

    class Meta:
        ordering: ClassVar = ["id"]
        indexes: ClassVar = [
            models.Index(fields=["handle", "-id"], name="ix_sandboxpost_handle"),
            models.Index(fields=["key"], name="ix_sandboxpost_key"),
        ]

    def __str__(self) -> str:
        return f"{self.handle}: {self.key}"
