"""The one lock, always first: the post's row. Edit, submit, decide, withdraw and the claim of a publication take it.

What is counted has locks by name, which come after it and last until the commit, too.
"""

from functools import cache

from django.db import connection
from django.utils.translation import gettext_lazy as _

from accounts.errors import Stale
from accounts.prepared import Prepared
from social.models import Post

_LOCKED = Prepared(Post.objects.select_for_update().order_by().filter)
_LOCK = Prepared(Post.objects.select_for_update().order_by().values_list("pk").filter)


def lock_post(pk: int, *related: str) -> Post:
    """The post as it stands, its row locked until the end of the transaction; ``related`` is read with it.

    A decision or an outcome needs little of a post, and each related row costs as much as the lock itself.
    """
    if not related:
        return _LOCKED.get(pk=pk)
    # What comes along with a lock is as it was when that was asked for: whoever had it until now may have changed it.
    _LOCK.get(pk=pk)
    return _read_with(related).get(pk=pk)


def require_edition(post: Post, edition: str | None) -> None:
    """Raises ``Stale`` where the locked post is not the one that somebody had read (see ``Post.edition``)."""
    if edition is not None and edition != post.edition:
        text = _("Somebody has changed this post since you read it. Read it again, then change it.")
        raise Stale("changed_meanwhile", text)


def lock_name(name: str) -> None:
    """Let nobody else count this until the end of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])


@cache
def _read_with(related: tuple[str, ...]) -> Prepared[Post]:
    return Prepared(Post.objects.select_related(*related).order_by().filter)
