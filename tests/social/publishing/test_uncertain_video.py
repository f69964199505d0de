"""A video on TikTok whose token ends after its last piece: uncertain, asked for with a new connection, and never sent again."""

import io
from collections.abc import Iterator

import pytest
from django.utils import timezone

from social.models import Channel
from social.services import add_media, create_channel
from social.services.connections import wake_waiting
from social.services.content_rows import VariantPlan
from tests.servers.tiktok import FakeTikTok
from tests.servers.wire import Answer
from tests.social.test_publishing import run
from tests.social.videos import video
from tests.world import World

pytestmark = pytest.mark.django_db
BEGIN, STATUS = "POST /v2/post/publish/video/init/", "POST /v2/post/publish/status/fetch/"
OVER = Answer(401, {"data": {}, "error": {"code": "access_token_invalid", "message": "no", "log_id": "1"}})


@pytest.fixture
def tiktok() -> Iterator[FakeTikTok]:
    with FakeTikTok() as server:
        yield server


def test_it_waits_for_the_connection_that_tells(world: World, tiktok: FakeTikTok) -> None:
    given = {"access_token": tiktok.token}
    channel = create_channel(
        user=world.marta,
        client=world.winery,
        network="tiktok",
        handle="cantinaroero",
        server=tiktok.url,
        credentials=given,
    )
    film = add_media(
        user=world.vito, client=world.winery, file=io.BytesIO(video(size="720x1280", seconds=4)), alt_text="Il vigneto"
    )
    plan = VariantPlan(channel=channel, fields={"privacy": "SELF_ONLY"})
    tiktok.on(STATUS, OVER)
    publication = run(world.due(channels=[channel], media=[film], variants=[plan]))
    assert (publication.state, len(tiktok.out()), tiktok.count(BEGIN)) == ("unknown", 1, 1)
    publication.wake_at = timezone.now()
    publication.save(update_fields=["wake_at"])
    waits = run(publication)  # whoever asks is refused, too: the account has to be connected anew
    channel = Channel.objects.get(pk=channel.pk)
    assert (waits.state, channel.status, tiktok.count(BEGIN)) == ("unknown", "broken", 1)
    tiktok.good_day()
    Channel.objects.filter(pk=channel.pk).update(status="connected")
    wake_waiting(channel, timezone.now())
    assert run(publication).state == "published"
    assert (len(tiktok.publishings), tiktok.count(BEGIN)) == (1, 1)
