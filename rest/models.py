"""What a POST with an ``Idempotency-Key`` was answered, for a day."""

from typing import ClassVar

from django.db import models
from django.utils import timezone

from accounts.models import ApiToken

KEY_LENGTH = 255


class KeptAnswer(models.Model):
    """The first answer to a POST with this key of this token; ``sealed`` holds it, what was asked, and in which roles.

    Without ``ended_at`` it is a claim: what was asked is being done, or was broken off.
    """

    token = models.ForeignKey(ApiToken, models.CASCADE, related_name="+")
    key = models.CharField(max_length=KEY_LENGTH)
    began_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True)
    sealed = models.TextField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["token", "key"], name="uq_keptanswer_key")]
        indexes: ClassVar = [models.Index(fields=["began_at"], name="ix_keptanswer_began")]

    def __str__(self) -> str:
        return f"{self.token_id}: {self.key}"
