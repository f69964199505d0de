"""Preflight: a network's own rules on what would go out. The composer, the API, the approver and the worker ask here."""

import dataclasses
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from social import networks, renditions
from social.addresses import has_address, public_address
from social.comebacks import blanks_in
from social.entries import Entry, comment_in, media_in, parts_in, words_in
from social.fitting import Want, item_of, wanted
from social.models import Channel, Media, Rendition
from social.networks import rules
from social.networks.base import Content, MediaItem, Part, Preflight, Problem

# Why something can't be made as a network asks (see ``Rendition.problem``); what else there is went wrong on our side.
WHY_NOT = {
    "too_heavy": _(
        "%(network)s can't take picture or video %(number)d: it is too heavy, and can't be made light enough."
    ),
    "kind": _(
        "%(network)s does not take what picture or video %(number)d is, and it can't be made into what it takes."
    ),
    "no_ffmpeg": _("Video %(number)d has to be made ready for %(network)s, and the server has no ffmpeg to do it."),
}
BROKE = _("Picture or video %(number)d could not be made ready for %(network)s. Save it anew and add it again.")


@dataclass(frozen=True)
class ChannelCheck:
    """How one channel's content stands to its network's rules."""

    channel: Channel
    content: Content
    preflight: Preflight


@dataclass(frozen=True)
class Stock:
    """What is stored of some entries' pictures and videos of one client.

    ``media`` and ``made`` by their digests; ``ordered``, which are not made yet, by what they are found by (``Want.key``).
    """

    media: Mapping[str, Media] = field(default_factory=dict)
    made: Mapping[str, Rendition] = field(default_factory=dict)
    ordered: Mapping[tuple[str, str], Rendition] = field(default_factory=dict)

    def goes_out(self, shown: Mapping[str, Any]) -> Media | Rendition:
        """The very bytes that go out for one entry of ``media``; those that were uploaded while nothing else is made."""
        return self.made[shown["rendition"]] if shown.get("rendition") else self.media[shown["sha256"]]


def media_items(client_id: int, entries: Iterable[Mapping[str, Any]]) -> dict[str, Media]:
    """The stored pictures and videos of a client by digest, their covers included."""
    wanted = {entry[name] for entry in entries for name in ("sha256", "cover") if entry.get(name)}
    if not wanted:
        return {}
    return {item.sha256: item for item in Media.objects.filter(client_id=client_id, sha256__in=wanted)}


def stock_of(entries: Sequence[tuple[int, Mapping[str, Any]]]) -> dict[int, Stock]:
    """What is stored of these clients' entries: one query, one more where something had to be made for a network."""
    shown = [(client_id, media) for client_id, entry in entries for media in media_in(entry)]
    media: dict[int, dict[str, Media]] = {client_id: {} for client_id, _entry in entries}
    made: dict[int, dict[str, Rendition]] = {client_id: {} for client_id in media}
    ordered: dict[int, dict[tuple[str, str], Rendition]] = {client_id: {} for client_id in media}
    digests = {entry[name] for _client, entry in shown for name in ("sha256", "cover") if entry.get(name)}
    if digests:
        for item in Media.objects.filter(client__in=media, sha256__in=digests):
            media[item.client_id][item.sha256] = item
    there = {entry["rendition"] for _client, entry in shown if entry.get("rendition")}
    missing = {entry["sha256"] for _client, entry in shown if entry.get("rendition") == ""}
    if there or missing:
        either = Q(sha256__in=there) | Q(source__in=missing, made_at=None)
        for row in Rendition.objects.filter(either, client__in=media):
            if row.made_at:
                made[row.client_id][row.sha256] = row
            else:
                ordered[row.client_id][row.source, row.recipe] = row
    return {pk: Stock(media[pk], made[pk], ordered[pk]) for pk in media}


def content_for(entry: Mapping[str, Any], stock: Stock, channel: Channel, publication: int = 0) -> Content:
    """One channel's entry of a version (see ``social.digest``) as its network takes it.

    What is not made yet is told as it will be. ``publication`` is the one whose end also ends the media's addresses.
    """
    return Content(
        text=entry["text"],
        link=entry["link"],
        media=_items(entry["network"], entry["media"], stock, publication),
        parts=tuple(
            Part(part["text"], _items(entry["network"], part["media"], stock, publication)) for part in parts_in(entry)
        ),
        comment=comment_in(entry),
        fields=entry["options"],
        allows=channel.allows,
    )


def _items(network: str, media: Iterable[Entry], stock: Stock, publication: int) -> tuple[MediaItem, ...]:
    return tuple(_item(network, shown, stock, publication) for shown in media)


def _item(network: str, shown: Mapping[str, Any], stock: Stock, publication: int) -> MediaItem:
    stored = stock.goes_out(shown)
    cover = stock.media.get(shown.get("cover", ""))
    item = item_of(
        stored,
        shown["alt_text"],
        captions=shown.get("captions", ""),
        cover=item_of(cover, address=_address(cover, publication)) if cover else None,
        address=_address(stored, publication),
    )
    want = _missing(network, shown, stock)
    if want is None:
        return item
    return renditions.expected(want.asked, item)


def _address(stored: Media | Rendition, publication: int) -> Callable[[], str] | None:
    return partial(public_address, stored, publication=publication) if has_address(stored) else None


def _missing(network: str, shown: Mapping[str, Any], stock: Stock) -> Want | None:
    """What has still to be made for this entry of a draft."""
    return wanted(network, stock.media[shown["sha256"]]) if shown.get("rendition") == "" else None


def missing(content: Mapping[str, Any], stock: Stock) -> list[Want]:
    """All that has still to be made before this can go out, each once."""
    found = [_missing(entry["network"], shown, stock) for entry in content["channels"] for shown in media_in(entry)]
    return list({want.key: want for want in found if want}.values())


def preflight_of(entry: Mapping[str, Any], stock: Stock, going_out: Content) -> Preflight:
    """What the network's rules say of it, and what is not ready yet."""
    found = rules.checked(networks.get(entry["network"]), going_out)
    late = [
        problem
        for number, shown in enumerate(media_in(entry), start=1)
        for problem in _not_ready(entry["network"], number, shown, stock)
    ]
    return with_more(found, [*late, *_unfilled(entry)])


def _unfilled(entry: Mapping[str, Any]) -> list[Problem]:
    """What of the words that we proposed somebody has still to say."""
    blanks = [blank for words in words_in(entry) for blank in blanks_in(words)]
    text = _("Something is left to fill in: “%(blank)s”.")
    return [Problem("blank_left", "error", text, {"blank": blanks[0]})] if blanks else []


def with_more(found: Preflight, problems: Sequence[Problem]) -> Preflight:
    """The same with these problems beside its own."""
    return dataclasses.replace(found, problems=(*found.problems, *problems)) if problems else found


def _not_ready(network: str, number: int, shown: Mapping[str, Any], stock: Stock) -> list[Problem]:
    want = _missing(network, shown, stock)
    if want is None:
        return []
    row = stock.ordered.get(want.key)
    params = {"number": number, "network": networks.get(network).name}
    if row and row.problem:
        return [Problem("media_cannot_fit", "error", WHY_NOT.get(row.problem, BROKE), params)]
    if want.media.is_video:
        text = _("Video %(number)d is still being made ready for %(network)s. That may take some minutes.")
    elif row is None:
        return []  # nobody has saved it yet; whoever submits it makes it
    else:
        text = _("Picture %(number)d is still being made ready for %(network)s. That takes a moment.")
    return [Problem("media_not_ready", "error", text, params)]


def check_content(
    client_id: int,
    content: Mapping[str, Any],
    channels: Mapping[int, Channel] | None = None,
    stock: Stock | None = None,
    also: Mapping[int, Sequence[Problem]] | None = None,
) -> list[ChannelCheck]:
    """Each channel's preflight for this content, in a fixed number of queries; fewer where something was read before.

    ``also``: what else is known to be wrong on a channel (see ``social.services.repeating``).
    """
    entries = content["channels"]
    if stock is None:
        stock = stock_of([(client_id, entry) for entry in entries]).get(client_id, Stock())
    if channels is None:
        channels = Channel.objects.select_related("client").in_bulk([entry["channel"] for entry in entries])
    checks = []
    for entry in entries:
        going_out = content_for(entry, stock, channels[entry["channel"]])
        found = with_more(preflight_of(entry, stock, going_out), (also or {}).get(entry["channel"], ()))
        checks.append(ChannelCheck(channels[entry["channel"]], going_out, found))
    return checks


# Which field of a post a problem is about, by how its code begins; what is not named is about the text.
ABOUT = {
    "media": ("media", "image", "picture", "video"),
    "parts": ("part", "no_threads", "thread"),
    "comment": ("comment", "no_comments"),
    "variants": ("field",),
}


def _field_of(problem: Problem) -> str:
    return next((field for field, codes in ABOUT.items() if problem.code.startswith(codes)), "text")


def require_ready(checks: list[ChannelCheck]) -> None:
    """Raise ``ValidationError`` with everything that keeps this from going out, each with its channel's name."""
    if not checks:
        raise ValidationError({"channels": ValidationError(_("Choose at least one channel."), code="required")})
    errors: dict[str, list[ValidationError]] = {}
    for check in checks:
        if check.channel.retired:
            text = _("%(channel)s is retired: nothing goes out there any more.")
            params = {"channel": check.channel.name}
            errors.setdefault("channels", []).append(ValidationError(text, code="retired", params=params))
        for problem in check.preflight.problems:
            if problem.level == "error":
                errors.setdefault(_field_of(problem), []).append(
                    ValidationError(f"{check.channel.name}: {problem.detail}", code=problem.code)
                )
    if errors:
        raise ValidationError(errors)
