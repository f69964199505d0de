"""What a reader will see on each channel, drawn the same in the composer, on the review page and in the portal.

A preview comes from a content (see ``social.digest``), stored or not: nothing is written to draw one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from social import media_views, networks
from social.models import Channel, Media
from social.networks.base import Content, Problem
from social.networks.text import graphemes
from social.services.checks import content_for

UNITS = {"graphemes": _("characters"), "bytes": _("bytes")}


@dataclass(frozen=True, kw_only=True)
class Picture:
    """One picture of a preview; ``url`` opens for whoever the preview is for, ``sha256`` is of its bytes."""

    url: str
    sha256: str
    alt_text: str
    width: int
    height: int


@dataclass(frozen=True, kw_only=True)
class Preview:
    """One channel's post as its readers get it.

    The text comes in three parts: ``shown``, ``folded`` (hidden behind “more”) and ``cut`` (does not fit, never goes out).
    ``used`` and ``limit`` are in ``unit``.
    """

    channel_id: int
    channel: str
    handle: str
    network: str
    client: str
    colour: str
    shown: str
    folded: str
    cut: str
    link: str
    host: str
    pictures: tuple[Picture, ...]
    used: int
    limit: int
    unit: StrOrPromise
    problems: tuple[Problem, ...]

    @property
    def ok(self) -> bool:
        """Whether the network would take it; warnings do not count."""
        return not any(problem.level == "error" for problem in self.problems)

    @property
    def has_card(self) -> bool:
        """Whether the link gets a card: with pictures there is no room for one, and the link is a line of its own."""
        return bool(self.link) and not self.pictures


def previews(client_id: int, content: Mapping[str, Any], *, sign: bool = False) -> list[Preview]:
    """Each channel's preview, in a fixed number of queries.

    ``sign``: the pictures' addresses open for an hour without anybody being signed in.
    """
    return previews_of_many([(client_id, content)], sign=sign)[0]


def previews_of_many(versions: Sequence[tuple[int, Mapping[str, Any]]], *, sign: bool = False) -> list[list[Preview]]:
    """For each client and content its previews (see ``previews``), in the same number of queries as for one."""
    entries = [(client_id, entry) for client_id, content in versions for entry in content["channels"]]
    stored = _stored(entries)
    found = Channel.objects.select_related("client").filter(client__in={client_id for client_id, _entry in entries})
    channels = found.in_bulk({entry["channel"] for _client, entry in entries})
    return [
        [
            _preview(
                channels[entry["channel"]],
                entry,
                content_for(entry, stored[client_id]),
                _pictures(entry, stored[client_id], sign=sign),
            )
            for entry in content["channels"]
        ]
        for client_id, content in versions
    ]


def _stored(entries: Sequence[tuple[int, Mapping[str, Any]]]) -> dict[int, dict[str, Media]]:
    """The pictures of these entries, for each client by digest."""
    wanted = {media["sha256"] for _client, entry in entries for media in entry["media"]}
    stored: dict[int, dict[str, Media]] = {client_id: {} for client_id, _entry in entries}
    if wanted:
        for item in Media.objects.filter(client__in=stored, sha256__in=wanted):
            stored[item.client_id][item.sha256] = item
    return stored


def _preview(channel: Channel, entry: Mapping[str, Any], going_out: Content, pictures: tuple[Picture, ...]) -> Preview:
    network = networks.get(entry["network"])
    check = network.preflight(going_out)
    fits = going_out.text if check.cut_at is None else going_out.text[: check.cut_at]
    shown = _unfolded(fits, network.proportions.fold_at)
    return Preview(
        channel_id=channel.pk,
        channel=channel.name,
        handle=entry["handle"],
        network=network.name,
        client=channel.client.name,
        colour=channel.client.colour,
        shown=shown,
        folded=fits[len(shown) :],
        cut=going_out.text[len(fits) :],
        link=going_out.link,
        host=_host(going_out.link),
        pictures=pictures,
        used=check.used,
        limit=check.limit,
        unit=UNITS.get(check.unit, check.unit),
        problems=check.problems,
    )


def _unfolded(text: str, fold_at: int | None) -> str:
    if fold_at is None:
        return text
    return "".join(grapheme for number, grapheme in enumerate(graphemes(text)) if number < fold_at)


def _host(link: str) -> str:
    try:
        return (urlsplit(link).hostname or "").removeprefix("www.")
    except ValueError:  # an address that can't be taken apart; preflight says so
        return ""


def _pictures(entry: Mapping[str, Any], stored: Mapping[str, Media], *, sign: bool) -> tuple[Picture, ...]:
    address = media_views.signed_url if sign else media_views.own_url
    items = [(stored[media["sha256"]], media["alt_text"]) for media in entry["media"]]
    return tuple(
        Picture(url=address(item), sha256=item.sha256, alt_text=alt_text, width=item.width, height=item.height)
        for item, alt_text in items
    )
