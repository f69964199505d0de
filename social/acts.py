"""What a post does to something that is live, as whoever approves it is told: what, why, and how it is before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.db.models import OuterRef, Prefetch, Subquery
from django.db.models.fields.json import KT
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_stubs_ext import StrOrPromise

from social import networks
from social.entries import first_posts
from social.models import Act, Post, PostState, PostVersion, Publication, PublicationState
from social.money import dollars
from social.previews import Preview, previews_of_many
from social.services.contents import LIVE_THEN, answers_live, edits_made
from social.services.how_far import how_far
from social.services.spending import price_of_taking_down

# What is asked, and what it means: a title and a sentence.
ASKED: Mapping[Act, tuple[StrOrPromise, StrOrPromise]] = {
    Act.EDIT: (
        gettext_lazy("This changes what is live"),
        gettext_lazy("Once everybody has approved it, what is live changes. What was there before is kept here."),
    ),
    Act.REPLY: (
        gettext_lazy("This answers what is live"),
        gettext_lazy("Once everybody has approved it, it is published below what is live, which stays as it is."),
    ),
    Act.NEW_POST: (
        gettext_lazy("This corrects what is live"),
        gettext_lazy("Once everybody has approved it, it goes out as a post of its own. What is live stays as it is."),
    ),
    Act.TAKE_DOWN: (
        gettext_lazy("This takes down what is live"),
        gettext_lazy(
            "Once everybody has approved it, it is not there any more. What was live, and who approved it, is kept here."
        ),
    ),
}
# The same once it is done.
DONE: Mapping[Act, tuple[StrOrPromise, StrOrPromise]] = {
    Act.EDIT: (
        gettext_lazy("This changed what was live"),
        gettext_lazy("Everybody approved it, and it is done. What was there before is kept here."),
    ),
    Act.REPLY: (
        gettext_lazy("This answers what is live"),
        gettext_lazy("Everybody approved it, and it stands below what is live, which stayed as it was."),
    ),
    Act.NEW_POST: (
        gettext_lazy("This corrects what is live"),
        gettext_lazy("Everybody approved it, and it went out as a post of its own. What was live stayed as it was."),
    ),
    Act.TAKE_DOWN: (
        gettext_lazy("This took down what was live"),
        gettext_lazy("Everybody approved it, and it is done. What was live, and who approved it, is kept here."),
    ),
}
# The same of what broke off in the middle: the rest goes out with the change.
HALF_ASKED = (
    gettext_lazy("This changes what is live, and sends the rest"),
    gettext_lazy(
        "Once everybody has approved it, what is live becomes as it stands here, and the rest goes out below it. What was there "
        "before is kept here."
    ),
)
HALF_DONE = (
    gettext_lazy("This changed what was live, and sends the rest"),
    gettext_lazy("Everybody approved it: what is live says so, and the rest goes out as it stands here."),
)
BECOMES: Mapping[Act, StrOrPromise] = {
    Act.EDIT: gettext_lazy("What it becomes"),
    Act.REPLY: gettext_lazy("The answer below it"),
    Act.NEW_POST: gettext_lazy("The post that corrects it"),
    Act.TAKE_DOWN: "",
}


@dataclass(frozen=True, kw_only=True)
class ActTold:
    """``before`` is what is live, ``becomes`` the heading over what is live afterwards; empty where that is nothing."""

    kind: str
    title: str
    because: str
    meaning: str
    before_title: str
    becomes: str
    before: list[Preview] = field(default_factory=list)
    price: str = ""  # of taking it down, as long as that is not done: "X takes 0.03 USD for taking it down."

    @property
    def takes_down(self) -> bool:
        """Whether nothing of it is live afterwards."""
        return self.kind == Act.TAKE_DOWN


def act_words(content: Mapping[str, Any]) -> str:
    """What is done to something live, and why, in a line; empty for what goes out."""
    act = content.get("act")
    return "" if act is None else ": ".join(filter(None, [str(Act(act["kind"]).label), act["because"]]))


def acts_told(versions: Sequence[PostVersion], *, sign: bool = False) -> dict[int, ActTold]:
    """By the version's number in the table, for those that act on something live; a fixed number of queries.

    The versions come from a selector: who may see them may see what they act on. ``sign`` as in ``previews_of_many``.
    """
    acting = {version.post_id: version for version in versions if "act" in version.content}
    if not acting:
        return {}
    posts = Post.objects.filter(pk__in=acting).select_related("before", "corrects__version")
    posts = posts.prefetch_related(
        Prefetch("corrects__acts", edits_made(), to_attr="edits_made"),
        Prefetch("corrects__acts", answers_live(), to_attr="answers_live"),
    )
    made = Publication.objects.filter(post=OuterRef("pk"), act=Act.EDIT).order_by("-pk")
    posts = posts.annotate(then=Subquery(made.values(live=KT(f"progress__{LIVE_THEN}"))[:1]))
    pairs = [(acting[post.pk], post.before) for post in posts if post.before]
    live = {acting[post.pk].pk: _live_posts(post.corrects, post.then) for post in posts if post.corrects}
    there = [(old.client_id, _there(old.content, new.content, live[new.pk])) for new, old in pairs]
    drawn = previews_of_many(there, sign=sign)
    done = {post.version_id for post in posts if post.state == PostState.PUBLISHED}
    taken = [post for post in posts if post.act == Act.TAKE_DOWN and post.version_id not in done]
    prices = {acting[post.pk].pk: taking_down_costs(post.corrects) for post in taken if post.corrects}
    halves = {acting[post.pk].pk: how_far(post.corrects) for post in posts if post.corrects and _is_half(post.corrects)}
    return {
        new.pk: replace(
            _told(new.content["act"], shown, done=new.pk in done, half=halves.get(new.pk, "")),
            price=prices.get(new.pk, ""),
        )
        for (new, _old), shown in zip(pairs, drawn, strict=True)
    }


def taking_down_costs(publication: Publication) -> str:
    """What the network takes for taking it down, in a sentence; empty where that is nothing."""
    costs = price_of_taking_down(publication)
    words = {"network": networks.get(publication.network).name, "price": dollars(costs)}
    return _("%(network)s takes %(price)s for taking it down.") % words if costs else ""


def _live_posts(publication: Publication, then: str | None) -> int | None:
    """How many posts of it were live when the change was made, or are as long as it is not; None where that was all."""
    return publication.live_posts if then is None else int(then)


def _is_half(publication: Publication) -> bool:
    """Whether it broke off in the middle: what is live is less than what was approved."""
    return publication.begun and publication.state != PublicationState.PUBLISHED


def act_told(version: PostVersion | None, *, sign: bool = False) -> ActTold | None:
    """The same for one."""
    return acts_told([version], sign=sign).get(version.pk) if version else None


def _there(old: Mapping[str, Any], new: Mapping[str, Any], posts: int | None) -> dict[str, Any]:
    """Of what was live, that of the channel on which something is done; of what broke off, as many posts as are live."""
    channels = {entry["channel"] for entry in new["channels"]}
    found = [entry for entry in old["channels"] if entry["channel"] in channels]
    return {"channels": found if posts is None else [first_posts(entry, posts) for entry in found]}


def _told(act: Mapping[str, Any], before: list[Preview], *, done: bool, half: str) -> ActTold:
    kind = Act(act["kind"])
    title, meaning = (DONE if done else ASKED)[kind]
    if half and kind == Act.EDIT:
        title, meaning = HALF_DONE if done else HALF_ASKED
    takes_down = kind == Act.TAKE_DOWN
    return ActTold(
        kind=act["kind"],
        title=str(title),
        because=act["because"],
        meaning=f"{half} {meaning}".strip() if not done or kind == Act.EDIT else str(meaning),
        before_title=_taken_down(done=done) if takes_down else _("What was live when this was written"),
        becomes=str(BECOMES[kind]),
        before=before,
    )


def _taken_down(*, done: bool) -> str:
    return _("What was taken down") if done else _("What is taken down")
