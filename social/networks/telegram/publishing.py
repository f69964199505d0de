"""Publishing on Telegram, step by step.

Longest times of a step: each of the three questions who we are 15 s, a text 30 s, pictures or videos 250 s, which go with
the one call that publishes them: Telegram has no upload of its own that readers would not see.
"""

import datetime as dt
import re
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from social.networks.base import Account, Content, Identity, Journal, MediaItem, Published, Refused
from social.networks.halfway import halfway
from social.networks.telegram import text_out
from social.networks.telegram.api import Api

SURE_FOR = dt.timedelta(hours=1)  # that the bot may post in the channel
_OF_CHANNEL = "-100"  # what the numbers of channels begin with, and addresses leave out
_DIGEST = 8
_ID = re.compile(r"([0-9]{1,19})(?:\.([0-9a-f]{8}))?")


def publish(account: Account, content: Content, journal: Journal) -> Published:
    """Publish once, or go on; see `Network.publish`."""
    with Api(account) as api:
        channel = _own(api, account, journal)
        given = journal.given("publish")
        if given is None:
            journal.sending()
            given = {"id": _sent(api, content)}
            journal.sent("publish", given)
        return published(channel, str(given["id"]))


def identity(account: Account) -> Identity:
    """Ask which channel it is, and whether the bot may post there."""
    with Api(account) as api:
        found = api.channel()
        return Identity(id=found["id"], handle=found["username"] or found["title"], name=found["title"])


def edit(account: Account, live: Published, content: Content) -> Published:
    """Give it its new words, and put in what is another picture or video now."""
    known = _messages(live)
    if bool(known[0][1]) != bool(content.media) or len(known) != max(1, len(content.media)):
        raise Refused(
            _("On Telegram a post keeps the number of its pictures and videos. Correct it below, or delete it."),
            code="edit_same_media",
        )
    words = text_out(content)
    with Api(account) as api:
        if not content.media:
            api.reword(known[0][0], words, content.link)
            return live
        for place, ((message, digest), item) in enumerate(zip(known, content.media, strict=True)):
            caption = words if place == 0 else ""
            if _short(item) != digest:
                api.replace(message, item, caption)
            elif place == 0:
                api.recaption(message, caption)
    ids = _joined([message for message, _digest in known], content.media)
    return Published(remote_id=ids, permalink=live.permalink)


def delete(account: Account, live: Published) -> None:
    """Take all its messages down, the last first."""
    with Api(account) as api, halfway() as each:
        for message, _digest in reversed(_messages(live)):
            with each():
                api.delete(message)


def published(channel: Mapping[str, Any], ids: str) -> Published:
    """Where the first message is; of a private channel only its members can open the address."""
    message = ids.partition(",")[0].partition(".")[0]
    where = channel["username"] or f"c/{str(channel['id']).removeprefix(_OF_CHANNEL)}"
    return Published(remote_id=ids, permalink=f"https://t.me/{where}/{message}")


def _own(api: Api, account: Account, journal: Journal) -> Mapping[str, Any]:
    """The channel that the bot posts in, which has to be the one that was connected."""
    found = journal.once("account", api.channel, good_for=SURE_FOR)
    if account.identity and account.identity != found["id"]:
        raise Refused(
            _("These credentials belong to %(handle)s, not to this channel's account. Nothing was published."),
            code="wrong_account",
            params={"handle": str(found["title"])},
        )
    return found


def _sent(api: Api, content: Content) -> str:
    options = {
        name: True
        for field, name in (("silent", "disable_notification"), ("protected", "protect_content"))
        if content.fields.get(field) is True
    }
    words = text_out(content)
    if not content.media:
        return str(api.say(words, content.link, options))
    return _joined(api.show(content.media, words, options), content.media)


def _joined(messages: list[int], media: tuple[MediaItem, ...]) -> str:
    return ",".join(f"{message}.{_short(item)}" for message, item in zip(messages, media, strict=True))


def _short(item: MediaItem) -> str:
    return item.sha256[:_DIGEST]


def _messages(live: Published) -> list[tuple[int, str]]:
    """The numbers of its messages, each with the beginning of its picture's digest, empty for a text."""
    found = [_ID.fullmatch(one) for one in live.remote_id.split(",")]
    if not all(found):
        raise Refused(_("Telegram has no such post any more."), code="gone")
    return [(int(one[1]), one[2] or "") for one in found if one]
