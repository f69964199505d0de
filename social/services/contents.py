"""What a publication sends."""

from typing import Any

from social.models import Publication
from social.networks.base import Content
from social.services.checks import content_for, stock_of


def entry_of(publication: Publication) -> dict[str, Any]:
    """What the publication's version says of its channel."""
    entries: list[dict[str, Any]] = publication.version.content["channels"]
    return next(entry for entry in entries if entry["channel"] == publication.channel_id)


def content_of_version(publication: Publication) -> Content:
    """The very words and pictures of the publication's version on its channel."""
    entry = entry_of(publication)
    stock = stock_of([(publication.client_id, entry)])[publication.client_id]
    return content_for(entry, stock, publication.channel, publication.pk)
