"""What can be done with a post that is live: delete, read, count."""

from dataclasses import replace
from functools import partial

from social.networks.base import Account, Numbers, Published
from social.networks.halfway import halfway
from social.networks.meta import Graph, Missing, insight, told
from social.networks.meta.vanishing import is_listed, require_gone
from social.networks.threads import people
from social.networks.threads.publishing import NO_LINK, placed

# https://developers.facebook.com/documentation/threads/insights
METRICS = "views,likes,replies,reposts,quotes,shares"


def delete(account: Account, live: Published) -> None:
    """See `Network.delete`."""
    with people.connected(account) as graph:
        person = people.own(graph, account)
        with halfway() as each:
            for post in reversed(live.remote_id.split(",")):
                with each():
                    _taken_down(graph, person, post)


def _taken_down(graph: Graph, person: people.Person, post: str) -> None:
    try:
        graph.delete(f"/{post}")
    except Missing as missing:
        require_gone(graph, _lists(person), post, missing)


def read_back(account: Account, live: Published) -> Published | None:
    """See `Network.read_back`."""
    root, *below = live.remote_id.split(",")
    with people.connected(account) as graph:
        person = people.own(graph, account)
        if not _is_there(graph, person, root):
            return None
        there = [root, *(post for post in below if _is_there(graph, person, post))]
        found = placed(graph, there)
        return replace(found, permalink=live.permalink) if found.permalink == NO_LINK else found


def numbers(account: Account, live: Published) -> Numbers:
    """See `Network.numbers`. Reposts, quotes and shares are all shares; where one is unknown, so is their sum."""
    with people.connected(account) as graph:
        people.own(graph, account)
        root = live.remote_id.partition(",")[0]
        seen = insight(graph.get(f"/{root}/insights", metric=METRICS))
    passed_on = [seen.get(name) for name in ("reposts", "quotes", "shares")]
    return Numbers(
        views=seen.get("views"),
        reactions=seen.get("likes"),
        comments=seen.get("replies"),
        shares=None if None in passed_on else sum(count or 0 for count in passed_on),
    )


def _is_there(graph: Graph, person: people.Person, post: str) -> bool:
    try:
        graph.get(f"/{post}", fields="permalink")
    except Missing as missing:
        return told(partial(is_listed, graph, _lists(person), post, missing))
    return True


def _lists(person: people.Person) -> tuple[str, ...]:
    return (f"/{person.id}/threads", f"/{person.id}/replies")
