"""How a client and a state are marked on the staff's pages: a name in its colour, a word with its icon."""

from dataclasses import dataclass

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django_stubs_ext import StrOrPromise

from clients.colours import foreground
from clients.models import Client

# Four hues, never alone: each state has its own icon and its word.
MARKS = {
    "draft": ("quiet", "edit_note"),
    "in_review": ("waiting", "hourglass_top"),
    "open": ("waiting", "hourglass_top"),
    "changes_requested": ("wrong", "rate_review"),
    "approved": ("good", "thumb_up"),
    "agreed": ("good", "handshake"),
    "scheduled": ("good", "schedule"),
    "publishing": ("waiting", "upload"),
    "published": ("good", "check_circle"),
    "partly_published": ("wrong", "rule"),
    "failed": ("wrong", "error"),
    "unknown": ("wrong", "help"),
    "late": ("wrong", "alarm"),
    "blocked": ("wrong", "block"),
    "cancelled": ("stopped", "cancel"),
    "silence_foreseen": ("wrong", "volume_off"),
    "silence_filled": ("good", "campaign"),
    "silence_dismissed": ("quiet", "do_not_disturb_on"),
    "silence_moot": ("stopped", "history"),
    "withdrawn": ("stopped", "undo"),
    "superseded": ("stopped", "history"),
    "waiting": ("quiet", "more_horiz"),
    "turn": ("waiting", "hourglass_top"),
    "passed": ("good", "check_circle"),
    "carried": ("good", "forward"),
    "tacit": ("waiting", "volume_off"),
    "skipped": ("stopped", "skip_next"),
    "refused": ("wrong", "rate_review"),
    "approve": ("good", "thumb_up"),
    "request_changes": ("wrong", "rate_review"),
    "connected": ("good", "link"),
    "unconfirmed": ("waiting", "help"),
    "expiring": ("waiting", "timer"),
    "broken": ("wrong", "link_off"),
    "retired": ("stopped", "archive"),
    "prospect": ("quiet", "handshake"),
    "active": ("good", "check_circle"),
    "paused": ("waiting", "pause_circle"),
    "ended": ("stopped", "archive"),
    "frozen": ("stopped", "front_hand"),
    "queued": ("waiting", "schedule_send"),
    "sending": ("waiting", "outgoing_mail"),
    "sent": ("good", "mark_email_read"),
    "dropped": ("stopped", "unsubscribe"),
    "refused_by_network": ("wrong", "block"),
    "waiting_confirmation": ("waiting", "hourglass_top"),
}


@dataclass(frozen=True)
class Band:
    """What stands above everything of one client. ``ink`` is readable on ``colour``: 4.5:1 or more."""

    name: str
    colour: str
    ink: str
    frozen: bool


def band_of(client: Client) -> Band:
    """The client's band."""
    return Band(client.name, client.colour, foreground(client.colour), client.frozen)


def state_mark(state: str, words: StrOrPromise) -> SafeString:
    """A state as word and icon."""
    hue, icon = MARKS.get(state, ("quiet", "circle"))
    return format_html(
        '<span class="filo-state filo-{}"><span class="material-symbols-outlined" aria-hidden="true">{}</span>{}</span>',
        hue,
        icon,
        words,
    )


def client_mark(client: Client | None, without: StrOrPromise = "") -> SafeString:
    """A client's name beside a patch of its colour; ``without`` where there is none."""
    if client is None:
        return format_html("<em>{}</em>", without)
    return format_html(
        '<span class="filo-client"><span class="filo-patch" style="background: {}"></span>{}</span>',
        client.colour,
        client.name,
    )
