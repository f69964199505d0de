"""Whether the rest of what broke off in the middle may be sent: not while something else is done to what is live of it."""

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.errors import Conflict
from social import networks
from social.entries import Entry, parts_in
from social.models import Act, Post, PostState, Publication, PublicationState
from social.models.publications import ON_LIVE
from social.services import clock
from social.services.contents import SEEN, entry_of
from social.services.locks import lock_post

ASKED = (PostState.IN_REVIEW, PostState.APPROVED, PostState.SCHEDULED, PostState.PUBLISHING, PostState.LATE)
# Of what is done to something live: a worker is at it, or may have done it.
UNDER_WAY = Q(state__in=[PublicationState.PUBLISHING, PublicationState.UNKNOWN]) | Q(
    state=PublicationState.SCHEDULED, begun=True
)


def acted_on(publication: Publication, *acts: str) -> bool:
    """Whether a worker is doing one of these to it (anything at all, where none is named), or may have done so."""
    return Publication.objects.filter(UNDER_WAY, target=publication.pk, act__in=acts or ON_LIVE).exists()


def require_free(publication: Publication) -> None:
    """Raise ``Conflict`` where something done to what is live of it, or asked for, keeps the rest from being sent.

    The caller holds the post's lock; the publication's row is locked here, as by whoever begins to act on it.
    """
    rows = Publication.objects.select_for_update(of=("self",), no_key=True)
    # Read under that lock: it may have been taken down since the post's was taken.
    if rows.only("taken_down_at").get(pk=publication.pk).taken_down_at or acted_on(publication, Act.TAKE_DOWN):
        text = _(
            "What was live of this has been taken down, or is being: the rest is not sent. Duplicate the post instead."
        )
        raise Conflict("taken_down", text)
    if acted_on(publication):
        raise Conflict("acted_on", _("What is live of this is being changed or answered just now. Wait for its end."))
    if not publication.begun:
        return
    if SEEN in publication.progress:
        text = _(
            "Somebody saw the last post of this that is live, so its number there is not known, and nothing can be put below "
            "it: say the rest in a new post, or by hand on the network itself."
        )
        raise Conflict("not_known_there", text)
    end = agreed_end(publication)
    if end is not None:
        text = _(
            "It is agreed that what is live of this is taken down (post %(number)d): nothing more of it is sent before. Withdraw "
            "that post first, if it is to stay."
        )
        raise Conflict("taking_down", text % {"number": end.post_id})
    change = Post.objects.filter(corrects=publication, act=Act.EDIT, state__in=ASKED).order_by("pk").first()
    if change is not None:
        text = _("Post %(number)d changes this as a whole and then sends the rest. Withdraw it first, or wait for it.")
        raise Conflict("change_asked", text % {"number": change.pk})
    doubtful = publication.acts.filter(act=Act.EDIT, state=PublicationState.LATE, begun=True).first()
    if doubtful is not None:
        text = _(
            "Post %(number)d may have changed what is live of this, and nobody knows: send that change again first, or begin a "
            "new one."
        )
        raise Conflict("change_in_doubt", text % {"number": doubtful.post_id})
    branch = second_branch(publication, entry_of(publication))
    if branch:
        raise Conflict("answered", branch)


def agreed_end(publication: Publication) -> Publication | None:
    """The taking down of it that everybody has agreed to and that is still to be done, at once, later, or once a person says so."""
    waits = [PublicationState.SCHEDULED, PublicationState.LATE]
    return publication.acts.filter(act=Act.TAKE_DOWN, state__in=waits).first()


def ends_next(publication: Publication) -> bool:
    """Whether the hour of that taking down has come: nothing more of it is sent before."""
    return publication.acts.filter(
        act=Act.TAKE_DOWN, state=PublicationState.SCHEDULED, due_at__lte=clock.now()
    ).exists()


def second_branch(publication: Publication, entry: Entry) -> str:
    """Why the rest, as this entry has it, can't go out below what is live of it: an answer of ours stands there. Else empty.

    A first comment stands below the first post, and is in nobody's way.
    """
    live = publication.live_posts
    if live is None or not networks.get(publication.network).threads or len(parts_in(entry)) < live:
        return ""
    answer = publication.acts.filter(act=Act.REPLY, state=PublicationState.PUBLISHED, taken_down_at=None).first()
    if answer is None:
        return ""
    text = _(
        "The answer “%(words)s” stands below the last post of this that is live: the rest would begin a second branch "
        "beside it. Take that answer down first, or answer once more with what is left to say."
    )
    return str(text) % {"words": entry_of(answer)["text"][:60]}


def changed_first(publication: Publication) -> None:
    """Lock the post of what this changes. Before the change's own post: of two, the older one comes first, always."""
    if publication.act == Act.EDIT and publication.target_id:
        lock_post(Publication.objects.values_list("post", flat=True).get(pk=publication.target_id))
