"""Deputies as one person has to do with them, and by whole days: from the first to the last one, that day included."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from approvals import selectors
from approvals.models import Deputy
from clients.models import CONTACT_ROLES, STAFF_ROLES, Client, Membership
from clients.selectors import deciders, role_of

DAY = timedelta(days=1)
YEARS = range(2000, 9000)  # beyond, a clock in another zone may leave the calendar


def own_deputies(user: User) -> QuerySet[Deputy]:
    """Who stands in for this person, and for whom they do; those that are over, too."""
    return selectors.deputies(user).filter(Q(principal=user) | Q(deputy=user)).order_by("from_at", "pk")


def now_and_to_come(found: QuerySet[Deputy]) -> QuerySet[Deputy]:
    """Those that are not over."""
    return found.filter(cancelled_at=None, until__gt=timezone.now())


def stand_ins(user: User, client: Client) -> QuerySet[User]:
    """Who could stand in for this person at the client: whoever else of their own side decides there."""
    staff = role_of(user, client) in STAFF_ROLES
    side = STAFF_ROLES if staff else CONTACT_ROLES
    theirs = Q(pk__in=Membership.objects.filter(client=client, role__in=side).values("user"))
    admins = Q(is_agency_admin=True)  # who are staff, whatever else they are
    able = theirs | admins if staff else theirs & ~admins
    return deciders(user, client).filter(able).exclude(pk=user.pk)


def days(zone: ZoneInfo, first: date, last: date) -> tuple[datetime, datetime]:
    """From the beginning of the first day to the end of the last one, on this zone's clock."""
    midnight = time(tzinfo=zone)
    return datetime.combine(first, midnight), datetime.combine(last + DAY, midnight)


def first_and_last(zone: ZoneInfo, from_at: datetime, until: datetime) -> tuple[date, date]:
    """The days of this zone's calendar on which it begins and ends; midnight still belongs to the day before it."""
    return from_at.astimezone(zone).date(), (until.astimezone(zone) - timedelta(microseconds=1)).date()


class DayField(forms.DateField):
    """A day of these centuries, written as the browser's calendar writes it."""

    def __init__(self, **kwargs: object) -> None:
        super().__init__(localize=False, **kwargs)  # type: ignore[arg-type]  # as a field of days takes them

    def validate(self, value: date | None) -> None:
        """Refuse a year that nobody means."""
        super().validate(value)
        if value is not None and value.year not in YEARS:
            raise ValidationError(_("Look at the year: this day can’t be meant."), code="year")
