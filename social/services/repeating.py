"""The same text twice where a network forbids it (``Network.repeats_after``): found beforehand, and once more at the claim.

What each post says on such a channel is kept as fingerprints beside it (``Variant.says``), in an index: one query finds
who says the same. Whoever decides by it holds the channel's lock until the commit, so that of two that ask, or are
claimed, at the same time, the second one sees the first.
"""

import hashlib
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from clients.moments import spoken
from social import networks
from social.digest import entries_of, shelves_of
from social.entries import Entry, comment_in, first_posts, parts_in
from social.models import Act, Post, PostState, Publication, PublicationState, Variant
from social.models.publications import REPEATABLE, TAKEN
from social.networks.base import Content, Part, Problem, Refused

# These are on their way where nothing is in the outbox yet.
PLANNED = frozenset({PostState.IN_REVIEW, PostState.APPROVED, PostState.SCHEDULED})
GOING = frozenset({PublicationState.SCHEDULED, PublicationState.PUBLISHING, PublicationState.UNKNOWN})
LOOK_AGAIN = timedelta(seconds=30)  # while nobody knows yet whether the same text is out
OUT = _("%(network)s refuses the same text within %(hours)d hours: “%(post)s” went out here on %(when)s.")
TO_COME = _("%(network)s refuses the same text within %(hours)d hours: “%(post)s” is to go out here on %(when)s.")
NOW = _("“%(post)s” says the same, and is going out here right now.")
SOMEBODY = _("%(network)s refuses the same text within %(hours)d hours, and another post says the same here.")
WITHIN = _("%(network)s refuses the same text twice: two posts of this thread are the same.")


def fingerprints(entry: Entry) -> list[str]:
    """Of each text on this channel that must not go out twice; none where its network does not mind. No other channel has the same."""
    network = networks.get(entry["network"])
    if network.repeats_after is None:
        return []
    parts = tuple(Part(part["text"]) for part in parts_in(entry))
    said = network.words(Content(entry["text"], entry["link"], parts=parts, comment=comment_in(entry)))
    plain = [" ".join(unicodedata.normalize("NFC", text).split()) for text in said]
    return [hashlib.sha256(f"{entry['channel']}\n{text}".encode()).hexdigest() for text in plain if text]


def note_what_is_said(post: Post) -> None:
    """Keep what the post says now on each channel whose network minds. The caller holds the post's lock."""
    if post.act in {Act.EDIT, Act.TAKE_DOWN}:
        return  # that is on the channel already, and nothing of it goes out a second time
    minding = [slug for slug, network in networks.NETWORKS.items() if network.repeats_after]
    for variant in post.variants.filter(channel__network__in=minding).select_related("channel"):
        (entry,) = entries_of(post, [(variant, shelves_of(post, variant, ()))], renditions=False)
        says = sorted(set(fingerprints(entry)))
        if says != variant.says:
            Variant.objects.filter(pk=variant.pk).update(says=says)


def hold(entries: Iterable[Entry]) -> None:
    """Until the end of the transaction nobody else decides about texts on those of these channels whose network minds."""
    channels = sorted(entry["channel"] for entry in entries if networks.get(entry["network"]).repeats_after)
    with connection.cursor() as cursor:
        for channel in channels:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"repeats:{channel}"])


def repeats(
    content: Mapping[str, Any], *, post: Post | None, at: datetime | None, named: bool = True
) -> dict[int, list[Problem]]:
    """What is wrong on each channel where another post says the same; one query, none where no network minds.

    ``at`` is when this one is to go out; without a time it is only a warning, reckoned from now. ``named``: whether whoever
    reads it may know of the other post. ``post``: the one that it is of; what changes or takes down says nothing a second time,
    but the rest of what broke off in the middle, which goes out after its change.
    """
    live = 0
    if post is not None and post.act in REPEATABLE:
        live = (post.corrects.live_posts or 0) if post.act == Act.EDIT and post.corrects else 0
        if not live:
            return {}
    said = {entry["channel"]: (entry, fingerprints(entry)) for entry in content["channels"]}
    found: dict[int, list[Problem]] = {}
    for channel, (entry, prints) in said.items():
        stays = prints[: len(fingerprints(first_posts(entry, live)))] if live else []
        anew = prints[len(stays) :]
        said[channel] = entry, anew
        if len(set(anew)) < len(anew) or set(anew) & set(stays):
            params = {"network": networks.get(entry["network"]).name}
            found[channel] = [Problem("repeated_within", "error", WITHIN, params)]
    wanted = [one for _entry, prints in said.values() for one in prints]
    moment = at or timezone.now()
    own = [post.pk] if post else []
    if live and post and post.corrects:
        own.append(post.corrects.post_id)
    for other in _others(own, wanted, moment) if wanted else ():
        entry, prints = said.get(other.channel_id, (None, []))
        within = networks.get(entry["network"]).repeats_after if entry else None
        if within and abs(other.when - moment) < within and set(prints) & set(other.says) and _stands(other):
            sentence = (OUT if other.out else TO_COME) if named else SOMEBODY
            problem = Problem("repeated", "error" if at else "warning", sentence, _params(other, within))
            found.setdefault(other.channel_id, []).append(problem)
    return found


def _others(own: Collection[int], prints: Sequence[str], moment: datetime) -> list[Any]:
    widest = max((n.repeats_after for n in networks.NETWORKS.values() if n.repeats_after), default=timedelta())
    out = Publication.objects.filter(post=OuterRef("post"), channel=OuterRef("channel"), state__in=TAKEN)
    rows = Variant.objects.filter(says__overlap=list(prints)).exclude(post__in=own)
    rows = rows.select_related("post__client", "channel").annotate(
        stands=Subquery(out.values("state")[:1]),
        begun=Subquery(out.values("begun")[:1]),
        out=Subquery(out.values("published_at")[:1]),
        when=Coalesce("out", F("post__publish_at")),
    )
    return list(rows.filter(when__gt=moment - widest, when__lt=moment + widest).order_by("when", "pk")[:20])


def _stands(other: Any) -> bool:
    """Whether that one is out, or on its way."""
    if other.stands is None:
        return other.post.state in PLANNED
    return other.out is not None or other.stands in GOING or bool(other.begun)


def _params(other: Any, within: timedelta) -> dict[str, Any]:
    return {
        "network": networks.get(other.channel.network).name,
        "hours": int(within.total_seconds() // 3600),
        "post": str(other.post),
        "when": spoken(other.when, other.post.client.zone),
    }


@dataclass(frozen=True)
class Obstacle:
    """Another publication says the same: it is out (``refused``), or nobody knows yet, and this one has to wait."""

    reason: str
    refused: Refused | None


def in_the_way_of(publication: Publication, entry: Entry, now: datetime) -> Obstacle | None:
    """What keeps this publication from being claimed; its channel's lock is held from here on. One query.

    Where a part of it is live already, nothing does: its end has to follow.
    """
    within = networks.get(publication.network).repeats_after
    prints = fingerprints(entry)
    if within is None or not prints or publication.begun:
        return None
    hold([entry])
    others = Publication.objects.filter(
        Q(state=PublicationState.PUBLISHED, published_at__gt=now - within)
        | Q(state__in=[PublicationState.PUBLISHING, PublicationState.UNKNOWN])
        | Q(begun=True, state=PublicationState.SCHEDULED)
        | Q(begun=True, state__in=[PublicationState.FAILED, PublicationState.LATE], updated_at__gt=now - within),
        channel=publication.channel_id,
        post__variants__channel=publication.channel_id,
        post__variants__says__overlap=prints,
    )
    found = list(others.exclude(post=publication.post_id).select_related("post")[:20])
    if not found:
        return None
    with translation.override(publication.client.language):
        return _obstacle(found, publication, within)


def _obstacle(found: Sequence[Publication], publication: Publication, within: timedelta) -> Obstacle:
    over = {PublicationState.PUBLISHED, PublicationState.FAILED}
    out = next((other for other in found if other.state in over), None)
    if out is None:
        return Obstacle(str(NOW) % {"post": str(found[0].post)}, None)
    params = {
        "network": networks.get(publication.network).name,
        "hours": int(within.total_seconds() // 3600),
        "post": str(out.post),
        "when": spoken(out.published_at or out.updated_at, publication.client.zone),
    }
    refused = Refused(OUT, code="repeated", params=params)
    return Obstacle(str(refused), refused)
