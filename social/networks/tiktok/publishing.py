"""Publishing on TikTok, step by step.

Longest times of a step: asking who we are and what we may 30 s, beginning 30 s, a piece of a video 300 s, looking at a public
address 20 s, asking how it stands 15 s.

What has all arrived goes out by itself, unless TikTok finds something against it: from then on nobody can stop it, and until
TikTok says so it is neither out nor not. So it is uncertain (`Unknown`), and asked for as such; mostly for half a minute.
"""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.utils.functional import lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from social.networks.base import (
    Account,
    CannotTell,
    Content,
    CredentialsRefused,
    Identity,
    Journal,
    MediaItem,
    NotSent,
    Published,
    Refused,
    Throttled,
    Unknown,
)
from social.networks.tiktok.api import COMPLETE, FAILED, Api, Expired, Gone, Standing, failed
from social.networks.tiktok.checking import described, is_of_pictures

SURE_FOR = dt.timedelta(minutes=10)  # of what an account may: TikTok wants it asked before each post
ALL_SECONDS = 3_300.0  # for all pieces of a large video: its address is good for an hour
TOLD_AFTER = dt.timedelta(minutes=9)  # after the last piece, by when TikTok surely says that it has arrived
UNNAMED_FOR = dt.timedelta(days=1)  # that TikTok does not give a post's own id, after which it is not waited for
WHOLE = (
    64_000_000  # bytes up to which a video goes in one piece, for which TikTok wants the piece to be called as large
)
CHUNK = 16_777_216  # of larger ones; TikTok takes 5 to 64 MB, and the rest with the last
_PROFILE = "https://www.tiktok.com/@"
_OVER = _("TikTok does not know this upload any more. It begins anew.")
_OF_ONE = ("begun", "last", "failed")  # what is written down of one publishing there


def publish(account: Account, content: Content, journal: Journal) -> Published:
    """Publish once, or go on; see `Network.publish`."""
    started = dt.datetime.now(dt.UTC)
    with Api(account, total=ALL_SECONDS) as api:
        creator = _own(api, account, journal)
        done = journal.given("publish")
        if done is not None:
            return Published(remote_id=str(done["id"]), permalink=str(done["link"]))
        if journal.given("begun") is None:  # what is there already is not judged anew
            _require_allowed(content, creator)
        for _turn in range(2):
            try:
                standing = _sent(api, content, creator, journal)
            except Expired:
                if not _may_be_there(api, content, journal, started):
                    journal.forget(*_OF_ONE)
                continue
            return _settled(standing, content, creator, journal)
        raise NotSent(_OVER, code="upload_expired")


def find(account: Account, content: Content, journal: Journal) -> Published | None:
    """Ask how the publishing stands; see `Network.find`."""
    with Api(account) as api:
        creator = _own(api, account, journal)
        begun = journal.given("begun")
        if begun is None and is_of_pictures(content):
            raise CannotTell(
                _("TikTok can't say what became of these pictures: look there whether the post is live."),
                code="cannot_read",
            )
        if begun is None or not _may_be_out(content, journal):
            return None
        try:
            standing = api.standing(str(begun["publish"]))
        except Gone as gone:
            sentence = _("TikTok does not know any more how this post stands.")
            raise CannotTell(sentence, code="cannot_tell", said=gone.said) from None
    if standing.status == COMPLETE:
        return _noted(standing, content, creator, journal)
    if standing.status == FAILED or _waits_for_us(standing, content):
        return None
    raise NotSent(_("TikTok has this post, and is still working on it."), code="still_working", said=standing.why)


def identity(account: Account) -> Identity:
    """Ask who the token belongs to."""
    with Api(account) as api:
        creator = api.creator()
        return Identity(id=creator["id"], handle=creator["handle"], name=creator["name"])


def read_back(account: Account, live: Published) -> Published | None:
    """The post's own id and address, once TikTok gives them; before, what is known."""
    if live.remote_id.isdigit():
        raise _unreadable()
    with Api(account) as api:
        try:
            standing = api.standing(live.remote_id)
        except Gone:
            raise _unreadable() from None
    if standing.status == FAILED:
        return None  # TikTok looks at a post also when it is out
    if not standing.post:
        if live.since and live.since + UNNAMED_FOR <= dt.datetime.now(dt.UTC):
            sentence = _("TikTok does not say which post it is. Look there whether it is live.")
            raise CannotTell(sentence, code="no_number")
        return live
    kind = "photo" if live.remote_id.startswith("p_") else "video"
    return Published(remote_id=standing.post, permalink=f"{live.permalink}/{kind}/{standing.post}")


def _unreadable() -> CannotTell:
    return CannotTell(_("%(network)s can't be read back."), code="cannot_read", params={"network": "TikTok"})


def _own(api: Api, account: Account, journal: Journal) -> Mapping[str, Any]:
    creator = journal.once("account", api.creator, good_for=SURE_FOR)
    if account.identity and account.identity != creator["id"]:
        raise Refused(
            _("These credentials belong to %(handle)s, not to this channel's account. Nothing was published."),
            code="wrong_account",
            params={"handle": str(creator["handle"])},
        )
    return creator


def _require_allowed(content: Content, creator: Mapping[str, Any]) -> None:
    """Refuse what TikTok has just said that this account may not, before anything is sent."""
    if content.fields.get("privacy") not in creator["privacy"]:
        raise Refused(
            _("TikTok does not let this account choose that anybody sees it so. Choose again."),
            code="privacy_not_allowed",
            said=", ".join(creator["privacy"]),
        )
    longest = int(creator["longest"])
    if longest and any(item.seconds > longest for item in content.media):
        raise Refused(
            _("TikTok takes videos of at most %(longest)d seconds from this account."),
            code="media_length",
            params={"longest": longest},
        )


def _sent(api: Api, content: Content, creator: Mapping[str, Any], journal: Journal) -> Standing:
    """How it stands, once all that is ours to send has arrived there."""
    begun = journal.given("begun")
    standing = _asked(api, str(begun["publish"]), content, journal) if begun else None
    if standing is not None and standing.status == FAILED and journal.given("failed") is not None:
        journal.forget(*_OF_ONE)
        begun = standing = None
    if standing is not None and not _waits_for_us(standing, content):
        return standing
    info = described(content, creator)
    if is_of_pictures(content):
        addresses = [api.address_of(item) for item in content.media]
        journal.sending()
        publish = api.publish_pictures(info, addresses)
        begun = journal.once("begun", lambda: {"publish": publish})
    else:
        item = content.media[0]
        chunk = item.size if item.size <= WHOLE else CHUNK

        def begin() -> Mapping[str, Any]:
            return {**api.begin_video(info, item.size, chunk, item.size // chunk), "chunk": chunk}

        begun = journal.once("begun", begin, secret="address")  # noqa: S106 - its name
        if "address" not in begun:  # its key was taken away
            raise Expired(_OVER, code="upload_expired")
        _send(api, begun, item, standing.received if standing else 0, journal)
    return _asked(api, str(begun["publish"]), content, journal)


def _may_be_there(api: Api, content: Content, journal: Journal, started: dt.datetime) -> bool:
    """An upload's address is over: whether the video may have arrived by it all the same, by an earlier try's last piece.

    TikTok is asked, and may not tell yet: for some minutes nothing is begun anew. Raises Unknown then.
    """
    begun, last = journal.given("begun"), journal.given("last")
    if begun is None or last is None:
        return False
    standing = _asked(api, str(begun["publish"]), content, journal)
    if standing.status == FAILED:
        return False
    if not _waits_for_us(standing, content):
        return True
    sent = dt.datetime.fromisoformat(str(last["at"]))
    if started > sent > started - TOLD_AFTER:
        sentence = _("TikTok has this post, and did not say how it stands.")
        raise Unknown(sentence, code="standing_unclear", said="the upload is over")
    return False


def _may_be_out(content: Content, journal: Journal) -> bool:
    """Whether what was begun can have gone out: a video can't without its last piece."""
    return is_of_pictures(content) or journal.given("last") is not None or bool(journal.in_flight())


def _asked(api: Api, publish: str, content: Content, journal: Journal) -> Standing:
    """Ask how it stands. It may be out by now: what keeps us from asking does not mean that it is not.

    What has failed there and is not known there any more has failed. Before the last piece was sent, what keeps us from asking
    is just that, and what TikTok does not know any more begins anew.
    """
    try:
        return api.standing(publish)
    except (NotSent, Throttled, Gone, CredentialsRefused) as error:
        if isinstance(error, Gone) and journal.given("failed") is not None:
            return Standing(FAILED)
        nothing_out = not _may_be_out(content, journal)
        if nothing_out and isinstance(error, Gone):
            raise Expired(_OVER, code="upload_expired", said=error.said) from None
        if nothing_out or (isinstance(error, CredentialsRefused) and not journal.in_flight()):
            raise
        sentence = _("TikTok has this post, and did not say how it stands.")
        raise Unknown(sentence, code="standing_unclear", said=error.said) from None


def _send(api: Api, begun: Mapping[str, Any], item: MediaItem, received: int, journal: Journal) -> None:
    """Send the pieces that have not arrived, as they were announced; the last takes what is over, and makes the video go out."""
    address, chunk = str(begun["address"]), int(begun["chunk"])
    count = item.size // chunk
    for piece in range(received // chunk, count):
        at = piece * chunk
        length = item.size - at if piece == count - 1 else chunk

        def send(at: int = at, length: int = length) -> Mapping[str, Any]:
            with item.open() as stream:
                stream.seek(at)
                api.send(address, stream, item, at, length)
            return {}

        if piece == count - 1:
            journal.once("last", lambda: {"at": dt.datetime.now(dt.UTC).isoformat()})
            journal.sending()
            send()
        else:
            step = f"piece:{piece}"
            if journal.given(step) is not None:  # it did not arrive after all
                journal.forget(step)
            journal.once(step, send)


def _waits_for_us(standing: Standing, content: Content) -> bool:
    """Say whether a part of the video has not arrived, without which it can't go out."""
    uploading = standing.status == "PROCESSING_UPLOAD" and not is_of_pictures(content)
    return uploading and standing.received < content.media[0].size


def _settled(standing: Standing, content: Content, creator: Mapping[str, Any], journal: Journal) -> Published:
    if standing.status == COMPLETE:
        return _noted(standing, content, creator, journal)
    if standing.status == FAILED:
        error = failed(standing.why)
        if isinstance(error, NotSent):  # begun anew only if it has still failed at the next try
            journal.once("failed", lambda: {"why": standing.why})
        else:
            journal.forget(*_OF_ONE)
        raise error
    raise Unknown(_("TikTok has this post, and is still working on it."), code="still_working", said=standing.why)


def _noted(standing: Standing, content: Content, creator: Mapping[str, Any], journal: Journal) -> Published:
    """It is out: where, as far as TikTok says."""
    begun = journal.given("begun") or {}
    kind = "photo" if is_of_pictures(content) else "video"
    profile = f"{_PROFILE}{creator['handle']}"
    where = f"{profile}/{kind}/{standing.post}" if standing.post else profile
    detail = _several(standing.posts) if standing.posts > 1 else ""
    live = Published(remote_id=standing.post or str(begun.get("publish", "")), permalink=where, detail=detail)
    journal.sent("publish", {"id": live.remote_id, "link": live.permalink})
    return live


def _several_posts(count: int) -> str:
    text = gettext("TikTok names %(count)d posts for this one. Look there whether it is live more than once.")
    return text % {"count": count}


_several = lazy(_several_posts, str)  # of several ids for one publishing others have reported
