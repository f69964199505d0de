"""A page of a version whose place another has taken: it shows what is new, and approves neither."""

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from approvals.models import Decision, Review
from approvals.services import StepPlan, issue_link, name_deputy, save_chain, take_back
from clients.models import Membership, Role
from notifications.services import send_due
from social.models import Post
from social.services import edit_post, submit_post, withdraw_post
from tests.portal.reaching import asked, link_to, mailed_link, row_counts, seat_of
from tests.world import World, approve, review_of

GONE, NEW = "Oggi", "Domani"
WAYS = ["link", "signed"]


@pytest.fixture(autouse=True)
def _by_day_and_in_english(world: World) -> None:
    User.objects.update(quiet_from=None, quiet_until=None, quiet_days=[], language="en")


def fresh_link(user: User) -> str:
    """The address in the mail that this person got since the last look."""
    mail.outbox.clear()
    return mailed_link(user)


def old_page(world: World, client: Browser, post: Post, way: str) -> str:
    """The address of the review that Piero is asked of now, which will be an old one."""
    if way == "link":
        return link_to(post, world.cliente)
    client.force_login(world.cliente)
    return reverse("portal:signed_review", args=[review_of(post).pk])


def ends(world: World, client: Browser, post: Post, path: str, how: str) -> None:
    """The review ends in one of the three ways in which another can follow."""
    if how == "changes_requested":
        form = {"do": "request_changes", "words": "Meglio domani", "digest": review_of(post).digest}
        assert client.post(path, form).status_code == 302
    elif how == "withdrawn":
        withdraw_post(user=world.marta, post=post)
    else:
        approve(post, world.cliente)


def again(world: World, post: Post, text: str = "") -> Review:
    """Changed if there is a text, and submitted anew: it is the editor's turn."""
    post.refresh_from_db()
    if text:
        post = edit_post(user=world.vito, post=post, text=text)
    post.refresh_from_db()
    submit_post(user=world.vito, post=post)
    return review_of(post)


def reaches_piero(world: World, post: Post) -> None:
    approve(post, world.elena)
    approve(post, world.marta)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("how", ["changes_requested", "withdrawn", "superseded"])
def test_it_shows_what_is_new_and_approves_neither(world: World, client: Browser, how: str, way: str) -> None:
    post = asked(world)
    path, old = old_page(world, client, post, way), review_of(post)
    ends(world, client, post, path, how)
    new = again(world, post, text="Domani si vendemmia.")
    html = client.get(path).content.decode()
    for unsaid in [NEW, "ersion 2", 'id="new-title"', f"/reviews/{new.pk}/"]:
        assert unsaid not in html  # nobody has asked Piero yet
    reaches_piero(world, post)
    html = client.get(path).content.decode()
    assert "Version 2 waits for you" in html
    assert "Version 2 has taken the place of version 1." in html
    assert GONE in html.split("<del>")[1].split("</del>")[0]
    assert NEW in html.split("<ins>")[1].split("</ins>")[0]
    assert f'href="/reviews/{new.pk}/"' in html
    assert ("has a link of its own, in a mail of its own" in html) == (way == "link")
    assert 'value="approve"' not in html
    assert 'value="request_changes"' not in html
    assert new.digest not in html
    before = row_counts()
    for digest in (old.digest, new.digest):
        refused = client.post(path, {"do": "approve", "words": "", "digest": digest})
        assert refused.status_code == 409
        assert "Nothing of what you just sent was written down." in refused.content.decode()
    assert row_counts() == before
    assert not Decision.objects.filter(seat__step__review=new, actor=world.cliente).exists()


def test_the_way_that_it_names_leads_to_the_new_one(world: World, client: Browser) -> None:
    post = asked(world)
    path = link_to(post, world.cliente)
    ends(world, client, post, path, "changes_requested")
    new = again(world, post, text="Domani si vendemmia.")
    reaches_piero(world, post)
    answer = client.get(f"/reviews/{new.pk}/")
    assert (answer.status_code, answer["Location"]) == (302, f"/accounts/login/?next=/reviews/{new.pk}/")
    assert 'value="approve"' in client.get(mailed_link(world.cliente)).content.decode()


def test_versions_are_compared_from_an_old_page_once_there_is_a_newer_one(world: World, client: Browser) -> None:
    post = asked(world)
    path = link_to(post, world.cliente)
    ends(world, client, post, path, "superseded")
    again(world, post, text="Domani si vendemmia.")
    assert client.get(f"{path}differences/")["Location"] == path
    reaches_piero(world, post)
    assert 'href="differences/"' in client.get(path).content.decode()
    html = client.get(f"{path}differences/?from=1&to=2").content.decode()
    assert "What is new in version 2 since version 1" in html
    assert NEW in html.split("<ins>")[1].split("</ins>")[0]


def test_submitted_again_as_it_was(world: World, client: Browser) -> None:
    post = asked(world)
    path = link_to(post, world.cliente)
    ends(world, client, post, path, "withdrawn")
    again(world, post)
    reaches_piero(world, post)
    html = client.get(path).content.decode()
    assert "Version 1 waits for you" in html
    assert "Version 1 was submitted again." in html
    assert 'id="new-title"' not in html
    assert 'value="approve"' not in html


def test_what_is_decided_there_waits_no_more(world: World, client: Browser) -> None:
    post = asked(world)
    path = link_to(post, world.cliente)
    ends(world, client, post, path, "superseded")
    again(world, post, text="Domani si vendemmia.")
    reaches_piero(world, post)
    approve(post, world.cliente)
    html = client.get(path).content.decode()
    assert "waits for you" not in html
    assert "Version 2 has taken the place of version 1." in html
    assert "Nothing is asked of you here." in html
    assert NEW in html.split("<ins>")[1].split("</ins>")[0]


def test_nothing_is_shown_of_what_was_overtaken_or_taken_back_in_its_turn(world: World, client: Browser) -> None:
    post = asked(world)
    path = link_to(post, world.cliente)
    ends(world, client, post, path, "superseded")
    again(world, post, text="Domani si vendemmia.")
    reaches_piero(world, post)
    withdraw_post(user=world.marta, post=post)
    html = client.get(path).content.decode()
    assert NEW not in html
    assert "ersion 2" not in html


def test_a_deputys_old_link(world: World, client: Browser) -> None:
    Membership.objects.filter(user=world.nonna).update(role=Role.APPROVER)
    people = [world.elena, world.marta, world.cliente]
    steps = [StepPlan(name=person.name, users=[person]) for person in people]
    save_chain(user=world.marta, client=world.winery, name="Per nome", is_default=True, steps=steps, chain=world.chain)
    now = timezone.now()
    name_deputy(
        user=world.marta,
        client=world.winery,
        principal=world.cliente,
        deputy=world.nonna,
        from_at=now,
        until=now + timedelta(days=3),
    )
    post = asked(world)
    path = reverse("portal:review", args=[issue_link(seat=seat_of(post, world.cliente), deputy=world.nonna)])
    ends(world, client, post, path, "changes_requested")
    assert Decision.objects.get(actor=world.nonna).seat.user == world.cliente
    new = again(world, post, text="Domani si vendemmia.")
    assert NEW not in client.get(path).content.decode()
    reaches_piero(world, post)
    html = client.get(path).content.decode()
    assert "Version 2 waits for you" in html
    assert NEW in html.split("<ins>")[1].split("</ins>")[0]
    assert client.get(f"{path}differences/?from=1&to=2").content.decode().count("<ins>") == 1
    assert client.post(path, {"do": "approve", "words": "", "digest": new.digest}).status_code == 409
    assert not Decision.objects.filter(seat__step__review=new, actor=world.nonna).exists()


@pytest.mark.parametrize("code", [False, True])
def test_taking_back_by_link_says_what_comes_next(world: World, client: Browser, *, code: bool) -> None:
    post = asked(world)
    path = fresh_link(world.cliente)
    assert client.post(path, {"do": "approve", "words": "", "digest": review_of(post).digest}).status_code == 302
    world.winery.link_code = code
    world.winery.save(update_fields=["link_code"])
    form = {"do": "take_back", "words": "Il prezzo è cambiato."}
    if code:
        assert client.post(path, form).status_code == 200
        mail.outbox.clear()
        send_due()
        (letter,) = [letter for letter in mail.outbox if letter.to == [world.cliente.email]]
        form["code"] = re.findall(r"^\s*(\d{6})\s*$", str(letter.body), re.MULTILINE)[0]
    answer = client.post(path, form, follow=True)
    html = answer.content.decode()
    assert answer.redirect_chain[-1][1] == 302
    assert "The approval was taken back" in html
    assert "You are asked again" in html
    assert "The agency has taken it back." not in html
    fresh = fresh_link(world.cliente)
    assert fresh != path
    world.winery.link_code = False
    world.winery.save(update_fields=["link_code"])
    assert client.post(fresh, {"do": "approve", "words": "", "digest": review_of(post).digest}).status_code == 302
    assert review_of(post).state == "approved"
    html = client.get(path).content.decode()
    assert "You are asked again" not in html
    assert "The approval that was given here was taken back" in html


def test_a_second_click_on_taking_back(world: World, client: Browser) -> None:
    post = asked(world)
    path = link_to(post, world.cliente)
    approve(post, world.cliente)
    take_back(review=review_of(post), user=world.cliente, reason="Il prezzo è cambiato.")
    answer = client.post(path, {"do": "take_back", "words": "Il prezzo è cambiato."})
    assert answer.status_code == 410
    assert "You are asked again" in answer.content.decode()
