"""What can be done with a post that is live: delete, read, count."""

from functools import partial

from social.networks.base import Account, CredentialsRefused, Numbers, Published, Refused
from social.networks.instagram import people
from social.networks.instagram.publishing import placed
from social.networks.meta import Graph, Missing, insight, told, whole
from social.networks.meta.vanishing import is_listed, require_gone

# https://developers.facebook.com/documentation/instagram-platform/reference/instagram-media/insights
METRICS = "reach,views,likes,comments,shares"
# What people did on the profile after they had seen the post: called, wrote, asked the way, went to the site. Of pictures
# alone: asked of a reel, Meta answers nothing at all.
ACTIONS = "profile_activity"


def delete(account: Account, live: Published) -> None:
    """See `Network.delete`. Needs the permission `instagram_manage_contents`."""
    with people.connected(account) as graph:
        person = people.own(graph, account)
        try:
            graph.delete(f"/{live.remote_id}")
        except Missing as missing:
            require_gone(graph, _lists(person), live.remote_id, missing)


def read_back(account: Account, live: Published) -> Published | None:
    """See `Network.read_back`."""
    with people.connected(account) as graph:
        person = people.own(graph, account)
        try:
            graph.get(f"/{live.remote_id}", fields="permalink")
        except Missing as missing:
            return live if told(partial(is_listed, graph, _lists(person), live.remote_id, missing)) else None
        return placed(graph, live.remote_id)


def numbers(account: Account, live: Published) -> Numbers:
    """See `Network.numbers`. What the insights don't tell is taken from the post itself, where it has it."""
    with people.connected(account) as graph:
        people.own(graph, account)
        seen = {**_insights(graph, live, ACTIONS), **_insights(graph, live, METRICS)}
        if not {"likes", "comments"} <= seen.keys():
            answer = graph.get(f"/{live.remote_id}", fields="like_count,comments_count")
            counted = {"likes": answer.get("like_count"), "comments": answer.get("comments_count")}
            known = {name: found for name, given in counted.items() if (found := whole(given)) is not None}
            seen = {**known, **seen}
    return Numbers(
        reach=seen.get("reach"),
        views=seen.get("views"),
        reactions=seen.get("likes"),
        comments=seen.get("comments"),
        shares=seen.get("shares"),
        conversions=seen.get(ACTIONS),
    )


def _insights(graph: Graph, live: Published, metric: str) -> dict[str, int]:
    try:
        return insight(graph.get(f"/{live.remote_id}/insights", metric=metric))
    except CredentialsRefused:
        raise
    except Refused:
        return {}


def _lists(person: people.Person) -> tuple[str, ...]:
    return (f"/{person.id}/media",)
