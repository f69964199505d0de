"""What was sent, and to whom: one copy for each reader, each sent at most once."""

from typing import ClassVar

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clients.models import Client
from newsletter.models.lists import MailingList, Reader


class Issue(models.Model):
    """One publication on a newsletter channel, as readers get it. ``key`` is that of the publication's ``keys``.

    ``page_key`` is in the address of its page on the web. The two bodies hold the place ``{unsubscribe}`` for what differs from
    reader to reader; nothing else does. ``media`` are the digests of its pictures, with what they show.
    """

    mailing_list = models.ForeignKey(MailingList, models.PROTECT, related_name="issues", verbose_name=_("list"))
    client = models.ForeignKey(Client, models.PROTECT, related_name="+", verbose_name=_("client"))
    key = models.CharField(max_length=64, editable=False)
    page_key = models.CharField(max_length=32, unique=True, editable=False)
    subject = models.CharField(_("subject"), max_length=250)
    preheader = models.CharField(_("preheader"), max_length=250, blank=True)
    html = models.TextField()
    text = models.TextField()
    media = models.JSONField(default=list, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("issue")
        verbose_name_plural = _("issues")
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["mailing_list", "key"], name="uq_issue_key")]
        triggers: ClassVar = [
            pgtrigger.ReadOnly(
                name="issue_said_once", fields=["mailing_list", "client", "key", "page_key", "subject", "html", "text"]
            )
        ]

    def __str__(self) -> str:
        return self.subject


class CopyState(models.TextChoices):
    """How far one copy is."""

    WAITING = "waiting", _("Waits")
    SENDING = "sending", _("Being sent")
    SENT = "sent", _("Taken by the mail server")
    REFUSED = "refused", _("Refused")
    UNCERTAIN = "uncertain", _("Uncertain")
    SKIPPED = "skipped", _("Signed off before")
    BOUNCED = "bounced", _("Came back")


OVER = (CopyState.SENT, CopyState.REFUSED, CopyState.UNCERTAIN, CopyState.SKIPPED, CopyState.BOUNCED)


class Copy(models.Model):
    """One issue for one reader. What is ``sending`` when its worker dies is uncertain, and is never sent again.

    ``tries`` counts how often the mail server has said “not now”, ``after`` is when it is asked again. ``gone`` is the status by
    which a server has said that there is no such address (“5.1.1”).
    """

    issue = models.ForeignKey(Issue, models.PROTECT, related_name="copies", verbose_name=_("issue"))
    reader = models.ForeignKey(Reader, models.PROTECT, related_name="copies", verbose_name=_("reader"))
    client = models.ForeignKey(Client, models.PROTECT, related_name="+", verbose_name=_("client"))
    state = models.CharField(_("state"), max_length=9, choices=CopyState.choices, default=CopyState.WAITING)
    detail = models.CharField(_("detail"), max_length=500, blank=True)
    gone = models.CharField(max_length=11, blank=True, default="", editable=False)
    tries = models.PositiveSmallIntegerField(default=0, editable=False)
    after = models.DateTimeField(null=True, blank=True, editable=False)
    begun_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("copy")
        verbose_name_plural = _("copies")
        ordering: ClassVar = ["issue", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["issue", "reader"], name="uq_copy_reader"),
            models.CheckConstraint(condition=Q(state__in=CopyState.values), name="ck_copy_state"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["issue", "id"], name="ix_copy_open", condition=Q(state__in=["waiting", "sending"])),
            models.Index(fields=["issue", "state"], name="ix_copy_state"),
            models.Index(
                F("issue"),
                F("begun_at").asc(nulls_first=True),
                F("id"),
                name="ix_copy_next",
                condition=Q(state="waiting"),
            ),
            models.Index(fields=["issue", "gone"], name="ix_copy_gone", condition=~Q(gone="")),
            models.Index(fields=["begun_at"], name="ix_copy_begun", condition=Q(begun_at__isnull=False)),
        ]
        triggers: ClassVar = [
            pgtrigger.ReadOnly(name="copy_belongs", fields=["issue", "reader", "client"]),
            pgtrigger.FSM(
                name="copy_sent_once",
                field="state",
                transitions=[
                    ("waiting", "sending"),
                    ("waiting", "skipped"),
                    ("sending", "waiting"),
                    ("sending", "sent"),
                    ("sending", "refused"),
                    ("sending", "uncertain"),
                    ("sent", "bounced"),
                    ("uncertain", "bounced"),
                    ("uncertain", "sent"),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.issue} → {self.reader}"
