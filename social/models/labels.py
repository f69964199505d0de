"""The words that a client's posts are sorted by, and that approval chains ask about."""

from typing import ClassVar

import pgtrigger
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext

from clients.models import Client
from clients.naming import NAME_LENGTH


class Label(models.Model):
    """A word for posts of a client. It stays what it is, since approval chains refer to it by name: another word is
    another label, and the old one is retired.
    """

    client = models.ForeignKey(Client, models.PROTECT, related_name="labels", verbose_name=_("client"))
    name = models.CharField(_("name"), max_length=NAME_LENGTH)
    retired_at = models.DateTimeField(_("retired"), null=True, blank=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("label")
        verbose_name_plural = _("labels")
        ordering: ClassVar = ["client", "name"]
        constraints: ClassVar = [
            # The name first, so that posts are found by a label's name alone, too.
            models.UniqueConstraint(Lower("name"), "client", name="uq_label_name"),
            models.CheckConstraint(condition=models.Q(name__regex=r"^[^,\n\r]+$"), name="ck_label_name"),
        ]
        indexes: ClassVar = [models.Index(fields=["updated_at", "id"], name="ix_label_updated")]
        triggers: ClassVar = [
            pgtrigger.ReadOnly(name="label_named_once", fields=["client", "name"]),
            pgtrigger.Protect(name="label_kept", operation=pgtrigger.Delete),
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
        return pgettext("label", "%(name)s (retired)") % {"name": self.name} if self.retired else self.name
