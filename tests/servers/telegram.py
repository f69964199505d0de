"""Telegram's Bot API as its documents have it, in memory: one bot in one channel. No specification to hold requests against.

As there, a bot can't read the channel, a form's files hang on `attach://`, the same words again are "not modified", a
token that is none is 404, and an album may be out in part while its call is refused.
"""

import itertools
import json
from dataclasses import dataclass
from typing import Any

from tests.servers.wire import NOW, Answer, FakeNetwork, Request, Upload, route


@dataclass
class Message:
    """One message; `group` is the album that it is of."""

    number: int
    kind: str
    text: str
    file: bytes = b""
    group: str = ""
    options: dict[str, Any] | None = None


class FakeTelegram(FakeNetwork):
    """See the module. `rights` are the bot's; `late` says that nothing can be changed or deleted any more.

    `keeps`: so many of the next album's messages are published, and then its call is refused with these words.
    """

    token = "7700123456:AAFq3-Zk9pXw_7vR2mLd5TgY1uJhB8sCeNo"
    chat = -1002233445566
    bot = 7700123456

    def __init__(self) -> None:
        super().__init__()
        self.messages: dict[int, Message] = {}
        self.username = "cantinaroero"
        self.kind = "channel"
        self.rights: dict[str, Any] = {"status": "administrator", "can_post_messages": True}
        self.late = False
        self.keeps: tuple[int, str] | None = None
        self.received = 0
        self._numbers = itertools.count(101)

    def texts(self) -> list[str]:
        """What readers see, the oldest first; an album is one post."""
        shown, albums = [], set()
        for message in self.messages.values():
            if not message.group or message.group not in albums:
                shown.append(message.text)
            albums.add(message.group)
        return shown

    @route("POST /bot{token}/getMe")
    def me(self, request: Request) -> Answer:
        me = {"id": self.bot, "is_bot": True, "first_name": "Filo", "username": "filo_bot"}
        return self._denied(request) or _ok(me)

    @route("POST /bot{token}/getChat")
    def get_chat(self, request: Request) -> Answer:
        return self._denied(request) or self._elsewhere(request.json) or _ok(self._chat())

    @route("POST /bot{token}/getChatMember")
    def member(self, request: Request) -> Answer:
        assert request.json["user_id"] == self.bot
        return self._denied(request) or self._elsewhere(request.json) or _ok({"user": {"id": self.bot}, **self.rights})

    @route("POST /bot{token}/sendMessage")
    def send_message(self, request: Request) -> Answer:
        body = request.json
        denied = self._may_not_send(request, body) or _too_long(body["text"], 4_096, "message is too long")
        return denied or _ok(self._put("text", body["text"], options=body))

    @route("POST /bot{token}/sendPhoto")
    @route("POST /bot{token}/sendVideo")
    @route("POST /bot{token}/sendAnimation")
    def send_file(self, request: Request) -> Answer:
        kind = request.path.rpartition("/send")[2].lower()
        fields = request.fields
        denied = self._may_not_send(request, fields) or _caption(fields.get("caption", ""))
        return denied or _ok(self._put(kind, fields["caption"], self._file(request, fields[kind]), options={**fields}))

    @route("POST /bot{token}/sendMediaGroup")
    def send_group(self, request: Request) -> Answer:
        media = json.loads(request.fields["media"])
        denied = self._may_not_send(request, request.fields) or _caption(media[0].get("caption", ""))
        if denied or not 2 <= len(media) <= 10 or any(one["type"] not in {"photo", "video"} for one in media):
            return denied or _bad("wrong number or kind of media in the album")
        group = f"g{next(self._numbers)}"
        keeps, said = self.keeps or (len(media), "")
        shown = [
            self._put(one["type"], one.get("caption", ""), self._file(request, one["media"]), group)
            for one in media[:keeps]
        ]
        return _bad(said) if said else _ok(shown)

    @route("POST /bot{token}/editMessageText")
    def edit_text(self, request: Request) -> Answer:
        return self._changed(request, request.json, request.json["text"])

    @route("POST /bot{token}/editMessageCaption")
    def edit_caption(self, request: Request) -> Answer:
        return self._changed(request, request.json, request.json["caption"])

    @route("POST /bot{token}/editMessageMedia")
    def edit_media(self, request: Request) -> Answer:
        media = json.loads(request.fields["media"])
        return self._changed(request, request.fields, media.get("caption", ""), self._file(request, media["media"]))

    @route("POST /bot{token}/deleteMessage")
    def delete(self, request: Request) -> Answer:
        denied = self._denied(request) or self._elsewhere(request.json)
        if denied or self.late:
            return denied or _bad("message can't be deleted")
        if self.messages.pop(request.json["message_id"], None) is None:
            return _bad("message to delete not found")
        return _ok(True)

    def _changed(self, request: Request, fields: Any, text: str, file: bytes = b"") -> Answer:
        denied = self._denied(request) or self._elsewhere(fields)
        message = self.messages.get(int(fields["message_id"]))
        if denied or message is None or self.late:
            return denied or _bad("message can't be edited" if self.late else "message to edit not found")
        if text == message.text and file in {b"", message.file}:
            return _bad("message is not modified: specified new message content and reply markup are exactly the same")
        message.text, message.file = text, file or message.file
        return _ok(self._message(message))

    def _put(self, kind: str, text: str, file: bytes = b"", group: str = "", options: Any = None) -> dict[str, Any]:
        self.received += kind != "text"
        message = Message(next(self._numbers), kind, text, file, group, options)
        self.messages[message.number] = message
        return self._message(message)

    def _message(self, message: Message) -> dict[str, Any]:
        return {"message_id": message.number, "chat": self._chat(), "date": int(NOW.timestamp())}

    def _chat(self) -> dict[str, Any]:
        named = {"username": self.username} if self.username else {}
        return {"id": self.chat, "type": self.kind, "title": "Cantina Roero", **named}

    def _file(self, request: Request, where: str) -> bytes:
        given = request.fields[where.removeprefix("attach://")]
        assert isinstance(given, Upload)
        return given.data

    def _denied(self, request: Request) -> Answer | None:
        if request.args["token"] != self.token:
            return _error(401, "Unauthorized") if ":" in request.args["token"] else _error(404, "Not Found")
        return None

    def _elsewhere(self, fields: Any) -> Answer | None:
        known = {str(self.chat), f"@{self.username}"}
        return None if str(fields["chat_id"]) in known else _bad("chat not found")

    def _may_not_send(self, request: Request, fields: Any) -> Answer | None:
        denied = self._denied(request) or self._elsewhere(fields)
        if denied or self.rights["status"] == "kicked":
            return denied or _error(403, "Forbidden: bot was kicked from the channel chat")
        posts = self.rights.get("can_post_messages")
        return None if posts else _bad("need administrator rights in the channel chat")


def _ok(result: Any) -> Answer:
    return Answer(200, {"ok": True, "result": result})


def _error(status: int, description: str, **more: Any) -> Answer:
    return Answer(status, {"ok": False, "error_code": status, "description": description, **more})


def _bad(description: str) -> Answer:
    return _error(400, f"Bad Request: {description}")


def _too_long(text: str, most: int, said: str) -> Answer | None:
    return _bad(said) if len(text.encode("utf-16-le")) // 2 > most else None


def _caption(text: str) -> Answer | None:
    return _too_long(text, 1_024, "message caption is too long")
