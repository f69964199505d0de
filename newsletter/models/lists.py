"""One list for each newsletter channel, and the people on it."""

from typing import ClassVar

import pgtrigger
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from audit.triggers import States
from clients.models import Client
from social.models import Channel


class MailingList(models.Model):
    """The readers of one newsletter channel.

    ``key`` is in the public addresses of its sign-up form. ``imprint`` says in every mail who sends it and from where, as
    the law asks: without it nothing can be sent. ``promise`` is what readers agree to, in the client's own words; empty is a
    sentence of ours. ``is_open``: the form takes new readers.
    """

    channel = models.OneToOneField(Channel, models.PROTECT, related_name="mailing_list", verbose_name=_("channel"))
    client = models.ForeignKey(Client, models.PROTECT, related_name="mailing_lists", verbose_name=_("client"))
    key = models.CharField(max_length=32, unique=True, editable=False)
    imprint = models.TextField(_("imprint"), blank=True, max_length=1000)
    promise = models.TextField(_("what readers agree to"), blank=True, max_length=1000)
    is_open = models.BooleanField(_("takes new readers by its form"), default=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("mailing list")
        verbose_name_plural = _("mailing lists")
        ordering: ClassVar = ["client", "channel"]
        indexes: ClassVar = [models.Index(fields=["updated_at", "id"], name="ix_mailinglist_updated")]
        triggers: ClassVar = [pgtrigger.ReadOnly(name="mailinglist_belongs", fields=["channel", "client", "key"])]

    def __str__(self) -> str:
        return str(self.channel)


class ReaderState(models.TextChoices):
    """Whether somebody gets the next issue."""

    PENDING = "pending", _("Asked to confirm")
    CONFIRMED = "confirmed", _("Gets it")
    UNSUBSCRIBED = "unsubscribed", _("Signed off")
    BOUNCED = "bounced", _("Address does not exist")
    COMPLAINED = "complained", _("Called it spam")
    ERASED = "erased", _("Erased")


class Source(models.TextChoices):
    """How an address came on the list."""

    FORM = "form", _("Sign-up form")
    IMPORT = "import", _("Imported")
    STAFF = "staff", _("Entered by staff")


class Reader(models.Model):
    """An address on one list. Whoever signs off stays as a row, so that no later import brings them back.

    ``consent`` is what they agreed to, in the words they saw or as the import says, ``consented_at`` when.
    ``soft_bounces`` counts copies in a row that came back for a reason that may pass; what was sent before ``back_at``, when a
    manager put them back, counts no more. Of who was erased only a keyed hash is left, in the place of the address
    (``newsletter.tokens.erased_address``).
    """

    mailing_list = models.ForeignKey(MailingList, models.PROTECT, related_name="readers", verbose_name=_("list"))
    client = models.ForeignKey(Client, models.PROTECT, related_name="+", verbose_name=_("client"))
    email = models.EmailField(_("e-mail"), max_length=254)
    name = models.CharField(_("name"), max_length=200, blank=True)
    language = models.CharField(_("language"), max_length=10, blank=True)
    state = models.CharField(_("state"), max_length=12, choices=ReaderState.choices, default=ReaderState.PENDING)
    source = models.CharField(_("source"), max_length=6, choices=Source.choices)
    consent = models.TextField(_("consent"), blank=True)
    consented_at = models.DateTimeField(_("agreed on"), null=True, blank=True)
    confirmed_at = models.DateTimeField(_("confirmed on"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended on"), null=True, blank=True)
    ended_why = models.CharField(_("why it ended"), max_length=500, blank=True)
    soft_bounces = models.PositiveSmallIntegerField(default=0)
    back_at = models.DateTimeField(_("put back on"), null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("reader")
        verbose_name_plural = _("readers")
        ordering: ClassVar = ["mailing_list", "email"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["mailing_list", "email"], name="uq_reader_email"),
            models.CheckConstraint(condition=models.Q(email=Lower("email")), name="ck_reader_email_lower"),
            models.CheckConstraint(condition=models.Q(state__in=ReaderState.values), name="ck_reader_state"),
            models.CheckConstraint(condition=models.Q(source__in=Source.values), name="ck_reader_source"),
            models.CheckConstraint(
                condition=~models.Q(state="confirmed") | models.Q(consented_at__isnull=False), name="ck_reader_consent"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["mailing_list", "state", "id"], name="ix_reader_state"),
            models.Index(fields=["updated_at", "id"], name="ix_reader_updated"),
        ]
        triggers: ClassVar = [
            pgtrigger.ReadOnly(name="reader_belongs", fields=["mailing_list", "client", "created_at"]),
            States(
                name="reader_states",
                transitions=[
                    ("pending", "confirmed"),
                    ("pending", "unsubscribed"),
                    ("pending", "erased"),
                    ("confirmed", "unsubscribed"),
                    ("confirmed", "bounced"),
                    ("confirmed", "complained"),
                    ("confirmed", "erased"),
                    ("unsubscribed", "confirmed"),
                    ("unsubscribed", "complained"),
                    ("unsubscribed", "erased"),
                    ("bounced", "confirmed"),
                    ("bounced", "unsubscribed"),
                    ("bounced", "complained"),
                    ("bounced", "erased"),
                    ("complained", "confirmed"),
                    ("complained", "erased"),
                ],
            ),
        ]

    def __str__(self) -> str:
        return self.email
