"""How many of a step's people must approve, in words."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from approvals.models import Rule


def of_how_many(needed: int, asked: int) -> str:
    """So many of those who are asked and count, such as 2 of 3; empty where no more are asked than are needed.

    It is said so whatever the rule was: where all had to approve, whoever is asked as well makes them more than are needed.
    """
    if asked <= needed:
        return ""
    said = ngettext("%(needed)d of %(asked)d must approve", "%(needed)d of %(asked)d must approve", needed)
    return said % {"needed": needed, "asked": asked}


def rule_in_words(rule: str, needed: int, asked: int) -> str:
    """The same; where no more are asked than are needed, the rule."""
    if more := of_how_many(needed, asked):
        return more
    if rule == Rule.ALL:
        return _("all of them must approve")
    return ngettext("one of them must approve", "%(n)s of them must approve", needed) % {"n": needed}
