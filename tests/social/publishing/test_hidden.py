"""What is there as was asked and waits there itself, as a draft or for its day, is not called seen by anybody."""

from dataclasses import replace
from typing import Any

from django.test import Client as Browser
from django.utils import timezone

from social.models import Channel, Publication, Watch
from social.networks.base import Published
from social.services import watching
from tests.social.publishing.stepwise import Stepwise
from tests.social.test_publishing import run
from tests.world import PASSWORD, World


def look(publication: Publication) -> None:
    """As if its time to be looked at had come."""
    Watch.objects.filter(publication=publication).update(look_at=timezone.now())
    watching.look(publication_id=publication.pk)


def test_what_waits_on_the_network_is_told_until_its_readers_see_it(
    world: World, channel: Channel, stepwise: Stepwise
) -> None:
    """A draft on a site is not called read by anybody; once somebody shows it there, nothing is left to say."""
    asked: list[bool] = []
    shown: list[bool] = []

    def read_back(_account: Any, live: Published) -> Published:
        asked.append(live.hidden)
        return Published(live.remote_id, live.permalink, "" if shown else "A draft.", hidden=not shown)

    publish = stepwise.publish
    stepwise.publish = lambda *given: replace(publish(*given), detail="A draft.", hidden=True)  # type: ignore[method-assign]
    stepwise.read_back = read_back  # type: ignore[method-assign,assignment]
    publication = run(world.due(channels=[channel]))
    assert (publication.state, publication.detail) == ("published", "A draft.")
    look(publication)
    assert Watch.objects.get().seen == "there"
    browser = Browser()
    browser.login(email=world.vito.email, password=PASSWORD)
    assert "A draft." in browser.get(f"/admin/social/post/{publication.post_id}/").content.decode()
    shown.append(True)
    look(publication)
    publication.refresh_from_db()
    assert (Watch.objects.get().seen, publication.detail) == ("there", "")
    look(publication)
    assert asked == [True, True, False]
