"""Telegram's Bot API, call by call, and what its errors mean.

All answers are `{"ok": …, "result": …}`, errors `{"ok": false, "error_code": …, "description": …}`. How an error becomes an
outcome; what is not here goes by the table of `social.networks.wire`.

| what Telegram says                                                   | outcome                                    | source |
|----------------------------------------------------------------------|--------------------------------------------|--------|
| 401; 404 with `ok` false                                             | CredentialsRefused: there is no such bot   | [1] [2] |
| "failed to send message #…", "group send failed"                    | Unknown `album_in_parts`: whatever is said of that message, others of the album may be out | [2] [3] |
| 403 (kicked, no member); 400 "need administrator rights", "not enough rights", `CHAT_ADMIN_REQUIRED`, `CHAT_WRITE_FORBIDDEN` | CredentialsRefused `rights_missing`: what waits goes out once the bot is administrator again | [2] |
| 400 "chat not found"                                                 | Refused `chat_not_found`                   | [2]    |
| 400 "message is not modified"                                        | `Same`: it is as it should be              | [2]    |
| 400 "message to edit not found", "… to delete not found", `MESSAGE_ID_INVALID` | `Gone`                           | [2]    |
| 400 "message can't be deleted", "… edited"                           | Refused `too_late`                         | [1] [2] |
| 400 `PHOTO_…`, `IMAGE_PROCESS_FAILED`, "wrong file", `VIDEO_…`       | Refused `media_failed`                     | [2]    |
| 413                                                                  | Refused `media_too_heavy`                  | [2]    |
| 429 with `parameters.retry_after` (seconds)                          | Throttled until then, of an album, too: its files are sent before any of them is shown, and all are shown by one call, which waits as a whole; no report of a part being out then | [1] [2] |

[1] https://core.telegram.org/bots/api, "Making requests", ResponseParameters, deleteMessage (48 hours) ·
[2] descriptions are in no document and may change ("its contents are subject to change"): as the server, which is open,
has them (https://github.com/tdlib/telegram-bot-api) and as reports quote them. What is not recognised is Refused. ·
[3] https://github.com/rubenlagus/TelegramBots/issues/1520 (2025-07-09: some videos were out),
https://github.com/tdlib/td/issues/1990

The bot's token is a part of each address. It is hidden in all that is said, addresses are in no error and no log of ours,
and what is no token is never put into an address.
"""

import datetime as dt
import json
import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, suppress
from typing import Any

import httpx
from django.utils.translation import gettext_lazy as _

from social.networks.base import Account, CredentialsRefused, MediaItem, NetworkError, Refused, Throttled, Unknown
from social.networks.throttling import LONGEST_WAIT
from social.networks.wire import Answer, Wire, items, mapping, number, text
from social.networks.wired import Wired, secrets_of

USUAL_SERVER = "https://api.telegram.org"
READ_SECONDS = 15.0
WRITE_SECONDS = 30.0
UPLOAD_SECONDS = 250.0
TOTAL_SECONDS = 300.0
_TOKEN = re.compile(r"[0-9]{1,20}:[A-Za-z0-9_-]{20,100}")
_IN_PARTS = re.compile(r"failed to send message #|group send failed")
_CHAT = re.compile(r"-?[0-9]{1,20}|@[A-Za-z][A-Za-z0-9_]{3,31}")


class Same(Refused):
    """The message is already as it should become."""


class Gone(Refused):
    """There is no such message, or not any more."""


class Api(Wired):
    """One bot's connection to Telegram for one piece of work of at most `total` seconds; used by one thread."""

    def __init__(self, account: Account, *, total: float = TOTAL_SECONDS) -> None:
        token = str(account.credentials.get("bot_token") or "").strip()
        if not _TOKEN.fullmatch(token):
            raise _no_bot()
        self._path = f"/bot{token}/"
        self.chat = str(account.credentials.get("chat_id") or "").strip() or f"@{account.handle.strip().lstrip('@')}"
        if not _CHAT.fullmatch(self.chat):
            raise _no_chat()
        self._wire = Wire(
            "Telegram", account.server or USUAL_SERVER, secrets=[*secrets_of(account), token], total=total
        )

    def channel(self) -> Mapping[str, str]:
        """The channel that the bot may post in: `id`, `username` (empty where it has none), `title`.

        Raises:
            CredentialsRefused: the bot is no administrator there who may post.
            Refused: it is no channel.
        """
        bot = number(self._call("getMe"), "result", "id")
        chat = self._call("getChat", chat_id=self.chat)
        if text(chat, "result", "type") != "channel":
            sentence = _("Telegram says that this is no channel. Give the channel's @name or number.")
            raise Refused(sentence, code="not_a_channel")
        member = mapping(self._call("getChatMember", chat_id=self.chat, user_id=bot), "result")
        posts = member.get("status") == "administrator" and member.get("can_post_messages") is True
        if not posts:
            raise _no_rights()
        return {
            "id": str(number(chat, "result", "id")),
            "username": str(chat.get("result", "username") or ""),
            "title": text(chat, "result", "title"),
        }

    def say(self, words: str, preview: str, options: Mapping[str, Any]) -> int:
        """Publish a text, with the preview of that address, and return the message's number."""
        shown = {"link_preview_options": {"url": preview}} if preview else {}
        return number(self._call("sendMessage", visible=True, text=words, **shown, **options), "result", "message_id")

    def show(self, media: Sequence[MediaItem], caption: str, options: Mapping[str, Any]) -> list[int]:
        """Publish pictures or videos with a caption, and return the messages' numbers."""
        if len(media) > 1:
            described = [_described(item, f"file{place}") for place, item in enumerate(media)]
            described[0]["caption"] = caption
            answer = self._upload("sendMediaGroup", media, {"media": json.dumps(described), **options})
            found = items(answer, "result")
            if len(found) != len(media):
                raise answer.unreadable("another number of messages")
            return [number(answer, "result", place, "message_id") for place in range(len(found))]
        fields = _described(media[0], "file0")
        kind = fields.pop("type")
        fields[kind] = fields.pop("media")
        answer = self._upload(f"send{kind.capitalize()}", media, {**fields, "caption": caption, **options})
        return [number(answer, "result", "message_id")]

    def reword(self, message: int, words: str, preview: str) -> None:
        """Give a text other words."""
        shown = {"link_preview_options": {"url": preview}} if preview else {}
        self._change("editMessageText", message_id=message, text=words, **shown)

    def recaption(self, message: int, caption: str) -> None:
        """Give a picture or video another caption."""
        self._change("editMessageCaption", message_id=message, caption=caption)

    def replace(self, message: int, item: MediaItem, caption: str) -> None:
        """Put another picture or video in the place of one."""
        described = {**_described(item, "file0"), "caption": caption}
        with suppress(Same):
            self._upload("editMessageMedia", [item], {"message_id": message, "media": json.dumps(described)})

    def delete(self, message: int) -> None:
        """Take a message down; what is not there any more is no error."""
        try:
            answer = self._call("deleteMessage", visible=True, message_id=message)
        except Gone:
            return
        if answer.get("result") is not True:
            raise answer.unreadable("not deleted")

    def _change(self, method: str, **fields: Any) -> None:
        with suppress(Same):
            mapping(self._call(method, visible=True, **fields), "result")

    def _upload(self, method: str, media: Sequence[MediaItem], fields: Mapping[str, Any]) -> Answer:
        """Send a form with files, which `attach://fileN` in its fields stands for."""
        form = {"chat_id": self.chat, **{name: _worded(value) for name, value in fields.items()}}
        with ExitStack() as opened:
            files = {
                f"file{place}": (
                    f"file{place}.{item.mime.rpartition('/')[2]}",
                    opened.enter_context(item.open()),
                    item.mime,
                )
                for place, item in enumerate(media)
            }
            return self._wire.call(
                "POST",
                self._path + method,
                seconds=UPLOAD_SECONDS,
                visible=True,
                data=form,
                files=files,
                judge=_meaning,
            )

    def _call(self, method: str, *, visible: bool = False, **fields: Any) -> Answer:
        if method != "getMe":
            fields = {"chat_id": self.chat, **fields}
        seconds = WRITE_SECONDS if visible else READ_SECONDS
        path = self._path + method
        return self._wire.call("POST", path, seconds=seconds, visible=visible, json=fields, judge=_meaning)


def _described(item: MediaItem, file: str) -> dict[str, Any]:
    """A picture, GIF or video in Telegram's words; a GIF is called an animation."""
    found: dict[str, Any] = {"type": "photo", "media": f"attach://{file}"}
    if item.is_video:
        found |= {"type": "video", "supports_streaming": True, "width": item.width, "height": item.height}
        found |= {"duration": round(item.seconds)} if item.seconds else {}
    elif item.mime == "image/gif":
        found["type"] = "animation"
    return found


def _worded(value: Any) -> str:
    """A value of a form: what is no text goes as JSON."""
    return value if isinstance(value, str) else json.dumps(value)


def _meaning(answer: Answer) -> NetworkError | None:
    if answer.ok:
        return None if answer.get("ok") is True else answer.unreadable("not ok")
    if answer.status == httpx.codes.TOO_MANY_REQUESTS:
        return _throttled(answer.get("parameters", "retry_after"))
    said = str(answer.get("description") or "").lower()
    if _IN_PARTS.search(said):
        return _in_parts()
    if answer.status == httpx.codes.BAD_REQUEST:
        return next((meant() for words, meant in _BAD_REQUESTS if words.search(said)), None)
    if answer.status == httpx.codes.NOT_FOUND and answer.get("ok") is not False:
        return None  # not Telegram's own
    meant = _STATUSES.get(answer.status)
    return meant() if meant else None


def _throttled(seconds: Any) -> NetworkError | None:
    if type(seconds) is not int or seconds < 0:
        return None
    wait = (
        min(dt.timedelta(seconds=seconds + 1), LONGEST_WAIT) if seconds < LONGEST_WAIT.total_seconds() else LONGEST_WAIT
    )
    return Throttled(
        _("%(network)s asks to wait: too many requests for this account."),
        code="throttled",
        params={"network": "Telegram"},
        retry_at=dt.datetime.now(dt.UTC) + wait,
    )


def _in_parts() -> Unknown:
    return Unknown(
        _(
            "Telegram did not take all of this album: a part of it may be live."
            " Look in the channel, and take down there what is live before you send it again."
        ),
        code="album_in_parts",
    )


def _no_bot() -> CredentialsRefused:
    return CredentialsRefused(
        _("Telegram does not know this bot any more. Ask BotFather for its token, and connect the channel again."),
        code="credentials_refused",
    )


def _no_rights() -> CredentialsRefused:
    return CredentialsRefused(
        _("The bot may not post in this channel. Make it an administrator of the channel who may post."),
        code="rights_missing",
    )


def _no_chat() -> Refused:
    return Refused(
        _("Telegram does not find this channel. Give its @name or number, and make the bot an administrator there."),
        code="chat_not_found",
    )


def _same() -> Same:
    return Same(_("Telegram has it like this already."), code="same")


def _gone() -> Gone:
    return Gone(_("Telegram has no such post any more."), code="gone")


def _too_late() -> Refused:
    return Refused(
        _("Telegram does not let a bot change or delete this any more. It can be done in Telegram's app."),
        code="too_late",
    )


def _failed() -> Refused:
    return Refused(
        _("Telegram could not use this picture or video. It may be damaged, or of a kind that Telegram does not know."),
        code="media_failed",
    )


def _too_heavy() -> Refused:
    return Refused(_("This is too heavy for Telegram: together at most 50 MB."), code="media_too_heavy")


_STATUSES: Mapping[int, Callable[[], NetworkError]] = {
    httpx.codes.UNAUTHORIZED: _no_bot,
    httpx.codes.NOT_FOUND: _no_bot,
    httpx.codes.FORBIDDEN: _no_rights,
    httpx.codes.REQUEST_ENTITY_TOO_LARGE: _too_heavy,
}
_BAD_REQUESTS: tuple[tuple[re.Pattern[str], Callable[[], NetworkError]], ...] = (
    (
        re.compile(r"administrator rights|not enough rights|no rights|chat_admin_required|chat_write_forbidden"),
        _no_rights,
    ),
    (re.compile(r"message is not modified"), _same),
    (re.compile(r"message to (edit|delete) not found|message_id_invalid"), _gone),
    (re.compile(r"chat not found"), _no_chat),
    (re.compile(r"message can't be (edited|deleted)|message_edit_time_expired|message_delete_forbidden"), _too_late),
    (re.compile(r"photo_|video_|image_process|media_invalid|wrong file|wrong type|dimensions"), _failed),
)
