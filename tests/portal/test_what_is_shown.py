"""What Piero reads, and what he never does."""

import io
from datetime import timedelta

import pytest
from django.test import Client as Browser
from django.test import RequestFactory
from django.utils import timezone
from django.utils.timezone import get_current_timezone_name
from django.utils.translation import get_language
from PIL import Image
from pytest_django import DjangoAssertNumQueries

from approvals.models import Review
from approvals.services import add_comment, decide
from portal.speaking import speaking_to
from social.models import Media, Post
from social.services import add_media, edit_post, submit_post
from tests.portal.reaching import asked, link_to
from tests.world import World, approve, review_of, sandbox

INTERNAL = "Il cliente è difficile"


def test_internal_words_stay_in_the_agency(world: World, client: Browser) -> None:
    post = world.submitted()
    review = review_of(post)
    add_comment(review=review, user=world.elena, text=INTERNAL, audience="internal")
    add_comment(review=review, user=world.elena, text="Una foto nuova arriva domani", audience="client")
    decide(review=review, user=world.elena, digest=review.digest, verdict="approve", comment="Passi, purché taccia")
    approve(post, world.marta)
    path = link_to(post, world.cliente)
    html = client.get(path).content.decode()
    assert INTERNAL not in html
    assert "Passi, purché taccia" not in html
    assert "Una foto nuova arriva domani" in html
    client.force_login(world.cliente)
    assert INTERNAL not in client.get(f"/reviews/{review.pk}/").content.decode()
    client.force_login(world.elena)
    seen_by_staff = client.get(f"/reviews/{review.pk}/").content.decode()
    assert INTERNAL in seen_by_staff
    assert "Passi, purché taccia" in seen_by_staff


def test_nothing_internal_by_a_link_even_for_staff(world: World, client: Browser) -> None:
    post = world.submitted()
    add_comment(review=review_of(post), user=world.elena, text=INTERNAL, audience="internal")
    assert INTERNAL not in client.get(link_to(post, world.elena)).content.decode()


def test_the_version_and_never_the_post(world: World, client: Browser) -> None:
    post = asked(world)
    path = link_to(post, world.cliente)
    Post.objects.filter(pk=post.pk).update(text="Parole che nessuno ha chiesto")
    html = client.get(path).content.decode()
    assert "Oggi si vendemmia." in html
    assert "Parole che nessuno ha chiesto" not in html


def test_what_is_new_since_one_looked_last(world: World, client: Browser) -> None:
    post = asked(world)
    first = review_of(post)
    decide(review=first, user=world.cliente, digest=first.digest, verdict="request_changes", comment="Meglio domani")
    post.refresh_from_db()
    edit_post(user=world.vito, post=post, text="Domani si vendemmia.")
    post.refresh_from_db()
    submit_post(user=world.vito, post=post)
    approve(post, world.elena)
    approve(post, world.marta)
    html = client.get(link_to(post, world.cliente)).content.decode()
    assert "<del>" in html
    assert "Oggi" in html.split("<del>")[1].split("</del>")[0]
    assert "Domani" in html.split("<ins>")[1].split("</ins>")[0]
    assert "Meglio domani" in html


def test_a_first_look_has_nothing_to_compare(world: World, client: Browser) -> None:
    html = client.get(link_to(asked(world), world.cliente)).content.decode()
    assert "<del>" not in html
    assert 'id="new-title"' not in html


def picture(world: World) -> Media:
    """A small picture of the winery's."""
    data = io.BytesIO()
    Image.new("RGB", (40, 30), "#7A1F3D").save(data, "PNG")
    data.seek(0)
    return add_media(user=world.vito, client=world.winery, file=data, alt_text="Grappoli al sole")


def test_pictures_open_without_anybody_signed_in(world: World, client: Browser) -> None:
    html = client.get(link_to(asked(world, media=[picture(world)]), world.cliente)).content.decode()
    address = html.split('<img src="')[1].split('"')[0].replace("&amp;", "&")
    assert 'alt="Grappoli al sole"' in html
    picture_itself = client.get(address)
    assert (picture_itself.status_code, picture_itself["Content-Type"]) == (200, "image/png")
    picture_itself.close()


@pytest.mark.parametrize(("formal", "language"), [(True, "it-formal"), (False, "it")])
def test_each_client_is_addressed_as_it_wishes(world: World, *, formal: bool, language: str) -> None:
    world.winery.formal = formal
    world.winery.save(update_fields=["formal"])
    request = RequestFactory().get("/")
    with speaking_to(request, world.cliente, world.winery):
        assert get_language() == language
        assert get_current_timezone_name() == "Europe/Rome"
    assert language == request.LANGUAGE_CODE


def test_an_english_reader(world: World, client: Browser) -> None:
    post = world.town_post()
    answer = client.get(link_to(post, world.sindaco))
    html = answer.content.decode()
    assert answer["Content-Language"] == "en"
    assert "Bruno Neri asks for your approval of a post for Comune di Alba." in html
    assert "Ask for changes" in html
    assert "It has no time yet. It goes out only once it has one." in html
    assert "Cantina Roero" not in html


@pytest.mark.parametrize("rows", [1, 3])
def test_a_page_asks_a_fixed_number_of_times(
    world: World, client: Browser, rows: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    more = [sandbox(world.marta, world.winery, f"cantina-{number}") for number in range(rows - 1)]
    post = asked(world, channels=[world.page, *more])
    review: Review = review_of(post)
    for number in range(rows):
        add_comment(review=review, user=world.marta, text=f"Nota {number}", audience="client")
    path = link_to(post, world.cliente)
    client.get(path)
    with django_assert_num_queries(19):
        assert client.get(path).status_code == 200


def test_stopped_is_said(world: World, client: Browser) -> None:
    post = world.town_post(publish_at=timezone.now() + timedelta(days=2))
    world.town.frozen_at = timezone.now()
    world.town.save(update_fields=["frozen_at"])
    html = client.get(link_to(post, world.sindaco)).content.decode()
    assert "Just now everything of Comune di Alba is stopped" in html
