"""Piero approves a correction: he sees what is live, what it becomes, and why."""

from django.test import Client as Browser

from social.models import Post, Publication
from social.services import correct_publication, submit_post, take_down
from tests.portal.reaching import link_to
from tests.social.test_publishing import run
from tests.world import World, approve

WHY = "L'anno è sbagliato."


def before_piero(world: World, post: Post) -> Post:
    """The agency's own steps have said yes."""
    approve(post, world.elena)
    approve(post, world.marta)
    return post


def live(world: World) -> Publication:
    return run(world.due(text="Vendemmia 2025."))


def test_before_and_after(world: World, client: Browser) -> None:
    publication = live(world)
    draft = correct_publication(
        user=world.vito, publication=publication, act="edit", because=WHY, text="Vendemmia 2026."
    )
    post = before_piero(world, submit_post(user=world.vito, post=draft))
    html = client.get(link_to(post, world.cliente)).content.decode()
    for words in (
        "Questo modifica ciò che è online",
        "L&#x27;anno è sbagliato.",
        "Si fa appena tutti hanno approvato.",
    ):
        assert words in html
    assert "ti chiede di approvare una correzione per Cantina Roero" in html
    assert html.index("Vendemmia 2025.") < html.index("Come diventa") < html.index("Vendemmia 2026.")
    client.force_login(world.cliente)
    assert "Questo modifica ciò che è online" in client.get("/approve/").content.decode()
    assert client.get(f"/reviews/{post.review_id}/").status_code == 200
    approve(post, world.cliente)
    run(post.publications.get())
    html = client.get(f"/reviews/{post.review_id}/").content.decode()
    assert "Questo ha modificato ciò che era online" in html
    assert "Questo modifica" not in html


def test_what_is_live_is_judged_no_more(world: World, client: Browser) -> None:
    draft = correct_publication(
        user=world.vito, publication=live(world), act="edit", because=WHY, text="Vendemmia 2026."
    )
    post = before_piero(world, submit_post(user=world.vito, post=draft))
    html = client.get(link_to(post, world.cliente)).content.decode()
    assert html.count("preview-head") == 2
    assert html.count("preview-foot") == html.count("Per Sandbox va bene così.") == 1


def test_what_is_taken_down_is_not_shown_as_going_out(world: World, client: Browser) -> None:
    publication = live(world)
    post = before_piero(world, take_down(user=world.vito, publication=publication, because=WHY))
    html = client.get(link_to(post, world.cliente)).content.decode()
    assert "Questo toglie ciò che è online" in html
    assert "ti chiede il tuo sì per togliere qualcosa di Cantina Roero che è online." in html
    assert html.count("Vendemmia 2025.") == 1
    assert "Come la vedono" not in html
    approve(post, world.cliente)
    run(publication)
    client.force_login(world.nonna)
    html = client.get(f"/posts/{publication.post_id}/").content.decode()
    assert "da Vito Serra" in html
    assert "L&#x27;anno è sbagliato." in html
    client.force_login(world.sindaco)
    assert client.get(f"/posts/{publication.post_id}/").status_code == 404
