"""The evidence: append-only events, hash-chained per client by the database itself.

``client_id`` and ``subject_id`` are plain numbers, not foreign keys: evidence outlives what it speaks of and
knows none of the apps above it.
"""

from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from audit.triggers import kept_whole

# The insert itself takes the next link of the chain: one UPDATE of the client's head row, which is also the only
# lock, held from here to the end of the transaction. Services therefore record last.
LINK = """
UPDATE audit_head SET seq = seq + 1, hash = sha256(hash || NEW.content_hash)
    WHERE scope = COALESCE(NEW.client_id, 0) RETURNING seq, hash INTO NEW.seq, NEW.hash;
IF NOT FOUND THEN
    INSERT INTO audit_head (scope, seq, hash)
        VALUES (COALESCE(NEW.client_id, 0), 0, decode(repeat('00', 32), 'hex')) ON CONFLICT (scope) DO NOTHING;
    UPDATE audit_head SET seq = seq + 1, hash = sha256(hash || NEW.content_hash)
        WHERE scope = COALESCE(NEW.client_id, 0) RETURNING seq, hash INTO NEW.seq, NEW.hash;
END IF;
RETURN NEW;
"""


class Head(models.Model):
    """The last link of one chain. ``scope`` is the client's id; 0 is what concerns no single client."""

    scope = models.BigIntegerField(primary_key=True)
    seq = models.BigIntegerField()
    hash = models.BinaryField()

    class Meta:
        triggers: ClassVar = [
            pgtrigger.Protect(name="head_stays", operation=pgtrigger.Delete),
            kept_whole("head_not_emptied"),
        ]

    def __str__(self) -> str:
        return f"{self.scope}: {self.seq}"


class Event(models.Model):
    """Something that happened: who did what to what, when, with which words (their digest)."""

    client_id = models.BigIntegerField(_("client"), null=True)
    seq = models.BigIntegerField(_("number"), editable=False)
    at = models.DateTimeField(_("at"), default=timezone.now)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("who")
    )
    verb = models.CharField(_("what"), max_length=60)
    subject_type = models.CharField(_("of what"), max_length=40)
    subject_id = models.BigIntegerField(_("number of it"))
    digest = models.CharField(_("digest"), max_length=64, blank=True)
    data = models.JSONField(_("details"), default=dict)
    content_hash = models.BinaryField(editable=False)
    hash = models.BinaryField(editable=False)

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        constraints: ClassVar = [
            models.UniqueConstraint("client_id", "seq", name="uq_event_client_seq", nulls_distinct=False)
        ]
        indexes: ClassVar = [models.Index(fields=["subject_type", "subject_id", "id"], name="ix_event_subject")]
        triggers: ClassVar = [
            pgtrigger.Trigger(name="event_link", operation=pgtrigger.Insert, when=pgtrigger.Before, func=LINK),
            pgtrigger.Protect(name="event_append_only", operation=pgtrigger.Update | pgtrigger.Delete),
            kept_whole("event_not_emptied"),
        ]

    def __str__(self) -> str:
        return f"{self.verb} {self.subject_type} {self.subject_id}"
