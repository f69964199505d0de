"""Videos on Bluesky: uploaded whole to the account's own server, from where Bluesky fetches them and prepares them for its app.

That is the simple one of the two ways in https://docs.bsky.app/docs/tutorials/video: the post is there at once, the video as
soon as Bluesky has prepared it; whether it has is asked of the app (`showing`). A server has its own limit for uploads, and says so (413, `BlobTooLarge`).
"""

from collections.abc import Iterator
from typing import Any, BinaryIO, cast

from atproto import models  # type: ignore[import-untyped]
from django.utils.translation import gettext_lazy as _

from social.networks.base import Account, CredentialsRefused, Journal, MediaItem, Refused
from social.networks.bluesky.keeping import KEPT_FOR
from social.networks.bluesky.sessions import Session, Sessions
from social.networks.bluesky.wire import Wire

VIDEO_SECONDS = 300.0
_MORE_SECONDS = 35.0  # for signing in
_PIECE = 1 << 20


def uploaded(sessions: Sessions, account: Account, item: MediaItem, journal: Journal) -> Any:
    """The video at the account's server, uploaded unless that was done within the hour.

    Raises:
        Refused: the server does not take it; and what calls raise.
    """
    given = journal.once(step_of(item), lambda: _blob(sessions, account, item), good_for=KEPT_FOR)
    return models.blob_ref.BlobRef.model_validate(given)


def step_of(item: MediaItem) -> str:
    """The step in which it is uploaded."""
    return f"media:{item.sha256}"


def embed(item: MediaItem, blob: Any) -> Any:
    """The uploaded video as a post has it (`app.bsky.embed.video`)."""
    shape = models.AppBskyEmbedDefs.AspectRatio(width=item.width, height=item.height)
    return models.AppBskyEmbedVideo.Main(video=blob, alt=item.alt_text.strip() or None, aspect_ratio=shape)


def _blob(sessions: Sessions, account: Account, item: MediaItem) -> dict[str, Any]:
    with Wire(account, seconds=VIDEO_SECONDS + _MORE_SECONDS) as wire:

        def send(session: Session) -> Any:
            headers = {"Content-Type": item.mime, "Content-Length": str(item.size)}
            with item.open() as stream:

                def call(**options: Any) -> Any:
                    answer = wire.procedure("com.atproto.repo.uploadBlob", content=_pieces(stream), **options)
                    return models.get_or_create(answer.content, models.ComAtprotoRepoUploadBlob.Response).blob

                return wire.step(call, seconds=VIDEO_SECONDS, token=session.access, headers=headers)

        try:
            blob = sessions.signed_in(wire, account, send)
        except CredentialsRefused:
            raise
        except Refused as refused:
            if "BlobTooLarge" not in refused.said and "413" not in refused.said:
                raise
            sentence = _("This account's Bluesky server does not take a video of %(used)d MB.")
            params = {"used": -(-item.size // 1_000_000)}
            raise Refused(sentence, code="media_too_heavy", params=params, said=refused.said) from None
    return cast("dict[str, Any]", blob.model_dump(mode="json", by_alias=True))


def _pieces(stream: BinaryIO) -> Iterator[bytes]:
    while piece := stream.read(_PIECE):
        yield piece
