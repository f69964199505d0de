"""What approval chains may ask about a post, and what they can name in a condition."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from accounts.models import User
from approvals.subjects import Choices, Facts
from clients.models import Client
from social import networks, selectors
from social.digest import content_from, content_of, digest_of
from social.entries import words_in
from social.models import Channel, ChannelStatus, Label, Post, PostState, Variant
from social.networks.bluesky.richtext import spans
from strategy.models import Pillar


def facts_of(post: Post, drafted: Mapping[str, Any] | None = None) -> Facts:
    """The facts of the version that stands; where there is none, of what would be submitted now (``drafted``, if it is known).

    Two queries, for labels and writers; none for what was read before.
    """
    content = post.version.content if post.version else drafted or content_of(post)
    entries = content["channels"]
    texts = tuple(dict.fromkeys(words for entry in entries for words in words_in(entry)))
    return Facts(
        networks=frozenset(entry["network"] for entry in entries),
        channels=frozenset(entry["channel"] for entry in entries),
        labels=frozenset(label.name for label in post.labels.all()),
        pillars=frozenset({post.pillar.name} if post.pillar else ()),
        texts=texts,
        links=any(entry["link"] for entry in entries) or any(map(has_link, texts)),
        goes_out_at=post.publish_at,
        time_field="publish_at",
        parts={entry["channel"]: digest_of(entry) for entry in entries},
        part_networks={entry["channel"]: entry["network"] for entry in entries},
        writers=frozenset(
            {
                post.author_id,
                post.written_by_id,
                *(row.user_id for row in post.writers.all()),
                *([post.version.author_id] if post.version else ()),
            }
        ),
    )


def has_link(text: str) -> bool:
    """Whether readers could tap an address in it: a whole one, or a bare domain as Bluesky makes it alive."""
    return any(span.kind == "link" for span in spans(text))


def choices_for(client: Client | None) -> Choices:
    """What a condition of this client's chains may name: the networks, and the client's own things, the retired ones last.

    Retired ones are among them since old posts still have them, and a chain that names one must stay as it is.
    """
    known = [(slug, network.name) for slug, network in sorted(networks.NETWORKS.items())]
    if client is None:
        return Choices(networks=known)
    channels = Channel.objects.filter(client=client).order_by("name", "pk")
    named = [(channel.pk, channel.name, channel.status == ChannelStatus.RETIRED) for channel in channels]
    return Choices(
        networks=known,
        channels=[(pk, _said(name, retired=gone)) for pk, name, gone in sorted(named, key=lambda row: row[2])],
        labels=_names(Label.objects.filter(client=client).order_by("name", "pk")),
        pillars=_names(Pillar.objects.filter(client=client).order_by("name", "pk")),
    )


def _names(found: Iterable[Label | Pillar]) -> list[tuple[str, str]]:
    ordered = sorted(found, key=lambda thing: thing.retired)
    return [(thing.name, thing.named) for thing in ordered]


def _said(name: str, *, retired: bool) -> str:
    return _("%(name)s (retired)") % {"name": name} if retired else name


def latest(user: User, client: Client, limit: int) -> list[tuple[Post, dict[str, Any]]]:
    """The latest posts of this client that are for a channel and not given up, each with what would go out as it stands."""
    found = selectors.posts(user).filter(Exists(Variant.objects.filter(post=OuterRef("pk"))), client=client)
    found = found.exclude(state=PostState.CANCELLED).select_related("version__author", "written_by", "pillar")
    rows = selectors.with_labels(selectors.with_content(found), user).prefetch_related("writers").order_by("-pk")
    return [(post, content_from(post, post.variants.all(), list(post.media_rows.all()))) for post in rows[:limit]]
