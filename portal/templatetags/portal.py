"""What the portal's templates ask."""

from django import template

from approvals.models import ReviewStep
from clients.colours import WHITE, foreground
from clients.moments import spoken
from social.models import Post, Publication

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
def tone(state: str) -> str:
    """The hue of a state, by name."""
    return TONES.get(state, ("waiting", ""))[0]


@register.filter
def icon(state: str) -> str:
    """The sign of a state; its word stands beside it."""
    return TONES.get(state, ("", "·"))[1]


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
