"""The pages behind the sign-in: what waits, what comes, what went out."""

from datetime import timedelta

import pytest
from django.test import Client as Browser
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from approvals.models import Decision, ReviewState
from clients.models import Membership, Role
from social.services import claiming, publishing
from tests.portal.reaching import asked, digest_on, row_counts
from tests.world import World, review_of


def page(browser: Browser, person: User, path: str = "/", status: int = 200) -> str:
    """What this person gets there."""
    browser.force_login(person)
    answer = browser.get(path)
    assert answer.status_code == status
    return answer.content.decode()


def test_strangers_sign_in_first(world: World, client: Browser) -> None:
    post = asked(world)
    for path in ["/", f"/reviews/{review_of(post).pk}/", f"/posts/{post.pk}/"]:
        answer = client.get(path)
        assert (answer.status_code, answer["Location"]) == (302, f"/accounts/login/?next={path}")


def test_an_empty_desk_says_so(world: World, client: Browser) -> None:
    html = page(client, world.sindaco)
    assert "Nothing waits for you. When something does, you get a mail." in html
    assert "Nothing is agreed for the coming days." in html
    assert "Nothing has gone out yet." in html
    assert "/admin/" not in html


def test_what_waits_and_for_whom(world: World, client: Browser) -> None:
    post = asked(world)
    link = f"/reviews/{review_of(post).pk}/"
    assert link in page(client, world.cliente)
    for other in [world.nonna, world.sindaco, world.carlo]:
        assert link not in page(client, other)
        assert "Vendemmia" not in page(client, other)


def test_what_comes_and_what_went_out(world: World, client: Browser) -> None:
    coming = world.approved(title="Prossimo", publish_at=timezone.now() + timedelta(days=1))
    publication = world.due(title="Uscito")
    claiming.hand_out(timezone.now())
    publishing.publish(publication_id=publication.pk)
    for person in [world.cliente, world.nonna]:
        html = page(client, person)
        assert "Prossimo" in html.split('id="coming"')[1].split('id="out"')[0]
        assert "Uscito" in html.split('id="out"')[1]
        publication.refresh_from_db()
        assert f'href="{publication.permalink}"' in html
        assert "Oggi si vendemmia." in page(client, person, f"/posts/{coming.pk}/")
        assert f'href="{publication.permalink}"' in page(client, person, f"/posts/{publication.post_id}/")
    for stranger in [world.sindaco, world.carlo, world.bruno]:
        html = page(client, stranger)
        assert "Prossimo" not in html
        assert "Uscito" not in html
        page(client, stranger, f"/posts/{coming.pk}/", 404)


def test_a_draft_is_nobodys_page(world: World, client: Browser) -> None:
    draft = world.draft()
    page(client, world.cliente, f"/posts/{draft.pk}/", 404)
    page(client, world.vito, f"/posts/{draft.pk}/", 404)


def test_deciding_signed_in(world: World, client: Browser) -> None:
    post = asked(world)
    path = f"/reviews/{review_of(post).pk}/"
    html = page(client, world.cliente, path)
    answer = client.post(path, {"do": "approve", "digest": digest_on(html), "words": "Bene"})
    assert (answer.status_code, answer["Location"]) == (302, path)
    decision = Decision.objects.get(actor=world.cliente)
    assert (decision.via, decision.comment) == ("portal", "Bene")
    assert review_of(post).state == ReviewState.APPROVED
    assert "Bene" in page(client, world.cliente, path)


def test_others_reviews_do_not_exist(world: World, client: Browser) -> None:
    path = f"/reviews/{review_of(asked(world)).pk}/"
    for stranger in [world.sindaco, world.bruno, world.carlo, world.nonna]:
        page(client, stranger, path, 404)
        before = row_counts()
        assert client.post(path, {"do": "approve", "digest": "0" * 64}).status_code == 404
        assert client.post(path, {"do": "comment", "words": "ciao"}).status_code == 404
        assert row_counts() == before
    page(client, world.cliente, "/reviews/99999999999999999999999/", 404)


def test_a_viewer_with_a_seat_of_old_sees_and_does_not_decide(world: World, client: Browser) -> None:
    post = asked(world)
    path = f"/reviews/{review_of(post).pk}/"
    digest = digest_on(page(client, world.cliente, path))
    Membership.objects.filter(user=world.cliente).update(role=Role.VIEWER)
    assert 'class="decide"' not in page(client, world.cliente, path)
    assert path not in page(client, world.cliente)
    assert client.post(path, {"do": "approve", "digest": digest}).status_code == 403
    assert not Decision.objects.filter(actor=world.cliente).exists()


def test_reading_changes_nothing(world: World, client: Browser) -> None:
    post = world.approved(publish_at=timezone.now() + timedelta(days=1))
    client.force_login(world.cliente)
    before = row_counts()
    for path in ["/", f"/reviews/{review_of(post).pk}/", f"/posts/{post.pk}/"]:
        assert client.get(path).status_code == 200
        assert client.head(path).status_code == 200
    assert row_counts() == before


def test_staff_find_their_desk(world: World, client: Browser) -> None:
    assert 'href="/admin/"' in page(client, world.vito)


def test_lists_come_in_pages(world: World, client: Browser) -> None:
    for number in range(12):
        world.town_post(text=f"Avviso {number:02}")
    html = page(client, world.sindaco)
    assert html.count('class="whole"') == 10
    assert "Page 1 of 2" in html
    html = page(client, world.sindaco, "/?waiting=2&coming=5")
    assert html.count('class="whole"') == 2
    assert "?waiting=1&amp;coming=5#waiting" in html
    assert html.count('class="whole"') == page(client, world.sindaco, "/?waiting=99").count('class="whole"')
    assert page(client, world.sindaco, "/?waiting=junk").count('class="whole"') == 10


@pytest.mark.parametrize("rows", [1, 3])
def test_the_first_page_asks_a_fixed_number_of_times(
    world: World, client: Browser, rows: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _row in range(rows):
        asked(world)
        world.approved(publish_at=timezone.now() + timedelta(days=1))
        publication = world.due()
        claiming.hand_out(timezone.now())
        publishing.publish(publication_id=publication.pk)
    client.force_login(world.cliente)
    client.get("/")
    with django_assert_num_queries(13):
        html = client.get("/").content.decode()
    assert html.count('class="whole"') == 2 * rows


@pytest.mark.parametrize(("formal", "language"), [(True, "it-formal"), (False, "it")])
def test_the_first_page_is_formal_where_a_client_wants_it(
    world: World, client: Browser, *, formal: bool, language: str
) -> None:
    world.winery.formal = formal
    world.winery.save(update_fields=["formal"])
    client.force_login(world.cliente)
    assert language == client.get("/").wsgi_request.LANGUAGE_CODE
