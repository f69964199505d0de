"""Templates of an approval: ordered steps, each with people and a rule."""

from typing import ClassVar

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from clients.models import Client, Role


class SubjectKind(models.TextChoices):
    """What a chain is for."""

    POST = "post", _("Posts")
    STRATEGY = "strategy", _("Strategies")


class Rule(models.TextChoices):
    """How many of a step's people must approve."""

    ANY = "any", _("One of them")
    ALL = "all", _("All of them")
    AT_LEAST = "at_least", _("At least…")


class Chain(models.Model):
    """An approval chain of a client; without a client, the agency's own, which every client may use."""

    client = models.ForeignKey(
        Client, models.PROTECT, null=True, blank=True, related_name="chains", verbose_name=_("client")
    )
    name = models.CharField(_("name"), max_length=120)
    subject = models.CharField(_("for"), max_length=20, choices=SubjectKind.choices, default=SubjectKind.POST)
    active = models.BooleanField(_("active"), default=True)
    is_default = models.BooleanField(_("default"), default=False, help_text=_("Used where no other chain is chosen."))
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("approval chain")
        verbose_name_plural = _("approval chains")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["client", "name"],
                name="uq_chain_client_name",
                nulls_distinct=False,
                violation_error_message=_("There is already a chain with this name."),
            ),
            models.UniqueConstraint(
                fields=["client", "subject"],
                condition=models.Q(is_default=True),
                name="uq_chain_default",
                nulls_distinct=False,
                violation_error_message=_("There is already a default chain."),
            ),
            models.CheckConstraint(condition=models.Q(subject__in=SubjectKind.values), name="ck_chain_subject"),
        ]

    def __str__(self) -> str:
        return self.name


class Step(models.Model):
    """One step of a chain. Who: the people named, or everyone with the role for the client at hand."""

    chain = models.ForeignKey(Chain, models.CASCADE, related_name="steps")
    position = models.PositiveSmallIntegerField(_("position"), validators=[MinValueValidator(1)])
    name = models.CharField(_("name"), max_length=120)
    rule = models.CharField(_("rule"), max_length=10, choices=Rule.choices, default=Rule.ANY)
    needed = models.PositiveSmallIntegerField(_("how many"), default=1, validators=[MinValueValidator(1)])
    role = models.CharField(_("role"), max_length=10, choices=Role.choices, blank=True)
    users = models.ManyToManyField(
        settings.AUTH_USER_MODEL, related_name="+", blank=True, verbose_name=_("people by name")
    )

    class Meta:
        verbose_name = _("step")
        verbose_name_plural = _("steps")
        ordering: ClassVar = ["chain", "position"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["chain", "position"], name="uq_step_position", deferrable=models.Deferrable.DEFERRED
            ),
            models.CheckConstraint(condition=models.Q(needed__gte=1), name="ck_step_needed"),
            models.CheckConstraint(condition=models.Q(rule__in=Rule.values), name="ck_step_rule"),
            models.CheckConstraint(condition=models.Q(role__in=["", *Role.values]), name="ck_step_role"),
        ]

    def __str__(self) -> str:
        return f"{self.position}. {self.name}"
