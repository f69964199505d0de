"""What YouTube refuses, said before it is asked, and how a content is put into YouTube's words."""

import re
from collections.abc import Collection, Iterator
from typing import Any

from django.utils.translation import gettext_lazy as _

from social.networks import rules
from social.networks.base import Content, Field, MediaItem, Problem
from social.networks.text import count_utf16

MAX_TEXT = 5_000
MAX_TITLE = 100
MAX_TAGS = 500
MAX_COVER_BYTES = 2_000_000
MAX_VIDEO_BYTES = 256_000_000_000
LONGEST_VIDEO = 43_200.0
VIDEO_KINDS = ("video/mp4", "video/quicktime", "video/webm")
COVER_KINDS = ("image/jpeg", "image/png")
USUAL_CATEGORY = "22"
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")  # BCP 47


def problems(network: str, fields: Collection[Field], content: Content) -> Iterator[Problem]:
    """What is wrong with it, beside the length of its text."""
    yield from rules.empty(network, content)
    yield from rules.speakable(network, content)
    yield from rules.one_post(network, content)
    yield from rules.no_comment(network, content)
    yield from rules.web_link(network, content.link)
    yield from rules.fields_fit(network, fields, content)
    yield from _said(network, content)
    yield from _shown(network, content.media)
    yield from _in_a_language(network, content)


def appended(content: Content) -> str:
    """Return what is added to the description: the link, where it does not hold it."""
    if not content.link or content.link in content.text:
        return ""
    return f"\n\n{content.link}" if content.text else content.link


def title_of(content: Content) -> str:
    """Return the title: the one that is given, else the first line of the text."""
    given = str(content.fields.get("title") or "").strip()
    return given or next((line.strip() for line in content.text.splitlines() if line.strip()), "")


def tags_of(content: Content) -> list[str]:
    """Return the tags, without what is empty."""
    given = content.fields.get("tags") or ()
    return [tag.strip() for tag in map(str, given) if tag.strip()] if isinstance(given, (list, tuple)) else []


def language_of(content: Content) -> str:
    """Return the video's language (BCP 47), empty where nobody has said it."""
    return str(content.fields.get("language") or "").strip()


def described(content: Content) -> dict[str, Any]:
    """Return the `snippet`: title, description, tags, category, language."""
    language = language_of(content)
    return {
        "title": title_of(content),
        "description": content.text + appended(content),
        "tags": tags_of(content),
        "categoryId": str(content.fields.get("category") or USUAL_CATEGORY),
        **({"defaultLanguage": language, "defaultAudioLanguage": language} if language else {}),
    }


def declared(content: Content, privacy: str = "") -> dict[str, Any]:
    """Return the `status`: who can see it (as asked, unless told), and what YouTube wants to be told by law."""
    return {
        "privacyStatus": privacy or str(content.fields.get("privacy") or "public"),
        "selfDeclaredMadeForKids": content.fields.get("made_for_kids") is True,
        "containsSyntheticMedia": content.fields.get("made_with_ai") is True,
    }


def _said(network: str, content: Content) -> Iterator[Problem]:
    title, tags = title_of(content), tags_of(content)
    named = {"network": network, "field": _("Title")}
    if not title:
        yield Problem("field_missing", "error", _("%(network)s asks for one thing more: %(field)s."), named)
    used = count_utf16(title)
    if used > MAX_TITLE >= len(str(content.fields.get("title") or "")):  # else the field itself has been refused
        sentence = _("%(field)s is too long for %(network)s: %(used)d of %(limit)d.")
        yield Problem("field_too_long", "error", sentence, {**named, "used": used, "limit": MAX_TITLE})
    # As YouTube counts: commas between, and quotes around what has a space.
    used = sum(count_utf16(tag) + (2 if " " in tag else 0) for tag in tags) + max(0, len(tags) - 1)
    if used > MAX_TAGS:
        sentence = _("%(field)s is too long for %(network)s: %(used)d of %(limit)d.")
        params = {"network": network, "field": _("Tags"), "used": used, "limit": MAX_TAGS}
        yield Problem("field_too_long", "error", sentence, params)
    if any(sign in text for sign in "<>" for text in (title, content.text, content.link, *tags)):
        sentence = _("%(network)s takes neither < nor > in title, text and tags: write it otherwise.")
        yield Problem("signs_not_taken", "error", sentence, {"network": network})


def _shown(network: str, media: tuple[MediaItem, ...]) -> Iterator[Problem]:
    films = tuple(item for item in media if item.is_video)
    if not films:
        sentence = _("%(network)s needs a video: nothing else can be published there.")
        yield Problem("media_missing", "error", sentence, {"network": network})
    elif len(films) < len(media):
        sentence = _("%(network)s takes one video and no pictures: a picture for it is its cover.")
        yield Problem("media_mixed", "error", sentence, {"network": network})
    yield from rules.videos(
        network, films, most=1, kinds=VIDEO_KINDS, shortest=1.0, longest=LONGEST_VIDEO, max_bytes=MAX_VIDEO_BYTES
    )
    for cover in (item.cover for item in films if item.cover):
        if cover.mime not in COVER_KINDS:
            sentence = _("%(network)s does not take a cover of this kind: it is %(mime)s.")
            yield Problem("cover_kind", "error", sentence, {"network": network, "mime": cover.mime})
        if cover.size > MAX_COVER_BYTES:
            sentence = _("The cover is too heavy for %(network)s: at most %(limit)d MB.")
            yield Problem("cover_too_heavy", "error", sentence, {"network": network, "limit": 2})


def _in_a_language(network: str, content: Content) -> Iterator[Problem]:
    language, named = language_of(content), {"network": network, "field": _("Language of the video")}
    if language and not _LANGUAGE.fullmatch(language):
        sentence = _("%(network)s does not know this choice: %(field)s.")
        yield Problem("field_not_valid", "error", sentence, named)
    if not language and any(item.captions for item in content.media):
        yield Problem("field_missing", "error", _("%(network)s asks for one thing more: %(field)s."), named)
