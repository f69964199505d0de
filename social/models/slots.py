"""The times of a week at which a channel's posts usually go out."""

from typing import ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clients.models import Client
from social.models.channels import Channel

ADVICE_LENGTH = 200


class Slot(models.Model):
    """One minute of a week, on the client's clock. ``best``: somebody says that it is a good hour; ``advice`` is who, and why.

    Where the clock shows that minute twice in one night it is the first, where it skips it there is none that week.
    """

    client = models.ForeignKey(Client, models.PROTECT, related_name="slots", verbose_name=_("client"))
    channel = models.ForeignKey(Channel, models.PROTECT, related_name="slots", verbose_name=_("channel"))
    weekday = models.PositiveSmallIntegerField(_("weekday"), help_text=_("0 is Monday."))
    at = models.TimeField(_("time"))
    best = models.BooleanField(_("best hour"), default=False)
    advice = models.CharField(_("whose advice"), max_length=ADVICE_LENGTH, blank=True)
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("slot")
        verbose_name_plural = _("slots")
        ordering: ClassVar = ["channel", "weekday", "at"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["channel", "weekday", "at"], name="uq_slot"),
            models.CheckConstraint(condition=models.Q(weekday__lte=6), name="ck_slot_weekday"),
            models.CheckConstraint(condition=models.Q(best=True) | models.Q(advice=""), name="ck_slot_advice"),
        ]
        indexes: ClassVar = [models.Index(fields=["updated_at", "id"], name="ix_slot_updated")]

    def __str__(self) -> str:
        return f"{self.weekday} {self.at:%H:%M}"
