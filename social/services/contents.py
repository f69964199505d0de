"""What a publication sends."""

from social.models import Publication
from social.networks.base import Content
from social.services.checks import content_for, stock_of


def content_of_version(publication: Publication) -> Content:
    """The very words and pictures of the publication's version on its channel."""
    entry = next(e for e in publication.version.content["channels"] if e["channel"] == publication.channel_id)
    stock = stock_of([(publication.client_id, entry)])[publication.client_id]
    return content_for(entry, stock, publication.channel, publication.pk)
