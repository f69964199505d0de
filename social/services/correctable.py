"""What can be corrected or taken down, how, and who approves it."""

from collections.abc import Collection, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.errors import Conflict
from approvals.models import Chain
from approvals.services import chain_for
from social import networks
from social.kind import CORRECTION, POST
from social.models import Act, Post, Publication, PublicationState
from social.networks.base import Content, Network
from social.services.changing import require_change
from social.services.checks import ChannelCheck
from social.services.contents import BROKEN_OFF, broke_off, live_at, live_content, live_version, with_reply
from social.services.sending_rest import second_branch

CORRECTIONS = (Act.REPLY, Act.EDIT, Act.NEW_POST)


def require_live(publication: Publication, act: Act) -> None:
    """Raise ``Conflict`` unless it is out, as a post of its own or an answer in a thread, on a channel where things still go out.

    Where its number there is not known, nothing can be done to it: only a post of its own may correct it.
    """
    if publication.act in {Act.EDIT, Act.REPLY, Act.TAKE_DOWN} and not _is_post_of_its_own(publication, act):
        raise Conflict("part_of_another", _("This belongs to another post: correct that one, or take that one down."))
    if publication.taken_down_at:
        raise Conflict("taken_down", _("This has been taken down already."))
    if publication.state != PublicationState.PUBLISHED:
        _require_over(publication)
    if publication.channel.retired:
        raise Conflict("retired", _("This channel is retired."))
    if act != Act.NEW_POST and not live_at(publication).remote_id:
        text = _(
            "A person has said that this is live, so its number there is not known: correct it by a new post, or change"
            " it on the network itself."
        )
        raise Conflict("not_known_there", text)


def _is_post_of_its_own(publication: Publication, act: Act) -> bool:
    """Whether it can be taken down without what it answers, as an answer in a thread can: a comment goes with its post."""
    return act == Act.TAKE_DOWN and publication.act == Act.REPLY and networks.get(publication.network).threads


def _require_over(publication: Publication) -> None:
    """Of what is not live as a whole: it broke off in the middle, and nothing more of it comes by itself."""
    if publication.begun and publication.state not in BROKEN_OFF:
        text = _("A part of this is live, and the rest is still to come or in doubt: wait for how it ends.")
        raise Conflict("partly_live", text)
    if publication.state == PublicationState.UNKNOWN:
        text = _(
            "Nobody knows yet whether this is live: wait for the network's answer, or say what you have seen there."
        )
        raise Conflict("in_doubt", text)
    if not publication.begun:
        raise Conflict("not_live", _("Nothing of this is live, so there is nothing to correct or to take down."))


def require_able(publication: Publication, act: Act) -> None:
    """Raise ``ValidationError`` on ``act`` where the network has no such thing.

    Of what broke off in the middle, what is not out yet can be written anew everywhere.
    """
    network = networks.get(publication.network)
    able = {
        Act.EDIT: network.edits or (broke_off(publication) and (network.threads or network.comments)),
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
            require_able(publication, act)
        except (Conflict, ValidationError):
            continue
        found.append(act)
    return found


def require_possible(post: Post) -> None:
    """Raise what keeps this post, which acts on something live, from doing so as things are now."""
    if post.corrects is None:
        return
    require_live(post.corrects, Act(post.act))
    require_able(post.corrects, Act(post.act))
    if post.act == Act.EDIT and live_version(post.corrects).pk != post.before_id:
        text = _("What is live has been changed since this was written. Begin a new correction.")
        raise Conflict("changed_meanwhile", text)


def require_sound(post: Post, content: Mapping[str, Any], checks: Collection[ChannelCheck]) -> None:
    """Raise ``ValidationError`` for a change that changes nothing or too much, and for an answer that does not fit below.

    ``Conflict`` (``answered``) for a change whose rest would begin a second branch beside an answer.
    """
    if post.corrects is None or post.before is None:
        return
    network = networks.get(post.corrects.network)
    if post.act == Act.EDIT:
        channel = post.corrects.channel_id
        before, after = (_entry(found, channel) for found in (post.before.content, content))
        require_change(network, before, after, post.corrects.live_posts)
        branch = second_branch(post.corrects, after)
        if branch:
            raise Conflict("answered", branch)
    if post.act == Act.REPLY:
        _require_below(network, post.corrects, checks)


def _entry(content: Mapping[str, Any], channel: int) -> dict[str, Any]:
    entry: dict[str, Any] = next(entry for entry in content["channels"] if entry["channel"] == channel)
    return entry


def _require_below(network: Network, target: Publication, checks: Collection[ChannelCheck]) -> None:
    for check in checks:
        _require_one_post(network, check.content)
        if check.content.media and not network.threads:
            text = _("An answer on %(network)s is a comment: it has words and no pictures.")
            raise ValidationError({"media": ValidationError(text, code="comment", params={"network": network.name})})
        whole = network.preflight(with_reply(network, live_content(target), check.content))
        for problem in whole.problems:
            if problem.level == "error":
                raise ValidationError({"text": ValidationError(problem.detail, code=problem.code)})


def _require_one_post(network: Network, answer: Content) -> None:
    """Raise ``ValidationError`` for what would be approved of an answer and not sent."""
    if answer.parts or answer.comment:
        text = _("An answer is one post: put what else there is to say into answers of its own.")
        raise ValidationError({"parts" if answer.parts else "comment": ValidationError(text, code="one_post")})
    asked = next((field for field in network.fields if answer.fields.get(field.name)), None)
    if asked is not None:
        text = _("%(network)s, %(field)s: an answer goes out as what it answers. Leave this empty.")
        params = {"network": network.name, "field": asked.label}
        raise ValidationError({"variants": ValidationError(text, code="field_stays", params=params)})


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
