"""The one lock, always first: the post's row. Edit, submit, decide, withdraw and the claim of a publication take it."""

from social.models import Post


def lock_post(pk: int) -> Post:
    """The post as it stands, its row locked until the end of the transaction."""
    found = Post.objects.select_for_update(of=("self",))
    return found.select_related("client", "version__author", "review", "chain").get(pk=pk)
