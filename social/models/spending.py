"""What networks take money for: what was spent, and how far a client's month may go."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clients.models import Client
from social.models.publications import Publication


class Cause(models.TextChoices):
    """What a network takes money for."""

    PUBLISHING = "publishing", _("Publishing")
    READING = "reading", _("Looking at what is out")
    DELETING = "deleting", _("Taking down")


class Charge(models.Model):
    """So many US dollars a network takes for one try: all of them from the claim on, in the end what became live.

    A try whose outcome is uncertain counts in full, until it is known. What has another ``cause`` is for no try: being asked how
    something is or whether it is live, and taking it down.
    """

    client = models.ForeignKey(Client, models.PROTECT, related_name="+")
    publication = models.ForeignKey(Publication, models.PROTECT, related_name="charges")
    number = models.PositiveSmallIntegerField(help_text="Of the try.")
    at = models.DateTimeField(default=timezone.now)
    dollars = models.DecimalField(max_digits=9, decimal_places=4)
    cause = models.CharField(max_length=10, choices=Cause.choices, default=Cause.PUBLISHING, db_default="publishing")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["publication", "number"], condition=models.Q(cause="publishing"), name="uq_charge"
            ),
            models.CheckConstraint(condition=models.Q(cause__in=Cause.values), name="ck_charge_cause"),
            models.CheckConstraint(condition=models.Q(dollars__gte=0), name="ck_charge_dollars"),
        ]
        indexes: ClassVar = [models.Index(fields=["client", "at"], name="ix_charge_client")]

    def __str__(self) -> str:
        return f"{self.publication_id} #{self.number}: {self.dollars}"


class Ceiling(models.Model):
    """How many US dollars may go out for a client in one month of its own clock, before a manager is asked."""

    client = models.OneToOneField(Client, models.PROTECT, primary_key=True, related_name="ceiling")
    dollars = models.DecimalField(_("ceiling a month"), max_digits=9, decimal_places=2)
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(dollars__gte=0), name="ck_ceiling_dollars"),
        ]

    def __str__(self) -> str:
        return f"{self.client_id}: {self.dollars}"
