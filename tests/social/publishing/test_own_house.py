"""One approved post goes out on the client's own site, on Mastodon and on the sandbox, each as its network has it."""

import html
from datetime import timedelta

import httpx
import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from social.models import Channel, Upload
from social.previews import previews
from social.services import create_channel
from social.services.content_rows import VariantPlan
from tests.servers.fixtures import wordpress
from tests.servers.mastodon import FakeMastodon
from tests.servers.wordpress import Author, WordPress
from tests.social.checked import check_channel
from tests.social.pictures import stored
from tests.social.test_publishing import run, wake
from tests.world import World

__all__ = ["wordpress"]

WARNED = {"content_warning": "Vino", "visibility": "unlisted"}
TEXT = "Si vendemmia\n\nDa sabato la cantina è aperta & si assaggia.\n\n## Dove\nhttps://www.example.org/roero"


def site_of(world: World, site: WordPress, author: Author) -> Channel:
    channel = create_channel(
        user=world.marta,
        client=world.winery,
        network="wordpress",
        handle=author.name,
        name="Il blog",
        server=site.url,
        credentials={"app_password": author.app_password},
    )
    return check_channel(user=world.marta, channel=channel)


def test_a_post_on_three_networks(world: World, wordpress: WordPress) -> None:
    with FakeMastodon() as server:
        blog = site_of(world, wordpress, wordpress.create_author("roero-blog"))
        toots = create_channel(
            user=world.marta,
            client=world.winery,
            network="mastodon",
            handle="roero",
            server=server.url,
            credentials={"access_token": server.token},
        )
        picture = stored(world.vito, world.winery, "Grappoli")
        fields = {"title": "La vendemmia", "tags": ["barbera", "Roero"], "excerpt": "In breve"}
        asked = [
            VariantPlan(channel=blog, fields=fields),
            VariantPlan(channel=toots, comment="Qui si prenota", fields=WARNED),
        ]
        channels = [blog, toots, world.page]
        soon = timezone.now() + timedelta(hours=1)
        post = world.approved(channels=channels, variants=asked, text=TEXT, media=[picture], publish_at=soon)
        post.publications.update(due_at=timezone.now(), wake_at=timezone.now())
        out = {one.network: run(one) for one in post.publications.all()}
        assert (out["mastodon"].state, server.texts()) == ("scheduled", []), "the server works on the picture"
        wake(out["mastodon"])
        out["mastodon"] = run(out["mastodon"])
        assert {name: one.state for name, one in out.items()} == dict.fromkeys(out, "published")
        assert server.texts() == [TEXT, "Qui si prenota"]
        status, comment = server.statuses
        assert (comment.given["in_reply_to_id"], comment.given["visibility"]) == (status.id, "unlisted")
        assert (status.given["spoiler_text"], status.given["sensitive"]) == ("Vino", True)
        assert [server.media[known].description for known in status.given["media_ids"]] == ["Grappoli"]
        seen = httpx.get(out["wordpress"].permalink, timeout=20).text
        assert "Da sabato la cantina è aperta & si assaggia." in html.unescape(seen)
        [shown] = wordpress.posts(search="Da sabato")
        assert (shown["title"]["raw"], shown["excerpt"]["raw"]) == ("La vendemmia", "In breve")
        assert (shown["slug"], shown["featured_media"] > 0, len(shown["tags"])) == ("la-vendemmia", True, 2)
        assert post.version is not None
        told = {one.network: one for one in previews(post.client_id, post.version.content)}
        assert (told["WordPress"].ok, told["Mastodon"].used) == (True, 95)


def test_whoever_may_only_hand_in_is_told_before_anybody_approves(world: World, wordpress: WordPress) -> None:
    channel = site_of(world, wordpress, wordpress.create_author("roero-aiuto", "contributor"))
    assert (channel.status, channel.allows) == ("connected", {"publish": False})
    with pytest.raises(ValidationError, match="write, not publish"):
        world.submitted(channels=[channel], text=TEXT)


def test_a_picture_that_another_worker_is_uploading_is_waited_for_and_shared(
    world: World, wordpress: WordPress
) -> None:
    blog = site_of(world, wordpress, wordpress.create_author("roero-insieme"))
    picture = stored(world.vito, world.winery, "Grappoli insieme")
    assert run(world.due(channels=[blog], media=[picture], title="Uno", text="Uno.")).state == "published"
    [row] = Upload.objects.all()
    assert (row.network, row.scope) == ("wordpress", wordpress.url.rstrip("/").lower())
    Upload.objects.update(given=None)  # as while it is being uploaded
    second = world.due(channels=[blog], media=[picture], title="Due", text="Due.")
    waits = run(second)
    assert (waits.state, wordpress.posts(search="Due.")) == ("scheduled", [])
    assert waits.detail == "La stessa immagine o lo stesso video è in caricamento per un altro canale."
    Upload.objects.update(given=row.given)
    wake(second)
    assert run(second).state == "published"
    shown = {post["featured_media"] for name in ("Uno", "Due") for post in wordpress.posts(search=f"{name}.")}
    assert row.given
    assert shown == {row.given["id"]}
