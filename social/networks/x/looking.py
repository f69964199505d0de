"""Whether a post of X's is the one that we sent: by its words as X keeps them, which thread it is of, and when it came.

X has no word of ours to look by. It keeps the text composed (NFC), without white space around it, with `&`, `<` and `>`
as HTML has them, each address as one of t.co's, and one more of those at the end for pictures and videos; `entities`
tell what they stand for. A post that has the same letters and digits and yet other words may be ours or not: then nobody
but a person can tell.
"""

import datetime as dt
import html
import re
import unicodedata
from collections.abc import Callable, Collection, Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from social.networks.base import CannotTell
from social.networks.outcomes import wordless
from social.networks.x.api import Api, history

_PAGES = 3  # of 100 posts
_SCHEME = re.compile(r"https?://", re.IGNORECASE)
_LAST_SLASH = re.compile(r"/(?=\s|$)")
_OF_A_POST = re.compile(r"https?://(?:www\.|mobile\.)?(?:x|twitter)\.com/\S+/(?:photo|video)/\d+", re.IGNORECASE)


def look(  # noqa: PLR0913 - what tells one post from another
    api: Api,
    user: str,
    *,
    since: dt.datetime,
    text: str,
    media: int,
    uploads: Collection[str],
    thread: str,
    known: Collection[str],
    is_another: Callable[[str], bool],
) -> str | None:
    """Return the id of the account's post with this text, since then; None where there surely is none.

    `uploads`: the ids of what we attached, by which alone a post without words is known.
    `thread`: the first post of the thread that it belongs to, empty where it is that. `known`: our posts that it is not, as
    `is_another` says of others.

    Raises:
        CannotTell: there is one that is nearly the same, one without words that may be ours, or too many to look through.
    """
    page, near = "", False
    for _turn in range(_PAGES):
        posts, page = api.posts_of(user, since, page)
        for post in posts:
            if set(history(post)) & set(known) or not _belongs(post, thread):
                continue
            if not _alike(post, text, media) or any(is_another(one) for one in history(post)):
                continue
            if not _canonical(text) and set(media_of(post)) != set(uploads):
                raise wordless("X")  # somebody may have put one there by hand
            if same(post, text, media):
                return history(post)[-1]
            near = True
        if not page:
            break
    if near or page:
        raise CannotTell(_("X shows a post that is nearly the same, or too many to look through."), code="cannot_tell")
    return None


def same(post: Mapping[str, Any], text: str, media: int) -> bool:
    """Say whether the post has these words, and as many pictures or videos."""
    return words_of(post) == _canonical(text) and _media(post) == media


def media_of(post: Mapping[str, Any]) -> list[str]:
    """The ids of what is attached: a media key is a kind's number and the id, such as `3_1880028106020515840`."""
    return [str(key).rpartition("_")[2] for key in _listed(post.get("attachments"), "media_keys")]


def words_of(post: Mapping[str, Any]) -> str:
    """The post's words in the form in which they can be compared."""
    note = post.get("note_post") or post.get("note_tweet")
    whole = note if isinstance(note, dict) and note.get("text") else post
    text = html.unescape(str(whole.get("text") or ""))
    for entity in _listed(whole.get("entities"), "urls"):
        if isinstance(entity, dict) and entity.get("url"):
            stands_for = str(entity.get("expanded_url") or "")
            attached = entity.get("media_key") or _OF_A_POST.match(stands_for)
            text = text.replace(str(entity["url"]), "" if attached else html.unescape(stands_for))
    return _canonical(text)


def _canonical(text: str) -> str:
    text = _SCHEME.sub("", unicodedata.normalize("NFC", text)).casefold()
    return " ".join(_LAST_SLASH.sub("", text).split())


def _alike(post: Mapping[str, Any], text: str, media: int) -> bool:
    ours, theirs = _letters(_canonical(text)), _letters(words_of(post))
    return ours == theirs and (bool(ours) or _media(post) == media)


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text))


def _belongs(post: Mapping[str, Any], thread: str) -> bool:
    """Say whether the post is of that thread; without one, whether it begins its own. What X does not tell is no reason."""
    found = str(post.get("conversation_id") or "")
    return not found or (found == thread if thread else found in history(post))


def _media(post: Mapping[str, Any]) -> int:
    return len(_listed(post.get("attachments"), "media_keys"))


def _listed(given: Any, name: str) -> list[Any]:
    found = given.get(name) if isinstance(given, dict) else None
    return found if isinstance(found, list) else []
