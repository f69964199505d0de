"""Whether a network can make of what is live what somebody wants it to be: asked before anybody approves it."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from social.entries import changed_posts, comment_in, first_posts, parts_in, posts_in
from social.networks.base import Network

Entry = Mapping[str, Any]


def require_change(network: Network, before: Entry, after: Entry, live: int | None = None) -> None:
    """Raise ``ValidationError`` unless the network can make what is live (an entry of a content) say the other.

    What it would leave as it was, though somebody had approved it otherwise, would be called changed. ``live``: of what broke
    off in the middle, how many of its posts are live; the rest goes out after the change, as freely as anything.
    """
    if said_in(before) == said_in(after):
        if live is None:
            raise _wrong("text", "unchanged", _("This says what is live already: there is nothing to change."))
        text = _("This says what was approved already: there is nothing to change. Send the rest instead.")
        raise _wrong("text", "unchanged", text)
    if live is not None:
        before, after = _of_live(network, before, after, live)
    if said_in(before) != said_in(after):
        _require_edit(network, before, after)


def changes_live(before: Entry, after: Entry, live: int) -> bool:
    """Whether this change of what broke off in the middle changes anything of the part that is live."""
    return said_in(first_posts(before, live)) != said_in(first_posts(after, live))


def sent_by(before: Entry, after: Entry, live: int | None) -> Entry | None:
    """As much as a change of what is live sends, for limits and money: the posts that become others; None where that is nothing.

    ``live``: of what broke off in the middle, how many of its posts are live.
    """
    if live is None:
        return changed_posts(before, after)
    if not changes_live(before, after, live):
        return None
    return changed_posts(first_posts(before, live), first_posts(after, live))


def said_in(entry: Entry) -> dict[str, Any]:
    """The entry without how its account is called: an account that is renamed says nothing else."""
    return {name: value for name, value in entry.items() if name not in {"handle", "server"}}


def _of_live(network: Network, before: Entry, after: Entry, live: int) -> tuple[Entry, Entry]:
    """Both with as many posts as are live. Raises ``ValidationError`` where the change would have fewer."""
    if len(parts_in(after)) < live - 1:
        text = _("%(live)d of its posts are live on %(network)s, and a change takes none of them away.")
        raise _wrong("parts", "same_posts", text, network=network.name, live=live)
    return first_posts(before, live), first_posts(after, live)


def _require_edit(network: Network, before: Entry, after: Entry) -> None:
    if not network.edits:
        text = _("On %(network)s what is live can't be changed from here: leave it as it is, and change the rest.")
        raise _wrong(_differs_in(before, after), "not_possible", text, network=network.name)
    _require_posts(network, before, after)
    if not network.edits_count and len(before["media"]) != len(after["media"]):
        text = _("On %(network)s a post keeps the number of its pictures and videos: answer it, or take it down.")
        raise _wrong("media", "same_media", text, network=network.name)
    _require_fields(network, before["options"], after["options"])
    if not network.edits_media:
        _require_words_only(network, before, after)


def _require_posts(network: Network, before: Entry, after: Entry) -> None:
    if len(parts_in(before)) != len(parts_in(after)) or bool(comment_in(before)) != bool(comment_in(after)):
        text = _("A change leaves as many posts as are live: add none, take none away, the first comment included.")
        raise _wrong("parts", "same_posts", text)
    if comment_in(before) != comment_in(after) and not network.threads:
        text = _("On %(network)s the first comment stays as it is: answer what is live instead.")
        raise _wrong("comment", "same_comment", text, network=network.name)
    if (parts_in(after) or comment_in(after)) and not network.edits_threads:
        text = _("On %(network)s single posts can be changed, no threads: answer what is live instead.")
        raise _wrong("parts", "single_posts", text, network=network.name)


def _require_fields(network: Network, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
    """Raise ``ValidationError`` where something that was asked beside the text would stay as it is, though it is changed."""
    for field in network.fields:
        name, becomes = field.name, after.get(field.name)
        changes = name in network.edits_fields and (becomes or name not in network.keeps_fields)
        if before.get(name) != becomes and not changes:
            text = _("%(network)s, %(field)s: a change of what is live leaves this as it is. Put back what was there.")
            raise _wrong("variants", "field_stays", text, network=network.name, field=field.label)


def _require_words_only(network: Network, before: Entry, after: Entry) -> None:
    was, becomes = (
        [[_shown(item) for item in posted.media] for posted in posts_in(entry)] for entry in (before, after)
    )
    if was != becomes or before["link"] != after["link"]:
        text = _("On %(network)s only the words of what is live can be changed: leave pictures and link as they are.")
        field = "link" if was == becomes else "media" if was[0] != becomes[0] else "parts"
        raise _wrong(field, "words_only", text, network=network.name)


def _shown(item: Entry) -> tuple[str, ...]:
    """What of a picture or video readers see: itself, a video's subtitles and cover."""
    return tuple(str(item.get(name, "")) for name in ("sha256", "captions", "cover"))


def _differs_in(before: Entry, after: Entry) -> str:
    """The field of a post in which the one differs from the other."""
    named = {"text": "text", "link": "link", "media": "media", "options": "variants"}
    return next((field for name, field in named.items() if before[name] != after[name]), "parts")


def _wrong(at: str, code: str, text: StrOrPromise, **params: Any) -> ValidationError:
    return ValidationError({at: ValidationError(text, code=code, params=params or None)})
