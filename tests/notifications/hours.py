"""People at rest, whatever time it is."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone

from accounts.hours import when_to_disturb
from accounts.models import User
from accounts.services import set_hours


def rest(user: User, hours: int = 3) -> datetime:
    """This person's quiet time began an hour ago and ends in so many hours; when exactly."""
    now = timezone.now().astimezone(ZoneInfo(user.timezone))
    clock: dict[str, Any] = {
        "quiet_from": (now - timedelta(hours=1)).time().replace(second=0, microsecond=0),
        "quiet_until": (now + timedelta(hours=hours)).time().replace(second=0, microsecond=0),
        "morning_at": (now + timedelta(hours=hours + 1)).time().replace(second=0, microsecond=0),
    }
    return when_to_disturb(set_hours(user=user, **clock), now)
