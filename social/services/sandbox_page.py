"""Where the sandbox network keeps what was published to it: a page of this installation."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from social import networks
from social.models import SandboxPost
from social.networks.base import MediaItem
from social.networks.sandbox import FIRST, Sandbox

DIGITS = 19  # of a row's number, at most


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
            media=_shown(media),
            published_at=published_at,
        )
        return row.pk

    def get(self, *, handle: str, key: str, step: str = FIRST) -> int | None:
        """The number of the post with this key on this page, if it is there."""
        found = SandboxPost.objects.filter(handle=handle.lower(), key=key, step=step)
        return found.values_list("pk", flat=True).first()

    def change(self, *, handle: str, entry: str, text: str, link: str, media: tuple[MediaItem, ...]) -> bool:
        """Put other words and pictures in the place of those of this post; False if it is not there."""
        rows = _entry(handle, entry)
        return bool(rows.update(text=text, link=link, media=_shown(media), edited_at=timezone.now()))

    def remove(self, *, handle: str, entry: str) -> None:
        """Take a post off the page, and what was published with it. What is not there is removed."""
        keys = _entry(handle, entry).values("key")
        rows = SandboxPost.objects.filter(handle=handle.lower(), key__in=list(keys.values_list("key", flat=True)))
        with transaction.atomic():
            # The posts of a thread keep each other, and go together; an answer of another publication stays.
            SandboxPost.objects.filter(below__in=list(rows.values_list("pk", flat=True))).update(below=None)
            rows.delete()

    def views(self, *, handle: str, entry: str) -> int | None:
        """How often the page was shown with this post on it."""
        return _entry(handle, entry).values_list("views", flat=True).first()


def _entry(handle: str, entry: str) -> QuerySet[SandboxPost]:
    rows = SandboxPost.objects.filter(handle=handle.lower())
    return rows.filter(pk=int(entry)) if entry.isdecimal() and len(entry) < DIGITS else rows.none()


def _shown(media: tuple[MediaItem, ...]) -> list[dict[str, str]]:
    return [
        {"sha256": item.sha256, "alt_text": item.alt_text, **({"cover": item.cover.sha256} if item.cover else {})}
        for item in media
    ]


def note_views(entries: Iterable[int], times: int = 1) -> None:
    """The page was shown to somebody with these posts on it."""
    SandboxPost.objects.filter(pk__in=list(entries)).update(views=F("views") + times)


def open_page() -> None:
    """Give the sandbox its page; called once, when the installation starts."""
    sandbox = networks.get(Sandbox.slug)
    if isinstance(sandbox, Sandbox):
        sandbox.use(Page())
