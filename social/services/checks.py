"""Preflight: a network's own rules on what would go out. The composer, the API, the approver and the worker ask here."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, BinaryIO, cast

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from social import networks
from social.models import Channel, ChannelStatus, Media
from social.networks.base import Content, MediaItem, Preflight


@dataclass(frozen=True)
class ChannelCheck:
    """How one channel's content stands to its network's rules."""

    channel: Channel
    content: Content
    preflight: Preflight


def media_items(client_id: int, entries: Iterable[Mapping[str, Any]]) -> dict[str, Media]:
    """The stored pictures of a client by digest."""
    wanted = {entry["sha256"] for entry in entries}
    if not wanted:
        return {}
    return {item.sha256: item for item in Media.objects.filter(client_id=client_id, sha256__in=wanted)}


def content_for(entry: Mapping[str, Any], stored: Mapping[str, Media]) -> Content:
    """One channel's entry of a version (see ``social.digest``) as its network takes it."""
    return Content(
        text=entry["text"],
        link=entry["link"],
        media=tuple(_item(stored[media["sha256"]], media["alt_text"]) for media in entry["media"]),
    )


def _open(media: Media) -> BinaryIO:
    media.file.open("rb")
    return cast("BinaryIO", media.file.file)


def _item(media: Media, alt_text: str) -> MediaItem:
    return MediaItem(
        sha256=media.sha256,
        mime=media.mime,
        width=media.width,
        height=media.height,
        size=media.size,
        alt_text=alt_text,
        open=partial(_open, media),
    )


def check_content(
    client_id: int, content: Mapping[str, Any], channels: Mapping[int, Channel] | None = None
) -> list[ChannelCheck]:
    """Each channel's preflight for this content, in a fixed number of queries; one fewer where ``channels`` were read."""
    entries = content["channels"]
    stored = media_items(client_id, (media for entry in entries for media in entry["media"]))
    if channels is None:
        channels = Channel.objects.select_related("client").in_bulk([entry["channel"] for entry in entries])
    checks = []
    for entry in entries:
        going_out = content_for(entry, stored)
        found = networks.get(entry["network"]).preflight(going_out)
        checks.append(ChannelCheck(channels[entry["channel"]], going_out, found))
    return checks


def require_ready(checks: list[ChannelCheck]) -> None:
    """Raise ``ValidationError`` with everything that keeps this from going out, each with its channel's name."""
    if not checks:
        raise ValidationError({"channels": ValidationError(_("Choose at least one channel."), code="required")})
    errors: dict[str, list[ValidationError]] = {}
    for check in checks:
        if check.channel.status == ChannelStatus.RETIRED:
            text = _("%(channel)s is retired: nothing goes out there any more.")
            params = {"channel": check.channel.name}
            errors.setdefault("channels", []).append(ValidationError(text, code="retired", params=params))
        for problem in check.preflight.problems:
            if problem.level == "error":
                field = "media" if problem.code.startswith(("media", "image", "picture")) else "text"
                errors.setdefault(field, []).append(
                    ValidationError(f"{check.channel.name}: {problem.detail}", code=problem.code)
                )
    if errors:
        raise ValidationError(errors)
