"""The content of a publication as its network is given it, and where it is live."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.db.models import QuerySet

from social import networks
from social.entries import posts_in
from social.models import Act, Publication, PublicationState
from social.models.posts import PostVersion
from social.networks.base import Content, Network, Part, Published
from social.services.checks import content_for, stock_of

BROKEN_OFF = frozenset({PublicationState.FAILED, PublicationState.LATE})  # with ``begun``: nothing more comes by itself
LIVE_THEN = "live_then"  # of a change's ``progress``: how many posts were live of what broke off, when it was made
SEEN = "seen"  # of ``Publication.progress``: the post of a thread that only a person saw there, so that its number is not known
HIDDEN = "hidden"  # of ``Publication.progress``: it waits on the network, and readers don't see it yet


def entry_of(publication: Publication) -> dict[str, Any]:
    """What the version by which it goes out says of its channel."""
    return entry_in(version_of(publication), publication)


def entry_in(version: PostVersion, publication: Publication) -> dict[str, Any]:
    """What this version says of the publication's channel."""
    entries: list[dict[str, Any]] = version.content["channels"]
    return next(entry for entry in entries if entry["channel"] == publication.channel_id)


def version_of(publication: Publication) -> PostVersion:
    """The version by which it goes out: its own, or that of a change since, by which what broke off in the middle goes on."""
    goes_out = publication.act in {Act.PUBLISH, Act.NEW_POST}
    return live_version(publication) if publication.begun and goes_out else publication.version


def content_of_version(publication: Publication) -> Content:
    """The very words and pictures of the publication's version on its channel; an answer with what it answers above it."""
    content = own_content(publication)
    if publication.act != Act.REPLY or publication.target is None:
        return content
    return with_reply(networks.get(publication.network), live_content(publication.target), content)


def live_content(publication: Publication) -> Content:
    """What of its words and pictures is live, as they are by now: of a thread that broke off, as many posts as are."""
    return of_live(publication, _content(publication, live_version(publication)))


def of_live(publication: Publication, content: Content) -> Content:
    """As much of this content as is live of the publication: all of it, but of what broke off in the middle."""
    posts = publication.live_posts
    return content if posts is None else replace(content, parts=content.parts[: posts - 1], comment="")


def broke_off(publication: Publication) -> bool:
    """Whether it was begun and is not whole."""
    return publication.begun and publication.state != PublicationState.PUBLISHED


def own_content(publication: Publication) -> Content:
    """The same without what an answer answers: what it takes of limits and money."""
    return _content(publication, version_of(publication))


def _content(publication: Publication, version: PostVersion) -> Content:
    return content_in(publication, entry_in(version, publication))


def content_in(publication: Publication, entry: Mapping[str, Any]) -> Content:
    """What this entry says, with its pictures, on the publication's channel."""
    stock = stock_of([(publication.client_id, entry)])[publication.client_id]
    return content_for(entry, stock, publication.channel, publication.pk)


def with_reply(network: Network, live: Content, reply: Content) -> Content:
    """What is live with the answer below it: as the thread's next part, or as its comment where there are no threads."""
    if network.threads:
        return replace(live, parts=(*live.parts, Part(words_of(reply), reply.media)), comment="")
    return replace(live, comment=words_of(reply))


def reply_step(network: Network, content: Content) -> str:
    """The step that stands for the answer in the journal (see ``social.networks.journal``)."""
    return f"part:{len(content.parts)}" if network.threads else "comment"


def words_of(reply: Content) -> str:
    """The words of an answer; neither parts nor comments have a link of their own, so it stands below the words."""
    return "\n\n".join(filter(None, [reply.text, reply.link if reply.link not in reply.text else ""]))


def more_was_to_follow(publication: Publication) -> bool:
    """Whether what is in doubt of it is not all: more posts of its thread, or its first comment, were to go out below.

    Where nothing was being sent behind what is live, nothing is in doubt, and all the rest was to follow.
    """
    steps, sent = _steps_of(publication), publication.progress.get("in_flight", "")
    if publication.begun and not sent:
        return has_unsent(publication)
    return (sent or "publish") in steps[:-1]


def has_unsent(publication: Publication) -> bool:
    """Whether a part of it is live, and some of the rest is surely not: nothing was being sent when its try ended."""
    steps, progress = _steps_of(publication), publication.progress
    if not publication.begun or "in_flight" in progress or len(steps) == 1:
        return False
    return any(step not in progress.get("steps", {}) for step in steps)


def _steps_of(publication: Publication) -> list[str]:
    """The steps that stand for its posts in the journal, in their order; of what acts on something live none."""
    if publication.act not in {Act.PUBLISH, Act.NEW_POST}:
        return []
    return [posted.spot or "publish" for posted in posts_in(entry_of(publication))]


def live_at(publication: Publication) -> Published:
    """Where it is, as far as we know; of what broke off in the middle, where that is which is live of it."""
    if broke_off(publication) and not publication.remote_id:
        if SEEN in publication.progress:
            return Published("", "")
        steps = publication.progress.get("steps", {})
        found = networks.get(publication.network).so_far(lambda step: steps.get(step, {}).get("given"))
        return found or Published("", "")
    hidden = publication.progress.get(HIDDEN) is True
    return Published(
        remote_id=publication.remote_id,
        permalink=publication.permalink,
        hidden=hidden,
        since=publication.published_at,
    )


def live_version(publication: Publication) -> PostVersion:
    """The version that is live there now: that of the last edit which was made, else its own.

    One query, none where ``edits_made`` were read with it, under that name.
    """
    known = getattr(publication, "edits_made", None)
    made = edits_made().filter(target=publication)[:1] if known is None else known
    return next((edit.version for edit in made), publication.version)


def answers_to(network: Network, target: Publication) -> list[Publication]:
    """Our answers that stay where what they answer is deleted; comments go with it. Some have no number that we know.

    One query, none where ``answers_live`` were read with it, under that name.
    """
    if not network.threads:
        return []
    known = getattr(target, "answers_live", None)
    return list(answers_live().filter(target=target)) if known is None else known


def answers_live() -> QuerySet[Publication]:
    """The answers that are there, the last first."""
    there = Publication.objects.filter(act=Act.REPLY, state=PublicationState.PUBLISHED, taken_down_at=None)
    return there.order_by("-pk")


def edits_made() -> QuerySet[Publication]:
    """The edits that were made, the last first, each with its version."""
    made = Publication.objects.filter(act=Act.EDIT, state=PublicationState.PUBLISHED).select_related("version")
    return made.order_by("-published_at", "-pk")
