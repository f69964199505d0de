"""What Google refuses of a post, said before it is asked, and how a content is put into Google's words."""

import datetime as dt
import re
from collections.abc import Collection, Iterator
from typing import Any

from django.utils.translation import gettext_lazy as _

from social.networks import rules
from social.networks.base import Content, Field, MediaItem, Problem

MAX_TEXT = 1_500
MAX_TITLE = 58
MIN_WIDTH, MIN_HEIGHT = 400, 300
MIN_IMAGE_BYTES, MAX_IMAGE_BYTES = 10_240, 5_000_000
IMAGE_KINDS = ("image/jpeg", "image/png", "image/webp", "image/gif")  # the last two are made one of the first
STANDARD, EVENT, OFFER = "STANDARD", "EVENT", "OFFER"
CALL = "CALL"
_MOMENT = "%Y-%m-%d %H:%M"
_TELEPHONE = re.compile(r"(?<![\w/=-])(?:\+|00)?\d(?:[ ./()-]{0,2}\d){8,14}(?![\w/])")


def problems(network: str, fields: Collection[Field], content: Content) -> Iterator[Problem]:
    """What is wrong with it, beside the length of its text."""
    yield from _empty(network, content)
    yield from rules.speakable(network, content)
    yield from rules.one_post(network, content)
    yield from rules.no_comment(network, content)
    yield from rules.web_link(network, content.link)
    yield from rules.fields_fit(network, fields, content)
    yield from _pictured(network, content.media)
    yield from rules.addressed(network, content)
    yield from _dated(network, content)
    yield from _pressed(network, content)
    if _TELEPHONE.search(content.text):
        sentence = _("%(network)s rejects posts with a telephone number in them: take the button “Call” instead.")
        yield Problem("telephone_number", "warning", sentence, {"network": network})


def kind_of(content: Content) -> str:
    """Return what kind of post it is."""
    given = str(content.fields.get("kind") or "")
    return given if given in {EVENT, OFFER} else STANDARD


def button_of(content: Content) -> str:
    """Return what its button does; empty where it has none, as offers, which have their own."""
    given = str(content.fields.get("button") or "")
    if kind_of(content) == OFFER:
        return ""
    return given or ("LEARN_MORE" if content.link else "")


def appended(content: Content) -> str:
    """Return what is added to the text: the link, where no button leads to it and the text does not hold it."""
    if not content.link or content.link in content.text or button_of(content) != CALL:
        return ""
    return f"\n\n{content.link}" if content.text else content.link


def words_of(content: Content) -> dict[str, Any]:
    """Return the post as Google takes it, but for its picture."""
    kind, button = kind_of(content), button_of(content)
    post: dict[str, Any] = {"topicType": kind, "summary": content.text + appended(content)}
    if button:
        post["callToAction"] = {"actionType": button} if button == CALL else {"actionType": button, "url": content.link}
    if kind != STANDARD:
        post["event"] = {"title": _said(content, "title"), "schedule": _schedule(content)}
    if kind == OFFER:
        given = (
            ("couponCode", _said(content, "coupon")),
            ("redeemOnlineUrl", content.link),
            ("termsConditions", _said(content, "terms")),
        )
        post["offer"] = {name: value for name, value in given if value}
    return post


def _empty(network: str, content: Content) -> Iterator[Problem]:
    """Without words Google takes no post, whatever it shows."""
    if not content.text.strip():
        yield Problem("nothing_to_publish", "error", _("%(network)s needs a text."), {"network": network})


def _pictured(network: str, media: tuple[MediaItem, ...]) -> Iterator[Problem]:
    pictures = tuple(item for item in media if not item.is_video)
    if len(pictures) < len(media):
        sentence = _("%(network)s takes no videos in posts: put in a picture.")
        yield Problem("media_kind", "error", sentence, {"network": network})
    for problem in rules.pictures(network, pictures, most=1, kinds=IMAGE_KINDS):
        if problem.code != "alt_text_missing":
            yield problem
    for item in pictures:
        if item.width < MIN_WIDTH or item.height < MIN_HEIGHT or item.size < MIN_IMAGE_BYTES:
            sentence = _("The picture is too small for %(network)s: at least %(width)d × %(height)d pixels and 10 KB.")
            params = {"network": network, "width": MIN_WIDTH, "height": MIN_HEIGHT}
            yield Problem("media_too_small", "error", sentence, params)
    yield from rules.no_alt_texts(network, media)


def _dated(network: str, content: Content) -> Iterator[Problem]:
    """An event or an offer has a title, a beginning and a later end."""
    if kind_of(content) == STANDARD:
        return
    missing = _("%(network)s asks for one thing more: %(field)s.")
    if not _said(content, "title"):
        yield Problem(
            "field_missing", "error", missing, {"network": network, "field": _("Title of the event or offer")}
        )
    moments = [_moment(content, name) for name in ("starts", "ends")]
    for moment, label in zip(moments, (_("Begins"), _("Ends")), strict=True):
        if moment is None:
            sentence = _("%(field)s has to be a day and an hour, such as 2026-12-01 18:00.")
            yield Problem("field_not_valid", "error", sentence, {"field": label})
    starts, ends = moments
    if starts and ends and ends <= starts:
        yield Problem("field_not_valid", "error", _("The event or offer ends before it begins."), {})


def _pressed(network: str, content: Content) -> Iterator[Problem]:
    if button_of(content) not in {"", CALL} and not content.link:
        sentence = _("The button needs a link that it leads to.")
        yield Problem("link_missing", "error", sentence, {"network": network})


def _said(content: Content, name: str) -> str:
    return str(content.fields.get(name) or "").strip()


def _moment(content: Content, name: str) -> dt.datetime | None:
    """The day and hour that is typed; in the place's own time, so without a zone."""
    try:
        return dt.datetime.strptime(_said(content, name).replace("T", " "), _MOMENT)  # noqa: DTZ007 - as it is meant
    except ValueError:
        return None


def _schedule(content: Content) -> dict[str, Any]:
    schedule: dict[str, Any] = {}
    for name, which in (("starts", "start"), ("ends", "end")):
        at = _moment(content, name)
        if at is not None:
            schedule[f"{which}Date"] = {"year": at.year, "month": at.month, "day": at.day}
            schedule[f"{which}Time"] = {"hours": at.hour, "minutes": at.minute, "seconds": 0, "nanos": 0}
    return schedule
