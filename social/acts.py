"""What a post does to something that is live, as whoever approves it is told: what, why, and how it is before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from social.models import Act, Post, PostVersion
from social.previews import Preview, previews_of_many


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
    posts = Post.objects.filter(pk__in=acting).select_related("before")
    pairs = [(acting[post.pk], post.before) for post in posts if post.before]
    drawn = previews_of_many([(old.client_id, _there(old.content, new.content)) for new, old in pairs], sign=sign)
    return {new.pk: _told(new.content["act"], shown) for (new, _old), shown in zip(pairs, drawn, strict=True)}


def act_told(version: PostVersion | None, *, sign: bool = False) -> ActTold | None:
    """The same for one."""
    return acts_told([version], sign=sign).get(version.pk) if version else None


def _there(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """Of what was live, that of the channel on which something is done."""
    channels = {entry["channel"] for entry in new["channels"]}
    return {"channels": [entry for entry in old["channels"] if entry["channel"] in channels]}


def _told(act: Mapping[str, Any], before: list[Preview]) -> ActTold:
    words = {
        Act.EDIT: (
            _("This changes what is live"),
            _("Once everybody has approved it, what is live changes. What was there before is kept here."),
            _("What it becomes"),
        ),
        Act.REPLY: (
            _("This answers what is live"),
            _("Once everybody has approved it, it is published below what is live, which stays as it is."),
            _("The answer below it"),
        ),
        Act.NEW_POST: (
            _("This corrects what is live"),
            _("Once everybody has approved it, it goes out as a post of its own. What is live stays as it is."),
            _("The post that corrects it"),
        ),
        Act.TAKE_DOWN: (
            _("This takes down what is live"),
            _(
                "Once everybody has approved it, it is not there any more. What was live, and who approved it, is kept here."
            ),
            "",
        ),
    }
    title, meaning, becomes = words[Act(act["kind"])]
    takes_down = act["kind"] == Act.TAKE_DOWN
    return ActTold(
        kind=act["kind"],
        title=title,
        because=act["because"],
        meaning=meaning,
        before_title=_("What is taken down") if takes_down else _("What was live when this was written"),
        becomes=becomes,
        before=before,
    )
