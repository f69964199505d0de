"""What TikTok refuses, said before it is asked, and how a content is put into TikTok's words."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from social.networks import rules
from social.networks.base import Content, Field, MediaItem, Problem
from social.networks.text import count_utf16

MAX_TEXT = 2_200
MAX_DESCRIPTION = 4_000
MAX_TITLE = 90
MAX_IMAGES = 35
MAX_IMAGE_BYTES = 20_000_000
MAX_VIDEO_BYTES = 4_000_000_000
SHORTEST_VIDEO, LONGEST_VIDEO = 3.0, 600.0
SLOWEST, FASTEST = 23.0, 60.0
MIN_SIDE = 360
IMAGE_KINDS = ("image/jpeg", "image/webp", "image/png", "image/gif")  # the last two are made one of the first
VIDEO_KINDS = ("video/mp4", "video/quicktime", "video/webm")
SELF_ONLY = "SELF_ONLY"


def problems(network: str, fields: Collection[Field], content: Content) -> Iterator[Problem]:
    """What is wrong with it, beside the length of its text."""
    yield from rules.speakable(network, content)
    yield from rules.one_post(network, content)
    yield from rules.no_comment(network, content)
    yield from rules.web_link(network, content.link)
    yield from rules.fields_fit(network, fields, content)
    yield from _shown(network, content.media)
    if is_of_pictures(content):
        yield from rules.addressed(network, content)
        yield from _titled(network, content)
    if content.fields.get("paid_partnership") is True and content.fields.get("privacy") == SELF_ONLY:
        sentence = _("%(network)s takes no paid partnership that nobody else can see: choose who sees it.")
        yield Problem("privacy_not_allowed", "error", sentence, {"network": network})


def is_of_pictures(content: Content) -> bool:
    """Say whether it is a post of pictures, not of a video."""
    return bool(content.media) and not any(item.is_video for item in content.media)


def appended(content: Content) -> str:
    """Return what is added to the text: the link, where it does not hold it."""
    if not content.link or content.link in content.text:
        return ""
    return f"\n\n{content.link}" if content.text else content.link


def described(content: Content, creator: Mapping[str, Any]) -> dict[str, Any]:
    """Return the `post_info` of a video or of pictures, within what the account itself has switched off."""
    asked = content.fields
    info: dict[str, Any] = {
        "privacy_level": str(asked.get("privacy") or ""),
        "disable_comment": bool(creator["comments_off"]) or asked.get("comments") is not True,
        "brand_content_toggle": asked.get("paid_partnership") is True,
        "brand_organic_toggle": asked.get("own_brand") is True,
    }
    text = content.text + appended(content)
    if is_of_pictures(content):
        return {**info, "title": _title(content), "description": text, "auto_add_music": asked.get("music") is True}
    return {
        **info,
        "title": text,
        "disable_duet": bool(creator["duets_off"]) or asked.get("duets") is not True,
        "disable_stitch": bool(creator["stitches_off"]) or asked.get("stitches") is not True,
        "is_aigc": asked.get("made_with_ai") is True,
    }


def _title(content: Content) -> str:
    return str(content.fields.get("title") or "").strip()


def _titled(network: str, content: Content) -> Iterator[Problem]:
    used = count_utf16(_title(content))
    if used > MAX_TITLE >= len(str(content.fields.get("title") or "")):  # else the field itself has been refused
        sentence = _("%(field)s is too long for %(network)s: %(used)d of %(limit)d.")
        params = {"network": network, "field": _("Title of the pictures"), "used": used, "limit": MAX_TITLE}
        yield Problem("field_too_long", "error", sentence, params)


def _shown(network: str, media: tuple[MediaItem, ...]) -> Iterator[Problem]:
    pictures = tuple(item for item in media if not item.is_video)
    films = tuple(item for item in media if item.is_video)
    if not media:
        sentence = _("%(network)s needs a picture or a video: text alone can't be published there.")
        yield Problem("media_missing", "error", sentence, {"network": network})
    yield from rules.pictures_or_video(network, media)
    for problem in rules.pictures(network, pictures, most=MAX_IMAGES, kinds=IMAGE_KINDS):
        if problem.code != "alt_text_missing":
            yield problem
    yield from rules.no_alt_texts(network, pictures)
    yield from rules.videos(
        network,
        films,
        most=1,
        kinds=VIDEO_KINDS,
        shortest=SHORTEST_VIDEO,
        longest=LONGEST_VIDEO,
        max_bytes=MAX_VIDEO_BYTES,
    )
    for item in films:
        yield from _filmed(network, item)


def _filmed(network: str, item: MediaItem) -> Iterator[Problem]:
    if (item.rate and not SLOWEST <= item.rate <= FASTEST) or min(item.width, item.height) < MIN_SIDE:
        sentence = _("%(network)s takes videos of 23 to 60 frames a second and at least 360 pixels a side.")
        yield Problem("media_kind", "error", sentence, {"network": network})
