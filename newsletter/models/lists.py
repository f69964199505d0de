"""One list for each newsletter channel, and the people on it."""

from typing import ClassVar

import pgtrigger
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clients.models import Client
from social.models import Channel


class MailingList(models.Model):
    """The readers of one newsletter channel.

    ``key`` is in the public addresses of its sign-up form. ``imprint`` says in every mail who sends it and from where, as
    the law asks. ``is_open``: the form takes new readers.
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


class Source(models.TextChoices):
    """How an address came on the list."""

    FORM = "form", _("Sign-up form")
    IMPORT = "import", _("Imported")
    STAFF = "staff", _("Entered by staff")


class Reader(models.Model):
    """An address on one list. Whoever signs off stays as a row, so that no later import brings them back.

    ``consent`` is what they agreed to, in the words they saw or as the import says, ``consented_at`` when. ``confirm_hash``
    is the SHA-256 of the secret in the mail that asks them to confirm, until ``confirm_until``. ``soft_bounces`` counts
    copies that could not be delivered for now, in a row.
    """

    mailing_list = models.ForeignKey(
        MailingList, models.PROTECT, related_name="readers", verbose_name=_("list")
    )
    client = models.ForeignKey(Client, models.PROTECT, related_name="+", verbose_name=_("client"))
    email = models.EmailField(_("e-mail"), max_length=254)
    name = models.CharField(_("name"), max_length=200, blank=True)
    language = models.CharField(_("language"), max_length=10, blank=True)
    state = models.CharField(_("state"), max_length=12, choices=ReaderState.choices, default=ReaderState.PENDING)
    source = models.CharField(_("source"), max_length=6, choices=Source.choices)
    consent = models.TextField(_("consent"), blank=True)
    consented_at = models.DateTimeField(_("agreed on"), null=True, blank=True)
    confirm_hash = models.CharField(max_length=64, blank=True, editable=False)
    confirm_until = models.DateTimeField(null=True, blank=True, editable=False)
    confirmed_at = models.DateTimeField(_("confirmed on"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended on"), null=True, blank=True)
    ended_why = models.CharField(_("why it ended"), max_length=500, blank=True)
    soft_bounces = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("reader")
        verbose_name_plural = _("readers")
        ordering: ClassVar = ["mailing_list", "email"]
        constraints: ClassVar = [
            models.UniqueConstraint("mailing_list", Lower("email"), name="uq_reader_email"),
            models.CheckConstraint(condition=models.Q(state__in=ReaderState.values), name="ck_reader_state"),
            models.CheckConstraint(condition=models.Q(source__in=Source.values), name="ck_reader_source"),
            models.CheckConstraint(
                condition=~models.Q(state="confirmed") | models.Q(consented_at__isnull=False), name="ck_reader_consent"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["mailing_list", "state", "id"], name="ix_reader_state"),
            models.Index(fields=["updated_at", "id"], name="ix_reader_updated"),
            models.Index(fields=["confirm_hash"], name="ix_reader_confirm", condition=~models.Q(confirm_hash="")),
        ]
        triggers: ClassVar = [
            pgtrigger.ReadOnly(name="reader_belongs", fields=["mailing_list", "client", "created_at"])
        ]

    def __str__(self) -> str:
        return self.email
