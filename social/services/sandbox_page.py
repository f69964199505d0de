"""Where the sandbox network keeps what was published to it: a page of this installation."""

from datetime import datetime

from social import networks
from social.models import SandboxPost
from social.networks.base import MediaItem
from social.networks.sandbox import FIRST, Sandbox


class Page:
    """The store behind ``social.networks.sandbox``. Every put is a new row, so that a doubled post would show."""

    def put(  # noqa: PLR0913 - the store's protocol
        self,
        *,
        handle: str,
        key: str,
        text: str,
        link: str,
        media: tuple[MediaItem, ...],
        published_at: datetime,
        step: str = FIRST,
        below: int | str | None = None,
    ) -> int:
        """Put a post on the page; its number."""
        row = SandboxPost.objects.create(
            handle=handle.lower(),
            key=key,
            step=step,
            below_id=below,
            text=text,
            link=link,
            media=[{"sha256": item.sha256, "alt_text": item.alt_text} for item in media],
            published_at=published_at,
        )
        return row.pk

    def get(self, *, handle: str, key: str, step: str = FIRST) -> int | None:
        """The number of the post with this key on this page, if it is there."""
        found = SandboxPost.objects.filter(handle=handle.lower(), key=key, step=step)
        return found.values_list("pk", flat=True).first()


def open_page() -> None:
    """Give the sandbox its page; called once, when the installation starts."""
    sandbox = networks.get(Sandbox.slug)
    if isinstance(sandbox, Sandbox):
        sandbox.use(Page())
