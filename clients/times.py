"""Times as people mean them: a wall clock in a zone. Nine o'clock stays nine o'clock over a change to summer time."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _


def in_zone(when: datetime, zone: ZoneInfo, field: str = "publish_at") -> datetime:
    """The moment that ``when`` means: as it is if it has an offset, else as the clock on the wall in ``zone``, in UTC.

    Raises ``ValidationError`` on ``field`` for a time that the clock skips or shows twice that night.
    """
    if when.tzinfo is not None:
        return when.astimezone(UTC)
    first, second = when.replace(tzinfo=zone, fold=0), when.replace(tzinfo=zone, fold=1)
    if first.utcoffset() == second.utcoffset():
        return first.astimezone(UTC)
    params = {"time": f"{when:%H:%M}", "zone": zone.key}
    if first.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != when:
        text = _("%(time)s does not exist that night: the clocks in %(zone)s go forward. Choose another time.")
        raise ValidationError({field: ValidationError(text, code="skipped_time", params=params)})
    text = _(
        "%(time)s comes twice that night: the clocks in %(zone)s go back. Choose another time, or give the offset."
    )
    raise ValidationError({field: ValidationError(text, code="ambiguous_time", params=params)})


def moment_of(when: datetime, zone: ZoneInfo) -> datetime | None:
    """The moment in UTC at which the clock on the wall in ``zone`` shows ``when``; the first, where it shows it twice.

    None where the clocks go forward over it: that time does not come that night. As RFC 5545 says of times that recur
    (3.3.5 and 3.3.10).
    """
    moment = when.replace(tzinfo=zone, fold=0).astimezone(UTC)
    return moment if moment.astimezone(zone).replace(tzinfo=None) == when else None
