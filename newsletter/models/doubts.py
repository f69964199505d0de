"""So many copies of one issue that came back with one status that it may be the sender who is at fault, not the readers."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from audit.triggers import States
from clients.models import Client
from newsletter.models.issues import Issue


class DoubtState(models.TextChoices):
    """What a manager has said to it."""

    OPEN = "open", _("Nobody has decided")
    ENDED = "ended", _("They get nothing more")
    KEPT = "kept", _("They stay")


class Doubt(models.Model):
    """A status of an issue by which nobody is taken off by itself any more: a manager decides.

    Whose copies they are is told by ``Copy.gone``. Until then these readers stay on the list.
    """

    issue = models.ForeignKey(Issue, models.PROTECT, related_name="doubts", verbose_name=_("issue"))
    client = models.ForeignKey(Client, models.PROTECT, related_name="+", verbose_name=_("client"))
    status = models.CharField(_("answer of the servers"), max_length=11)
    state = models.CharField(_("state"), max_length=5, choices=DoubtState.choices, default=DoubtState.OPEN)
    opened_at = models.DateTimeField(_("since"), default=timezone.now, editable=False)
    closed_at = models.DateTimeField(_("decided on"), null=True, blank=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("decided by")
    )
    updated_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("doubt about returned mails")
        verbose_name_plural = _("doubts about returned mails")
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["issue", "status"], name="uq_doubt"),
            models.CheckConstraint(condition=models.Q(state__in=DoubtState.values), name="ck_doubt_state"),
            models.CheckConstraint(
                condition=models.Q(state="open", closed_at__isnull=True)
                | models.Q(~models.Q(state="open"), closed_at__isnull=False),
                name="ck_doubt_closed",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["updated_at", "id"], name="ix_doubt_updated")]
        triggers: ClassVar = [States(name="doubt_states", transitions=[("open", "ended"), ("open", "kept")])]

    def __str__(self) -> str:
        return f"{self.issue}: {self.status}"
