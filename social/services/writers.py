"""Who wrote anything of a post. The caller holds the post's lock."""

from collections.abc import Iterable

from social.models import Post, PostWriter


def note_writers(post: Post, users: Iterable[int]) -> None:
    """These people (by id) wrote something of it: also those whose wording somebody else took over. It is never forgotten."""
    PostWriter.objects.bulk_create(
        [PostWriter(post=post, client_id=post.client_id, user_id=user) for user in sorted(set(users))],
        ignore_conflicts=True,
    )
