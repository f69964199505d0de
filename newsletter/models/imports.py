"""Addresses that a client brings along: one file, taken in line by line, each refused line with its reason."""

from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from audit.triggers import States
from clients.models import Client
from newsletter.models.lists import MailingList


class ImportState(models.TextChoices):
    """How far one import is."""

    DRAFT = "draft", _("To be looked at")
    RUNNING = "running", _("Being taken in")
    DONE = "done", _("Taken in")
    DISCARDED = "discarded", _("Discarded")


class ListImport(models.Model):
    """One file. ``content`` is its text until it is taken in or discarded, ``columns`` what each of our fields is called there.

    ``statement`` and ``stated_on`` are the consent of all whose line has none of its own; ``by`` signs for it. ``done`` lines
    of ``total`` were looked at, in their order: whoever goes on, goes on from there. ``wake_at`` is when somebody is to look
    whether it goes on: before, a worker is at it.
    """

    mailing_list = models.ForeignKey(MailingList, models.PROTECT, related_name="imports", verbose_name=_("list"))
    client = models.ForeignKey(Client, models.PROTECT, related_name="+", verbose_name=_("client"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("by"))
    state = models.CharField(_("state"), max_length=10, choices=ImportState.choices, default=ImportState.DRAFT)
    name = models.CharField(_("file"), max_length=200, blank=True)
    sha256 = models.CharField(max_length=64, editable=False)
    content = models.TextField(blank=True, editable=False)
    encoding = models.CharField(max_length=20, editable=False)
    columns = models.JSONField(default=dict, blank=True)
    statement = models.TextField(_("what they all agreed to"), blank=True, max_length=1000)
    stated_on = models.DateField(_("when they all agreed"), null=True, blank=True)
    total = models.PositiveIntegerField(_("lines"), default=0)
    done = models.PositiveIntegerField(_("looked at"), default=0)
    added = models.PositiveIntegerField(_("added"), default=0)
    refused = models.PositiveIntegerField(_("refused"), default=0)
    wake_at = models.DateTimeField(default=timezone.now, editable=False)
    created_at = models.DateTimeField(_("begun"), default=timezone.now, editable=False)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    updated_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(state__in=ImportState.values), name="ck_listimport_state"),
            models.CheckConstraint(condition=models.Q(done__lte=models.F("total")), name="ck_listimport_done"),
            models.CheckConstraint(
                condition=models.Q(done=models.F("added") + models.F("refused")), name="ck_listimport_adds_up"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["updated_at", "id"], name="ix_listimport_updated"),
            models.Index(fields=["wake_at"], name="ix_listimport_due", condition=models.Q(state="running")),
        ]
        triggers: ClassVar = [
            pgtrigger.ReadOnly(name="listimport_belongs", fields=["mailing_list", "client", "by", "sha256"]),
            States(
                name="listimport_states",
                transitions=[("draft", "running"), ("draft", "discarded"), ("running", "done")],
            ),
        ]

    def __str__(self) -> str:
        return self.name or f"{self.created_at:%Y-%m-%d}"


class Why(models.TextChoices):
    """Why a line is not taken."""

    BAD_ADDRESS = "bad_address", _("This is no mail address.")
    TWICE = "twice", _("The same address stands in an earlier line.")
    ON_LIST = "on_list", _("Is on the list already.")
    PENDING = "pending", _("Was asked to confirm, and has not yet.")
    SIGNED_OFF = "signed_off", _("Has signed off before. Only they themselves can come back.")
    BOUNCED = "bounced", _("Mails to this address came back.")
    COMPLAINED = "complained", _("Has called an issue spam.")
    ERASED = "erased", _("Has asked to be forgotten.")
    NO_CONSENT = "no_consent", _("It is not said what they agreed to, or when.")
    BAD_DATE = "bad_date", _("The day of consent can't be understood.")
    FUTURE = "future", _("The day of consent lies in the future.")
    TOO_LONG = "too_long", _("The name or the words of consent are too long.")
    UNREADABLE = "unreadable", _("This line can't be read as a line of a table.")


class RefusedLine(models.Model):
    """One line that was not taken."""

    list_import = models.ForeignKey(ListImport, models.CASCADE, related_name="refused_lines")
    client = models.ForeignKey(Client, models.PROTECT, related_name="+")
    line = models.PositiveIntegerField(_("line"))
    email = models.CharField(_("e-mail"), max_length=254, blank=True)
    why = models.CharField(_("why"), max_length=12, choices=Why.choices)

    class Meta:
        verbose_name = _("refused line")
        verbose_name_plural = _("refused lines")
        ordering: ClassVar = ["list_import", "line"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["list_import", "line"], name="uq_refusedline"),
            models.CheckConstraint(condition=models.Q(why__in=Why.values), name="ck_refusedline_why"),
        ]

    def __str__(self) -> str:
        return f"{self.line}: {self.why}"
