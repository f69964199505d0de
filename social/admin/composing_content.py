"""What is typed into the composer's form, as it would go out and as the services take it."""

from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError

from social.digest import RECIPE, act_of, as_is_live, entries_of
from social.models import Channel, Media, Post, Variant
from social.services.content_rows import PartPlan, VariantPlan
from social.services.fields import clean_fields

if TYPE_CHECKING:
    from social.admin.composing import ComposerForm


def plain(text: Any) -> str:
    """With line ends as they are stored."""
    return str(text).replace("\r\n", "\n").replace("\r", "\n")


def content_typed(form: "ComposerForm") -> dict[str, Any]:
    """All that would go out if it went out now (see ``social.digest``)."""
    post = Post(
        client=form.client,
        text=plain(form.typed("text")),
        link=str(form.typed("link")).strip(),
        parts=list(map(plain, form.thread_texts())),
        comment=plain(form.typed("comment")).strip(),
    )
    channels = sorted(form.chosen(), key=lambda channel: channel.pk)
    chosen = [(_variant(form, channel), _shelves(form, channel)) for channel in channels]
    entries, record = entries_of(post, chosen), form.record
    if record is None:
        return {"filo": RECIPE, "channels": entries}
    return {"filo": RECIPE, "channels": as_is_live(record, entries), **act_of(record)}


def _variant(form: "ComposerForm", channel: Channel) -> Variant:
    own, parts = form.own_text(channel), form.own_thread(channel)
    try:
        fields = clean_fields(channel.network, form.asked_of(channel))
    except ValidationError:  # saving says what is wrong
        fields = {}
    return Variant(
        channel=channel,
        text=None if own is None else plain(own),
        parts=None if parts is None else list(map(plain, parts)),
        comment=form.own_comment(channel),
        fields=fields,
    )


def _shelves(form: "ComposerForm", channel: Channel) -> list[list[Media]]:
    own, thread = form.own_pictures(channel), form.own_thread(channel)
    suffix = "" if thread is None else f"_{channel.pk}"
    return [form.pictures if own is None else own, *form.thread_pictures(suffix)]


def plans_typed(form: "ComposerForm") -> list[VariantPlan]:
    """What differs on each chosen channel."""
    return [_plan(form, channel) for channel in form.chosen()]


def _plan(form: "ComposerForm", channel: Channel) -> VariantPlan:
    thread = form.own_thread(channel)
    return VariantPlan(
        channel=channel,
        text=form.own_text(channel),
        media=form.own_pictures(channel),
        parts=None if thread is None else parts_typed(form, f"_{channel.pk}"),
        comment=form.own_comment(channel),
        fields=form.asked_of(channel),
    )


def parts_typed(form: "ComposerForm", suffix: str) -> list[PartPlan]:
    """The further posts of the thread whose fields end in ``suffix``."""
    texts, pictures = form.thread_texts(suffix), form.thread_pictures(suffix)
    return [PartPlan(text=text, media=shelf) for text, shelf in zip(texts, pictures, strict=True)]
