"""Many publications at once, without the way of each through its approval."""

from datetime import datetime

from clients.models import Client
from social.models import Channel, Post, PostVersion, Publication
from social.services.checks import Stock, content_for
from social.services.needing import needs


def copies(of: Publication, channel: Channel, client: Client, many: int, due_at: datetime) -> list[int]:
    """So many like this approved one, on this client's channel, each of a post of its own; their ids."""
    content = of.version.content
    needed = needs(channel, content_for(content["channels"][0], Stock(), channel))
    account = {"channel": channel.pk, "server": channel.server, "handle": channel.handle}
    version = PostVersion.objects.create(
        post=of.post,
        client=client,
        number=of.post.versions.count() + 1,
        author=of.version.author,
        digest=of.version.digest,
        content={**content, "channels": [{**entry, **account} for entry in content["channels"]]},
    )
    post = of.post
    posts = [
        Post(
            client=client,
            author=post.author,
            written_by=post.written_by,
            text=f"{number}",
            state="scheduled",
            version=version,
            review=post.review,
            publish_at=due_at,
        )
        for number in range(many)
    ]
    rows = [
        Publication(
            post=made,
            version=version,
            channel=channel,
            network=channel.network,
            client=client,
            due_at=due_at,
            wake_at=due_at,
            **needed,
        )
        for made in Post.objects.bulk_create(posts)
    ]
    return [row.pk for row in Publication.objects.bulk_create(rows)]
