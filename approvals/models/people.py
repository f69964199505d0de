"""Who stands in for whom, and who was reminded of what."""

from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import BigIntegerRangeField, DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Value
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from approvals.models.reviews import Seat
from audit.triggers import kept_whole
from clients.models import Client

USER = settings.AUTH_USER_MODEL


class OnlyItself(Func):
    """A number as a range of itself: PostgreSQL excludes overlapping ranges without an extension, but not equal numbers."""

    function = "INT8RANGE"
    output_field = BigIntegerRangeField()

    def __init__(self, column: str) -> None:
        super().__init__(F(column), F(column), Value("[]"))

    def deconstruct(self) -> tuple[str, list[object], dict[str, object]]:
        """For migrations."""
        column = self.source_expressions[0].name  # type: ignore[attr-defined]  # an F
        return "approvals.models.people.OnlyItself", [column], {}


class During(Func):
    """From one moment until before another."""

    function = "TSTZRANGE"
    output_field = DateTimeRangeField()


class Deputy(models.Model):
    """From ``from_at`` until ``until`` the deputy may decide on the seats that the principal has for this client.

    Nobody has two deputies for one client at once, and a deputy has none: what one is asked to decide goes one step
    further and no more.
    """

    client = models.ForeignKey(Client, models.PROTECT, related_name="deputies", verbose_name=_("client"))
    principal = models.ForeignKey(USER, models.PROTECT, related_name="+", verbose_name=_("who is away"))
    deputy = models.ForeignKey(USER, models.PROTECT, related_name="+", verbose_name=_("deputy"))
    from_at = models.DateTimeField(_("from"))
    until = models.DateTimeField(_("until"))
    named_by = models.ForeignKey(USER, models.PROTECT, related_name="+", verbose_name=_("named by"))
    created_at = models.DateTimeField(default=timezone.now)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    cancelled_by = models.ForeignKey(USER, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("deputy")
        verbose_name_plural = _("deputies")
        ordering: ClassVar = ["-from_at", "-id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(from_at__lt=F("until")),
                name="ck_deputy_from_until",
                violation_error_message=_("It ends before it begins."),
            ),
            models.CheckConstraint(
                condition=~models.Q(principal=F("deputy")),
                name="ck_deputy_not_oneself",
                violation_error_message=_("Nobody is their own deputy."),
            ),
            ExclusionConstraint(
                name="ex_deputy_one_at_a_time",
                expressions=[
                    (OnlyItself("client"), RangeOperators.OVERLAPS),
                    (OnlyItself("principal"), RangeOperators.OVERLAPS),
                    (During(F("from_at"), F("until")), RangeOperators.OVERLAPS),
                ],
                condition=models.Q(cancelled_at=None),
                violation_error_message=_("There is already a deputy in this time."),
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["deputy", "until"], name="ix_deputy_deputy", condition=models.Q(cancelled_at=None)),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="deputy_kept", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(
                name="deputy_frozen",
                fields=["id", "client", "principal", "deputy", "from_at", "until", "named_by", "created_at"],
            ),
            pgtrigger.Protect(
                name="deputy_ends_once",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__cancelled_at__isnull=False),
            ),
            kept_whole("deputy_not_emptied"),
        ]

    def __str__(self) -> str:
        return f"{self.principal} → {self.deputy}"


class ReminderKind(models.TextChoices):
    """Why somebody was reminded."""

    MORNING = "morning", _("Morning mail")
    DEADLINE = "deadline", _("Its time is up")
    DAY_BEFORE = "day_before", _("One working day before it goes out")
    HOUR_BEFORE = "hour_before", _("One hour before it goes out")
    NUDGE = "nudge", _("By hand")
    UNANSWERED = "unanswered", _("Others were told that nobody answers")
    BLOCKED = "blocked", _("Others were told that nobody can decide")


# To the person who is asked; the others tell somebody else of the seat.
TO_READER = [
    ReminderKind.MORNING,
    ReminderKind.DEADLINE,
    ReminderKind.DAY_BEFORE,
    ReminderKind.HOUR_BEFORE,
    ReminderKind.NUDGE,
]


class Reminder(models.Model):
    """One reminder of one seat. The insert is the claim: the same one never goes twice, whoever dies in between.

    ``number`` says which: of the mornings and the nudges, how many that makes; of a deadline or an hour of publishing, that
    moment itself, in minutes since 1970, so that another moment is another reminder.
    """

    seat = models.ForeignKey(Seat, models.PROTECT, related_name="reminders")
    client = models.ForeignKey(Client, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12, choices=ReminderKind.choices)
    number = models.PositiveIntegerField()
    by = models.ForeignKey(USER, models.PROTECT, null=True, blank=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["seat", "kind", "number"], name="uq_reminder"),
            models.CheckConstraint(condition=models.Q(kind__in=ReminderKind.values), name="ck_reminder_kind"),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="reminder_kept", operation=pgtrigger.Delete | pgtrigger.Update),
            kept_whole("reminder_not_emptied"),
        ]

    def __str__(self) -> str:
        return f"{self.seat_id}: {self.kind} {self.number}"


class MorningNote(models.Model):
    """Somebody was told in a morning mail of something that is no review's. The insert is the claim: once for each key.

    ``kind`` is whose it is (see ``approvals.morning.add_section``), ``key`` what it is, and which time of it.
    """

    user = models.ForeignKey(USER, models.PROTECT, related_name="morning_notes")
    client = models.ForeignKey(Client, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20)
    key = models.CharField(max_length=100)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["user", "kind", "key"], name="uq_morningnote")]
        indexes: ClassVar = [models.Index(fields=["user", "at"], name="ix_morningnote_at")]
        triggers: ClassVar = [
            pgtrigger.Protect(name="morningnote_kept", operation=pgtrigger.Delete | pgtrigger.Update),
        ]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.kind} {self.key}"
