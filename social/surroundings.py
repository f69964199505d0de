"""What strategies must know of channels and pictures (see ``strategy.surroundings``)."""

from collections.abc import Collection, Sequence
from datetime import date
from functools import partial
from pathlib import PurePath

from clients.models import Client
from social.media_views import own_url, reading_url
from social.models import Channel, ChannelStatus, Media
from social.models.media import Kind
from social.tallies import tallies
from strategy import surroundings
from strategy.surroundings import ChannelTold, Picture, Tally


class Around:
    """The client's channels and pictures."""

    def channels(self, client_id: int, pks: Collection[int]) -> dict[int, ChannelTold]:
        """Those of the channels that are this client's, by number."""
        return {row.pk: _channel(row) for row in Channel.objects.filter(client=client_id, pk__in=pks)}

    def living_channels(self, client_id: int) -> list[ChannelTold]:
        """All on which this client's posts can go out, by name."""
        found = Channel.objects.filter(client=client_id).exclude(status=ChannelStatus.RETIRED)
        return [_channel(row) for row in found.order_by("name", "pk")]

    def pictures(self, client_id: int, pks: Collection[int]) -> dict[int, Picture]:
        """Those of the pictures that are this client's, by number."""
        found = Media.objects.filter(client=client_id, pk__in=pks, kind=Kind.IMAGE)
        return {row.pk: _picture(row) for row in found}

    def newest_pictures(self, client_id: int, many: int) -> list[Picture]:
        """The last ones of this client's."""
        found = Media.objects.filter(client=client_id, kind=Kind.IMAGE).order_by("-pk")
        return [_picture(row) for row in found[:many]]

    def pictures_like(self, client_id: int, digests: Collection[str]) -> dict[str, str]:
        """For those SHA-256 that a picture of this client has: what stands behind ``media:`` for it, the oldest's."""
        found = Media.objects.filter(client=client_id, sha256__in=digests, kind=Kind.IMAGE)
        return {digest: str(pk) for digest, pk in found.order_by("-pk").values_list("sha256", "pk")}

    def tallies(self, client: Client, begins: date, ends: date, *, drafts: bool) -> Sequence[Tally]:
        """The client's posts from the first day on to before the last (see ``social.tallies``)."""
        return tallies(client, begins, ends, drafts=drafts)


def _channel(row: Channel) -> ChannelTold:
    active = row.status != ChannelStatus.RETIRED
    return ChannelTold(pk=row.pk, network=row.network, name=row.name, handle=row.handle, active=active)


def _picture(row: Media) -> Picture:
    return Picture(
        id=row.pk,
        name=PurePath(row.file.name or "").name,
        sha256=row.sha256,
        mime=row.mime,
        size=row.size,
        alt_text=row.alt_text,
        read=partial(_bytes, row),
        address=partial(_address, row),
    )


def _bytes(item: Media) -> bytes:
    with item.file.open("rb") as file:
        data: bytes = file.read()
        return data


def _address(item: Media, signed: bool) -> str:  # noqa: FBT001 - as ``Picture.address`` is called
    return reading_url(item) if signed else own_url(item)


def register() -> None:
    """Strategies ask here."""
    surroundings.register(Around())
