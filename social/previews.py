"""What a reader will see on each channel, drawn the same in the composer, on the review page and in the portal.

A preview comes from a content (see ``social.digest``), stored or not: nothing is written to draw one.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from django.utils import translation
from django.utils.formats import number_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from social import media_views, networks
from social.entries import COMMENT, Entry, key_of, part_spot, parts_in
from social.models import Act, Channel, Post
from social.money import dollars
from social.networks.base import Content, Network, Problem
from social.networks.layout import Layout
from social.networks.newsletter.writing import button_of
from social.networks.text import graphemes
from social.services.channels import shown_credentials
from social.services.checks import Stock, content_for, preflight_of, stock_of
from social.services.needing import as_sent
from social.services.spending import price_of
from social.told import Told, told_fields

# Each network counts characters in its own way; only bytes are something else to people.
CHARACTERS, BYTES = _("characters"), _("bytes")


@dataclass(frozen=True, kw_only=True)
class Picture:
    """One picture or video of a preview, as it will go out; ``url`` opens for whoever the preview is for.

    ``sha256`` is of the bytes that were uploaded, by which people speak of it. ``poster`` is the address of what stands
    for a video until it is played.
    """

    url: str
    sha256: str
    alt_text: str
    width: int
    height: int
    is_video: bool = False
    poster: str = ""
    captions: str = ""


@dataclass(frozen=True, kw_only=True)
class Seen:
    """One post's text: ``shown`` at once, or ``cut`` since it does not fit. As its network counts, it is ``used`` of ``limit`` in ``unit``."""

    shown: str
    cut: str
    used: int
    limit: int
    unit: StrOrPromise

    @property
    def counted(self) -> str:
        """That in words."""
        numbers = {name: number_format(getattr(self, name), force_grouping=True) for name in ("used", "limit")}
        return gettext("%(used)s of %(limit)s %(unit)s") % {**numbers, "unit": self.unit}


@dataclass(frozen=True, kw_only=True)
class Below(Seen):
    """One more post below the first: of its thread (``number`` as readers count, from 2), or its first comment (0).

    ``key`` is how comments of people speak of it. Each post is counted by itself.
    """

    key: str
    number: int
    pictures: tuple[Picture, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Inbox:
    """How a mail lies in an inbox before it is read; ``button`` is what stands on its link.

    ``lives``: its list may still send.
    """

    sender: str
    subject: str
    preheader: str
    button: str
    lives: bool


@dataclass(frozen=True, kw_only=True)
class Preview(Seen):
    """One channel's post as its readers get it.

    The text comes in three parts: ``shown``, ``folded`` (hidden behind “more”) and ``cut`` (does not fit, never goes out).
    ``layout`` is ``shown`` as the network sets it, None where lines stay lines.
    ``price`` is what the network takes for it, as people read it; empty for nothing. ``inbox``: of mails. ``issue`` is the
    address at which the whole mail is shown, where it has one (``social.issues``).
    """

    channel_id: int
    channel: str
    handle: str
    network: str
    client: str
    colour: str
    folded: str
    link: str
    host: str
    pictures: tuple[Picture, ...]
    problems: tuple[Problem, ...]
    below: tuple[Below, ...] = ()
    asked: tuple[Told, ...] = ()
    price: str = ""
    layout: Layout | None = None
    inbox: Inbox | None = None
    issue: str = ""

    @property
    def ok(self) -> bool:
        """Whether the network would take it; warnings do not count."""
        return not any(problem.level == "error" for problem in self.problems)

    @property
    def has_card(self) -> bool:
        """Whether the link gets a card: with pictures, or on a page, there is none, and the link is a line of its own."""
        return bool(self.link) and not self.pictures and self.layout is None


def previews(
    client_id: int,
    content: Mapping[str, Any],
    *,
    sign: bool = False,
    also: Mapping[int, Sequence[Problem]] | None = None,
    of: Post | None = None,
) -> list[Preview]:
    """Each channel's preview, in a fixed number of queries.

    ``sign``: the pictures' addresses open for an hour without anybody being signed in. ``also``: what else is known to be
    wrong on a channel. ``of``: the post that it is of; of a change the price of what it sends, of a taking down none
    (see ``acts``).
    """
    found = previews_of_many([(client_id, content)], sign=sign, of=[of])[0]
    more = also or {}
    return [replace(one, problems=(*one.problems, *more.get(one.channel_id, ()))) for one in found]


def previews_of_many(
    versions: Sequence[tuple[int, Mapping[str, Any]]], *, sign: bool = False, of: Sequence[Post | None] = ()
) -> list[list[Preview]]:
    """For each client and content its previews (see ``previews``), in the same number of queries as for one.

    ``of``: the post of each, where there is one; with ``before`` and ``corrects``, if it acts on something live.
    """
    entries = [(client_id, entry) for client_id, content in versions for entry in content["channels"]]
    stock = stock_of(entries)
    found = Channel.objects.select_related("client").filter(client__in={client_id for client_id, _entry in entries})
    channels = found.in_bulk({entry["channel"] for _client, entry in entries})
    drawn = []
    for (client_id, content), post in zip(versions, of or [None] * len(versions), strict=True):
        mine = content["channels"]
        shown = [preview_of(channels[entry["channel"]], entry, stock[client_id], sign=sign) for entry in mine]
        if post is not None and post.corrects_id:
            sent = () if post.act == Act.TAKE_DOWN else as_sent(post, mine)
            goes = {
                entry["channel"]: content_for(entry, stock[client_id], channels[entry["channel"]]) for entry in sent
            }
            shown = [_priced(one, channels[one.channel_id].network, goes.get(one.channel_id)) for one in shown]
        drawn.append(shown)
    return drawn


def _priced(preview: Preview, network: str, sent: Content | None) -> Preview:
    """With the price of what is sent, which of a change is less than all that it shows."""
    return replace(preview, price=_price(price_of(network, sent)) if sent else "")


def preview_of(channel: Channel, entry: Mapping[str, Any], stock: Stock, *, sign: bool = False) -> Preview:
    """One channel's preview; asks the database nothing where the channel comes with its client."""
    network = networks.get(entry["network"])
    going_out = content_for(entry, stock, channel)
    check = preflight_of(entry, stock, going_out)
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
        pictures=_pictures(entry["media"], stock, sign=sign, covered=network.takes_cover(going_out)),
        used=check.used,
        limit=check.limit,
        unit=_unit(check.unit),
        problems=check.problems,
        below=tuple(_below(network, entry, going_out, stock, sign=sign)),
        asked=tuple(told_fields(entry)),
        price=_price(price_of(entry["network"], going_out)),
        layout=network.layout(replace(going_out, text=fits)),
        inbox=_inbox(channel, going_out),
    )


def _inbox(channel: Channel, content: Content) -> Inbox | None:
    if not networks.get(channel.network).mails:
        return None
    with translation.override(channel.client.language):
        button = button_of(content)
    return Inbox(
        sender=str(shown_credentials(channel).get("from_name") or channel.name),
        subject=str(content.fields.get("subject") or ""),
        preheader=str(content.fields.get("preheader") or ""),
        button=button,
        lives=not channel.retired,
    )


def _unit(unit: str) -> StrOrPromise:
    return BYTES if unit == "bytes" else CHARACTERS


def _price(costs: Decimal) -> str:
    return dollars(costs) if costs else ""


def _below(network: Network, entry: Entry, going_out: Content, stock: Stock, *, sign: bool) -> Iterator[Below]:
    """Each further post is counted as one of its own is."""
    for number, (part, shown) in enumerate(zip(going_out.parts, parts_in(entry), strict=True), start=1):
        check = network.preflight(Content(part.text, media=part.media, allows=going_out.allows))
        fits = part.text if check.cut_at is None else part.text[: check.cut_at]
        yield Below(
            key=key_of(entry["channel"], part_spot(number)),
            number=number + 1,
            shown=fits,
            cut=part.text[len(fits) :],
            pictures=_pictures(shown["media"], stock, sign=sign, covered=network.takes_cover(going_out)),
            used=check.used,
            limit=check.limit,
            unit=_unit(check.unit),
        )
    if going_out.comment:
        used, limit = network.count_comment(going_out)
        yield Below(
            key=key_of(entry["channel"], COMMENT),
            number=0,
            shown=going_out.comment,
            cut="",
            used=used,
            limit=limit,
            unit=_unit(network.limits["text"]["unit"]),
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


def _pictures(media: Iterable[Entry], stock: Stock, *, sign: bool, covered: bool) -> tuple[Picture, ...]:
    address = media_views.signed_url if sign else media_views.own_url
    return tuple(
        Picture(
            url=address(going_out),
            sha256=shown["sha256"],
            alt_text=shown["alt_text"],
            width=going_out.width,
            height=going_out.height,
            is_video=going_out.is_video,
            poster=_poster(shown, stock, sign=sign, covered=covered),
            captions=shown.get("captions", ""),
        )
        for shown in media
        for going_out in [stock.goes_out(shown)]
    )


def _poster(shown: Mapping[str, Any], stock: Stock, *, sign: bool, covered: bool) -> str:
    """The cover that was approved, which need not be today's; where none goes out, the video's first picture."""
    item = stock.media[shown["sha256"]]
    cover = stock.media.get(shown.get("cover", "")) if covered else None
    if cover is not None:
        return media_views.signed_url(cover) if sign else media_views.own_url(cover)
    return media_views.still_url(item, sign=sign) if item.is_video else ""
