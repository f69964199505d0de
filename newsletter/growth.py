"""How a list has grown over a year, drawn by the server as SVG beside its table."""

from dataclasses import dataclass
from datetime import datetime

from dateutil.relativedelta import relativedelta
from django.db.models import Count, Q
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from newsletter.models import MailingList, Reader

MONTHS = 12
WIDTH, HEIGHT, EDGE = 320, 96, 8  # of the drawing, in its own units


@dataclass(frozen=True, kw_only=True)
class Growth:
    """How many got the newsletter at each of these moments; ``points`` as SVG takes them; ``words`` for who does not see it."""

    counts: list[tuple[datetime, int]]
    points: str
    dots: list[tuple[float, float]]
    words: str
    width: int = WIDTH
    height: int = HEIGHT


def growth(mailing_list: MailingList, now: datetime) -> Growth | None:
    """The last twelve months, by one query; None where nobody ever got it in that time."""
    moments = [now - relativedelta(months=back) for back in range(MONTHS, -1, -1)]
    there = {
        f"at_{number}": Count("pk", filter=Q(confirmed_at__lte=moment) & (Q(ended_at=None) | Q(ended_at__gt=moment)))
        for number, moment in enumerate(moments)
    }
    found = Reader.objects.filter(mailing_list=mailing_list).aggregate(**there)
    counts = [found[f"at_{number}"] for number in range(len(moments))]
    most = max(counts)
    if not most:
        return None
    dots = [
        (
            round(EDGE + number / MONTHS * (WIDTH - 2 * EDGE), 1),
            round(HEIGHT - EDGE - count / most * (HEIGHT - 2 * EDGE), 1),
        )
        for number, count in enumerate(counts)
    ]
    words = _("From %(first)s to %(last)s in a year; at most %(most)s.") % {
        "first": number_format(counts[0]),
        "last": number_format(counts[-1]),
        "most": number_format(most),
    }
    return Growth(
        counts=list(zip(moments, counts, strict=True)),
        points=" ".join(f"{x},{y}" for x, y in dots),
        dots=dots,
        words=words,
    )
