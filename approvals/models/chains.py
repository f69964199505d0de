"""Templates of an approval: ordered steps, each with people and a rule."""

from typing import ClassVar

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from approvals import kinds
from clients.models import Client, Role

MOST_MANAGERS_UP = 5


class Rule(models.TextChoices):
    """How many of a step's people must approve."""

    ANY = "any", _("One of them")
    ALL = "all", _("All of them")
    AT_LEAST = "at_least", _("At least…")


class Restart(models.TextChoices):
    """Where the next review of the same thing begins, after changes were asked or made."""

    FIRST = "first", _("At the first step")
    REFUSED = "refused", _("At the step that asked for changes")
    UNCHANGED = "unchanged", _("Steps whose part did not change keep their approval")


class OnDeadline(models.TextChoices):
    """What happens when a step's time is up."""

    REMIND = "remind", _("Remind those who have not decided")
    ESCALATE = "escalate", _("Ask more people")
    TACIT = "tacit", _("Tacit consent")


class DefaultScope(models.TextChoices):
    """For what a chain is the default, closer than for the whole client."""

    CHANNEL = "channel", _("channel")
    LABEL = "label", _("label")


class Chain(models.Model):
    """An approval chain of a client; without a client, the agency's own, which every client may use."""

    client = models.ForeignKey(
        Client, models.PROTECT, null=True, blank=True, related_name="chains", verbose_name=_("client")
    )
    name = models.CharField(_("name"), max_length=120)
    subject = models.CharField(_("for"), max_length=20, choices=kinds.choices)
    active = models.BooleanField(_("active"), default=True)
    is_default = models.BooleanField(_("default"), default=False, help_text=_("Used where no other chain is chosen."))
    restart = models.CharField(
        _("after changes, the next review begins"), max_length=10, choices=Restart.choices, default=Restart.FIRST
    )
    copied_from = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, editable=False, related_name="copies", verbose_name=_("copy of")
    )
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
            models.CheckConstraint(condition=models.Q(restart__in=Restart.values), name="ck_chain_restart"),
        ]

    def __str__(self) -> str:
        return self.name


class ChainDefault(models.Model):
    """The chain to use for one channel (by its number) or one label (by its name) where no other is chosen."""

    chain = models.ForeignKey(Chain, models.CASCADE, related_name="defaults")
    client = models.ForeignKey(Client, models.PROTECT, null=True, blank=True, related_name="+")
    subject = models.CharField(max_length=20, choices=kinds.choices)
    scope = models.CharField(max_length=10, choices=DefaultScope.choices)
    value = models.CharField(max_length=60)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["client", "subject", "scope", "value"],
                name="uq_chaindefault",
                nulls_distinct=False,
                violation_error_message=_("There is already a default chain for this."),
            ),
            models.CheckConstraint(condition=models.Q(scope__in=DefaultScope.values), name="ck_chaindefault_scope"),
        ]

    def __str__(self) -> str:
        return f"{self.scope} {self.value}"


class Step(models.Model):
    """One step of a chain.

    Who: the people named, everyone with the role for the client at hand, or the author's manager (``managers_up`` = 1;
    2 is the manager's manager). ``only`` says when it is asked at all (see ``approvals.conditions``); empty: always.
    ``due_after_minutes`` counts the client's working minutes from its turn, ``due_before_minutes`` the minutes before the
    time of publishing; the earlier of the two is the deadline.
    """

    chain = models.ForeignKey(Chain, models.CASCADE, related_name="steps")
    position = models.PositiveSmallIntegerField(_("position"), validators=[MinValueValidator(1)])
    name = models.CharField(_("name"), max_length=120)
    rule = models.CharField(_("rule"), max_length=10, choices=Rule.choices, default=Rule.ANY)
    needed = models.PositiveSmallIntegerField(_("how many"), default=1, validators=[MinValueValidator(1)])
    role = models.CharField(_("role"), max_length=10, choices=Role.choices, blank=True)
    users = models.ManyToManyField(
        settings.AUTH_USER_MODEL, related_name="+", blank=True, verbose_name=_("people by name")
    )
    managers_up = models.PositiveSmallIntegerField(
        _("the author's manager"), default=0, validators=[MaxValueValidator(MOST_MANAGERS_UP)]
    )
    only = models.JSONField(_("only if"), default=dict, blank=True)
    due_after_minutes = models.PositiveIntegerField(_("due after (working minutes)"), null=True, blank=True)
    due_before_minutes = models.PositiveIntegerField(_("due before it goes out (minutes)"), null=True, blank=True)
    on_deadline = models.CharField(
        _("at the deadline"), max_length=10, choices=OnDeadline.choices, default=OnDeadline.REMIND
    )
    escalate_to = models.ManyToManyField(
        settings.AUTH_USER_MODEL, related_name="+", blank=True, verbose_name=_("then also ask")
    )
    never_tacit = models.BooleanField(_("never tacit"), default=False)
    four_eyes = models.BooleanField(
        _("four eyes"),
        default=False,
        help_text=_("Not who decided on a step before, and not who wrote any version."),
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
            models.CheckConstraint(condition=models.Q(on_deadline__in=OnDeadline.values), name="ck_step_on_deadline"),
            models.CheckConstraint(
                condition=~models.Q(on_deadline="tacit", never_tacit=True), name="ck_step_never_tacit"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.position}. {self.name}"
