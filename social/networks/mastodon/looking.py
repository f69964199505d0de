"""Whether a status is the one that we sent: by its words as readers see them, what it answers, and when it came.

The API gives a status as HTML: paragraphs and line breaks, addresses whole though shown shortened, mentions without their
server. So the words are compared without white space at their ends, composed (NFC), mentions by name alone. A status that
has the same letters and digits and yet other words may be ours or not: then nobody but a person can tell.
"""

import datetime as dt
import html
import re
import unicodedata
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from social.networks.base import CannotTell
from social.networks.mastodon.api import Api, is_url, known_id
from social.networks.outcomes import wordless
from social.networks.throttling import moment

_PAGES = 5
_BREAK = re.compile(r"(?i)<br\s*/?>|</p>\s*<p[^>]*>")
_TAG = re.compile(r"<[^<>]*>")
_MENTION = re.compile(r"(?<![=/\w])@(\w[\w.-]*)@\w[\w.-]*")


def look(  # noqa: PLR0913 - what tells one status from another
    api: Api,
    account: str,
    *,
    since: dt.datetime,
    text: str,
    warning: str,
    media: int,
    uploads: Collection[str],
    answers: str,
    known: Collection[str],
    is_another: Callable[[str], bool],
) -> Mapping[str, str] | None:
    """Return `id` and `url` of the account's status with this text since then; None where there surely is none.

    `answers`: the status that it stands below, empty where it begins. `known`: our statuses that it is not,
    as `is_another` says of others. `uploads`: the ids of what we attached, by which alone a status without words is known.

    Raises:
        CannotTell: there is one that is nearly the same, one without words that may be ours, or too many to look through.
    """
    near = whole = False
    for page in _pages(api, account):
        for status in page:
            created = moment(str(status.get("created_at") or ""))
            if created is not None and created < since:
                continue  # pinned or shown out of order: others may be younger
            if known_id(status) in known or not _stands(status, answers):
                continue
            if not _alike(status, text, media) or is_another(known_id(status)):
                continue
            if not _canonical(text) and set(media_of(status)) != set(uploads):
                raise wordless("Mastodon")  # somebody may have put one there by hand
            if same(status, text, warning, media):
                return {"id": known_id(status), "url": _address(status)}
            near = True
        whole = not page or _is_old(page[-1], since)
        if whole:
            break
    if near or not whole:
        sentence = _("Mastodon shows a post that is nearly the same, or too many to look through.")
        raise CannotTell(sentence, code="cannot_tell")
    return None


def _pages(api: Api, account: str) -> Iterator[list[dict[str, Any]]]:
    """The account's statuses, page by page. A server that turns none is not asked on, such as Pixelfed before 0.12.6."""
    before = ""
    for _turn in range(_PAGES):
        page = api.statuses_of(account, before)
        yield page
        last = known_id(page[-1]) if page else ""
        if last == before:
            return
        before = last


def same(status: Mapping[str, Any], text: str, warning: str, media: int) -> bool:
    """Say whether the status has these words, this warning, and as many pictures or videos."""
    if _canonical(str(status.get("spoiler_text") or "")) != _canonical(warning):
        return False
    return words_of(status) == _canonical(text) and len(media_of(status)) == media


def media_of(status: Mapping[str, Any]) -> list[str]:
    """The ids of what is attached."""
    found = status.get("media_attachments")
    return [known_id(item) for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def words_of(status: Mapping[str, Any]) -> str:
    """The status's words in the form in which they can be compared."""
    return _canonical(html.unescape(_TAG.sub("", _BREAK.sub(" ", str(status.get("content") or "")))))


def _canonical(text: str) -> str:
    return " ".join(_MENTION.sub(r"@\1", unicodedata.normalize("NFC", text)).split())


def _alike(status: Mapping[str, Any], text: str, media: int) -> bool:
    ours, theirs = _letters(_canonical(text)), _letters(words_of(status))
    return ours == theirs and (bool(ours) or len(media_of(status)) == media)


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text)).casefold()


def _stands(status: Mapping[str, Any], answers: str) -> bool:
    return str(status.get("in_reply_to_id") or "") == answers


def _is_old(status: Mapping[str, Any], since: dt.datetime) -> bool:
    created = moment(str(status.get("created_at") or ""))
    return created is not None and created < since


def _address(status: Mapping[str, Any]) -> str:
    return next((str(url) for url in (status.get("url"), status.get("uri")) if is_url(url)), "")
