"""Publishing on Pinterest, step by step.

Longest times of a step: asking who we are 15 s, finding the board 15 s a page, sending a video 300 s, asking how far it is
15 s, the pin 60 s, since its pictures go with it.
"""

import base64
import datetime as dt
import html
import unicodedata
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from social.networks import clocks
from social.networks.base import (
    Account,
    CannotTell,
    Content,
    Identity,
    Journal,
    Keys,
    MediaItem,
    NotReady,
    NotSent,
    Numbers,
    Published,
    Refused,
)
from social.networks.outcomes import wordless
from social.networks.pinterest import alt_text_of
from social.networks.pinterest.api import UPLOAD_SECONDS, Api, Gone, created_at

SURE_FOR = dt.timedelta(hours=1)  # that a token is the account's, and that a board is called so
KEPT_FOR = dt.timedelta(hours=12)  # an uploaded video; Pinterest does not say for how long
LOOK_AGAIN = dt.timedelta(seconds=10)
_PAGES = 8
_SHORTEST_ID = 12  # a board's id; a shorter number is a name


def publish(account: Account, content: Content, journal: Journal) -> Published:
    """Publish once, or go on; see `Network.publish`."""
    done = journal.given("publish")
    if done is not None:
        return published(str(done["id"]))
    with Api(account, total=UPLOAD_SECONDS + 100) as api:
        _own(api, account, journal)
        body = {
            **_words(content),
            "board_id": _board(api, content, journal),
            "media_source": _source(api, content, journal),
        }
        journal.sending()
        pin = api.create(body)
        journal.sent("publish", {"id": pin})
        return published(pin)


def find(account: Account, content: Content, keys: Keys, journal: Journal) -> Published | None:
    """Look through the board for a pin with the same words; see `Network.find`."""
    since = clocks.since(keys.get("since"), journal)
    if since is None:
        raise Refused(_("This publication has no valid time for Pinterest."), code="keys_not_valid")
    near, order = False, _Order(since)
    with Api(account) as api:
        _own(api, account, journal)
        for pin in api.pins_on(_board(api, content, journal), pages=_PAGES):
            at = created_at(pin)
            if not pin and order.ends_before():
                break  # what is beyond is older than the first try
            order.see(pin, at)
            if pin and ((at is not None and at < since) or not _alike(pin, content)):
                continue
            if pin and journal.is_another(str(pin.get("id") or "")):
                continue
            if pin and not any(_said(_words(content))):
                raise wordless("Pinterest")  # somebody may have put one there by hand
            same = pin and at is not None and _said(pin) == _said(_words(content))
            if same and _shows(pin) in {None, len(content.media)}:
                if not pin.get("id"):
                    raise CannotTell(_("Pinterest shows this pin, and not which it is."), code="cannot_tell")
                journal.sent("publish", {"id": str(pin["id"])})
                return published(str(pin["id"]))
            near = True
    if near:
        raise CannotTell(
            _("Pinterest shows a pin that is nearly the same, or too many to look through."), code="cannot_tell"
        )
    return None


def identity(account: Account) -> Identity:
    """Ask who the token belongs to."""
    with Api(account) as api:
        me = api.me()
        return Identity(id=me["id"], handle=me["username"], name=me["name"])


def edit(account: Account, live: Published, content: Content) -> Published:
    """Give the pin its new words and its new board."""
    with Api(account) as api:
        body = {**_words(content), "board_id": _board_of(api, content)}
        api.change(live.remote_id, body)
        return live


def delete(account: Account, live: Published) -> None:
    """Take the pin down."""
    with Api(account) as api:
        api.delete(live.remote_id)


def read_back(account: Account, live: Published) -> Published | None:
    """Where it is; None where it is gone."""
    with Api(account) as api:
        try:
            answer = api.pin(live.remote_id)
        except Gone:
            return None
        if str(answer.get("id")) != live.remote_id:
            raise answer.unreadable("another pin")
        return published(live.remote_id)


def numbers(account: Account, live: Published) -> Numbers:
    """What Pinterest counts over the pin's life. Clicks are those that lead out to the link."""
    with Api(account) as api:
        answer = api.pin(live.remote_id, metrics=True)
        if str(answer.get("id")) != live.remote_id:
            raise answer.unreadable("another pin")
        found = answer.get("pin_metrics", "lifetime_metrics") or answer.get("pin_metrics", "all_time")
    counts = {str(name).lower(): count for name, count in found.items()} if isinstance(found, dict) else {}
    count = {name: value for name, value in counts.items() if type(value) is int and value >= 0}
    return Numbers(
        views=count.get("impression"),
        reactions=count.get("reaction"),
        comments=count.get("comment"),
        shares=count.get("save"),
        clicks=count.get("clickthrough"),
    )


def published(pin: str) -> Published:
    """Where the pin is."""
    return Published(remote_id=pin, permalink=f"https://www.pinterest.com/pin/{pin}/")


def _own(api: Api, account: Account, journal: Journal) -> None:
    me = journal.once("account", api.me, good_for=SURE_FOR)
    if account.identity and account.identity != me["id"]:
        raise Refused(
            _("These credentials belong to %(handle)s, not to this channel's account. Nothing was published."),
            code="wrong_account",
            params={"handle": me["username"]},
        )


def _board(api: Api, content: Content, journal: Journal) -> str:
    """The id of the board that is asked for, by its id or its name."""
    asked = str(content.fields.get("board") or "").strip()
    return str(journal.once(f"board:{asked}", lambda: {"id": _board_of(api, content)}, good_for=SURE_FOR)["id"])


def _board_of(api: Api, content: Content) -> str:
    asked = str(content.fields.get("board") or "").strip()
    if asked.isascii() and asked.isdigit() and len(asked) >= _SHORTEST_ID:
        return asked
    named = [board for board in api.boards() if _plain(str(board.get("name") or "")) == _plain(asked)]
    if not named or not str(named[0].get("id") or "").isdigit():
        raise Refused(
            _("This account has no board “%(board)s” on Pinterest."),
            code="board_missing",
            params={"board": asked[:180]},
        )
    return str(named[0]["id"])


def _words(content: Content) -> dict[str, str]:
    """The words of a pin; what is empty is left out, as what Pinterest does not want."""
    given = {
        "title": str(content.fields.get("title") or ""),
        "description": content.text,
        "link": content.link,
        "alt_text": alt_text_of(content),
    }
    return {name: value for name, value in given.items() if value}


def _source(api: Api, content: Content, journal: Journal) -> dict[str, Any]:
    """The pictures, or the video with its cover."""
    if content.media[0].is_video:
        return _video(api, content.media[0], journal)
    pictures = [{"content_type": item.mime, "data": _data(item)} for item in content.media]
    if len(pictures) == 1:
        return {"source_type": "image_base64", **pictures[0]}
    return {"source_type": "multiple_image_base64", "items": pictures, "index": 0}


def _video(api: Api, item: MediaItem, journal: Journal) -> dict[str, Any]:
    step = f"media:{item.sha256}"
    media = str(journal.once(step, lambda: {"id": api.upload(item)}, good_for=KEPT_FOR)["id"])
    try:
        journal.once(f"ready:{media}", lambda: _ready(api, media), good_for=KEPT_FOR)
    except Gone as gone:
        journal.forget(step)
        sentence = _("Pinterest does not have the video any more that it was sent. It is sent again.")
        raise NotSent(sentence, code="media_gone", said=gone.said) from None
    except Refused as refused:
        if refused.code == "media_failed":
            journal.forget(step)
        raise
    source = {"source_type": "video_id", "media_id": media}
    if item.cover is None:
        return {**source, "cover_image_key_frame_time": 0}
    return {**source, "cover_image_content_type": item.cover.mime, "cover_image_data": _data(item.cover)}


def _ready(api: Api, media: str) -> Mapping[str, Any]:
    state = api.media(media)
    if state == "succeeded":
        return {}
    if state == "failed":
        raise Refused(
            _("Pinterest could not use this video. It may be damaged, or of a kind that Pinterest does not know."),
            code="media_failed",
        )
    raise _working()


def _working() -> NotReady:
    sentence = _("Pinterest is still working on the video.")
    return NotReady(sentence, code="media_working", retry_at=dt.datetime.now(dt.UTC) + LOOK_AGAIN)


def _data(item: MediaItem) -> str:
    with item.open() as stream:
        return base64.b64encode(stream.read()).decode()


def _alike(pin: Mapping[str, Any], content: Content) -> bool:
    return _letters(_said(pin)) == _letters(_said(_words(content)))


class _Order:
    """In which order a board is listed, which Pinterest does not promise, and people may change by hand.

    Where all that was read of the board itself stood by its time, the newest first, and went back to before a time, so does
    what was not read. What stands in a section of the board says nothing of that.
    """

    def __init__(self, since: dt.datetime) -> None:
        self._since = since
        self._last: dt.datetime | None = None
        self._holds = True

    def see(self, pin: Mapping[str, Any], at: dt.datetime | None) -> None:
        if not pin or pin.get("board_section_id"):
            return
        self._holds = self._holds and at is not None and (self._last is None or at <= self._last)
        self._last = at

    def ends_before(self) -> bool:
        return self._holds and self._last is not None and self._last < self._since


def _shows(pin: Mapping[str, Any]) -> int | None:
    """How many pictures or videos it has; None where Pinterest does not say."""
    media = pin.get("media")
    if not isinstance(media, dict) or not media.get("media_type"):
        return None
    items = media.get("items")
    return len(items) if isinstance(items, list) and items else 1


def _said(pin: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(_plain(html.unescape(str(pin.get(name) or ""))) for name in ("title", "description", "link"))


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())


def _letters(said: tuple[str, ...]) -> tuple[str, ...]:
    return tuple("".join(filter(str.isalnum, one)) for one in said[:2])
