"""What readers will see, before anybody sees it."""

import io
import time

import pytest
from django.template.loader import render_to_string
from django.test import Client as Browser
from PIL import Image
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from social.digest import content_of
from social.media_views import own_url
from social.models import Channel, Media
from social.networks import NETWORKS
from social.previews import previews
from social.services import add_media
from tests.world import World, sandbox


def picture(world: World, alt_text: str = "Grappoli al sole", colour: str = "#7A1F3D") -> Media:
    """A small picture of the winery's."""
    data = io.BytesIO()
    Image.new("RGB", (40, 30), colour).save(data, "PNG")
    data.seek(0)
    return add_media(user=world.vito, client=world.winery, file=data, alt_text=alt_text)


def status(address: str, person: User | None = None) -> int:
    """What this person, or a stranger, gets at the address."""
    browser = Browser()
    if person:
        browser.force_login(person)
    answer = browser.get(address)
    list(answer)  # read to its end, which closes the file
    return answer.status_code


def test_a_text_that_is_too_long_shows_where_it_is_cut(world: World) -> None:
    post = world.draft(text="u" * 500 + "va & <b>")
    (preview,) = previews(world.winery.pk, content_of(post))
    assert (preview.shown, preview.folded, preview.cut) == ("u" * 500, "", "va & <b>")
    assert (preview.used, preview.limit, str(preview.unit), preview.ok) == (508, 500, "characters", False)
    html = render_to_string("social/preview.html", {"preview": preview})
    assert "va &amp; &lt;b&gt;" in html
    assert "cut here" in html
    assert "Too long for Sandbox: 508 of 500." in html


def test_a_preview_names_client_account_and_network(world: World) -> None:
    (preview,) = previews(world.winery.pk, content_of(world.draft(link="https://www.example.org/vino")))
    said = (preview.client, preview.colour, preview.channel, preview.network, preview.handle, preview.host)
    assert said == (
        "Cantina Roero",
        "#7A1F3D",
        "Cantina Roero (prova)",
        "Sandbox",
        "cantina-roero",
        "example.org",
    )
    assert preview.has_card
    assert preview.ok


@pytest.mark.parametrize("rows", [1, 3])
def test_previews_ask_a_fixed_number_of_times(
    world: World, rows: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    more = [sandbox(world.marta, world.winery, f"cantina-{number}") for number in range(rows - 1)]
    content = content_of(world.draft(channels=[world.page, *more], media=[picture(world)]))
    with django_assert_num_queries(2):
        assert len(previews(world.winery.pk, content)) == rows


def test_a_picture_opens_for_its_people_and_for_nobody_else(world: World) -> None:
    item = picture(world)
    (preview,) = previews(world.winery.pk, content_of(world.draft(media=[item])))
    assert [(shown.url, shown.alt_text) for shown in preview.pictures] == [(own_url(item), "Grappoli al sole")]
    answers = {
        person.email: status(own_url(item), person) for person in [world.vito, world.ada, world.bruno, world.carlo]
    }
    assert answers == {
        "vito@filo.example": 200,
        "ada@filo.example": 200,
        "bruno@filo.example": 404,
        "carlo@filo.example": 404,
    }
    assert status(own_url(item)) == 404


def test_a_signed_address_opens_one_picture_for_an_hour(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    item, other = picture(world), picture(world, colour="#1F5A7A")
    (preview,) = previews(world.winery.pk, content_of(world.draft(media=[item])), sign=True)
    address = preview.pictures[0].url
    assert address.startswith(own_url(item))
    assert status(address) == 200
    assert status(address.replace(own_url(item), own_url(other))) == 404
    assert status(address[:-1]) == 404
    later = time.time() + 3601
    monkeypatch.setattr("django.core.signing.time.time", lambda: later)
    assert status(address) == 404


@pytest.mark.parametrize("slug", sorted(slug for slug, network in NETWORKS.items() if network.retired is None))
def test_what_is_counted_has_a_name_that_people_know(world: World, slug: str) -> None:
    channel = Channel(client=world.winery, network=slug, handle="roero", name="Roero", server="https://roero.example")
    channel.save()
    post = world.draft(channels=[channel], comment="Venite" if NETWORKS[slug].comments else "")
    (preview,) = previews(world.winery.pk, content_of(post))
    units = {str(preview.unit), *(str(post.unit) for post in preview.below)}
    assert units == {"bytes" if NETWORKS[slug].limits["text"]["unit"] == "bytes" else "characters"}
