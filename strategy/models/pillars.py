"""The themes that a client's posts serve."""

from typing import ClassVar

import pgtrigger
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from clients.models import Client
from clients.naming import NAME_LENGTH


class Pillar(models.Model):
    """A theme of a client's posts. Its name stays what it is, since approval chains refer to it by that: another name is
    another pillar, and the old one is retired.
    """

    client = models.ForeignKey(Client, models.PROTECT, related_name="pillars", verbose_name=_("client"))
    name = models.CharField(_("name"), max_length=NAME_LENGTH)
    why = models.TextField(_("why"), blank=True)
    retired_at = models.DateTimeField(_("retired"), null=True, blank=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("pillar")
        verbose_name_plural = _("pillars")
        ordering: ClassVar = ["client", "name"]
        constraints: ClassVar = [
            models.UniqueConstraint(Lower("name"), "client", name="uq_pillar_name"),
            models.CheckConstraint(condition=models.Q(name__regex=r"^[^\n\r]+$"), name="ck_pillar_name"),
        ]
        indexes: ClassVar = [models.Index(fields=["updated_at", "id"], name="ix_pillar_updated")]
        triggers: ClassVar = [
            pgtrigger.ReadOnly(name="pillar_named_once", fields=["client", "name"]),
            pgtrigger.Protect(name="pillar_kept", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def retired(self) -> bool:
        """Whether no post is given it any more."""
        return self.retired_at is not None

    @property
    def named(self) -> str:
        """Its name; of a retired one, that too."""
        return gettext("%(name)s (retired)") % {"name": self.name} if self.retired else self.name
