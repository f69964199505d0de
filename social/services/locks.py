"""The one lock, always first: the post's row. Edit, submit, decide, withdraw and the claim of a publication take it.

What is counted has locks by name, which come after it and last until the commit, too.
"""

from django.db import connection

from social.models import Post


def lock_post(pk: int, *related: str) -> Post:
    """The post as it stands, its row locked until the end of the transaction; ``related`` is read with it.

    A decision or an outcome needs little of a post, and each related row costs as much as the lock itself.
    """
    found = Post.objects.select_for_update(of=("self",))
    return (found.select_related(*related) if related else found).get(pk=pk)


def lock_name(name: str) -> None:
    """Let nobody else count this until the end of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])
