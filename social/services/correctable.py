"""What can be corrected or taken down, how, and who approves it."""

from collections.abc import Collection, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.errors import Conflict
from approvals.models import Chain
from approvals.services import chain_for
from social import networks
from social.entries import comment_in, parts_in, posts_in
from social.kind import CORRECTION, POST
from social.models import Act, Post, Publication, PublicationState
from social.networks.base import Network
from social.services.checks import ChannelCheck
from social.services.contents import broke_off, live_at, live_content, live_version, with_reply

CORRECTIONS = (Act.REPLY, Act.EDIT, Act.NEW_POST)
BROKEN_OFF = frozenset({PublicationState.FAILED, PublicationState.LATE})  # with ``begun``: nothing more comes by itself


def require_live(publication: Publication, act: Act) -> None:
    """Raise ``Conflict`` unless it is out, as a post of its own, on a channel where things still go out.

    Where its number there is not known, nothing can be done to it: only a post of its own may correct it.
    """
    if publication.act in {Act.EDIT, Act.REPLY, Act.TAKE_DOWN}:
        raise Conflict("part_of_another", _("This belongs to another post: correct that one, or take that one down."))
    if publication.taken_down_at:
        raise Conflict("taken_down", _("This has been taken down already."))
    if broke_off(publication):
        _require_over(publication, act)
    elif publication.state != PublicationState.PUBLISHED:
        raise Conflict("not_live", _("Nothing of this is live, so there is nothing to correct or to take down."))
    if publication.channel.retired:
        raise Conflict("retired", _("This channel is retired."))
    if act != Act.NEW_POST and not live_at(publication).remote_id:
        text = _(
            "A person has said that this is live, so its number there is not known: correct it by a new post, or change"
            " it on the network itself."
        )
        raise Conflict("not_known_there", text)


def _require_over(publication: Publication, act: Act) -> None:
    """Of what broke off in the middle: it is over with it, and this can be done to the part that is live."""
    if publication.state not in BROKEN_OFF:
        text = _("A part of this is live, and the rest is still to come or in doubt: wait for how it ends.")
        raise Conflict("partly_live", text)
    if act == Act.EDIT:
        text = _(
            "Only a part of this is live: send the rest first, take that part down, answer it, or correct it anew."
        )
        raise Conflict("partly_live", text)


def require_able(network: Network, act: Act) -> None:
    """Raise ``ValidationError`` on ``act`` where the network has no such thing."""
    able = {
        Act.EDIT: network.edits,
        Act.REPLY: network.threads or network.comments,
        Act.TAKE_DOWN: network.deletes,
        Act.NEW_POST: True,
    }
    words = {
        Act.EDIT: _("On %(network)s what is live can't be changed from here."),
        Act.REPLY: _("On %(network)s what is live can't be answered from here."),
        Act.TAKE_DOWN: _("On %(network)s what is live can't be taken down from here: do it there."),
    }
    if not able[act]:
        params = {"network": network.name}
        raise ValidationError({"act": ValidationError(words[act], code="not_possible", params=params)})


def possible(publication: Publication) -> list[Act]:
    """What can be begun about this publication now, for buttons; what can't be begun says why when it is tried."""
    found = []
    for act in (*CORRECTIONS, Act.TAKE_DOWN):
        try:
            require_live(publication, act)
            require_able(networks.get(publication.network), act)
        except (Conflict, ValidationError):
            continue
        found.append(act)
    return found


def require_possible(post: Post) -> None:
    """Raise what keeps this post, which acts on something live, from doing so as things are now."""
    if post.corrects is None:
        return
    require_live(post.corrects, Act(post.act))
    require_able(networks.get(post.corrects.network), Act(post.act))
    if post.act == Act.EDIT and live_version(post.corrects).pk != post.before_id:
        text = _("What is live has been changed since this was written. Begin a new correction.")
        raise Conflict("changed_meanwhile", text)


def require_sound(post: Post, content: Mapping[str, Any], checks: Collection[ChannelCheck]) -> None:
    """Raise ``ValidationError`` for a change that changes nothing or too much, and for an answer that does not fit below."""
    if post.corrects is None or post.before is None:
        return
    network = networks.get(post.corrects.network)
    if post.act == Act.EDIT:
        channel = post.corrects.channel_id
        before, after = (_entry(found, channel) for found in (post.before.content, content))
        require_change(network, before, after)
    if post.act == Act.REPLY:
        _require_below(network, post.corrects, checks)


def _entry(content: Mapping[str, Any], channel: int) -> dict[str, Any]:
    entry: dict[str, Any] = next(entry for entry in content["channels"] if entry["channel"] == channel)
    return entry


def require_change(network: Network, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
    """Raise ``ValidationError`` unless the network can make what is live (an entry of a content) say the other.

    What it would leave as it was, though somebody had approved it otherwise, would be called changed.
    """
    if before == after:
        text = _("This says what is live already: there is nothing to change.")
        raise ValidationError({"text": ValidationError(text, code="unchanged")})
    if len(parts_in(before)) != len(parts_in(after)) or bool(comment_in(before)) != bool(comment_in(after)):
        text = _("A change leaves as many posts as are live: add none, take none away, the first comment included.")
        raise ValidationError({"parts": ValidationError(text, code="same_posts")})
    if comment_in(before) != comment_in(after) and not network.threads:
        text = _("On %(network)s the first comment stays as it is: answer what is live instead.")
        raise ValidationError({"comment": ValidationError(text, code="same_comment", params={"network": network.name})})
    if (parts_in(after) or comment_in(after)) and not network.edits_threads:
        text = _("On %(network)s single posts can be changed, no threads: answer what is live instead.")
        raise ValidationError({"parts": ValidationError(text, code="single_posts", params={"network": network.name})})
    if not network.edits_count and len(before["media"]) != len(after["media"]):
        text = _("On %(network)s a post keeps the number of its pictures and videos: answer it, or take it down.")
        raise ValidationError({"media": ValidationError(text, code="same_media", params={"network": network.name})})
    if network.edits_media:
        return
    kept = [[[_shown(item) for item in posted.media] for posted in posts_in(entry)] for entry in (before, after)]
    if kept[0] != kept[1] or before["link"] != after["link"]:
        text = _("On %(network)s only the words of what is live can be changed: leave pictures and link as they are.")
        field = "link" if kept[0] == kept[1] else "media" if kept[0][0] != kept[1][0] else "parts"
        raise ValidationError({field: ValidationError(text, code="words_only", params={"network": network.name})})


def _shown(item: Mapping[str, Any]) -> tuple[str, ...]:
    """What of a picture or video readers see: itself, a video's subtitles and cover."""
    return tuple(str(item.get(name, "")) for name in ("sha256", "captions", "cover"))


def _require_below(network: Network, target: Publication, checks: Collection[ChannelCheck]) -> None:
    for check in checks:
        if check.content.media and not network.threads:
            text = _("An answer on %(network)s is a comment: it has words and no pictures.")
            raise ValidationError({"media": ValidationError(text, code="comment", params={"network": network.name})})
        whole = network.preflight(with_reply(network, live_content(target), check.content))
        for problem in whole.problems:
            if problem.level == "error":
                raise ValidationError({"text": ValidationError(problem.detail, code=problem.code)})


def chain_of(post: Post, channels: Collection[int], labels: Collection[str]) -> Chain:
    """The chain that approves this post.

    Of what corrects: the client's own for corrections, else the client's usual one, else the agency's for corrections, else
    the agency's usual one; so that an agency's short chain never goes round people whom the client has named.
    Raises ``ValidationError`` on ``chain`` as ``chain_for`` does.
    """
    if post.corrects_id is None:
        return chain_for(client=post.client, subject=POST, chosen=post.chain, channels=channels, labels=labels)
    if post.chain is not None:
        return chain_for(client=post.client, subject=post.chain.subject, chosen=usable(post.chain))
    found: list[Chain] = []
    for subject in (CORRECTION, POST):
        try:
            chain = chain_for(client=post.client, subject=subject, chosen=None, channels=channels, labels=labels)
        except ValidationError as error:
            if (subject == POST and not found) or not _is_none(error):
                raise
            continue
        if chain.client_id is not None:
            return chain
        found.append(chain)
    return found[0]


def _is_none(error: ValidationError) -> bool:
    return any(found.code == "required" for found in error.error_dict.get("chain", []))


def usable(chain: Chain) -> Chain:
    """The chain, if corrections may go through it. Raises ``ValidationError`` on ``chain``."""
    if chain.subject not in {CORRECTION, POST}:
        raise ValidationError({"chain": ValidationError(_("This approval chain can't be used here."), code="chain")})
    return chain
