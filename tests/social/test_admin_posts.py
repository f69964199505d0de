"""The list of posts, the page of one, and what is done there with its publications."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from social.models import Post, PostState, Publication, PublicationState
from social.services import create_label, publishing
from strategy.services import create_pillar
from tests.browsing import Staff, words
from tests.social.pictures import stored
from tests.world import World, sandbox


@pytest.fixture(autouse=True)
def _english(world: World) -> None:
    world.vito.language = world.marta.language = "en"
    world.vito.save(update_fields=["language"])
    world.marta.save(update_fields=["language"])


def sorted_as(world: World, *names: str) -> dict[str, Any]:
    """Labels of these names and a pillar of the last one, for a new post."""
    labels = [create_label(user=world.elena, client=world.winery, name=f"Etichetta {name}") for name in names]
    pillar = create_pillar(user=world.elena, client=world.winery, name=f"Filone {names[-1]}")
    return {"labels": labels, "pillar": pillar}


def failed(world: World) -> Publication:
    """A publication that the network refused."""
    world.page.credentials = ""
    publication = world.due()
    Publication.objects.filter(pk=publication.pk).update(state=PublicationState.PUBLISHING)
    Publication.objects.filter(pk=publication.pk).update(
        state=PublicationState.FAILED, wake_at=None, detail="The sandbox refused this post."
    )
    Post.objects.filter(pk=publication.post_id).update(state=PostState.FAILED)
    return publication


def uncertain(world: World) -> Publication:
    """A publication of which nobody knows whether it is live."""
    publication = world.due()
    Publication.objects.filter(pk=publication.pk).update(state=PublicationState.PUBLISHING)
    Publication.objects.filter(pk=publication.pk).update(state=PublicationState.UNKNOWN, wake_at=None)
    return publication


def test_the_list_shows_ones_own_posts_and_who_waits(world: World) -> None:
    world.submitted(media=[stored(world.vito, world.winery, "Grappoli d'oro")])
    world.town_post("CANARINO")
    page = Staff(world.vito).open("social_post_changelist")
    assert "Vendemmia" in words(page)
    assert "Elena Riva" in words(page)
    assert "CANARINO" not in page.content.decode()
    assert world.town.name not in page.content.decode()
    assert world.town_page.handle not in page.content.decode()
    assert "CANARINO" in Staff(world.ada).open("social_post_changelist").content.decode()


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ("?state=draft", ["Bozza"]),
        ("?state=in_review", ["Vendemmia"]),
        ("?state=nonsense", []),
        ("?time=none", ["Bozza"]),
        ("?time=week", ["Vendemmia"]),
        ("?q=Bozza", ["Bozza"]),
        ("?q=%00", ["Bozza", "Vendemmia"]),
        ("?client=999999", []),
        ("?client=x", []),
        ("?channel=x", []),
        ("?label=LABEL", ["Vendemmia"]),
        ("?pillar=PILLAR", ["Vendemmia"]),
        ("?label=LABEL&client=999999", []),
        ("?label=x", []),
        ("?pillar=999999", []),
    ],
)
def test_the_list_is_filtered(world: World, query: str, titles: list[str]) -> None:
    sorting = sorted_as(world, "uno", "due")
    query = query.replace("LABEL", f"{sorting['labels'][0].pk}").replace("PILLAR", f"{sorting['pillar'].pk}")
    world.submitted(publish_at=timezone.now() + timedelta(days=2), **sorting)
    world.draft(title="Bozza")
    page = Staff(world.vito).open("social_post_changelist", query=query)
    if page.status_code == 302:
        page = Staff(world.vito).browser.get(page.url)
    assert sorted(str(post) for post in page.context["cl"].result_list) == titles


def test_the_list_offers_and_shows_ones_own_labels_and_pillars(world: World) -> None:
    world.draft(**sorted_as(world, "uno", "due"))
    create_label(user=world.bruno, client=world.town, name="CANARINO")
    create_pillar(user=world.bruno, client=world.town, name="CANARINO")
    for query in ("", f"?client={world.winery.pk}", f"?client={world.town.pk}"):
        assert "CANARINO" not in Staff(world.vito).open("social_post_changelist", query=query).content.decode()
    assert "CANARINO" in Staff(world.ada).open("social_post_changelist").content.decode()
    page = words(Staff(world.vito).open("social_post_changelist"))
    assert "Vendemmia Filone due · Etichetta due · Etichetta uno" in page
    assert "Cantina Roero: Etichetta uno" in page
    page = words(Staff(world.vito).open("social_post_page", Post.objects.get().pk))
    assert "Serves: pillar Filone due Labels: Etichetta due, Etichetta uno." in page


def test_the_list_answers_no_question_about_columns(world: World) -> None:
    world.draft()
    for query in [
        "?text__startswith=O",
        "?client__name__startswith=C",
        "?variants__channel__credentials__startswith=g",
    ]:
        assert Staff(world.vito).open("social_post_changelist", query=query).status_code == 400


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_asks_a_fixed_number_of_times(
    world: World, rows: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(rows):
        sorting = sorted_as(world, f"{number}")
        pictures = [stored(world.vito, world.winery, f"{number}", f"#00000{number}")]
        world.submitted(title=f"{number}", media=pictures, **sorting)
    vito = Staff(world.vito)
    vito.open("social_post_changelist")
    with django_assert_num_queries(19):
        vito.open("social_post_changelist")


@pytest.mark.parametrize("rows", [1, 3])
def test_the_page_asks_a_fixed_number_of_times(
    world: World, rows: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    more = [sandbox(world.marta, world.winery, f"roero-{number}") for number in range(rows - 1)]
    sorting = sorted_as(world, *(f"{number}" for number in range(rows)))
    post = world.approved(channels=[world.page, *more], publish_at=timezone.now() + timedelta(days=1), **sorting)
    vito = Staff(world.vito)
    vito.open("social_post_page", post.pk)
    with django_assert_num_queries(16):
        vito.open("social_post_page", post.pk)
    assert post.publications.count() == rows


def test_the_page_shows_what_went_out_with_its_proof(world: World) -> None:
    publication = world.due()
    publishing.publish(publication_id=publication.pk)
    page = Staff(world.vito).open("social_post_page", publication.post_id)
    said = words(page)
    assert "Published" in said
    assert "Oggi si vendemmia." in said
    assert publication.version.digest in said
    assert "/sandbox/cantina-roero/" in page.content.decode()
    assert "Write" not in said.split("Duplicate")[0].split("Vendemmia")[-1]


def test_submit_withdraw_duplicate_cancel(world: World) -> None:
    post = world.draft()
    vito = Staff(world.vito)
    assert "Submitted." in words(vito.send("social_post_submit", post.pk))
    assert "It was asked once." in words(vito.send("social_post_submit", post.pk))
    assert "Taken back." in words(vito.send("social_post_withdraw", post.pk))
    assert "There is nothing to take back" in words(vito.send("social_post_withdraw", post.pk))
    assert "This is the copy" in words(vito.send("social_post_duplicate", post.pk))
    assert Post.objects.count() == 2
    question = words(vito.open("social_post_cancel", post.pk))
    assert "“Vendemmia” for Cantina Roero does not go out" in question
    post.refresh_from_db()
    assert post.state == PostState.DRAFT
    assert "is cancelled" in words(vito.send("social_post_cancel", post.pk))
    assert "This post is cancelled." in words(vito.send("social_post_cancel", post.pk))


def test_looking_at_a_verb_does_nothing(world: World) -> None:
    post = world.draft()
    vito = Staff(world.vito)
    for name in ("submit", "withdraw", "duplicate"):
        assert vito.open(f"social_post_{name}", post.pk).status_code == 405


def test_what_failed_is_sent_again_or_given_up(world: World) -> None:
    publication = failed(world)
    vito = Staff(world.vito)
    page = words(vito.open("social_post_page", publication.post_id))
    assert "Not published" in page
    assert "The sandbox refused this post." in page
    vito.send("social_publication_retry", publication.pk)
    publication.refresh_from_db()
    assert publication.state == PublicationState.SCHEDULED
    assert "Only what was not published" in words(vito.send("social_publication_retry", publication.pk))
    assert "does not go out on" in words(vito.open("social_publication_cancel", publication.pk))
    vito.send("social_publication_cancel", publication.pk)
    publication.refresh_from_db()
    assert publication.state == PublicationState.CANCELLED


@pytest.mark.parametrize(
    ("typed", "state", "permalink"),
    [
        ({"outcome": "published", "permalink": "https://example.org/1"}, "published", "https://example.org/1"),
        ({"outcome": "not_published", "permalink": "https://example.org/1"}, "scheduled", ""),
        ({"outcome": "published", "permalink": "ftp://example.org/1"}, "unknown", ""),
        ({"outcome": "perhaps"}, "unknown", ""),
        ({}, "unknown", ""),
    ],
)
def test_a_person_says_what_became_of_an_uncertain_one(
    world: World, typed: dict[str, str], state: str, permalink: str
) -> None:
    publication = uncertain(world)
    answer = Staff(world.vito).send("social_publication_resolve", publication.pk, data=typed)
    publication.refresh_from_db()
    assert (publication.state, publication.permalink) == (state, permalink)
    if state == "unknown":
        assert answer.context["form"].errors


def test_another_clients_post_does_not_exist(world: World) -> None:
    post = world.town_post("CANARINO")
    publication = uncertain(world)
    bruno, vito = Staff(world.bruno), Staff(world.vito)
    for name in ("page", "change", "cancel"):
        assert vito.open(f"social_post_{name}", post.pk).status_code == 404
        assert bruno.open(f"social_post_{name}", post.pk).status_code == 200
    for name in ("change", "cancel", "submit", "withdraw", "duplicate"):
        assert vito.send(f"social_post_{name}", post.pk).status_code == 404
    for name in ("retry", "resolve", "cancel"):
        assert bruno.send(f"social_publication_{name}", publication.pk).status_code == 404
    for name in ("delete", "history"):
        for reader in (vito, bruno):
            assert reader.open(f"social_post_{name}", post.pk).status_code == 404
    for odd in ("/admin/social/post/x/change/", "/admin/social/post/99999999999999999999999/change/"):
        assert vito.browser.get(odd).status_code == 404
