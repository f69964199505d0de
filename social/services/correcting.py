"""Correcting what is live, and taking it down: as posts of their own kind, with versions, a review and a publication.

Nothing of the original changes. What a correction may be depends on the network, and is checked when it is begun, when it
is submitted and, since what is live may have changed meanwhile, when it is claimed (see ``correctable`` and ``acting.obstacle``).
"""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.errors import Conflict
from accounts.models import User
from approvals.models import Chain
from clients.models import STAFF_ROLES
from clients.selectors import require
from social.models import Act, Channel, Post, PostState, Publication
from social.services.content_rows import VariantPlan, parts_of, plan_of
from social.services.contents import live_version
from social.services.correctable import CORRECTIONS, require_able, require_live
from social.services.locks import lock_post
from social.services.posts import PostFields, begin_post
from social.services.reviewing import submit_post
from social.services.serving import still_served


@transaction.atomic
def correct_publication(*, user: User, publication: Publication, act: str, because: str = "", **fields: Any) -> Post:
    """A draft that corrects what is live: by an answer below it, by changing it, or by a post of its own.

    What broke off in the middle is changed as a whole: what of it is live, where the network can, and the rest, which goes out
    after that (see ``going_on``).
    ``fields`` are those of a post, without ``channels`` and ``variants``: what is corrected says where. A change begins
    with what is live now. Raises ``ValidationError`` on ``act`` where the network has no such thing, ``Conflict`` where
    nothing of this publication is live.
    """
    require(user, publication.client_id, STAFF_ROLES)
    if act not in CORRECTIONS:
        raise ValidationError({"act": ValidationError(_("There is no such correction."), code="invalid_choice")})
    publication = _locked(publication)
    require_live(publication, Act(act))
    require_able(publication, Act(act))
    live = {} if act != Act.EDIT else _fields_of(live_version(publication).post, publication.channel)
    return _begin(user, publication, Act(act), because, {**live, **fields})


@transaction.atomic
def take_down(*, user: User, publication: Publication, because: str, chain: Chain | None = None) -> Post:
    """Ask for approval to take down what is live: a post of its own kind, in review at once. Ours stays as it is.

    Raises ``ValidationError`` on ``because`` without a reason, ``Conflict`` where nothing of it is live
    (``taken_down``, ``not_live``) or this was asked already (``already_asked``).
    """
    require(user, publication.client_id, STAFF_ROLES)
    if not because.strip():
        text = _("Say why: it is kept with what was live, and whoever approves it reads it.")
        raise ValidationError({"because": ValidationError(text, code="required")})
    publication = _locked(publication)
    require_live(publication, Act.TAKE_DOWN)
    require_able(publication, Act.TAKE_DOWN)
    asked = Post.objects.filter(corrects=publication, act=Act.TAKE_DOWN).exclude(state=PostState.CANCELLED)
    if asked.exists():
        raise Conflict("already_asked", _("It has been asked already to take this down."))
    fields = _fields_of(live_version(publication).post, publication.channel)
    post = _begin(user, publication, Act.TAKE_DOWN, because, {**fields, "chain": chain})
    return submit_post(user=user, post=post)


def _locked(publication: Publication) -> Publication:
    """The publication under its own post's lock, which comes first: two who begin at once, one after the other."""
    lock_post(publication.post_id)
    found = Publication.objects.select_related("version__post", "channel", "client", "post")
    return found.get(pk=publication.pk)


def _fields_of(post: Post, channel: Channel) -> dict[str, Any]:
    """What of a post goes out on this channel."""
    variant = post.variants.prefetch_related("media_rows__media").select_related("channel").get(channel=channel)
    plan = plan_of(variant)
    rows = list(post.media_rows.filter(variant=None).select_related("media").order_by("part", "position"))
    return {
        "text": post.text if plan.text is None else plan.text,
        "link": post.link,
        "media": [row.media for row in rows if not row.part] if plan.media is None else plan.media,
        "parts": parts_of(post.parts, rows) if plan.parts is None else plan.parts,
        "comment": post.comment if plan.comment is None else plan.comment,
    }


def _begin(user: User, publication: Publication, act: Act, because: str, fields: Mapping[str, Any]) -> Post:
    source = publication.post
    post = Post(
        client=publication.client,
        author=user,
        written_by=user,
        title=source.title,
        act=act,
        corrects=publication,
        before=live_version(publication),
    )
    pillar = source.pillar if source.pillar and not source.pillar.retired else None
    sorting: PostFields = {"pillar": pillar, **still_served(source)}  # type: ignore[typeddict-item]  # it is one of them
    labels = [label for label in source.labels.all() if not label.retired]
    words: PostFields = {"channels": [publication.channel], "labels": labels, "because": because}
    if act != Act.REPLY:
        asked = live_version(publication).post.variants.get(channel=publication.channel).fields
        words["variants"] = [VariantPlan(channel=publication.channel, fields=asked)]
    return begin_post(user, post, "post.correction_begun", {**sorting, **words, **fields})  # type: ignore[typeddict-item]
