"""What a post is for, as whoever looks at it may know: its pillar, and of a strategy its objective and its occasion."""

from dataclasses import dataclass

from babel.dates import format_date
from babel.numbers import format_decimal
from django.utils.translation import gettext as _

from accounts.models import User
from clients.moments import locale
from social.models import Post
from strategy.models import Objective, Occasion, Pillar
from strategy.selectors import as_agreed, pillars, served_objectives, served_occasions, shared_pillars


@dataclass(frozen=True, kw_only=True)
class Serves:
    """The same in words, each empty where there is none, or none that this person knows of."""

    pillar: str
    objective: str
    occasion: str

    def __str__(self) -> str:
        """In one line: “Serves: pillar Vigna · objective Bookings (target 120 by 31 December 2026)”; empty for nothing."""
        told = [words for words in (self.pillar, self.objective, self.occasion) if words]
        return _("Serves: %(what)s") % {"what": " · ".join(told)} if told else ""


def serves(user: User, post: Post, *, inside: bool) -> Serves:
    """What the post serves, in the active language; one query for each thing that it names.

    Of the objective and of the occasion it tells what was agreed, whatever a draft has said since; else that it is proposed.
    Not ``inside``, where a client's people read: a pillar is told that stands in a strategy which was shared with them, and
    of other strategies nothing.
    """
    themes = pillars(user) if inside else shared_pillars(user)
    aims, days = served_objectives(user), served_occasions(user)
    if not inside:
        aims, days = aims.filter(strategy__shared_at__isnull=False), days.filter(strategy__shared_at__isnull=False)
    pillar = themes.filter(pk=post.pillar_id).first() if post.pillar_id else None
    objective = as_agreed(aims, post.objective_id) if post.objective_id else None
    occasion = as_agreed(days, post.occasion_id) if post.occasion_id else None
    return Serves(
        pillar=_pillar(pillar) if pillar else "",
        objective=_objective(objective[0], agreed=objective[1]) if objective else "",
        occasion=_occasion(occasion[0], agreed=occasion[1]) if occasion else "",
    )


def _pillar(pillar: Pillar) -> str:
    return _("pillar %(name)s") % {"name": pillar.named}


def _objective(objective: Objective, *, agreed: bool) -> str:
    told = {
        "name": objective.name if agreed else objective.named,
        "target": f"{format_decimal(objective.target, locale=locale())} {objective.unit}".strip(),
        "day": format_date(objective.due_on, "d MMMM y", locale=locale()),
    }
    if agreed or objective.retired:
        return _("objective %(name)s (target %(target)s by %(day)s)") % told
    return _("objective %(name)s (proposed: target %(target)s by %(day)s)") % told


def _occasion(occasion: Occasion, *, agreed: bool) -> str:
    pattern = "d MMMM" if occasion.yearly else "d MMMM y"
    told = {
        "name": occasion.name if agreed else occasion.named,
        "day": format_date(occasion.on, pattern, locale=locale()),
    }
    if agreed or occasion.retired:
        return _("occasion %(name)s (%(day)s)") % told
    return _("occasion %(name)s (proposed: %(day)s)") % told
