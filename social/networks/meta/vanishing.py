"""Whether what Meta does not show is not there.

"No such object" is also what Meta says of what it can't show for a while: for weeks from May 2026 of whatever was new, by its
number, while the lists that it stood in were right (https://github.com/gitroomhq/postiz-app/issues/1562,
https://github.com/geoff-maddock/events-tracker/issues/1900). So it is looked for in those: what is listed is there; what is in
none of them, where they were seen to their ends, is gone.
"""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from social.networks.base import CannotTell, CredentialsRefused, NotSent, Refused
from social.networks.meta.errors import Missing
from social.networks.meta.graph import Graph
from social.networks.wire import items

_PAGE = 100
_PAGES = 10


def is_listed(graph: Graph, lists: Sequence[str], known: str, missing: Missing, *, fields: str = "id") -> bool:
    """Whether one of the account's `lists` has what Meta has just called `missing`, by its number or that of what it shows.

    Raises:
        Refused: `permission_missing`, where the lists can't be read.
        CannotTell: they are too long to be looked through.
        CredentialsRefused, Throttled, NotSent.
    """
    try:
        return any(_has(graph, path, known, fields) for path in lists)
    except CredentialsRefused:
        raise
    except Refused:
        raise Refused(
            _("%(network)s does not let us read this account's posts. Connect the channel again and allow everything."),
            code="permission_missing",
            params={"network": graph.network},
            said=missing.said,
        ) from None


def require_gone(graph: Graph, lists: Sequence[str], known: str, missing: Missing, *, fields: str = "id") -> None:
    """Meta says that there is nothing to delete: make sure that it is so.

    Raises:
        NotSent: `still_there`: it is, and can't be deleted just now.
        Refused: nobody can tell; and as `is_listed`.
    """
    try:
        there = is_listed(graph, lists, known, missing, fields=fields)
    except CannotTell as unclear:
        raise Refused(unclear.template, code=unclear.code, params=unclear.params, said=missing.said) from None
    if there:
        sentence = _("%(network)s shows this post and does not find it. It is still there.")
        raise NotSent(sentence, code="still_there", params={"network": graph.network}, said=missing.said)


def _has(graph: Graph, path: str, known: str, fields: str) -> bool:
    after = None
    for _turn in range(_PAGES):
        answer = graph.get(path, fields=fields, limit=_PAGE, after=after)
        rows = items(answer, "data")
        if any(known in _numbers(row) for row in rows if isinstance(row, dict)):
            return True
        after = answer.get("paging", "cursors", "after")
        if not rows or not answer.get("paging", "next") or not isinstance(after, str):
            return False
    raise CannotTell(
        _("%(network)s does not show this post, and has too many to look through: look there yourself."),
        code="cannot_tell",
        params={"network": graph.network},
    )


def _numbers(row: dict[str, Any]) -> set[str]:
    """Its own, and those of the pictures or the video that it shows, as far as they were asked for."""
    attached = row.get("attachments")
    shown = attached.get("data") if isinstance(attached, dict) else None
    targets = [one.get("target") for one in shown if isinstance(one, dict)] if isinstance(shown, list) else []
    return {str(one.get("id")) for one in (row, *targets) if isinstance(one, dict)}
