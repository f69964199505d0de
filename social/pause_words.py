"""A cadence in words."""

from decimal import Decimal

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

WEEK = 7


def per_week_said(per_week: Decimal) -> str:
    """Such as “3 posts a week”, or “a post every 14 days” for less than one a week; in the active language."""
    if per_week < 1:
        return _("a post every %(n)d days") % {"n": round(WEEK / per_week)}
    if per_week == int(per_week):
        return ngettext("%(n)d post a week", "%(n)d posts a week", int(per_week)) % {"n": int(per_week)}
    return _("%(n)s posts a week") % {"n": number_format(per_week.normalize(), use_l10n=True)}
