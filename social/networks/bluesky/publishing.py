"""Publishing on Bluesky, step by step. Loaded where something is published: the client library is large.

Longest times, each in all: signing in 15 s (renewing and signing in again: 30 s), a picture 30 s, finding whom the text
mentions 10 s together, writing the record 20 s, reading it 10 s, 5 s of each for looking up the server's
name and connecting, and as much for TLS; the whole at most 115 s.
All steps but the writing of the record come first, and leave nothing that a reader could see.
"""

import datetime as dt
import hashlib
import time
from typing import Any, cast

from atproto import models  # type: ignore[import-untyped]
from django.utils.translation import gettext_lazy as _

from social.networks.base import (
    Account,
    CannotTell,
    Content,
    CredentialsRefused,
    Identity,
    Journal,
    Keys,
    NetworkError,
    Published,
    Refused,
)
from social.networks.bluesky import text_out
from social.networks.bluesky.pictures import Picture, fitted
from social.networks.bluesky.richtext import Span, byte_range, spans
from social.networks.bluesky.sessions import Session, Sessions
from social.networks.bluesky.tid import is_tid
from social.networks.bluesky.wire import TokenRefused, Wire

COLLECTION = "app.bsky.feed.post"
PICTURE_SECONDS = 30.0
MENTIONS_SECONDS = 10.0
MENTION_SECONDS = 5.0
WRITE_SECONDS = 20.0
READ_SECONDS = 10.0
# https://atproto.com/specs/blob#blob-lifecycle: servers keep what no record names for an hour at least.
KEPT_FOR = dt.timedelta(minutes=50)
_NO_HANDLE = "handle.invalid"

sessions = Sessions()


def publish(account: Account, content: Content, keys: Keys, journal: Journal) -> Published:
    """Publish once; see `Network.publish`."""
    rkey = _rkey(keys)
    pictures = _pictures(content)
    with Wire(account) as wire:
        embed = _embed(wire, account, content, pictures, journal)
        text = text_out(content)
        record = models.AppBskyFeedPost.Record(
            text=text,
            created_at=keys["created_at"],
            facets=_facets(wire, text) or None,
            embed=embed,
        )
        journal.sending()
        return sessions.signed_in(wire, account, lambda session: _write(wire, session, rkey, record))


def find(account: Account, keys: Keys) -> Published | None:
    """Read the record back; see `Network.find`."""
    rkey = _rkey(keys)
    with Wire(account) as wire:
        return sessions.signed_in(wire, account, lambda session: _read(wire, session, rkey))


def identity(account: Account) -> Identity:
    """Sign in afresh; see `Network.identity`."""
    with Wire(account) as wire:
        session = sessions.afresh(wire, account)
        return Identity(id=session.did, handle=session.handle, name=_name(wire, session))


def _rkey(keys: Keys) -> str:
    rkey = keys.get("rkey")
    if not is_tid(rkey) or not keys.get("created_at"):
        raise Refused(_("This publication has no valid record key for Bluesky."), code="keys_not_valid")
    return str(rkey)


def _pictures(content: Content) -> list[Picture]:
    try:
        return [fitted(item) for item in content.media]
    except (OSError, ValueError) as error:
        raise Refused(
            _("A picture of this post can't be read, or is no longer the one that was approved."),
            code="picture_not_valid",
            said=type(error).__name__,
        ) from error


def _embed(wire: Wire, account: Account, content: Content, pictures: list[Picture], journal: Journal) -> Any:
    """Upload the pictures and return them with their words, or a card of the link, or None."""
    if pictures:
        return models.AppBskyEmbedImages.Main(
            images=[
                models.AppBskyEmbedImages.Image(
                    alt=item.alt_text,
                    image=_uploaded(wire, account, picture, journal),
                    aspect_ratio=models.AppBskyEmbedDefs.AspectRatio(width=picture.width, height=picture.height),
                )
                for item, picture in zip(content.media, pictures, strict=True)
            ]
        )
    if content.link:
        host = content.link.partition("://")[2].partition("/")[0].rpartition("@")[2]
        external = models.AppBskyEmbedExternal.External(uri=content.link, title=host, description="")
        return models.AppBskyEmbedExternal.Main(external=external)
    return None


def _uploaded(wire: Wire, account: Account, picture: Picture, journal: Journal) -> Any:
    """Upload the picture, unless that was done within the hour: a server may sweep away what no record names yet."""
    step = f"media:{hashlib.sha256(picture.data).hexdigest()}"
    given = journal.once(step, lambda: _blob(wire, account, picture), good_for=KEPT_FOR)
    return models.blob_ref.BlobRef.model_validate(given)


def _blob(wire: Wire, account: Account, picture: Picture) -> dict[str, Any]:
    blob = _upload(wire, account, picture)
    return cast("dict[str, Any]", blob.model_dump(mode="json", by_alias=True))


def _upload(wire: Wire, account: Account, picture: Picture) -> Any:
    def send(**options: Any) -> Any:
        # The library's own upload_blob hands the bytes to httpx in a way that httpx deprecates.
        answer = wire.procedure("com.atproto.repo.uploadBlob", content=picture.data, **options)
        return models.get_or_create(answer.content, models.ComAtprotoRepoUploadBlob.Response).blob

    headers = {"Content-Type": picture.mime}
    return sessions.signed_in(
        wire,
        account,
        lambda session: wire.step(send, seconds=PICTURE_SECONDS, token=session.access, headers=headers),
    )


def _facets(wire: Wire, text: str) -> list[Any]:
    """Make links, mentions and hashtags alive. A mention of nobody the server knows stays plain text."""
    until = time.monotonic() + MENTIONS_SECONDS
    facets = []
    for span in spans(text):
        feature = _feature(wire, span, until)
        if feature is not None:
            start, end = byte_range(text, span)
            index = models.AppBskyRichtextFacet.ByteSlice(byte_start=start, byte_end=end)
            facets.append(models.AppBskyRichtextFacet.Main(index=index, features=[feature]))
    return facets


def _feature(wire: Wire, span: Span, until: float) -> Any:
    if span.kind == "link":
        return models.AppBskyRichtextFacet.Link(uri=span.target)
    if span.kind == "tag":
        return models.AppBskyRichtextFacet.Tag(tag=span.target)
    did = _did_of(wire, span.target, until)
    return models.AppBskyRichtextFacet.Mention(did=did) if did else None


def _did_of(wire: Wire, handle: str, until: float) -> str:
    """Ask the server whose handle it is; empty where it can't tell, which never holds up a post."""
    seconds = min(MENTION_SECONDS, until - time.monotonic())
    if seconds <= 0:
        return ""
    try:
        answer = wire.step(wire.xrpc.identity.resolve_handle, {"handle": handle}, seconds=seconds)
    except (NetworkError, TokenRefused):
        return ""
    return str(answer.did) if str(answer.did).startswith("did:") else ""


def _write(wire: Wire, session: Session, rkey: str, record: Any) -> Published:
    data = {"repo": session.did, "collection": COLLECTION, "rkey": rkey, "record": record}
    wire.step(wire.xrpc.repo.put_record, data, seconds=WRITE_SECONDS, token=session.access, visible=True)
    return _published(session, rkey)


def _read(wire: Wire, session: Session, rkey: str) -> Published | None:
    asked = {"repo": session.did, "collection": COLLECTION, "rkey": rkey}
    try:
        wire.step(wire.xrpc.repo.get_record, asked, seconds=READ_SECONDS, token=session.access)
    except CredentialsRefused:
        raise
    except Refused as refused:
        if "RecordNotFound" in refused.said:
            return None
        raise CannotTell(
            _("Bluesky could not say whether the post is live."), code="cannot_tell", said=refused.said
        ) from refused
    return _published(session, rkey)


def _published(session: Session, rkey: str) -> Published:
    shown = session.did if session.handle == _NO_HANDLE else session.handle
    return Published(
        remote_id=f"at://{session.did}/{COLLECTION}/{rkey}",
        permalink=f"https://bsky.app/profile/{shown}/post/{rkey}",
    )


def _name(wire: Wire, session: Session) -> str:
    """The name on the account's profile, else its handle; a profile that can't be read is no reason to fail."""
    asked = {"repo": session.did, "collection": "app.bsky.actor.profile", "rkey": "self"}
    try:
        answer = wire.step(wire.xrpc.repo.get_record, asked, seconds=READ_SECONDS, token=session.access)
    except (NetworkError, TokenRefused):
        return session.handle
    return str(getattr(answer.value, "display_name", None) or session.handle)
