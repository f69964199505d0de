"""Whether what a network shows is another publication of ours: who looks for one by its words finds what has the same ones.

Two pins may have the same words and other pictures. Where the one is out and the other was cut off before it arrived, what
has these words is the first one's, and the second is not there. Where both were cut off, nobody but a person can tell whose
it is.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from social.entries import Entry, comment_in, parts_in
from social.models import Channel, Publication, PublicationState
from social.models.publications import REPEATABLE
from social.networks.base import CannotTell
from social.services.contents import entry_of

BEFORE: Final = timedelta(days=2)  # nobody looks for what is older than its first try, whatever the clocks say
_POSTS: Final = ("publish", "written", "comment")


def is_anothers(publication: Publication, number: str) -> bool:
    """Whether the network calls another publication of ours so, or a part of one.

    Raises:
        CannotTell: it calls none so that we know, and another one with the same words may be it as well as this one.
    """
    if number in taken_by_others(publication):
        return True
    if _other_in_doubt(publication):
        text = _("Another post with the same words is in doubt, too: this may be the one or the other.")
        raise CannotTell(text, code="two_in_doubt")
    return False


def _other_in_doubt(publication: Publication) -> bool:
    """Whether one with the same words is being sent, was sent without an answer, or is live as a person said, who knew no number."""
    sent = Q(state__in=[PublicationState.PUBLISHING, PublicationState.UNKNOWN], progress__has_key="in_flight")
    unnumbered = sent | Q(state=PublicationState.PUBLISHED)
    found = Publication.objects.filter(unnumbered, channel__in=_channels_of(publication.channel), remote_id="")
    young = found.filter(updated_at__gte=_since(publication)).exclude(pk=publication.pk)
    mine, others = _texts(entry_of(publication)), young.exclude(act__in=REPEATABLE).select_related("version")
    return any(mine & _texts(entry_of(other)) for other in others)


def _texts(entry: Entry) -> set[str]:
    """What it says: the whole, each of its further posts, its comment."""
    comment = [comment_in(entry)] if comment_in(entry) else []
    return {" ".join(text.split()) for text in [entry["text"], *(part["text"] for part in parts_in(entry)), *comment]}


def taken_by_others(publication: Publication) -> frozenset[str]:
    """What the network calls all else of ours on this account that may be as young as this: posts, their parts, comments."""
    since = _since(publication)
    young = Q(published_at__gte=since) | Q(begun=True, updated_at__gte=since)
    found = Publication.objects.filter(young, channel__in=_channels_of(publication.channel)).exclude(pk=publication.pk)
    return frozenset(known for other in found.only("remote_id", "progress") for known in _numbers(other) if known)


def _since(publication: Publication) -> datetime:
    first = publication.attempts.order_by("number").values_list("started_at", flat=True).first()
    return (first or publication.due_at) - BEFORE


def _channels_of(channel: Channel) -> list[int]:
    """Those of this account: it may have been a channel before that is retired."""
    if not channel.identity:
        return [channel.pk]
    same = Channel.objects.filter(network=channel.network, server=channel.server, identity=channel.identity)
    return [channel.pk, *same.exclude(pk=channel.pk).values_list("pk", flat=True)]


def _numbers(other: Publication) -> Iterator[str]:
    """Of the whole, of each of its posts, and of what is out of a thread that broke."""
    yield other.remote_id
    yield from other.remote_id.split(",")
    for step, entry in other.progress.get("steps", {}).items():
        if step in _POSTS or step.startswith("part:"):
            yield str(entry["given"].get("id") or entry["given"].get("name") or "")
