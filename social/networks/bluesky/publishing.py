"""Publishing on Bluesky, step by step. Loaded where something is published: the client library is large.

Longest times, each in all: signing in 15 s (renewing and signing in again: 30 s), a picture 30 s, finding whom the text
mentions 10 s together, writing or deleting the record 20 s, reading it 10 s, 5 s of each for looking up the server's
name and connecting, and as much for TLS; the whole of one post at most 115 s, and before it 335 s for each video. Each word to the journal counts as a sign of life.
All steps but the writing of the record come first, and leave nothing that a reader could see.
"""

import hashlib
import re
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
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
    NotSent,
    Numbers,
    Published,
    Refused,
)
from social.networks.bluesky import counting, showing, text_out, videos
from social.networks.bluesky.keeping import KEPT_FOR
from social.networks.bluesky.pictures import Picture, fitted
from social.networks.bluesky.richtext import Span, byte_range, spans
from social.networks.bluesky.sessions import Session, Sessions
from social.networks.bluesky.tid import is_tid
from social.networks.bluesky.wire import TokenRefused, Wire
from social.networks.halfway import halfway

FIRST = "publish"
COLLECTION = "app.bsky.feed.post"
PICTURE_SECONDS = 30.0
MENTIONS_SECONDS = 10.0
MENTION_SECONDS = 5.0
WRITE_SECONDS = 20.0
READ_SECONDS = 10.0
_NO_HANDLE = "handle.invalid"
_BLOB_LOST = re.compile(r"could not find blob|blobnotfound", re.IGNORECASE)

sessions = Sessions()


@dataclass(frozen=True, slots=True)
class Post:
    """One post of a publication: its step in the journal, its record's key and time, the steps it answers and starts from."""

    step: str
    content: Content
    rkey: str
    created_at: str
    answers: str = ""


def posts_in(content: Content, keys: Keys) -> list[Post]:
    """The posts of a publication: its own, its parts each below the one before, its comment below the first."""
    below = list(keys.get("below", ()))
    texts = [Content(part.text, media=part.media) for part in content.parts]
    texts += [Content(content.comment)] if content.comment else []
    if len(below) != len(texts) or not all(is_tid(one.get("rkey")) and one.get("created_at") for one in [keys, *below]):
        raise Refused(_("This publication has no valid record key for Bluesky."), code="keys_not_valid")
    posts = [Post(FIRST, content, keys["rkey"], keys["created_at"])]
    for number, (text, one) in enumerate(zip(texts, below, strict=True), start=1):
        comment = number > len(content.parts)
        step, answers = ("comment", FIRST) if comment else (f"part:{number}", posts[-1].step)
        posts.append(Post(step, text, one["rkey"], one["created_at"], answers))
    return posts


def publish(account: Account, content: Content, keys: Keys, journal: Journal) -> Published:
    """Publish once, or go on; see `Network.publish`. All pictures and videos are there before the first post goes out."""
    posts = posts_in(content, keys)
    todo = [post for post in posts if journal.given(post.step) is None]
    first = journal.given(FIRST)
    pictures = [_pictures(post.content) for post in todo]
    for item in (item for post in todo for item in post.content.media if item.is_video):
        videos.uploaded(sessions, account, item, journal)
    with Wire(account) as wire:
        embeds = [
            _embed(wire, account, post.content, found, journal) for post, found in zip(todo, pictures, strict=True)
        ]
        for post, embed in zip(todo, embeds, strict=True):
            text = text_out(post.content)
            record = models.AppBskyFeedPost.Record(
                text=text,
                created_at=post.created_at,
                facets=_facets(wire, text) or None,
                embed=embed,
                reply=_reply(wire, account, post, journal),
            )
            journal.sending(post.step)
            given = _written(wire, account, post, record, journal)
            first = first or given
            if len(posts) > 1:
                journal.sent(post.step, given)
        return _published(first or {}, (post.rkey for post in posts[1:]))


def _written(wire: Wire, account: Account, post: Post, record: Any, journal: Journal) -> dict[str, str]:
    """Write the record. A server that has lost what is attached (it moved, or swept it away) is sent that again.

    https://github.com/Automattic/wordpress-atmosphere/pull/143 has both; the words are those of `@atproto/pds`.
    """
    try:
        return sessions.signed_in(wire, account, partial(_write, wire, post.rkey, record))
    except Refused as refused:
        if not _BLOB_LOST.search(refused.said):
            raise
        journal.forget(*_uploads(post.content))
        sentence = _("Bluesky does not have the picture or video any more that it was sent. It is sent again.")
        raise NotSent(sentence, code="media_gone", said=refused.said) from None


def _uploads(content: Content) -> list[str]:
    """The steps in which its pictures and videos are uploaded."""
    return [_step_of(picture) for picture in _pictures(content)] + [
        videos.step_of(item) for item in content.media if item.is_video
    ]


def _reply(wire: Wire, account: Account, post: Post, journal: Journal) -> Any:
    """What the post answers, and where its thread begins, by address and content (`com.atproto.repo.strongRef`)."""
    if not post.answers:
        return None
    parent = _ref(wire, account, journal, post.answers)
    root = parent if post.answers == FIRST else _ref(wire, account, journal, FIRST)
    return models.AppBskyFeedPost.ReplyRef(root=root, parent=parent)


def _ref(wire: Wire, account: Account, journal: Journal, step: str) -> Any:
    """A record by its address and content. Of a post that stood alone only the address was kept: the rest is read back."""
    given = journal.given(step) or {}
    if given and "cid" not in given:
        given = _answered(wire, account, str(given["id"]))
    if not given.get("cid"):
        sentence = _("We don't know enough of what is live on %(network)s to answer it from here.")
        raise Refused(sentence, code="cannot_reply", params={"network": "Bluesky"})
    return models.ComAtprotoRepoStrongRef.Main(uri=given["uri"], cid=given["cid"])


def _answered(wire: Wire, account: Account, remote_id: str) -> Mapping[str, str]:
    owner, rkeys = _records(account, remote_id)
    try:
        given = sessions.signed_in(wire, owner, partial(_read, wire, rkeys[0]))
    except CannotTell:
        return {}
    if given is None:
        sentence = _("What this answers is not there any more on %(network)s.")
        raise Refused(sentence, code="gone", params={"network": "Bluesky"})
    return given


def find(account: Account, content: Content, keys: Keys, journal: Journal) -> Published | None:
    """Read the record in flight back; see `Network.find`."""
    posts = posts_in(content, keys)
    missing = [post for post in posts if journal.given(post.step) is None]
    flying = journal.in_flight()
    post = next((one for one in posts if one.step == flying), missing[0] if missing else posts[0])
    with Wire(account) as wire:
        given = sessions.signed_in(wire, account, partial(_read, wire, post.rkey))
        if given is None:
            return None
        if len(posts) > 1:
            journal.sent(post.step, given)
        if any(one.step != post.step for one in missing):
            return None
        return _published(journal.given(FIRST) or given, (one.rkey for one in posts[1:]))


def delete(account: Account, live: Published) -> None:
    """Delete its records, the last first; one that is not there any more is deleted (`com.atproto.repo.deleteRecord`)."""
    owner, rkeys = _records(account, live.remote_id)
    with Wire(account) as wire, halfway() as each:
        for rkey in reversed(rkeys):
            with each():
                sessions.signed_in(wire, owner, partial(_delete, wire, rkey))


def read_back(account: Account, live: Published) -> Published | None:
    """Which of its records are there, and where readers find the first by today's handle; None where that is gone.

    Readers see what the app shows: where that is less, it is said (see `showing`).
    """
    owner, (first, *below) = _records(account, live.remote_id)
    with Wire(account) as wire:
        root = sessions.signed_in(wire, owner, partial(_looked_up, wire, first))
        if root is None:
            return None
        found = {rkey: sessions.signed_in(wire, owner, partial(_looked_up, wire, rkey)) for rkey in below}
    there = {rkey: one for rkey, one in found.items() if one is not None}
    shown = {first: root, **there}
    posts = {f"at://{owner.identity}/{COLLECTION}/{rkey}": has_video for rkey, (_given, has_video) in shown.items()}
    return replace(_published(root[0], there), lacks=showing.lacking(sessions, owner, posts, live.since))


def numbers(account: Account, live: Published) -> Numbers:
    """What Bluesky counts of the first post; see `Network.numbers`."""
    owner, (first, *_below) = _records(account, live.remote_id)
    return counting.numbers(sessions, owner, f"at://{owner.identity}/{COLLECTION}/{first}")


def _records(account: Account, remote_id: str) -> tuple[Account, list[str]]:
    """The account as whose records they were written, and no other one's; and their keys, the first first."""
    repository, _collection, rkeys = remote_id.removeprefix("at://").partition(f"/{COLLECTION}/")
    return replace(account, identity=repository), rkeys.split(",")


def identity(account: Account) -> Identity:
    """Sign in afresh; see `Network.identity`."""
    with Wire(account) as wire:
        session = sessions.afresh(wire, account)
        return Identity(id=session.did, handle=session.handle, name=_name(wire, session))


def _pictures(content: Content) -> list[Picture]:
    try:
        return [fitted(item) for item in content.media if not item.is_video]
    except (OSError, ValueError) as error:
        raise Refused(
            _("A picture of this post can't be read, or is no longer the one that was approved."),
            code="picture_not_valid",
            said=type(error).__name__,
        ) from error


def _embed(wire: Wire, account: Account, content: Content, pictures: list[Picture], journal: Journal) -> Any:
    """Upload the pictures and return them with their words, or the video, or a card of the link, or None."""
    for item in content.media:
        if item.is_video:
            return videos.embed(item, videos.uploaded(sessions, account, item, journal))
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
    given = journal.once(_step_of(picture), lambda: _blob(wire, account, picture), good_for=KEPT_FOR)
    return models.blob_ref.BlobRef.model_validate(given)


def _step_of(picture: Picture) -> str:
    return f"media:{hashlib.sha256(picture.data).hexdigest()}"


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


def _write(wire: Wire, rkey: str, record: Any, session: Session) -> dict[str, str]:
    data = {"repo": session.did, "collection": COLLECTION, "rkey": rkey, "record": record}
    answer = wire.step(wire.xrpc.repo.put_record, data, seconds=WRITE_SECONDS, token=session.access, visible=True)
    return _given(session, rkey, answer)


def _delete(wire: Wire, rkey: str, session: Session) -> None:
    data = {"repo": session.did, "collection": COLLECTION, "rkey": rkey}
    wire.step(wire.xrpc.repo.delete_record, data, seconds=WRITE_SECONDS, token=session.access, visible=True)


def _read(wire: Wire, rkey: str, session: Session) -> dict[str, str] | None:
    found = _looked_up(wire, rkey, session)
    return found[0] if found else None


def _looked_up(wire: Wire, rkey: str, session: Session) -> tuple[dict[str, str], bool] | None:
    """What is kept of the post that is live there, and whether it has a video; None where there is none."""
    asked = {"repo": session.did, "collection": COLLECTION, "rkey": rkey}
    try:
        answer = wire.step(wire.xrpc.repo.get_record, asked, seconds=READ_SECONDS, token=session.access)
    except CredentialsRefused:
        raise
    except Refused as refused:
        if "RecordNotFound" in refused.said:
            return None
        raise CannotTell(
            _("Bluesky could not say whether the post is live."), code="cannot_tell", said=refused.said
        ) from refused
    has_video = isinstance(getattr(answer.value, "embed", None), models.AppBskyEmbedVideo.Main)
    return _given(session, rkey, answer), has_video


def _given(session: Session, rkey: str, answer: Any) -> dict[str, str]:
    """What is kept of a post that is live: by what others answer it, and where readers find it. Nothing is asked for it."""
    shown = session.did if session.handle == _NO_HANDLE else session.handle
    return {
        "uri": str(answer.uri),
        "cid": str(answer.cid or ""),
        "id": f"at://{session.did}/{COLLECTION}/{rkey}",
        "address": f"https://bsky.app/profile/{shown}/post/{rkey}",
    }


def _published(given: Mapping[str, Any], below: Iterable[str]) -> Published:
    """Where all of it is: the first post's address, and the keys of those below it."""
    return Published(remote_id=",".join([str(given["id"]), *below]), permalink=str(given.get("address") or ""))


def _name(wire: Wire, session: Session) -> str:
    """The name on the account's profile, else its handle; a profile that can't be read is no reason to fail."""
    asked = {"repo": session.did, "collection": "app.bsky.actor.profile", "rkey": "self"}
    try:
        answer = wire.step(wire.xrpc.repo.get_record, asked, seconds=READ_SECONDS, token=session.access)
    except (NetworkError, TokenRefused):
        return session.handle
    return str(getattr(answer.value, "display_name", None) or session.handle)
