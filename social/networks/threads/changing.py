"""What can be done with a post that is live: delete, read, count."""

from functools import partial

from django.utils.translation import gettext_lazy as _

from social.networks.base import Account, CredentialsRefused, Numbers, Published, Refused
from social.networks.meta import Graph, Missing, insight, told
from social.networks.threads import people
from social.networks.threads.publishing import placed

# https://developers.facebook.com/documentation/threads/insights
METRICS = "views,likes,replies,reposts,quotes,shares"


def delete(account: Account, live: Published) -> None:
    """See `Network.delete`."""
    with people.connected(account) as graph:
        person = people.own(graph, account)
        for post in reversed(live.remote_id.split(",")):
            try:
                graph.delete(f"/{post}")
            except Missing as missing:
                _require_readable(graph, person, missing)


def read_back(account: Account, live: Published) -> Published | None:
    """See `Network.read_back`."""
    root, *below = live.remote_id.split(",")
    with people.connected(account) as graph:
        person = people.own(graph, account)
        if not _is_there(graph, person, root):
            return None
        return placed(graph, [root, *(post for post in below if _is_there(graph, person, post))])


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
        told(partial(_require_readable, graph, person, missing))
        return False
    return True


def _require_readable(graph: Graph, person: people.Person, missing: Missing) -> None:
    """Make sure that the profile's posts can be read at all, so that what is not shown is not there."""
    try:
        graph.get(f"/{person.id}/threads", fields="id", limit=1)
    except CredentialsRefused:
        raise
    except Refused:
        raise Refused(
            _("Threads does not let us read this account's posts. Connect the channel again and allow everything."),
            code="permission_missing",
            said=missing.said,
        ) from None
