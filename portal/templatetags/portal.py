"""What the portal's templates ask."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django import template
from django.urls import reverse
from django.utils import timezone

from approvals.models import ReviewStep
from clients.colours import WHITE, foreground
from clients.documents import logo_key
from clients.models import Client
from clients.moments import spoken
from social.models import Post, Publication
from strategy.papers.days import number

register = template.Library()

TONES = {
    "approved": ("good", "✓"),
    "scheduled": ("waiting", "◷"),
    "publishing": ("waiting", "↗"),
    "published": ("good", "✓"),
    "partly_published": ("wrong", "◐"),
    "failed": ("wrong", "✕"),
    "unknown": ("wrong", "?"),
    "late": ("wrong", "!"),
    "cancelled": ("stopped", "■"),
}


STRATEGIES = {
    "draft": ("waiting", "✎"),
    "in_review": ("waiting", "◷"),
    "agreed": ("good", "✓"),
    "superseded": ("stopped", "■"),
}
SUGGESTIONS = {
    "open": ("waiting", "◷"),
    "accepted": ("good", "✓"),
    "declined": ("stopped", "✕"),
    "outdated": ("wrong", "↻"),
}


STEPS = {
    "waiting": ("waiting", "·"),
    "active": ("waiting", "◷"),
    "passed": ("good", "✓"),
    "refused": ("wrong", "✎"),
    "skipped": ("stopped", "→"),
}


@register.filter
def ink(colour: str) -> str:
    """``light`` or ``dark``: the class of the words that stand on this colour."""
    return "light" if foreground(colour) == WHITE else "dark"


@register.filter
def logo_address(client: Client) -> str:
    """Where this page's reader finds the client's logo, which it has."""
    return reverse("portal:logo", args=[logo_key(client)])


@register.filter
def tone(state: str) -> str:
    """The hue of a state, by name."""
    return TONES.get(state, ("waiting", ""))[0]


@register.filter
def icon(state: str) -> str:
    """The sign of a state; its word stands beside it."""
    return TONES.get(state, ("", "·"))[1]


@register.filter
def strategy_tone(state: str) -> str:
    """The hue of a strategy's state, by name."""
    return STRATEGIES[state][0]


@register.filter
def strategy_icon(state: str) -> str:
    """The sign of a strategy's state; its word stands beside it."""
    return STRATEGIES[state][1]


@register.filter
def suggestion_tone(state: str) -> str:
    """The hue of what became of a suggestion, by name."""
    return SUGGESTIONS[state][0]


@register.filter
def suggestion_icon(state: str) -> str:
    """The sign of what became of a suggestion; its word stands beside it."""
    return SUGGESTIONS[state][1]


@register.filter
def counted(value: Decimal) -> str:
    """A number as it is written in the active language."""
    return number(str(value))


@register.filter
def at(found: Mapping[Any, Any], key: Any) -> Any:
    """What stands under this key."""
    return found.get(key)


@register.filter
def moment(when: datetime) -> str:
    """A moment on the page's clock, as people say it."""
    return spoken(when, timezone.get_current_timezone())


@register.filter
def step_tone(step: ReviewStep) -> str:
    """The hue of a step's state."""
    return "waiting" if step.tacit_at else STEPS[step.state][0]


@register.filter
def step_icon(step: ReviewStep) -> str:
    """The sign of a step's state; its word stands beside it."""
    return "…" if step.tacit_at else STEPS[step.state][1]


@register.filter
def goes_out(post: Post) -> str:
    """When a post is to go out, on its client's clock."""
    return spoken(post.publish_at, post.client.zone) if post.publish_at else ""


@register.filter
def went_out(publication: Publication) -> str:
    """When a publication went out, on its client's clock."""
    return spoken(publication.published_at, publication.client.zone) if publication.published_at else ""
